//! `hsm dek rewrap`: data keys move to the newest master key.

use clap::Args;
use hsm_client::keyring::hybrid::Layer;
use hsm_client::keyring::mek::{self, Mek};
use hsm_client::keyring::rewrap::{Count, Job, Outcome, census};
use hsm_client::store::{KeyRecord, Lineage};
use hsm_client::{Error, Kind, Result};
use serde_json::{Value, json};

use crate::cli::connect::Global;
use crate::cli::output;

#[derive(Args)]
#[group(id = "which", required = true, multiple = false)]
pub(in crate::cli) struct Which {
    /// Every data key of the store
    #[arg(long)]
    all: bool,
    /// Name of a data key; may be repeated
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
}

#[derive(Args)]
pub(in crate::cli) struct Rewrap {
    #[command(flatten)]
    which: Which,
    /// Master key to move to: label or id; not needed when there is only one label
    #[arg(long, value_name = "LABEL")]
    mek: Option<String>,
    /// Wrap them by ML-KEM-1024 as well; by which key, where there are several: label or id
    #[arg(long, value_name = "KEM", num_args = 0..=1, default_missing_value = "", conflicts_with = "no_hybrid")]
    hybrid: Option<String>,
    /// Take the wrapping by ML-KEM away
    #[arg(long)]
    no_hybrid: bool,
    /// Move so many at most; the next run takes up what is left
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Say what would be moved, and move nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(global: &Global, args: &Rewrap) -> Result<()> {
    let keyring = global.keyring()?;
    let mek = mek::choose(keyring.hsm(), keyring.store(), args.mek.as_deref())?;
    let layer = match super::kem(&keyring, args.hybrid.as_deref())? {
        Some(kem) => Layer::By(kem),
        None if args.no_hybrid => Layer::Off,
        None => Layer::Keep,
    };
    let before = census(keyring.store())?;
    let batch = args.batch.unwrap_or(usize::MAX);
    let job = Job { mek: &mek, layer, names: &args.which.name, batch, dry_run: args.dry_run };
    let outcome = keyring.rewrap_all(&job)?;
    let after = census(keyring.store())?;
    match global.json {
        true => output::json(&json!({
            "mek": { "label": mek.info.label, "version": mek.version, "id": mek.info.id.to_string() },
            "dry_run": args.dry_run,
            "moved": outcome.moved.iter().map(named).collect::<Vec<_>>(),
            "kept": outcome.kept,
            "left": outcome.left,
            "failed": outcome.failed.iter().map(failure).collect::<Vec<_>>(),
            "before": before.iter().map(counted).collect::<Vec<_>>(),
            "after": after.iter().map(counted).collect::<Vec<_>>(),
        }))?,
        false => told(&mek, &outcome, &after, args.dry_run)?,
    }
    match outcome.failed.len() {
        0 => Ok(()),
        several => Err(Error::new(first_kind(&outcome), format!("{several} data keys were not moved"))
            .why("each with its reason above; they are as they were")
            .next("run it again when the cause is mended: it takes up what is left")),
    }
}

fn first_kind(outcome: &Outcome) -> Kind {
    outcome.failed.first().map_or(Kind::Device, |(_, _, error)| error.kind())
}

fn told(mek: &Mek, outcome: &Outcome, after: &[Count], dry_run: bool) -> Result<()> {
    let verb = if dry_run { "would be moved" } else { "moved" };
    for (lineage, key) in &outcome.moved {
        output::line(&format!("{} version {}: {verb}", lineage.name, key.version))?;
    }
    for (lineage, key, error) in &outcome.failed {
        output::line(&format!("{} version {}: NOT MOVED: {error}", lineage.name, key.version))?;
    }
    let (moved, kept) = (outcome.moved.len(), outcome.kept);
    output::line(&format!("{moved} {verb} to \"{}\" version {}, {kept} were there", mek.info.label, mek.version))?;
    if outcome.left > 0 {
        output::line(&format!("{} are left for the next run", outcome.left))?;
    }
    let row = |count: &Count| {
        [count.label.clone().unwrap_or_else(|| "unknown".to_owned()), count.version.to_string(), count.deks.to_string()]
    };
    output::table(["MASTER KEY", "VERSION", "DATA KEYS"], &after.iter().map(row).collect::<Vec<_>>())
}

fn named((lineage, key): &(Lineage, KeyRecord)) -> Value {
    json!({ "name": lineage.name, "version": key.version, "key_id": key.key_id.to_string() })
}

fn failure((lineage, key, error): &(Lineage, KeyRecord, Error)) -> Value {
    json!({ "name": lineage.name, "version": key.version, "key_id": key.key_id.to_string(), "why": error.to_string() })
}

fn counted(count: &Count) -> Value {
    json!({
        "label": count.label,
        "version": count.version,
        "mek_id": count.mek_id.to_string(),
        "token_serial": count.token_serial,
        "deks": count.deks,
    })
}
