//! `hsm jwks`: the public keys, for those who verify.

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use hsm_client::jwks::Jwks;
use hsm_client::{Error, Result};
use serde_json::json;

use super::connect::Global;
use super::files::Output;
use super::output;

#[derive(ClapArgs)]
pub(super) struct Args {
    /// Where to write the set; - or nothing means standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace an existing output file
    #[arg(long, short)]
    force: bool,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    let mut out = Output::create(args.output.as_deref(), args.force)?;
    let set = Jwks::publish(&global.signer()?.keys()?);
    writeln!(out, "{:#}", json!(set)).map_err(|error| Error::io("the key set", &error))?;
    let to_stdout = matches!(out, Output::Stdout);
    out.commit()?;
    if to_stdout || !global.json {
        return Ok(());
    }
    output::json(&json!({ "output": args.output, "keys": set.keys.len() }))
}
