//! `hsm mek`: master keys. Made here, on request, and nowhere else.

mod life;

use clap::{Args, Subcommand};
use hsm_client::context::EncryptionContext;
use hsm_client::hsm::{Hsm, KeyKind, MekInfo, MekKind};
use hsm_client::id::{KeyId, LineageId};
use hsm_client::keyring::binding::Columns;
use hsm_client::keyring::mek::{self, Mek};
use hsm_client::keyring::{ALGORITHM, Keyring, negotiate};
use hsm_client::store::Store;
use hsm_client::time::Timestamp;
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::connect::Global;
use super::output;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a master key in the token; it can never leave it
    Create(Create),
    /// Make the next version of a master key; `hsm dek rewrap` then moves the data keys to it
    Rotate(Rotate),
    /// List the master keys of the token
    List,
    /// Prove that a master key is sound, wraps and unwraps, and opens every data key wrapped by it
    Verify(Verify),
    /// Take a version out of use, to be destroyed after a time; refused while it wraps data keys
    #[command(disable_version_flag = true)]
    Delete(life::Delete),
    /// Take a deletion back
    #[command(disable_version_flag = true)]
    CancelDeletion(life::Which),
    /// Destroy in the token a version whose time has come
    #[command(disable_version_flag = true)]
    Destroy(life::Destroy),
}

#[derive(Args)]
pub(super) struct Create {
    /// Label of the new key
    #[arg(long, default_value = "main")]
    label: String,
    /// aes-256, or an RSA pair (rsa-3072, rsa-4096) for tokens that cannot wrap with AES
    #[arg(long = "type", value_name = "TYPE", default_value = "aes-256")]
    kind: String,
}

#[derive(Args)]
pub(super) struct Rotate {
    /// Label of the master key
    #[arg(long, default_value = "main")]
    label: String,
}

#[derive(Args)]
pub(super) struct Verify {
    /// Label or id; not needed when there is only one
    #[arg(long, value_name = "LABEL")]
    mek: Option<String>,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Create(args) => create(global, args),
        Command::Rotate(args) => rotate(global, args),
        Command::List => list(global),
        Command::Verify(args) => verify(global, args),
        Command::Delete(args) => life::delete(global, args),
        Command::CancelDeletion(args) => life::cancel_deletion(global, args),
        Command::Destroy(args) => life::destroy(global, args),
    }
}

fn create(global: &Global, args: &Create) -> Result<()> {
    let kind = match args.kind.to_ascii_lowercase().as_str() {
        "aes-256" | "aes" => MekKind::Aes256,
        other => match other.parse::<KeyKind>()? {
            KeyKind::Rsa(bits) => MekKind::Rsa(bits),
            _ => return Err(Error::new(Kind::Usage, "a master key is AES or RSA").next("leave --type out")),
        },
    };
    let keyring = global.keyring()?;
    let made = mek::create(keyring.hsm(), keyring.store(), &args.label, kind)?;
    if global.json {
        return output::json(&described(&made));
    }
    output::line(&format!(
        "master key \"{}\" made in token \"{}\": {}, id {}",
        made.info.label,
        keyring.hsm().identity().label,
        mek::algorithm(made.info.kind),
        made.info.id
    ))?;
    output::line("next: hsm dek create --name NAME")
}

fn rotate(global: &Global, args: &Rotate) -> Result<()> {
    let keyring = global.keyring()?;
    let made = mek::rotate(keyring.hsm(), keyring.store(), &args.label)?;
    if global.json {
        return output::json(&described(&made));
    }
    let (label, version) = (&made.info.label, made.version);
    output::line(&format!("master key \"{label}\" version {version} made, id {}; the one before stays", made.info.id))?;
    output::line("next: hsm dek rewrap --all; and deal it to custodians if the one before was: hsm recovery deal")
}

