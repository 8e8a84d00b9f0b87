//! `hsm dek`: data keys, kept wrapped.

mod life;
mod needed;
mod policy;
mod rewrap;

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use hsm_client::hsm::WrapMechanism;
use hsm_client::id::ObjectId;
use hsm_client::keyring::hybrid::Migration;
use hsm_client::keyring::{Keyring, Recipe};
use hsm_client::store::record::WrappedDek;
use hsm_client::store::{KeyRecord, Lineage, State};
use hsm_client::time::{Timestamp, parse_duration};
use hsm_client::{Error, Kind, Result};
use serde_json::{Value, json};

use super::connect::Global;
use super::output;
use life::{Delete, Destroy, Name, Version};
use rewrap::Rewrap;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a data key in the token and keep it wrapped in the store
    Create(Create),
    /// List the data keys of the store; needs no token
    List,
    /// Move data keys to the newest version of a master key; data is not touched
    Rewrap(Rewrap),
    /// Make the next version, which encrypts from now on; the one before decrypts only
    Rotate(Create),
    /// Make the next version ahead, to be promoted once it is where it is needed
    Prepare(Create),
    /// Let a version encrypt that was made ahead, or that encrypted before
    #[command(disable_version_flag = true)]
    Promote(Version),
    /// Let nothing encrypt with a data key until a version is promoted or made
    Disable(Name),
    /// Take a version out of use, to be destroyed after a time; the one that encrypts is refused
    #[command(disable_version_flag = true)]
    Delete(Delete),
    /// Delete the oldest versions, all but as many as the policy keeps, or --keep says
    Purge(life::Purge),
    /// Show when a data key rotates and what decrypts, or change it
    Policy(policy::Rules),
    /// Take a deletion back
    #[command(disable_version_flag = true)]
    CancelDeletion(Version),
    /// Destroy a version whose time has come, or one that never encrypted
    #[command(disable_version_flag = true)]
    Destroy(Destroy),
}

#[derive(Args)]
pub(super) struct Create {
    /// Name of the data key
    #[arg(long)]
    name: String,
    /// Master key to wrap it with: label or id; not needed when there is only one
    #[arg(long, value_name = "LABEL")]
    mek: Option<String>,
    /// Wrap mechanism instead of the best one that works: AES-GCM-AUTH, AES-GCM, AES-KWP, AES-KW, RSA-OAEP-SHA256, RSA-OAEP-SHA1
    #[arg(long, value_name = "NAME")]
    mechanism: Option<WrapMechanism>,
    /// Stop encrypting with it after this time, such as 90d or 12h
    #[arg(long, value_name = "DURATION")]
    expires_in: Option<String>,
    /// Wrap it by ML-KEM-1024 as well; by which key, where there are several: label or id
    #[arg(long, value_name = "KEM", num_args = 0..=1, default_missing_value = "")]
    hybrid: Option<String>,
    /// Pairs kept with the key, for people
    #[arg(long, value_name = "KEY=VALUE")]
    metadata: Vec<String>,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Create(args) => create(global, args),
        Command::List => list(global),
        Command::Rewrap(args) => rewrap::run(global, args),
        Command::Rotate(args) => life::rotate(global, args),
        Command::Prepare(args) => life::prepare(global, args),
        Command::Promote(args) => life::promote(global, args),
        Command::Disable(args) => life::disable(global, args),
        Command::Delete(args) => life::delete(global, args),
        Command::Purge(args) => life::purge(global, args),
        Command::Policy(args) => policy::run(global, args),
        Command::CancelDeletion(args) => life::cancel_deletion(global, args),
        Command::Destroy(args) => life::destroy(global, args),
    }
}

/// The ML-KEM key that `--hybrid` means.
fn kem(keyring: &Keyring, hybrid: Option<&str>) -> Result<Option<ObjectId>> {
    hybrid.map(|name| keyring.choose_kem(Some(name).filter(|name| !name.is_empty()))).transpose()
}

fn recipe(keyring: &Keyring, args: &Create) -> Result<Recipe> {
    let expires = args.expires_in.as_deref().map(parse_duration).transpose()?;
    Ok(Recipe {
        mek: args.mek.clone(),
        mechanism: args.mechanism,
        expires: expires.map(|seconds| Timestamp::now().plus(seconds)),
        metadata: pairs(&args.metadata)?,
        kem: kem(keyring, args.hybrid.as_deref())?,
    })
}

