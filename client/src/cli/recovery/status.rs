//! `hsm recovery status` and `cancel`.

use clap::Args;
use hsm_client::ceremony::shares::wire::{Cancel as Request, Open, Report, Set, Status as Question};
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::place::{Place, PlaceArgs};
use crate::cli::connect::Global;
use crate::cli::output;

#[derive(Args)]
pub(in crate::cli) struct Status {
    /// The token's recovery log too
    #[arg(long)]
    log: bool,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Args)]
pub(in crate::cli) struct Cancel {
    /// Id of the ceremony [default: the one that is open]
    #[arg(long, value_name = "ID")]
    ceremony: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Tells where a token stands.
pub(super) fn status(global: &Global, args: &Status) -> Result<()> {
    let Place::Token(module) = args.place.find(global)? else { return stateless(global) };
    let report = args.place.onlooker(global, &module)?.status(&Question { log: args.log })?;
    if global.json {
        return output::json(&json!({
            "interface": true, "state": report.state, "ceremony": report.ceremony, "sets": report.sets, "log": report.log,
            "genuine": report.genuine,
            "signer": report.signer,
        }));
    }
    tell(&report)
}

/// Ends a ceremony.
pub(super) fn cancel(global: &Global, args: &Cancel) -> Result<()> {
    let Place::Token(module) = args.place.find(global)? else {
        return Err(Error::new(Kind::NotFound, "no ceremony is open")
            .why("one that is held on a machine is gone with the program that held it"));
    };
    let mut token = args.place.officer(global, &module)?;
    let open = token.status(&Question::default())?.ceremony;
    let id =
        args.ceremony.clone().or(open.map(|open| open.id)).ok_or_else(|| Error::new(Kind::NotFound, "no ceremony is open"))?;
    let report = token.cancel(&Request { ceremony: Some(id.clone()) })?;
    if global.json {
        return output::json(&json!({ "state": report.state, "ceremony": id, "transcript": report.transcript }));
    }
    output::line(&format!("ceremony {id} is over; the shares in force stay in force"))
}

/// The token keeps nothing of a set.
fn stateless(global: &Global) -> Result<()> {
    if global.json {
        return output::json(&json!({ "interface": false, "state": "idle", "ceremony": null, "sets": null }));
    }
    output::line("the token keeps nothing of ceremonies: they are held on this machine, and a set is known by its manifest")?;
    output::line("next: hsm recovery verify --manifest FILE")
}

fn tell(report: &Report) -> Result<()> {
    let mut lines = vec![("state", report.state.clone())];
    if let Some(open) = &report.ceremony {
        lines.extend(described(open));
    }
    lines.extend(report.signer.clone().map(|key| ("signs with", key)));
    if !report.genuine {
        lines
            .push(("checked", "no: give a PIN, and the token checks what it tells (--pin-source or --so-pin-source)".to_owned()));
    }
    output::facts(&lines)?;
    let row = |set: &Set| {
        let shares = format!("{} of {}", set.threshold, set.total);
        let expires = set.expires.clone().unwrap_or_default();
        [set.key.clone(), set.set.clone(), set.epoch.to_string(), shares, set.dealt.clone(), set.verified.clone(), expires]
    };
    match report.sets.as_deref().unwrap_or_default() {
        [] => output::line("no set of shares; deal one: hsm recovery deal")?,
        sets => output::table(
            ["KEY", "SET", "DEALING", "SHARES", "DEALT", "VERIFIED", "REFRESH BY"],
            &sets.iter().map(row).collect::<Vec<_>>(),
        )?,
    }
    report.log.iter().flatten().try_for_each(|entry| output::line(entry))?;
    if report.state == "elsewhere" { output::line("next: wait for it, or end it: hsm recovery cancel") } else { Ok(()) }
}

fn described(open: &Open) -> Vec<(&'static str, String)> {
    let mut lines = vec![("ceremony", open.id.clone()), ("until", open.expires.clone())];
    for (what, progress) in [("shares", &open.shares), ("approvals", &open.approvals)] {
        // Of a ceremony that another program holds, nothing is known.
        if progress.needed > 0 {
            let missing = progress.missing.join(", ");
            lines.push((what, format!("{} of {}; not yet: {missing}", progress.given.len(), progress.needed)));
        }
    }
    lines
}
