//! `hsm encrypt`.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use hsm_client::context::EncryptionContext;
use hsm_client::envelope;
use hsm_client::id::KeyId;
use hsm_client::keyring::Keyring;
use hsm_client::store::{Demand, Usage};
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::connect::Global;
use super::files::{Input, Output};
use super::{output, progress};

#[derive(ClapArgs)]
pub(super) struct Args {
    /// File to encrypt; - or nothing means standard input
    file: Option<PathBuf>,
    /// Data key; not needed when the store has only one
    #[arg(long, alias = "key", value_name = "NAME")]
    dek: Option<String>,
    /// A pair that must be given again to decrypt, such as purpose=backup
    #[arg(long, short, value_name = "KEY=VALUE")]
    context: Vec<String>,
    /// Where to write the envelope; - or nothing means standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace an existing output file
    #[arg(long, short)]
    force: bool,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    let context = EncryptionContext::parse(&args.context)?;
    let input = Input::open(args.file.as_deref())?;
    let mut out = Output::create(args.output.as_deref(), args.force)?;
    if out.is_terminal() {
        return Err(Error::new(Kind::Usage, "an envelope is not for reading on a terminal").next("add -o FILE"));
    }
    let keyring = global.keyring()?;
    let name = match &args.dek {
        Some(name) => name.clone(),
        None => only_lineage(&keyring)?,
    };
    let expected = input.len.unwrap_or(0);
    let demand = Demand { least: expected, most: Usage { messages: 1, bytes: expected } };
    let (record, counted) = keyring.for_encryption(&name, demand)?;
    let dek = keyring.open(&record)?;
    let bar = progress::bar(global, input.len);
    let mut length = 0;
    let header = envelope::seal(&dek, &context, input.reader, &mut out, |done| {
        length = done;
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    if length > counted.bytes {
        keyring.count(&record.key_id, length - counted.bytes)?;
    }
    let to_stdout = matches!(out, Output::Stdout);
    out.commit()?;
    if to_stdout || (global.quiet && !global.json) {
        return Ok(());
    }
    let key_id = KeyId::from_bytes(header.key_id).to_string();
    if global.json {
        return output::json(&json!({
            "output": args.output, "bytes": length, "dek": name, "key_id": key_id, "version": header.key_version,
        }));
    }
    let path = args.output.as_deref().unwrap_or(std::path::Path::new("-")).display();
    output::line(&format!("{length} bytes encrypted under \"{name}\" version {} into {path}", header.key_version))
}

fn only_lineage(keyring: &Keyring) -> Result<String> {
    let mut names: Vec<_> = keyring.store().lineages()?.into_iter().map(|lineage| lineage.name).collect();
    match (names.pop(), names.is_empty()) {
        (Some(name), true) => Ok(name),
        (None, _) => Err(Error::new(Kind::NotFound, "the store holds no data key")
            .why("data is encrypted under a data key, which the master key wraps")
            .next("make one: hsm dek create --name NAME")),
        (Some(last), false) => {
            names.push(last);
            Err(Error::new(Kind::Usage, "the store holds several data keys").why(names.join(", ")).next("choose one: --dek NAME"))
        }
    }
}