fn create(global: &Global, args: &Create) -> Result<()> {
    let keyring = global.keyring()?;
    let (lineage, record) = keyring.create(&args.name, &recipe(&keyring, args)?)?;
    if global.json {
        return output::json(&described(&lineage, &record));
    }
    let way = record.wrapped.as_ref().map_or("", |dek| dek.wrapped.mechanism.name());
    output::line(&format!("data key \"{}\" version 1 made: {}, wrapped with {way}", lineage.name, record.key_id))?;
    output::line(&format!("next: hsm encrypt --dek {} FILE -o FILE.hsm", lineage.name))
}

fn list(global: &Global) -> Result<()> {
    let mut rows = Vec::new();
    if let Some(store) = global.existing_store()? {
        for lineage in store.lineages()? {
            rows.extend(store.versions(&lineage.id)?.into_iter().map(|record| (lineage.clone(), record)));
        }
    }
    if global.json {
        let keys: Vec<_> = rows.iter().map(|(lineage, record)| described(lineage, record)).collect();
        return output::json(&json!({ "deks": keys }));
    }
    let row = |(lineage, record): &(Lineage, KeyRecord)| {
        [
            lineage.name.clone(),
            record.version.to_string(),
            state(lineage, record),
            record.key_id.to_string(),
            record.created.to_string(),
            record.expires.map_or_else(|| "never".to_owned(), |time| time.to_string()),
            record.wrapped.as_ref().map_or("-".to_owned(), wrapping),
            Migration::of(record).map_or("-".to_owned(), |migration| migration.to_string()),
        ]
    };
    let heading = ["NAME", "VERSION", "STATE", "KEY ID", "CREATED", "EXPIRES", "WRAPPED WITH", "MIGRATION"];
    output::table(heading, &rows.iter().map(row).collect::<Vec<_>>())
}

fn wrapping(dek: &WrappedDek) -> String {
    let mechanism = dek.wrapped.mechanism.name();
    dek.kem.as_ref().map_or_else(|| mechanism.to_owned(), |_| format!("{mechanism} + ML-KEM-1024"))
}

/// The state of a version, with what is to be done about it.
fn state(lineage: &Lineage, record: &KeyRecord) -> String {
    match record.deletes {
        Some(due) if record.state == State::PendingDeletion => format!("{} {due}", record.state),
        _ if record.state == State::Active && lineage.policy.is_due(record, Timestamp::now()) => {
            "active, rotation is due".to_owned()
        }
        _ => record.state.to_string(),
    }
}

fn pairs(texts: &[String]) -> Result<BTreeMap<String, String>> {
    let mut pairs = BTreeMap::new();
    for text in texts {
        let (key, value) = text
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| Error::new(Kind::Usage, format!("\"{text}\" is no pair")).next("write it as key=value"))?;
        pairs.insert(key.to_owned(), value.to_owned());
    }
    Ok(pairs)
}

fn described(lineage: &Lineage, record: &KeyRecord) -> Value {
    let dek = record.wrapped.as_ref();
    json!({
        "name": lineage.name,
        "lineage_id": lineage.id.to_string(),
        "epoch": lineage.epoch,
        "policy": lineage.policy,
        "rotation_due": record.state == State::Active && lineage.policy.is_due(record, Timestamp::now()),
        "key_id": record.key_id.to_string(),
        "version": record.version,
        "state": record.state.name(),
        "algorithm": record.algorithm,
        "created": record.created.to_string(),
        "rotated": record.rotated.map(|time| time.to_string()),
        "expires": record.expires.map(|time| time.to_string()),
        "deletes": record.deletes.map(|time| time.to_string()),
        "metadata": record.metadata,
        "mechanism": dek.map(|dek| dek.wrapped.mechanism.name()),
        "mek_id": dek.map(|dek| dek.mek_id.to_string()),
        "mek_version": dek.map(|dek| dek.mek_version),
        "token_serial": dek.map(|dek| &dek.token_serial),
        "kem_id": dek.and_then(|dek| dek.kem.as_ref()).map(|layer| layer.kem_id.to_string()),
        "migration": Migration::of(record).map(|migration| migration.to_string()),
    })
}
