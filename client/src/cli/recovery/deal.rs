//! `hsm recovery deal`, `refresh` and `rehearse`: ceremonies that hand shares out.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use hsm_client::ceremony::Recovery;
use hsm_client::ceremony::shares::wire::{Begin, Finish, Kind as Purpose, SecretText};
use hsm_client::hsm::module::Module;
use hsm_client::hsm::{Hsm as _, MekInfo};
use hsm_client::id::ObjectId;
use hsm_client::keyring::mek;
use hsm_client::secret::Secret;
use hsm_client::{Error, Kind, Result};
use serde_json::json;
use zeroize::Zeroizing;

use super::conduct::Conduct;
use super::handout::{Handout, HandoutArgs};
use super::hold::{self, HoldArgs, Outcome, hold};
use super::place::{self, Place};
use super::policy::PolicyArgs;
use crate::cli::connect::Global;

#[derive(Args)]
pub(in crate::cli) struct Deal {
    /// Label or id of the master key to split [default: the only one]; where the key is made here, its label [default: main]
    #[arg(long, value_name = "LABEL")]
    key: Option<String>,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    handout: HandoutArgs,
    #[command(flatten)]
    hold: HoldArgs,
}

#[derive(Args)]
pub(in crate::cli) struct Refresh {
    /// Label or id of the master key [default: the manifest's, or the only one that has a set]
    #[arg(long, value_name = "LABEL")]
    key: Option<String>,
    /// The manifest in force; needed where the token keeps none
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// A share of the dealing in force, in a file; - is standard input; once for each [default: typed]
    #[arg(long = "share", value_name = "FILE")]
    shares: Vec<PathBuf>,
    /// Other custodians than before, if any are named
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    handout: HandoutArgs,
    #[command(flatten)]
    hold: HoldArgs,
}

#[derive(Args)]
pub(in crate::cli) struct Rehearse {
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    handout: HandoutArgs,
    #[command(flatten)]
    hold: HoldArgs,
}

/// Splits a key.
pub(super) fn deal(global: &Global, args: &Deal) -> Result<()> {
    let policy = args.policy.needed()?;
    let handout = args.handout.prepare(global, args.hold.force)?;
    let place = args.hold.place.find(global)?;
    let request = Begin { policy: Some(policy), ..request(Purpose::Deal) };
    let (outcome, adopted) = match place {
        Place::Token(module) => {
            let pin = place::user_pin(global, &module)?;
            let key = key_to_split(global, &module, &pin, args.key.as_deref())?;
            let driver = args.hold.place.officer(global, &module)?;
            let request = Begin { key: Some(key.to_string()), user_pin: Some(pin_text(&pin)?), ..request };
            (run(global, &args.hold, &args.handout, &handout, driver, request)?, Ok(()))
        }
        Place::Host => {
            let module = global.module()?;
            let store = global.store()?;
            let pin = place::user_pin(global, &module)?;
            let token = place::token(global, &module, &pin)?;
            let driver = place::host(Some(token), args.key.as_deref().unwrap_or("main"));
            let outcome = run(global, &args.hold, &args.handout, &handout, driver, request)?;
            let adopted = place::token(global, &module, &pin)
                .and_then(|token| mek::adopt(&token, store.as_ref(), &outcome.key()?))
                .map(drop);
            (outcome, adopted)
        }
    };
    // Whether or not the store took the key: it is in the token, and nobody else keeps the manifest of its shares.
    let told = outcome.tell(
        global,
        handout.manifest,
        "keep the manifest; hand the sheets out, delete the files, and prove it: hsm recovery verify",
    );
    adopted.and(told)
}

/// Deals anew.
pub(super) fn refresh(global: &Global, args: &Refresh) -> Result<()> {
    let (policy, manifest) = (args.policy.given()?, hold::manifest(args.manifest.as_ref())?);
    let handout = args.handout.prepare(global, args.hold.force)?;
    let request = Begin { policy, ..request(Purpose::Refresh) };
    let (driver, request) = match args.hold.place.find(global)? {
        Place::Token(module) => {
            // The first approvers of a key are named by its user, not by the security officer alone.
            let names_approvers = request.policy.as_ref().is_some_and(|policy| policy.approval().needed > 0);
            let pin = if names_approvers { Some(place::user_pin(global, &module)?) } else { None };
            let consent = pin.as_ref().map(pin_text).transpose()?;
            let mut driver = args.hold.place.officer(global, &module)?;
            let key = place::key_of_set(driver.as_mut(), args.key.as_deref(), manifest.as_deref())?;
            (driver, Begin { key: Some(key), user_pin: consent, ..request })
        }
        Place::Host => (place::host(None, ""), Begin { manifest, ..request }),
    };
    let outcome = hold(global, &args.hold, driver, request, |conduct| {
        conduct.quorum(&args.shares, false)?;
        hand_out(conduct, &args.handout, &handout)
    })?;
    outcome.tell(global, handout.manifest, "destroy the old shares: enough of them still give the key away")
}

