//! `hsm inspect`: what an envelope says of itself. Nothing it says is authenticated here.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use hsm_client::Result;
use hsm_client::envelope::Header;
use hsm_client::envelope::embedded::{Form, Prelude};
use hsm_client::envelope::format::{Geometry, HEADER_LEN};
use hsm_client::id::{KeyId, hex};
use serde_json::{Value, json};

use super::connect::Global;
use super::files::Input;
use super::output;

#[derive(ClapArgs)]
pub(super) struct Args {
    /// Envelope; - or nothing means standard input
    file: Option<PathBuf>,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    let mut input = Input::open(args.file.as_deref())?;
    let form = Form::read(&mut input.reader)?;
    let (header, prelude) = match &form {
        Form::Stored(header) => (header, None),
        Form::Embedded(prelude, header) => (header, Some(prelude.as_ref())),
    };
    let before = prelude.map_or(0, |prelude| prelude.to_bytes().len() as u64);
    let geometry = input.len.map(|len| Geometry::of(header, len.saturating_sub(before)));
    let key_id = KeyId::from_bytes(header.key_id);
    let (name, state) = match prelude {
        Some(_) => ("in the envelope".into(), "wrapped".into()),
        None => in_store(global, &key_id)?.unwrap_or_else(|| ("not in this store".into(), "unknown".into())),
    };
    let layout = match &geometry {
        None => "unknown: not a file".to_owned(),
        Some(Ok(layout)) => format!("{} bytes in {} segments", layout.plaintext_len, layout.segments),
        Some(Err(error)) => format!("damaged: {error}"),
    };
    if global.json {
        let good = geometry.and_then(std::result::Result::ok);
        return output::json(&json!({
            "format": 1,
            "suite": "HKDF-SHA256, AES-256-GCM, STREAM",
            "key_id": key_id.to_string(),
            "version": header.key_version,
            "dek": name,
            "state": state,
            "segment_bytes": header.segment_len(),
            "segments": good.map(|layout| layout.segments),
            "plaintext_bytes": good.map(|layout| layout.plaintext_len),
            "salt": hex(&header.salt),
            "commitment": hex(&header.commitment),
            "embedded": prelude.map(described),
            "authenticated": false,
        }));
    }
    print(header, &key_id, name, state, layout)?;
    prelude.map_or(Ok(()), print_wrapped)
}

fn described(prelude: &Prelude) -> Value {
    let dek = prelude.wrapped();
    json!({
        "mechanism": dek.wrapped.mechanism.name(),
        "mek_id": dek.mek_id.to_string(),
        "mek_version": dek.mek_version,
        "token_serial": dek.token_serial,
        "created": prelude.created().to_string(),
    })
}

fn print_wrapped(prelude: &Prelude) -> Result<()> {
    let dek = prelude.wrapped();
    output::facts(&[
        ("wrapped with", dek.wrapped.mechanism.name().to_owned()),
        ("master key", format!("{} version {}", dek.mek_id, dek.mek_version)),
        ("token", dek.token_serial.clone()),
        ("made", prelude.created().to_string()),
    ])
}

fn print(header: &Header, key_id: &KeyId, name: String, state: String, layout: String) -> Result<()> {
    output::facts(&[
        ("envelope", format!("version 1, header of {HEADER_LEN} bytes")),
        ("suite", "HKDF-SHA256, AES-256-GCM, STREAM".to_owned()),
        ("key id", key_id.to_string()),
        ("key version", header.key_version.to_string()),
        ("data key", format!("{name} ({state})")),
        ("message", layout),
        ("segment size", format!("{} bytes", header.segment_len())),
        ("salt", hex(&header.salt)),
        ("commitment", hex(&header.commitment)),
        ("authenticated", "no: only decryption can tell whether this is true".to_owned()),
    ])
}

fn in_store(global: &Global, id: &KeyId) -> Result<Option<(String, String)>> {
    let Some(store) = global.existing_store()? else { return Ok(None) };
    let Some(record) = store.key(id)? else { return Ok(None) };
    let lineage = store.lineage(&record.lineage_id.to_string())?;
    Ok(lineage.map(|lineage| (lineage.name, record.state.to_string())))
}
