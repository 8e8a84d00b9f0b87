//! `hsm recovery verify`, `restore`, `reset-pin` and `destroy`: ceremonies that take shares or approvals, and give none.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use hsm_client::Result;
use hsm_client::ceremony::shares::wire::{Begin, Finish, Kind as Purpose};
use hsm_client::keyring::mek;
use serde_json::json;

use super::deal::{pin_text, request};
use super::hold::{self, HoldArgs, hold};
use super::place::{self, Place};
use crate::cli::connect::Global;
use crate::cli::pin::PinSource;

/// Which key, and whose shares.
#[derive(Args)]
pub(super) struct SharesArgs {
    /// Label or id of the master key [default: the manifest's, or the only one that has a set]
    #[arg(long, value_name = "LABEL")]
    key: Option<String>,
    /// The manifest of the set; needed where the token keeps none
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// A share in a file, in the clear or encrypted to the ceremony; - is standard input; once for each [default: typed]
    #[arg(long = "share", value_name = "FILE")]
    shares: Vec<PathBuf>,
}

#[derive(Args)]
pub(in crate::cli) struct Verify {
    #[command(flatten)]
    shares: SharesArgs,
    #[command(flatten)]
    hold: HoldArgs,
}

#[derive(Args)]
pub(in crate::cli) struct Restore {
    #[command(flatten)]
    shares: SharesArgs,
    #[command(flatten)]
    hold: HoldArgs,
}

#[derive(Args)]
pub(in crate::cli) struct ResetPin {
    #[command(flatten)]
    shares: SharesArgs,
    /// Where the new user PIN is: file:PATH, fd:N, env:NAME or prompt
    #[arg(long, value_name = "SOURCE")]
    new_pin_source: Option<String>,
    #[command(flatten)]
    hold: HoldArgs,
}

#[derive(Args)]
pub(in crate::cli) struct Destroy {
    /// Label or id of the master key
    #[arg(long, value_name = "LABEL")]
    key: String,
    #[command(flatten)]
    hold: HoldArgs,
}

/// Proves that shares work.
pub(super) fn verify(global: &Global, args: &Verify) -> Result<()> {
    let manifest = hold::manifest(args.shares.manifest.as_ref())?;
    let (driver, request) = match args.hold.place.find(global)? {
        Place::Token(module) => {
            let mut driver = args.hold.place.officer(global, &module)?;
            let key = place::key_of_set(driver.as_mut(), args.shares.key.as_deref(), manifest.as_deref())?;
            (driver, Begin { key: Some(key), ..request(Purpose::Verify) })
        }
        Place::Host => (place::host(None, ""), Begin { manifest, ..request(Purpose::Verify) }),
    };
    let outcome = hold(global, &args.hold, driver, request, |conduct| {
        conduct.quorum(&args.shares.shares, true)?;
        Ok(Finish::default())
    })?;
    outcome.tell(global, None, "")
}

/// Brings a key back.
pub(super) fn restore(global: &Global, args: &Restore) -> Result<()> {
    let manifest = hold::manifest(args.shares.manifest.as_ref())?;
    let place = args.hold.place.find(global)?;
    // One module for the whole of it: the first to be dropped would stop it for the other.
    let module = match &place {
        Place::Token(module) => Arc::clone(module),
        Place::Host => global.module()?,
    };
    // The store learns of the key at the end: that it can be written is found out before anybody comes.
    let store = global.store()?;
    let pin = place::user_pin(global, &module)?;
    let request = Begin { manifest, ..request(Purpose::Restore) };
    let (driver, request) = match place {
        Place::Token(_) => {
            let mut driver = args.hold.place.officer(global, &module)?;
            let key = match &request.manifest {
                Some(_) => None,
                None => Some(place::key_of_set(driver.as_mut(), args.shares.key.as_deref(), None)?),
            };
            (driver, Begin { key, user_pin: Some(pin_text(&pin)?), ..request })
        }
        Place::Host => (place::host(Some(place::token(global, &module, &pin)?), ""), request),
    };
    let mut outcome = hold(global, &args.hold, driver, request, |conduct| {
        conduct.quorum(&args.shares.shares, false)?;
        Ok(Finish::default())
    })?;
    // The key is back, whatever the store says: that is told first.
    let back = place::token(global, &module, &pin).and_then(|token| mek::adopt(&token, store.as_ref(), &outcome.key()?));
    if let Ok(back) = &back {
        outcome.facts.push(("label", json!(back.info.label)));
        outcome.facts.push(("version", json!(back.version)));
    }
    outcome.tell(global, None, "open something old: hsm decrypt FILE")?;
    back.map(drop)
}

/// Sets a new user PIN.
pub(super) fn reset_pin(global: &Global, args: &ResetPin) -> Result<()> {
    let manifest = hold::manifest(args.shares.manifest.as_ref())?;
    let place = args.hold.place.find(global)?;
    let (driver, request, pin) = match place {
        Place::Token(module) => {
            let source = args.new_pin_source.as_deref().map_or(Ok(PinSource::Prompt), PinSource::parse)?;
            let mut driver = args.hold.place.officer(global, &module)?;
            let key = place::key_of_set(driver.as_mut(), args.shares.key.as_deref(), manifest.as_deref())?;
            let pin = source.read_new("New user PIN: ")?;
            (driver, Begin { key: Some(key), ..request(Purpose::ResetPin) }, Some(pin_text(&pin)?))
        }
        Place::Host => (place::host(None, ""), request(Purpose::ResetPin), None),
    };
    let outcome = hold(global, &args.hold, driver, request, |conduct| {
        conduct.quorum(&args.shares.shares, false)?;
        Ok(Finish { new_user_pin: pin })
    })?;
    outcome.tell(global, None, "try the new PIN: hsm mek list")
}

/// Destroys a key.
pub(super) fn destroy(global: &Global, args: &Destroy) -> Result<()> {
    let (driver, request) = match args.hold.place.find(global)? {
        Place::Token(module) => {
            let pin = place::user_pin(global, &module)?;
            let mut driver = args.hold.place.officer(global, &module)?;
            let key = place::key_of_set(driver.as_mut(), Some(&args.key), None)?;
            (driver, Begin { key: Some(key), user_pin: Some(pin_text(&pin)?), ..request(Purpose::Destroy) })
        }
        Place::Host => (place::host(None, ""), request(Purpose::Destroy)),
    };
    let outcome = hold(global, &args.hold, driver, request, |_| Ok(Finish::default()))?;
    outcome.tell(global, None, "the shares still give the key away: collect and destroy them")
}
