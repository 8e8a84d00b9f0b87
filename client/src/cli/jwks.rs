//! `hsm jwks`: the public keys, for those who verify.

use std::io::Write;

use clap::Args as ClapArgs;
use hsm_client::jwks::Jwks;
use hsm_client::{Error, Result};
use serde_json::json;

use super::connect::Global;
use super::files::{Output, To};
use super::output;

#[derive(ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    to: To,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    let mut out = args.to.begin()?;
    let set = Jwks::publish(&global.signer()?.keys()?);
    writeln!(out, "{:#}", json!(set)).map_err(|error| Error::io("the key set", &error))?;
    let to_stdout = matches!(out, Output::Stdout);
    out.commit()?;
    if to_stdout || !global.json {
        return Ok(());
    }
    output::json(&json!({ "output": args.to.output, "keys": set.keys.len() }))
}
