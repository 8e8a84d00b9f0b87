//! `hsm journal`: what changed in the store, by whom and when.

use std::sync::Arc;

use clap::{Args, Subcommand};
use hsm_client::id::hex;
use hsm_client::store::Store;
use hsm_client::store::journal::{self, Entry, Head};
use hsm_client::{Error, Kind, Result};
use serde_json::{Value, json};

use super::connect::Global;
use super::output;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Show what changed, oldest first
    Show(Show),
    /// Check that nothing was edited, removed or moved, and print the head to be noted elsewhere
    Verify(Verify),
}

#[derive(Args)]
pub(super) struct Show {
    /// Only what is about this key: its name, label, id or kid
    #[arg(long)]
    key: Option<String>,
    /// Only the last so many
    #[arg(long, value_name = "N")]
    last: Option<usize>,
}

#[derive(Args)]
pub(super) struct Verify {
    /// A head that was noted before: the journal must still hold it, or its end was cut off
    #[arg(long, value_name = "HEAD")]
    head: Option<Head>,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    let store = store(global)?;
    match command {
        Command::Show(args) => show(global, &*store, args),
        Command::Verify(args) => verify(global, &*store, args),
    }
}

fn show(global: &Global, store: &dyn Store, args: &Show) -> Result<()> {
    let about = |entry: &Entry| args.key.as_ref().is_none_or(|key| *key == entry.note.name || *key == entry.note.id);
    let entries: Vec<_> = store.journal(0)?.into_iter().filter(about).collect();
    let entries = &entries[entries.len() - args.last.unwrap_or(usize::MAX).min(entries.len())..];
    if global.json {
        return output::json(&json!({ "entries": entries.iter().map(described).collect::<Vec<_>>() }));
    }
    let row = |entry: &Entry| {
        let note = &entry.note;
        [
            entry.seq.to_string(),
            entry.time.to_string(),
            entry.actor.clone(),
            note.action.clone(),
            note.name.clone(),
            note.state.clone(),
            note.detail.clone(),
        ]
    };
    output::table(["ENTRY", "TIME", "BY", "ACTION", "KEY", "STATE", "DETAIL"], &entries.iter().map(row).collect::<Vec<_>>())
}

fn verify(global: &Global, store: &dyn Store, args: &Verify) -> Result<()> {
    let head = journal::audit(store, args.head)?;
    if global.json {
        return output::json(&json!({ "verified": true, "entries": head.seq, "head": head.to_string() }));
    }
    output::line(&format!("{} entries, unbroken, and the keys are in the states they tell", head.seq))?;
    output::line(&format!("head: {head}"))?;
    output::line("next: note the head where the store's owner cannot write, and give it the next time: --head")
}

fn store(global: &Global) -> Result<Arc<dyn Store>> {
    global.existing_store()?.ok_or_else(|| Error::new(Kind::NotFound, "there is no key store yet").next("name it: --store PATH"))
}

fn described(entry: &Entry) -> Value {
    let note = &entry.note;
    json!({
        "entry": entry.seq,
        "time": entry.time.to_string(),
        "actor": entry.actor,
        "action": note.action,
        "name": note.name,
        "id": note.id,
        "state": note.state,
        "detail": note.detail,
        "hash": hex(&entry.hash),
    })
}
