//! `hsm token`: make, list, describe.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hsm_client::Result;
use hsm_client::hsm::module::TokenState;
use serde_json::{Value, json};

use super::connect::Global;
use super::output;
use super::pin::PinSource;
use super::{upkeep, user};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a token in a free slot and set both PINs
    Init(Init),
    /// Set the first user PIN of a token that was made without one, as its security officer
    InitPin(Officer),
    /// Change one's own PIN
    SetPin(user::NewPin),
    /// Users with names, rights and PINs of their own (libhsm_sim.so)
    #[command(subcommand)]
    User(user::Command),
    /// List the tokens of the module
    List,
    /// Describe one token and the module it is in
    Info,
    /// List the token files of libhsm_sim.so, also those that cannot be read
    Files,
    /// Read and authenticate everything in a token, with the PIN of whoever logs in (libhsm_sim.so)
    Check(upkeep::As),
    /// Write an encrypted copy of a token, also while it is in use (libhsm_sim.so)
    Backup(upkeep::Backup),
    /// Put a token back from a backup; a token that is there is not touched (libhsm_sim.so)
    Restore(upkeep::Restore),
    /// Replace a damaged token file by what can be read of it, and keep the damaged one (libhsm_sim.so)
    Repair(upkeep::Repair),
    /// List the mechanisms a token offers (those the PKCS#11 binding has a name for)
    Mechanisms,
}

#[derive(Args)]
pub(super) struct Init {
    /// Label of the new token, at most 32 bytes
    #[arg(long)]
    label: String,
    #[command(flatten)]
    officer: Officer,
}

#[derive(Args)]
pub(super) struct Officer {
    /// Where the security officer's PIN is: file:PATH, fd:N, env:NAME or prompt
    #[arg(long, value_name = "SOURCE", env = "HSM_SO_PIN_SOURCE", hide_env_values = true)]
    so_pin_source: Option<String>,
}

impl Officer {
    pub(super) fn pin_source(&self) -> Result<PinSource> {
        self.so_pin_source.as_deref().map_or(Ok(PinSource::Prompt), PinSource::parse)
    }
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Init(init) => make(global, init),
        Command::InitPin(officer) => init_pin(global, officer),
        Command::SetPin(new) => user::set_pin(global, new),
        Command::User(command) => user::run(global, command),
        Command::Files => upkeep::files(global),
        Command::Check(who) => upkeep::check(global, who),
        Command::Backup(args) => upkeep::backup(global, args),
        Command::Restore(args) => upkeep::restore(global, args),
        Command::Repair(args) => upkeep::repair(global, args),
        Command::List => list(global),
        Command::Info => info(global),
        Command::Mechanisms => mechanisms(global),
    }
}

fn make(global: &Global, init: &Init) -> Result<()> {
    let module = global.module()?;
    let so_pin = init.officer.pin_source()?.read_new("New security officer PIN: ")?;
    let user_pin = global.user_pin_source()?.read_new("New user PIN: ")?;
    let state = module.init_token(&init.label, &so_pin, &user_pin)?;
    report(global, &state, "made")
}

fn init_pin(global: &Global, officer: &Officer) -> Result<()> {
    let (module, selector) = (global.module()?, global.selector()?);
    // Known before anyone is asked for a PIN.
    let state = module.unfinished_token(&selector)?;
    let so_pin = officer.pin_source()?.read(&format!("Security officer PIN of token \"{}\": ", state.identity.label))?;
    let user_pin = global.user_pin_source()?.read_new("New user PIN: ")?;
    let state = module.init_user_pin(&selector, &so_pin, &user_pin)?;
    report(global, &state, "has its user PIN")
}

fn report(global: &Global, state: &TokenState, done: &str) -> Result<()> {
    if global.json {
        return output::json(&described(state));
    }
    output::line(&format!("token \"{}\" {done}, serial number {}", state.identity.label, state.identity.serial))?;
    output::line(&format!("next: hsm mek create --token \"{}\" --label main", state.identity.label))
}

fn list(global: &Global) -> Result<()> {
    let tokens = global.module()?.tokens()?;
    if global.json {
        return output::json(&json!({ "tokens": tokens.iter().map(described).collect::<Vec<_>>() }));
    }
    let row = |state: &TokenState| {
        let status = match (state.initialized, state.user_pin_set) {
            (false, _) => "free slot",
            (true, false) => "no user PIN",
            (true, true) => "ready",
        };
        let identity = &state.identity;
        [identity.label.clone(), identity.serial.clone(), identity.manufacturer.clone(), status.to_owned()]
    };
    output::table(["LABEL", "SERIAL", "MANUFACTURER", "STATE"], &tokens.iter().map(row).collect::<Vec<_>>())
}

fn info(global: &Global) -> Result<()> {
    let module = global.module()?;
    let (about, state) = (module.info()?, module.token(&global.selector()?)?);
    if global.json {
        return output::json(&json!({
            "module": {
                "path": about.path, "manufacturer": about.manufacturer, "description": about.description,
                "version": about.version, "pkcs11": about.pkcs11,
            },
            "token": described(&state),
        }));
    }
    let path: PathBuf = about.path;
    output::facts(&[
        ("module", path.display().to_string()),
        ("made by", format!("{} ({} {})", about.manufacturer, about.description, about.version)),
        ("speaks", format!("PKCS#11 {}", about.pkcs11)),
        ("token", state.identity.label.clone()),
        ("serial number", state.identity.serial.clone()),
        ("model", format!("{} {}, firmware {}", state.identity.manufacturer, state.identity.model, state.firmware)),
        ("user PIN", if state.user_pin_set { state.user_pin_state.to_owned() } else { "not set".to_owned() }),
        ("security officer PIN", state.so_pin_state.to_owned()),
        ("PIN length", format!("{} to {} bytes", state.pin_length.0, state.pin_length.1)),
    ])
}

fn mechanisms(global: &Global) -> Result<()> {
    let mut offered = global.visitor()?.mechanisms()?;
    offered.sort_by(|a, b| a.name.cmp(&b.name));
    if global.json {
        let rows: Vec<_> = offered
            .iter()
            .map(|row| json!({ "name": row.name, "min": row.key_size.0, "max": row.key_size.1, "uses": row.uses }))
            .collect();
        return output::json(&json!({ "mechanisms": rows }));
    }
    let row = |row: &hsm_client::hsm::pkcs11::Offered| {
        [row.name.clone(), format!("{} to {}", row.key_size.0, row.key_size.1), row.uses.join(", ")]
    };
    output::table(["MECHANISM", "KEY SIZE", "USES"], &offered.iter().map(row).collect::<Vec<_>>())
}

fn described(state: &TokenState) -> Value {
    json!({
        "label": state.identity.label,
        "serial": state.identity.serial,
        "manufacturer": state.identity.manufacturer,
        "model": state.identity.model,
        "firmware": state.firmware,
        "initialized": state.initialized,
        "user_pin_set": state.user_pin_set,
        "user_pin": state.user_pin_state,
        "so_pin": state.so_pin_state,
    })
}
