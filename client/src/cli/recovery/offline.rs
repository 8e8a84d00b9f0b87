//! `hsm recovery inspect-share`, `check-share` and `verify-transcript`: they need no token.

use std::path::PathBuf;

use clap::Args;
use hsm_client::ceremony::shares::manifest::Manifest;
use hsm_client::ceremony::shares::share::Share;
use hsm_client::ceremony::shares::transcript::Transcript;
use hsm_client::ceremony::shares::{envelope, notary};
use hsm_client::id::hex;
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::{entry, hold};
use crate::cli::connect::Global;
use crate::cli::output;

#[derive(Args)]
pub(in crate::cli) struct InspectShare {
    /// File with the share; - is standard input [default: typed]
    file: Option<PathBuf>,
}

#[derive(Args)]
pub(in crate::cli) struct CheckShare {
    /// File with the share; - is standard input [default: typed]
    file: Option<PathBuf>,
    /// The manifest it should belong to
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
}

#[derive(Args)]
pub(in crate::cli) struct VerifyTranscript {
    /// The minutes; - is standard input
    file: PathBuf,
    /// The manifest they should be about
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// The public key that should have signed them, in hexadecimal
    #[arg(long, value_name = "KEY")]
    signer: Option<String>,
}

/// Shows what a share says of itself.
pub(super) fn inspect(global: &Global, args: &InspectShare) -> Result<()> {
    let share = read(args.file.as_ref())?;
    let dealing = &share.dealing;
    let (threshold, total) = (dealing.quorum.threshold(), dealing.quorum.total());
    if global.json {
        return output::json(&json!({
            "rehearsal": dealing.rehearsal, "set": hex(&dealing.set.0), "epoch": dealing.epoch, "index": share.part.index,
            "threshold": threshold, "total": total, "check": hex(&dealing.check), "manifest": hex(&dealing.manifest),
        }));
    }
    output::facts(&[
        ("share", format!("{} of {total}, any {threshold} restore", share.part.index)),
        ("rehearsal", if dealing.rehearsal { "yes: it restores nothing" } else { "no" }.to_owned()),
        ("set", hex(&dealing.set.0)),
        ("dealing", dealing.epoch.to_string()),
        ("key check value", hex(&dealing.check)),
        ("manifest check", hex(&dealing.manifest)),
    ])
}

/// Tells whether a share fits.
pub(super) fn check(global: &Global, args: &CheckShare) -> Result<()> {
    let Some(text) = hold::manifest(Some(&args.manifest))? else { return Ok(()) };
    let manifest = Manifest::parse(&text)?;
    let share = read(args.file.as_ref())?;
    let name = manifest.core.policy.name(share.part.index).unwrap_or_default();
    manifest
        .admit(&share, &[])
        .map_err(|refusal| Error::authentication("the share does not belong to this manifest").why(refusal.to_string()))?;
    if global.json {
        return output::json(&json!({ "fits": true, "custodian": name, "index": share.part.index }));
    }
    output::line(&format!("it is the share of {name}, number {}, and fits the manifest", share.part.index))
}

/// Verifies minutes.
pub(super) fn transcript(global: &Global, args: &VerifyTranscript) -> Result<()> {
    let minutes = Transcript::parse(&entry::public(&args.file)?)?;
    if let Some(wanted) = &args.signer
        && !wanted.eq_ignore_ascii_case(&hex(&minutes.signer))
    {
        return Err(Error::authentication("somebody else signed the minutes").why(format!("the key is {}", hex(&minutes.signer))));
    }
    if let Some(text) = hold::manifest(args.manifest.as_ref())? {
        let manifest = Manifest::parse(&text)?;
        if minutes.manifest != Some(manifest.digest()) {
            return Err(Error::authentication("the minutes are about another manifest"));
        }
    }
    let events: Vec<_> = minutes.events.iter().map(|(time, what)| json!({ "time": time.to_string(), "what": what })).collect();
    if global.json {
        return output::json(&json!({
            "ceremony": hex(&minutes.ceremony), "outcome": minutes.outcome, "statement": minutes.statement, "events": events,
            "signer": hex(&minutes.signer), "manifest": minutes.manifest.map(|digest| hex(&digest)),
        }));
    }
    output::line(minutes.statement.trim_end())?;
    minutes.events.iter().try_for_each(|(time, what)| output::line(&format!("{time} {what}")))?;
    output::line(&format!("outcome: {}", minutes.outcome))?;
    output::line(&format!("signed by {} (fingerprint {})", hex(&minutes.signer), notary::fingerprint(&minutes.signer)))
}

fn read(file: Option<&PathBuf>) -> Result<Share> {
    let text = match file {
        Some(path) => entry::share(path)?,
        None => entry::hidden("Share: ")?.ok_or_else(|| Error::new(Kind::Usage, "no share was entered"))?,
    };
    if envelope::is_encrypted(text.expose()) {
        return Err(Error::new(Kind::Usage, "the share is encrypted").next("open it first: age -d -i KEYFILE FILE"));
    }
    Share::parse(text.expose()).map_err(|refusal| Error::authentication("the share cannot be read").why(refusal.to_string()))
}
