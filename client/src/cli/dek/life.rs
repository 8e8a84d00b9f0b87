//! `hsm dek rotate` and what else happens to a data key until it is destroyed.

use std::sync::Arc;

use clap::Args;
use hsm_client::keyring::{deletion, lifecycle};
use hsm_client::store::{KeyRecord, Lineage, Store};
use hsm_client::time::parse_duration;
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::needed::Needed;
use super::{Create, described, recipe};
use crate::cli::connect::Global;
use crate::cli::output;

#[derive(Args)]
pub(in crate::cli) struct Name {
    /// Name of the data key
    #[arg(long)]
    name: String,
}

#[derive(Args)]
pub(in crate::cli) struct Version {
    #[command(flatten)]
    name: Name,
    /// Number of the version
    #[arg(long = "version", value_name = "N")]
    version: u32,
}

#[derive(Args)]
pub(in crate::cli) struct Delete {
    #[command(flatten)]
    key: Version,
    /// How long it can be taken back: a day or more
    #[arg(long, value_name = "DURATION", default_value = "30d")]
    after: String,
    #[command(flatten)]
    needed: Needed,
}

#[derive(Args)]
pub(in crate::cli) struct Destroy {
    #[command(flatten)]
    key: Version,
    #[command(flatten)]
    needed: Needed,
}

#[derive(Args)]
pub(in crate::cli) struct Purge {
    #[command(flatten)]
    name: Name,
    /// Versions to keep, the newest; as the policy says if absent
    #[arg(long, value_name = "N")]
    keep: Option<u32>,
    /// How long it can be taken back: a day or more
    #[arg(long, value_name = "DURATION", default_value = "30d")]
    after: String,
    #[command(flatten)]
    needed: Needed,
}

/// What a step of the life of a key gives.
type Step = Result<(Lineage, KeyRecord)>;

pub(super) fn rotate(global: &Global, args: &Create) -> Result<()> {
    let keyring = global.keyring()?;
    let rotated = keyring.rotate(&args.name, &recipe(&keyring, args)?);
    told(global, rotated, |line, key| {
        format!("data key \"{}\" version {} encrypts from now on; older versions decrypt only", line.name, key.version)
    })
}

pub(super) fn prepare(global: &Global, args: &Create) -> Result<()> {
    let keyring = global.keyring()?;
    let prepared = keyring.prepare(&args.name, &recipe(&keyring, args)?);
    told(global, prepared, |line, key| {
        let (name, version) = (&line.name, key.version);
        format!("data key \"{name}\" version {version} is pending\nnext: hsm dek promote --name {name} --version {version}")
    })
}

pub(super) fn promote(global: &Global, args: &Version) -> Result<()> {
    let promoted = lifecycle::promote(&*store(global)?, &args.name.name, args.version);
    told(global, promoted, |line, key| format!("data key \"{}\" version {} encrypts from now on", line.name, key.version))
}

pub(super) fn disable(global: &Global, args: &Name) -> Result<()> {
    let disabled = lifecycle::disable(&*store(global)?, &args.name);
    told(global, disabled, |line, key| {
        format!("data key \"{}\" encrypts no more; version {} and older ones decrypt", line.name, key.version)
    })
}

pub(super) fn delete(global: &Global, args: &Delete) -> Result<()> {
    let (name, version) = (&args.key.name.name, args.key.version);
    let census = args.needed.census(name)?;
    let after = parse_duration(&args.after)?;
    let scheduled = deletion::schedule(&*store(global)?, name, version, after, |key| census.needed(key));
    told(global, scheduled, |line, key| {
        let due = key.deletes.map_or_else(String::new, |due| due.to_string());
        let name = &line.name;
        format!(
            "data key \"{name}\" version {version} decrypts no more; from {due} on it may be destroyed\n\
             next: hsm dek cancel-deletion --name {name} --version {version}, or then hsm dek destroy"
        )
    })
}

pub(super) fn purge(global: &Global, args: &Purge) -> Result<()> {
    let (name, store) = (&args.name.name, store(global)?);
    let census = args.needed.census(name)?;
    let of_policy = store.lineage(name)?.map(|lineage| lineage.policy.max_versions).filter(|keep| *keep > 0);
    let keep = args.keep.or(of_policy).ok_or_else(|| {
        Error::new(Kind::Usage, format!("nothing says how many versions of \"{name}\" to keep"))
            .next(format!("say it: --keep N, or hsm dek policy --name {name} --max-versions N"))
    })?;
    let (lineage, gone) = deletion::purge(&*store, name, keep, parse_duration(&args.after)?, |key| census.needed(key))?;
    if global.json {
        return output::json(&json!({ "scheduled": gone.iter().map(|key| described(&lineage, key)).collect::<Vec<_>>() }));
    }
    for key in &gone {
        let due = key.deletes.map_or_else(String::new, |due| due.to_string());
        output::line(&format!("version {} decrypts no more; from {due} on it may be destroyed", key.version))?;
    }
    output::line(&format!("{} versions of \"{name}\" scheduled for deletion", gone.len()))
}

pub(super) fn cancel_deletion(global: &Global, args: &Version) -> Result<()> {
    let kept = deletion::cancel(&*store(global)?, &args.name.name, args.version);
    told(global, kept, |line, key| format!("data key \"{}\" version {} decrypts again", line.name, key.version))
}

pub(super) fn destroy(global: &Global, args: &Destroy) -> Result<()> {
    let (name, version) = (&args.key.name.name, args.key.version);
    let census = args.needed.census(name)?;
    let gone = deletion::destroy(&*store(global)?, name, version, |key| census.needed(key));
    told(global, gone, |line, key| {
        format!("data key \"{}\" version {} is destroyed; what it encrypted cannot be read again", line.name, key.version)
    })
}

/// The store; these steps need no token, and make no store.
pub(super) fn store(global: &Global) -> Result<Arc<dyn Store>> {
    global.existing_store()?.ok_or_else(|| {
        Error::new(Kind::NotFound, "there is no key store yet")
            .next("make a data key: hsm dek create --name NAME, or name the store: --store PATH")
    })
}

fn told(global: &Global, step: Step, says: impl FnOnce(&Lineage, &KeyRecord) -> String) -> Result<()> {
    let (lineage, record) = step?;
    match global.json {
        true => output::json(&described(&lineage, &record)),
        false => output::line(&says(&lineage, &record)),
    }
}
