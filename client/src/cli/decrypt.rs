//! `hsm decrypt`: the whole envelope is authenticated before a byte of it is released.

use std::io;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use hsm_client::context::EncryptionContext;
use hsm_client::envelope;
use hsm_client::{Error, Result};
use serde_json::json;

use super::connect::Global;
use super::files::{Input, Output, To};
use super::spool::Spool;
use super::{data_key, output, progress};

/// A file appears under its name only when all of it was authenticated. For standard output the data is kept back, up to
/// 64 MiB in memory and the rest in an unnamed file in the temporary directory, until the end was authenticated.
#[derive(ClapArgs)]
pub(super) struct Args {
    /// Envelope to decrypt; - or nothing means standard input
    file: Option<PathBuf>,
    /// The pairs given when it was encrypted
    #[arg(long, short, value_name = "KEY=VALUE")]
    context: Vec<String>,
    /// File of the wrapped data key, where it was kept apart
    #[arg(long, value_name = "FILE")]
    wrapped_key: Option<PathBuf>,
    #[command(flatten)]
    to: To,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    let context = EncryptionContext::parse(&args.context)?;
    let mut input = Input::open(args.file.as_deref())?;
    let mut out = args.to.begin()?;
    let form = data_key::form(&mut input, args.wrapped_key.as_deref())?;
    let dek = data_key::of_envelope(global, &context, &form)?;
    let header = form.header();
    let bar = progress::bar(global, input.len);
    let tick = |done| bar.set_position(done);
    let length = match &mut out {
        Output::Stdout => {
            let mut spool = Spool::default();
            let length = envelope::open(&dek, &context, header, input.reader, &mut spool, tick)?;
            bar.finish_and_clear();
            spool.release(io::stdout().lock()).map_err(|error| Error::io("standard output", &error))?;
            length
        }
        file => envelope::open(&dek, &context, header, input.reader, file, tick)?,
    };
    bar.finish_and_clear();
    let to_stdout = matches!(out, Output::Stdout);
    out.commit()?;
    if to_stdout || (global.quiet && !global.json) {
        return Ok(());
    }
    if global.json {
        return output::json(&json!({
            "output": args.to.output, "bytes": length,
            "key_id": dek.key_id.to_string(), "version": dek.version,
        }));
    }
    let path = args.to.name();
    output::line(&format!("{length} bytes decrypted and authenticated into {path}"))
}
