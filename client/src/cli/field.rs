//! `hsm field`: values of database columns, in text form.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use hsm_client::blind_index::{BlindIndex, Width};
use hsm_client::context::EncryptionContext;
use hsm_client::envelope::{field, open_field};
use hsm_client::id::hex;
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::connect::Global;
use super::files::{Input, Output, To};
use super::{data_key, output};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Seal a value for the place that the context names: table, column and row
    Seal(Seal),
    /// Open a sealed value, with the same context
    Open(Open),
    /// Print the blind index of a value, in hexadecimal: the same for the same value
    Index(Index),
}

#[derive(Args)]
pub(super) struct Seal {
    /// File of the value, every byte of it; - or nothing means standard input
    file: Option<PathBuf>,
    /// Data key; not needed when the store has only one
    #[arg(long, value_name = "NAME")]
    dek: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
pub(super) struct Open {
    /// File of the sealed value; - or nothing means standard input
    file: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct Common {
    /// A pair that says where the value belongs, such as column=email; all are needed to open it
    #[arg(long, short, value_name = "KEY=VALUE")]
    context: Vec<String>,
    #[command(flatten)]
    to: To,
}

#[derive(Args)]
pub(super) struct Index {
    /// File of the value, every byte of it; - or nothing means standard input
    file: Option<PathBuf>,
    /// Data key, of its own for this, since the index changes with it
    #[arg(long, value_name = "NAME")]
    dek: String,
    /// Name of the index, such as users.email
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Bits of the index, 8 to 256: fewer tell less, and find more that is not meant
    #[arg(long, default_value_t = 256)]
    bits: u16,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Seal(args) => seal(global, args),
        Command::Open(args) => open(global, args),
        Command::Index(args) => index(global, args),
    }
}

fn seal(global: &Global, args: &Seal) -> Result<()> {
    let context = EncryptionContext::parse(&args.common.context)?;
    let mut out = args.common.to.begin()?;
    let value = Input::read_secret(args.file.as_deref(), field::MAX_LEN)?;
    let (name, dek) = data_key::to_encrypt(&global.keyring()?, args.dek.as_deref(), value.len() as u64)?;
    let text = field::seal_text(&dek, &context, value.expose())?;
    let to_stdout = matches!(out, Output::Stdout);
    if !to_stdout {
        writeln!(out, "{text}").map_err(|error| Error::io("writing the field", &error))?;
        out.commit()?;
    }
    match (global.json, to_stdout) {
        (true, _) => output::json(&json!({
            "output": args.common.to.output, "bytes": value.len(), "dek": name, "key_id": dek.key_id.to_string(), "version": dek.version,
            "sealed": to_stdout.then_some(text),
        })),
        (false, true) => output::line(&text),
        (false, false) => Ok(()),
    }
}

fn open(global: &Global, args: &Open) -> Result<()> {
    let context = EncryptionContext::parse(&args.common.context)?;
    let mut out = args.common.to.begin()?;
    let text = String::from_utf8(Input::read_all(args.file.as_deref(), LONGEST)?)
        .map_err(|_| Error::new(Kind::Malformed, "this is no sealed field").why("it is no text"))?;
    let sealed = field::from_text(text.trim_end())?;
    let value = open_field(&global.keyring()?, &context, &sealed)?;
    out.write_all(value.expose()).map_err(|error| Error::io("writing the value", &error))?;
    let to_stdout = matches!(out, Output::Stdout);
    out.commit()?;
    if to_stdout || !global.json {
        return Ok(());
    }
    output::json(&json!({ "output": args.common.to.output, "bytes": value.len() }))
}

fn index(global: &Global, args: &Index) -> Result<()> {
    let width = Width::bits(args.bits)?;
    let value = Input::read_secret(args.file.as_deref(), field::MAX_LEN)?;
    // Looked at only: an index must not change because somebody looks something up.
    let keyring = global.keyring()?;
    let dek = keyring.open(&keyring.active(&args.dek)?)?;
    let index = hex(&BlindIndex::new(&dek, &args.name, width)?.of(value.expose()));
    if global.json {
        return output::json(&json!({ "index": index, "key_id": dek.key_id.to_string(), "version": dek.version }));
    }
    output::line(&index)
}

/// Bytes of the text of the longest field, and its end of line.
const LONGEST: u64 = ((field::MAX_LEN + field::OVERHEAD) as u64).div_ceil(3) * 4 + 2;
