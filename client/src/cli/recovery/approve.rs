//! Approvals: given by `hsm recovery approve`, gathered by the program that holds the ceremony.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use hsm_client::ceremony::shares::{approval, text, transcript};
use hsm_client::hsm::Scheme;
use hsm_client::id::hex;
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::conduct::Conduct;
use super::{entry, handout};
use crate::cli::connect::Global;
use crate::cli::files::{Input, Output};
use crate::cli::output;

#[derive(Args)]
pub(in crate::cli) struct Approve {
    /// The ceremony's statement, as --approvals-from wrote it; read it before you sign
    #[arg(long, value_name = "FILE", required_unless_present = "ceremony")]
    statement: Option<PathBuf>,
    /// The ceremony's id instead, in hexadecimal
    #[arg(long, value_name = "ID", conflicts_with = "statement")]
    ceremony: Option<String>,
    /// Ed25519 key to sign with: label, kid or id
    #[arg(long)]
    key: String,
    /// Where to write the signature, in hexadecimal [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace an existing output file
    #[arg(long, short)]
    force: bool,
}

/// Signs.
pub(super) fn run(global: &Global, args: &Approve) -> Result<()> {
    let statement = args.statement.as_deref().map(entry::public).transpose()?;
    let ceremony: [u8; 32] = match (&statement, &args.ceremony) {
        (Some(statement), _) => transcript::id(statement),
        (None, id) => text::unhex_array(id.as_deref().unwrap_or_default(), "the ceremony's id")
            .map_err(|error| Error::new(Kind::Usage, error.to_string()))?,
    };
    let mut out = Output::create(args.output.as_deref(), args.force)?;
    let signer = global.signer()?;
    let key = signer.find(&args.key)?;
    if key.scheme != Scheme::EdDsa {
        return Err(Error::new(Kind::Usage, format!("the key \"{}\" makes no Ed25519 signatures", args.key))
            .next("make one that does: hsm key create --label NAME --type ed25519"));
    }
    if let Some(statement) = statement.filter(|_| !global.quiet) {
        statement.lines().for_each(|line| output::remark(&format!("note: {line}")));
    }
    let signature = hex(&signer.sign(&key, None, approval::message(&ceremony).as_bytes())?);
    if global.json && args.output.is_none() {
        return output::json(&json!({ "ceremony": hex(&ceremony), "signature": signature }));
    }
    std::io::Write::write_all(&mut out, format!("{signature}\n").as_bytes()).map_err(|error| Error::io("writing", &error))?;
    out.commit()
}

/// Gathers approvals as long as any is awaited: from files that appear in `folder`, or typed.
pub(super) fn gather(conduct: &mut Conduct, folder: Option<&Path>, force: bool) -> Result<()> {
    if !conduct.awaits_approval() {
        return Ok(());
    }
    let open = conduct.open()?;
    let id: [u8; 32] = text::unhex_array(&open.id, "the ceremony's id")?;
    let (statement, message) = (open.statement.clone(), approval::message(&id));
    let names = open.approvals.missing.clone();
    match folder {
        Some(folder) => {
            write(&folder.join("statement.txt"), &statement, force)?;
            write(&folder.join("message.txt"), &message, force)?;
        }
        None => {
            output::remark("note: this is about to happen");
            statement.lines().for_each(|line| output::remark(&format!("note: {line}")));
            output::remark(&format!(
                "note: approvers sign, by hsm recovery approve --ceremony {}, or with Ed25519: {message}",
                open.id
            ));
        }
    }
    while conduct.awaits_approval() {
        let (name, signature) = match folder {
            Some(folder) => from_files(conduct, folder, &names)?,
            None => typed(conduct)?,
        };
        conduct.approve(&name, signature)?;
    }
    Ok(())
}

/// The next approval that lies in the directory.
fn from_files(conduct: &Conduct, folder: &Path, names: &[String]) -> Result<(String, String)> {
    let given = &conduct.open()?.approvals.given;
    let file = |name: &String| folder.join(handout::plain_name(name, "sig"));
    let awaited: Vec<_> = names.iter().filter(|name| !given.contains(name)).map(|name| (name.clone(), file(name))).collect();
    let paths: Vec<_> = awaited.iter().map(|(_, path)| path.clone()).collect();
    let at = conduct.deadline.any_file(&paths, conduct.quiet)?;
    let (name, path) = &awaited[at];
    let bytes = Input::read_all(Some(path), 1024)?;
    Ok((name.clone(), if bytes.len() == 64 { hex(&bytes) } else { digits(&bytes) }))
}

fn typed(conduct: &Conduct) -> Result<(String, String)> {
    let missing = conduct.open()?.approvals.missing.join(", ");
    let name = entry::ask(&format!("Who approves ({missing}): "))?.trim().to_owned();
    if name.is_empty() {
        return Err(Error::new(Kind::Usage, "the ceremony was given up").why("approvals are missing"));
    }
    let signature = entry::ask(&format!("Signature of {name}, in hexadecimal: "))?;
    Ok((name, digits(signature.as_bytes())))
}

/// Hexadecimal however it was broken into lines.
fn digits(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect()
}

fn write(path: &Path, content: &str, force: bool) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Error::io(folder.display(), &error))?;
    }
    let mut file = Output::create(Some(path), force)?;
    std::io::Write::write_all(&mut file, content.as_bytes()).map_err(|error| Error::io(path.display(), &error))?;
    file.commit()
}