/// Practises.
pub(super) fn rehearse(global: &Global, args: &Rehearse) -> Result<()> {
    let policy = args.policy.needed()?;
    let handout = args.handout.prepare(global, args.hold.force)?;
    let driver = match args.hold.place.find(global)? {
        Place::Token(module) => args.hold.place.officer(global, &module)?,
        Place::Host => place::host(None, ""),
    };
    let request = Begin { policy: Some(policy), ..request(Purpose::Rehearse) };
    let outcome = run(global, &args.hold, &args.handout, &handout, driver, request)?;
    outcome.tell(global, handout.manifest, "when everybody can do it, deal in earnest: hsm recovery deal")
}

fn run(
    global: &Global,
    args: &HoldArgs,
    handing: &HandoutArgs,
    handout: &Handout,
    driver: Box<dyn Recovery>,
    request: Begin,
) -> Result<Outcome> {
    let mut files = Vec::new();
    let mut outcome = hold(global, args, driver, request, |conduct| {
        files = handout.hand_out(conduct.dealt()?, &conduct.open()?.id)?;
        conduct.confirm(handing.confirm_from.as_deref())?;
        Ok(Finish::default())
    })?;
    if !files.is_empty() {
        outcome.facts.push(("sheets", json!(files)));
    }
    Ok(outcome)
}

fn hand_out(conduct: &mut Conduct, handing: &HandoutArgs, handout: &Handout) -> Result<Finish> {
    handout.hand_out(conduct.dealt()?, &conduct.open()?.id)?;
    conduct.confirm(handing.confirm_from.as_deref())?;
    Ok(Finish::default())
}

/// The master key that is meant. The user looks it up, and is logged out again before the security officer comes.
fn key_to_split(global: &Global, module: &Arc<Module>, pin: &Secret, wanted: Option<&str>) -> Result<ObjectId> {
    let token = place::token(global, module, pin)?;
    let all = token.meks()?;
    let names: Vec<_> = all.iter().map(|mek| format!("\"{}\" ({})", mek.label, mek.id)).collect();
    let fits = |mek: &MekInfo| wanted.is_none_or(|name| mek.label == name || mek.id.to_string() == name);
    let meant: Vec<_> = all.into_iter().filter(fits).collect();
    match meant.as_slice() {
        [mek] => Ok(mek.id.clone()),
        [] if names.is_empty() => Err(mek::missing(token.identity())),
        [] => Err(Error::new(Kind::NotFound, format!("no master key is called \"{}\"", wanted.unwrap_or_default()))
            .why(format!("the token holds {}", names.join(", ")))),
        several if several.iter().all(|mek| mek.label == several[0].label) => newest(global, several),
        _ => Err(Error::new(Kind::Usage, "several master keys could be meant")
            .why(names.join(", "))
            .next("choose one: --key LABEL, or its id")),
    }
}

/// The newest version of a master key that was rotated, as the key store knows it.
fn newest(global: &Global, versions: &[MekInfo]) -> Result<ObjectId> {
    let known = global.existing_store()?.map(|store| store.meks()).transpose()?.unwrap_or_default();
    let version = |mek: &&MekInfo| known.iter().filter(|row| row.mek_id == mek.id).map(|row| row.version).max();
    let newest = versions.iter().max_by_key(|mek| version(mek)).filter(|mek| version(mek).is_some());
    newest.map(|mek| mek.id.clone()).ok_or_else(|| {
        Error::new(Kind::Usage, format!("several master keys are called \"{}\"", versions[0].label))
            .why("the key store knows none of them, and so not which is the newest")
            .next("choose one by its id: --key ID; see them: hsm mek list")
    })
}

/// A request with nothing but its kind.
pub(super) fn request(kind: Purpose) -> Begin {
    Begin { kind, key: None, policy: None, manifest: None, user_pin: None, timeout: None }
}

/// The PIN as a request holds it.
pub(super) fn pin_text(pin: &Secret) -> Result<SecretText> {
    let text = std::str::from_utf8(pin.expose()).map_err(|_| Error::new(Kind::Pin, "the PIN is not UTF-8 text"))?;
    Ok(SecretText::new(Zeroizing::new(text.to_owned())))
}