fn list(global: &Global) -> Result<()> {
    let keyring = global.keyring()?;
    let keys = keyring.hsm().meks()?;
    if keys.is_empty() && !global.json {
        // A list without entries is an answer, not a failure; the commands that need a master key refuse without one.
        return output::line("no master encryption key; make one: hsm mek create --label main");
    }
    let known = keyring.store().meks()?;
    let serial = &keyring.hsm().identity().serial;
    let row_of = |info: &MekInfo| known.iter().find(|row| row.mek_id == info.id && row.token_serial == *serial);
    let version = |info: &MekInfo| row_of(info).map(|row| row.version);
    let due = |info: &MekInfo| row_of(info).and_then(|row| row.deletes);
    if global.json {
        let rows: Vec<_> = keys
            .into_iter()
            .map(|info| {
                let (known, due) = (version(&info), due(&info));
                let mut row = described(&Mek { info, version: 0 });
                row["version"] = json!(known);
                row["deletes"] = json!(due.map(|due| due.to_string()));
                row
            })
            .collect();
        return output::json(&json!({ "meks": rows }));
    }
    let row = |info: &MekInfo| {
        [
            info.label.clone(),
            version(info).map_or_else(|| "not recorded".to_owned(), |version| version.to_string()),
            mek::algorithm(info.kind),
            info.id.to_string(),
            if info.is_sound() { "made inside, never left" } else { "not vouched for: brought in, or it may leave" }.to_owned(),
            due(info).map_or_else(|| "in use".to_owned(), |due| format!("pending-deletion {due}")),
        ]
    };
    output::table(["LABEL", "VERSION", "TYPE", "ID", "ORIGIN", "STATE"], &keys.iter().map(row).collect::<Vec<_>>())
}

fn verify(global: &Global, args: &Verify) -> Result<()> {
    let keyring = global.keyring()?;
    let mek = mek::choose(keyring.hsm(), keyring.store(), args.mek.as_deref())?;
    let tried = survey(keyring.hsm(), &mek)?;
    let (opened, failed) = open_all(&keyring, keyring.store(), &mek)?;
    let works = tried.iter().any(|(_, result)| result.is_ok());
    if global.json {
        let ways: Vec<_> = tried
            .iter()
            .map(|(way, result)| {
                json!({ "mechanism": way.name(), "works": result.is_ok(),
                "why": result.as_ref().err().map(ToString::to_string) })
            })
            .collect();
        let mut report = described(&mek);
        report["mechanisms"] = json!(ways);
        report["deks_opened"] = json!(opened);
        report["deks_failed"] = json!(failed);
        output::json(&report)?;
    } else {
        let yes = |good| if good { "yes" } else { "NO" }.to_owned();
        output::facts(&[
            ("master key", format!("\"{}\" version {} ({})", mek.info.label, mek.version, mek.info.id)),
            ("made inside the token", yes(mek.info.local)),
            ("never could leave it", yes(mek.info.never_extractable && mek.info.always_sensitive)),
            ("data keys opened", opened.to_string()),
        ])?;
        for (way, result) in &tried {
            output::line(&match result {
                Ok(()) => format!("{way}: wraps and unwraps"),
                Err(error) => format!("{way}: listed by the token, but {error}"),
            })?;
        }
        failed.iter().try_for_each(|why| output::line(&format!("NOT OPENED: {why}")))?;
    }
    if !works || !failed.is_empty() || !mek.info.is_sound() {
        return Err(Error::authentication(format!("the master key \"{}\" did not pass", mek.info.label)));
    }
    Ok(())
}

/// What each mechanism does with a data key that is thrown away.
fn survey(hsm: &dyn Hsm, mek: &Mek) -> Result<Vec<(hsm_client::hsm::WrapMechanism, Result<()>)>> {
    let (key_id, context) = (KeyId::random()?, EncryptionContext::empty());
    negotiate::survey(hsm, &mek.info, |mechanism| Columns {
        key_id,
        lineage_id: LineageId::from_bytes(*key_id.as_bytes()),
        version: 1,
        created: Timestamp::now(),
        algorithm: ALGORITHM,
        mek_id: &mek.info.id,
        mek_version: mek.version,
        token_serial: &hsm.identity().serial,
        mechanism,
        context: &context,
    })
}

/// Opens every data key wrapped by `mek`: how many opened, and why the others did not.
fn open_all(keyring: &Keyring, store: &dyn Store, mek: &Mek) -> Result<(usize, Vec<String>)> {
    let (mut opened, mut failed) = (0, Vec::new());
    for lineage in store.lineages()? {
        for record in store.versions(&lineage.id)? {
            if record.wrapped.as_ref().is_none_or(|dek| dek.mek_id != mek.info.id) {
                continue;
            }
            match keyring.open(&record) {
                Ok(_) => opened += 1,
                Err(error) => failed.push(format!("{} version {}: {error}", lineage.name, record.version)),
            }
        }
    }
    Ok((opened, failed))
}

fn described(mek: &Mek) -> serde_json::Value {
    json!({
        "label": mek.info.label,
        "id": mek.info.id.to_string(),
        "version": mek.version,
        "type": mek::algorithm(mek.info.kind),
        "local": mek.info.local,
        "never_extractable": mek.info.never_extractable,
        "always_sensitive": mek.info.always_sensitive,
    })
}
