//! `hsm mek delete`, `cancel-deletion`, `destroy`: the end of a master key.

use clap::Args;
use hsm_client::hsm::Hsm;
use hsm_client::keyring::mek::life::{self, Version};
use hsm_client::store::MekRecord;
use hsm_client::time::parse_duration;
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use crate::cli::connect::Global;
use crate::cli::output;

#[derive(Args)]
pub(in crate::cli) struct Which {
    /// Label of the master key
    #[arg(long, default_value = "main")]
    label: String,
    /// Number of the version
    #[arg(long = "version", value_name = "N")]
    version: u32,
}

#[derive(Args)]
pub(in crate::cli) struct Delete {
    #[command(flatten)]
    which: Which,
    /// How long it can be taken back: a day or more
    #[arg(long, value_name = "DURATION", default_value = "30d")]
    after: String,
    #[command(flatten)]
    force: Force,
}

#[derive(Args)]
pub(in crate::cli) struct Destroy {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    force: Force,
}

#[derive(Args)]
struct Force {
    /// Lose the data keys that it still wraps: the label of the master key, typed once more
    #[arg(long, value_name = "LABEL")]
    force_label: Option<String>,
}

impl Which {
    fn version<'a>(&'a self, hsm: &'a dyn Hsm) -> Version<'a> {
        Version { token_serial: &hsm.identity().serial, label: &self.label, version: self.version }
    }
}

impl Force {
    fn given(&self, which: &Which) -> Result<bool> {
        match &self.force_label {
            Some(typed) if *typed != which.label => {
                Err(Error::new(Kind::Usage, format!("--force-label says \"{typed}\", the master key is \"{}\"", which.label)))
            }
            typed => Ok(typed.is_some()),
        }
    }
}

pub(super) fn delete(global: &Global, args: &Delete) -> Result<()> {
    let force = args.force.given(&args.which)?;
    let (store, token) = (global.store()?, global.visitor()?);
    let waits = life::schedule_deletion(&*store, args.which.version(&token), parse_duration(&args.after)?, force)?;
    told(global, &waits, |mek| {
        let due = mek.deletes.map_or_else(String::new, |due| due.to_string());
        format!(
            "wraps nothing any more; from {due} on it may be destroyed\nnext: hsm mek cancel-deletion, or then hsm mek destroy"
        )
    })
}

pub(super) fn cancel_deletion(global: &Global, args: &Which) -> Result<()> {
    let (store, token) = (global.store()?, global.visitor()?);
    let kept = life::cancel_deletion(&*store, args.version(&token))?;
    told(global, &kept, |_| "is not deleted".to_owned())
}

pub(super) fn destroy(global: &Global, args: &Destroy) -> Result<()> {
    let force = args.force.given(&args.which)?;
    let keyring = global.keyring()?;
    let gone = life::destroy(keyring.hsm(), keyring.store(), args.which.version(keyring.hsm()), force)?;
    told(global, &gone, |_| "is destroyed".to_owned())
}

fn told(global: &Global, mek: &MekRecord, says: impl FnOnce(&MekRecord) -> String) -> Result<()> {
    let text = |time: Option<hsm_client::time::Timestamp>| time.map(|time| time.to_string());
    match global.json {
        true => output::json(&json!({
            "label": mek.label,
            "version": mek.version,
            "id": mek.mek_id.to_string(),
            "token_serial": mek.token_serial,
            "state": mek.state().name(),
            "deletes": text(mek.deletes),
            "destroyed": text(mek.destroyed),
        })),
        false => output::line(&format!("master key \"{}\" version {} {}", mek.label, mek.version, says(mek))),
    }
}
