//! Looking after token files (the interface "Vendor hsm-sim Upkeep", `hsm-sim/UPKEEP.md`): are they sound, an encrypted copy while the
//! token is in use, a copy put back, what can be saved of a damaged one.

use std::path::{Path, PathBuf};

use hsm_shares::envelope;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    error::{Result, Rv},
    slot::Slots,
    store::files,
    token::{self, Token},
};

/// An upper bound for the length of a reply.
pub const MOST: usize = 256 * 1024;
/// No more objects than this are named.
const MOST_NAMED: usize = 500;

/// No finding is longer, in characters; as JSON one takes six bytes at most.
const MOST_LONG: usize = 120;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Backup {
    path: PathBuf,
    recipients: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repair {
    serial: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restore {
    path: PathBuf,
}

/// Check: reads and authenticates everything; SO or a user are logged in.
pub fn check(token: &Token) -> Result<Value> {
    let found = token.check()?;
    let name =
        |(number, why): &(u64, String)| json!({ "number": number, "why": why.chars().take(MOST_LONG / 2).collect::<String>() });
    let damaged: Vec<_> = found.damaged.iter().take(MOST_NAMED).map(name).collect();
    let sound = found.damaged.is_empty() && found.findings.is_empty();
    Ok(json!({
        "sound": sound,
        "objects": found.objects,
        "unread": found.unread,
        "damaged": found.damaged.len(),
        "damaged_objects": damaged,
        "findings": capped(&found.findings),
    }))
}

/// As many as fit a reply, each cut to a line.
fn capped(findings: &[String]) -> Vec<String> {
    let line = |text: &String| text.chars().take(MOST_LONG).collect();
    let mut shown: Vec<String> = findings.iter().take(MOST_NAMED / 2).map(line).collect();
    if findings.len() > shown.len() {
        shown.push(format!("and {} more", findings.len() - shown.len()));
    }
    shown
}

/// Backup: an age file with a copy of the token; SO or standard user are logged in.
pub fn backup(token: &Token, request: &[u8]) -> Result<Value> {
    let Backup { path, recipients } = parse(request)?;
    absolute(&path)?;
    if recipients.is_empty() {
        return Rv::DataInvalid.err("a backup is encrypted to somebody: name age recipients");
    }
    recipients.iter().try_for_each(|recipient| envelope::check_recipient(recipient))?;
    let copy = token.backup(&format!("for {}", recipients.join(" ")))?;
    let sealed = envelope::seal_for(&recipients, &copy)?;
    files::write_new(&path, &sealed)?;
    Ok(json!({ "serial": token.serial(), "bytes": sealed.len() }))
}

/// Inspect: every token file of the directory as it looks without a PIN.
pub fn inspect(slots: &Slots) -> Result<Value> {
    let directory = slots.directory();
    let look = |serial: String| {
        let path = directory.path(&serial);
        let looked = files::look(&path, token::HEADER).map_err(|error| error.why.into_owned());
        let (mut findings, objects, label) = match looked {
            Err(why) => (vec![why], 0, None),
            Ok(look) => (look.findings, look.objects, look.header.map(|header| token::described(&header))),
        };
        let label = match label {
            None => None,
            Some(Ok((named, label))) if named == serial => Some(label),
            Some(Ok((named, _))) => {
                findings.push(format!("the file was renamed: it holds the token {named}"));
                None
            }
            Some(Err(error)) => {
                findings.push(error.why.into_owned());
                None
            }
        };
        json!({ "serial": serial, "path": path, "label": label, "objects": objects, "findings": findings })
    };
    let files: Vec<_> = directory.serials()?.into_iter().map(look).collect();
    Ok(json!({ "files": files }))
}

/// Repair: what can be read of a token file takes its place; the damaged one is kept.
pub fn repair(slots: &Slots, request: &[u8]) -> Result<Value> {
    let Repair { serial } = parse(request)?;
    if !slots.directory().serials()?.contains(&serial) {
        return Rv::TokenNotPresent.err(format!("there is no token file of the serial number {serial}"));
    }
    let (kept, salvaged) = slots.without(&serial, |directory| directory.repair(&serial, token::HEADER))?;
    let tables = salvaged.iter().map(|table| json!({ "table": table.table, "rows": table.rows, "whole": table.whole }));
    Ok(json!({ "serial": serial, "kept": kept, "tables": tables.collect::<Vec<_>>() }))
}

/// Restore: a copy of a token, decrypted, is put into the directory; a token that is there is not touched.
pub fn restore(slots: &Slots, request: &[u8]) -> Result<Value> {
    let Restore { path } = parse(request)?;
    absolute(&path)?;
    let placed = |header: &[u8]| {
        let (serial, _) = token::described(header)?;
        slots.has_place_for(&serial).map(|()| serial)
    };
    let serial = slots.directory().adopt(&path, token::HEADER, placed)?;
    slots.refresh()?;
    Ok(json!({ "serial": serial }))
}

fn parse<T: DeserializeOwned>(request: &[u8]) -> Result<T> {
    serde_json::from_slice(request).map_err(|why| Rv::DataInvalid.because(format!("the request: {why}")))
}

/// The module does not guess what a path is relative to.
fn absolute(path: &Path) -> Result<()> {
    if path.is_absolute() { Ok(()) } else { Rv::DataInvalid.err(format!("{} is no absolute path", path.display())) }
}
