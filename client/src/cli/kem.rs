//! `hsm kem`: ML-KEM-1024 pairs, which wrap data keys a second time.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use hsm_client::id::ObjectId;
use hsm_client::kem::FileKem;
use hsm_client::signer::check_label;
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::connect::Global;
use super::files::{Input, Output};
use super::output;
use super::pin::{KEM_PASSWORD, PASSWORD, PinSource};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a pair in the token, or in a file where the token has no ML-KEM
    Create(Create),
    /// List the pairs of the token, and that of --kem-file
    List,
}

#[derive(Args)]
pub(super) struct Create {
    /// Label of the new pair, in the token
    #[arg(long, default_value = "main", conflicts_with = "file")]
    label: String,
    /// Keep it in this file instead, encrypted with a password: whoever loses the file loses the data keys it wraps
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Where the password of the file is: file:PATH, fd:N, env:NAME or prompt
    #[arg(long, value_name = "SOURCE", requires = "file", default_value = "prompt")]
    password_source: String,
}

/// The longest file read, bytes.
const LONGEST: usize = 1 << 16;

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Create(args) => match &args.file {
            Some(path) => in_file(global, args, path),
            None => in_token(global, args),
        },
        Command::List => list(global),
    }
}

/// The pair in a file.
pub(super) fn from_file(path: &std::path::Path, source: Option<&str>) -> Result<FileKem> {
    let source = source.map_or(Ok(PinSource::Prompt), |text| PinSource::parse_as(KEM_PASSWORD, text))?;
    let file = Input::read_secret(Some(path), LONGEST)?;
    FileKem::from_pem(&file, &source.read_as(KEM_PASSWORD, &format!("Password of {}: ", path.display()))?)
}

fn in_token(global: &Global, args: &Create) -> Result<()> {
    check_label(&args.label)?;
    let hsm = global.hsm()?;
    if let Some(same) = hsm.kems()?.into_iter().find(|kem| kem.label == args.label) {
        return Err(Error::new(Kind::Conflict, format!("an ML-KEM key \"{}\" exists already", args.label))
            .why(format!("its id is {}", same.id))
            .next("use it, or choose another label"));
    }
    let id = hsm.create_kem(&args.label)?;
    told(global, &id, &format!("in token \"{}\"", hsm.identity().label))
}

fn in_file(global: &Global, args: &Create, path: &std::path::Path) -> Result<()> {
    let source = PinSource::parse_as(PASSWORD, &args.password_source)?;
    let mut out = Output::create(Some(path), false)?;
    let kem = FileKem::generate()?;
    let pem = kem.to_pem(&source.read_new_as(PASSWORD, "Password of the new file: ")?)?;
    out.write_all(pem.expose()).map_err(|error| Error::io(path.display(), &error))?;
    out.commit()?;
    told(global, kem.id(), &format!("in {}; keep a copy where it is safe", path.display()))
}

fn told(global: &Global, id: &ObjectId, place: &str) -> Result<()> {
    if global.json {
        return output::json(&json!({ "id": id.to_string() }));
    }
    output::line(&format!("ML-KEM-1024 key made {place}: id {id}"))?;
    output::line("next: hsm dek rewrap --all --hybrid")
}

fn list(global: &Global) -> Result<()> {
    let mut rows: Vec<_> =
        global.hsm()?.kems()?.into_iter().map(|kem| [kem.label, "token".to_owned(), kem.id.to_string()]).collect();
    if let Some(kem) = global.kem()? {
        rows.push(["file".to_owned(), "file".to_owned(), kem.id().to_string()]);
    }
    if global.json {
        let kems: Vec<_> = rows.iter().map(|[label, place, id]| json!({ "label": label, "place": place, "id": id })).collect();
        return output::json(&json!({ "kems": kems }));
    }
    output::table(["LABEL", "WHERE", "ID"], &rows)
}
