//! `hsm encrypt`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use hsm_client::context::EncryptionContext;
use hsm_client::envelope;
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::connect::Global;
use super::data_key::{Choice, Chosen};
use super::files::{Input, Output, To};
use super::{output, progress};

#[derive(ClapArgs)]
pub(super) struct Args {
    /// File to encrypt; - or nothing means standard input
    file: Option<PathBuf>,
    #[command(flatten)]
    choice: Choice,
    /// A pair that must be given again to decrypt, such as purpose=backup
    #[arg(long, short, value_name = "KEY=VALUE")]
    context: Vec<String>,
    #[command(flatten)]
    to: To,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    let context = EncryptionContext::parse(&args.context)?;
    let input = Input::open(args.file.as_deref())?;
    let mut out = args.to.begin()?;
    if out.is_terminal() {
        return Err(Error::new(Kind::Usage, "an envelope is not for reading on a terminal").next("add -o FILE"));
    }
    let mut key_file = key_file(args)?;
    let keyring = global.keyring()?;
    let key = args.choice.open(&keyring, &context, input.len.unwrap_or(0))?;
    if let Some(prelude) = &key.prelude {
        let place: &mut Output = key_file.as_mut().unwrap_or(&mut out);
        place.write_all(&prelude.to_bytes()).map_err(|error| Error::io("writing the wrapped key", &error))?;
    }
    let bar = progress::bar(global, input.len);
    let mut length = 0;
    let sealed = envelope::seal(&key.dek, &context, input.reader, &mut out, |done| {
        length = done;
        bar.set_position(done);
    });
    bar.finish_and_clear();
    if key.name.is_some() {
        // Also what went out before it broke off was encrypted.
        keyring.count(&key.dek.key_id, length.saturating_sub(key.counted))?;
    }
    sealed?;
    let to_stdout = matches!(out, Output::Stdout);
    key_file.map_or(Ok(()), Output::commit)?;
    out.commit()?;
    if to_stdout || (global.quiet && !global.json) {
        return Ok(());
    }
    tell(global, args, &key, length)
}

fn tell(global: &Global, args: &Args, key: &Chosen, length: u64) -> Result<()> {
    let Chosen { dek, name, prelude, .. } = key;
    if global.json {
        return output::json(&json!({
            "output": args.to.output, "bytes": length, "dek": name, "key_id": dek.key_id.to_string(), "version": dek.version,
            "embedded": args.choice.embed, "wrapped_key": args.choice.wrapped_key,
            "mek_id": prelude.as_ref().map(|prelude| prelude.wrapped().mek_id.to_string()),
        }));
    }
    let path = args.to.name();
    let under = match name {
        Some(name) => format!("\"{name}\" version {}", dek.version),
        None => "a data key of its own".to_owned(),
    };
    output::line(&format!("{length} bytes encrypted under {under} into {path}"))
}

/// Where the wrapped key goes that is kept apart.
fn key_file(args: &Args) -> Result<Option<Output>> {
    let Some(path) = args.choice.wrapped_key.as_deref() else { return Ok(None) };
    match Output::create(Some(path), args.to.force)? {
        file @ Output::File { .. } if !same(args.to.output.as_deref(), path) => Ok(Some(file)),
        _ => Err(Error::new(Kind::Usage, "the wrapped key goes to a file of its own").next("name it: --wrapped-key FILE")),
    }
}

/// True when both name one file, which need not be there yet.
fn same(one: Option<&Path>, other: &Path) -> bool {
    let place = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some((folder.canonicalize().ok()?, path.file_name()?.to_owned()))
    };
    one.is_some_and(|one| one == other || (place(one).is_some() && place(one) == place(other)))
}
