//! `hsm rewrap`: a data key that is kept with its envelope moves to the newest master key; the envelope is copied as it is.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use hsm_client::context::EncryptionContext;
use hsm_client::envelope::embedded::{self, Prelude};
use hsm_client::keyring::mek::{self, Mek};
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::connect::Global;
use super::files::{Input, Output, To};
use super::output;

#[derive(ClapArgs)]
pub(super) struct Args {
    /// Envelope with its data key in it, or the file of a wrapped key, which -o may name too; - or nothing means standard input
    file: Option<PathBuf>,
    /// The pairs given when it was encrypted
    #[arg(long, short, value_name = "KEY=VALUE")]
    context: Vec<String>,
    /// Master key to move to: label or id; not needed when there is only one label
    #[arg(long, value_name = "LABEL")]
    mek: Option<String>,
    #[command(flatten)]
    to: To,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    let context = EncryptionContext::parse(&args.context)?;
    let mut input = Input::open(args.file.as_deref())?;
    let mut out = args.to.begin()?;
    if out.is_terminal() {
        return Err(Error::new(Kind::Usage, "an envelope is not for reading on a terminal").next("add -o FILE"));
    }
    let before = embedded::read_prelude(&mut input.reader).map_err(|error| match error.kind() {
        Kind::Malformed => error.next("a data key in the store is moved by: hsm dek rewrap --name NAME"),
        _ => error,
    })?;
    let keyring = global.keyring()?;
    let mek = mek::choose(keyring.hsm(), keyring.store(), args.mek.as_deref())?;
    let after = embedded::rewrap(&keyring, &context, &before, &mek)?;
    let copied = out.write_all(&after.to_bytes()).and_then(|()| io::copy(&mut input.reader, &mut out));
    copied.map_err(|error| Error::io("copying the envelope", &error))?;
    let to_stdout = matches!(out, Output::Stdout);
    out.commit()?;
    if to_stdout || (global.quiet && !global.json) { Ok(()) } else { tell(global, args, (&before, &after), &mek) }
}

fn tell(global: &Global, args: &Args, (before, after): (&Prelude, &Prelude), mek: &Mek) -> Result<()> {
    if global.json {
        return output::json(&json!({
            "output": args.to.output, "key_id": after.key_id().to_string(), "version": after.version(),
            "before": { "mek_id": before.wrapped().mek_id.to_string(), "mek_version": before.wrapped().mek_version },
            "mek": { "label": mek.info.label, "version": mek.version, "id": mek.info.id.to_string() },
        }));
    }
    output::line(&format!("data key {} wrapped by \"{}\" version {}", after.key_id(), mek.info.label, mek.version))
}
