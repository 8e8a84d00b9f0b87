//! `hsm key export`: a private key that may leave, into a file.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use hsm_client::bundle::Bundle;
use hsm_client::certificate::Certificate;
use hsm_client::hsm::certificates::Certificates;
use hsm_client::hsm::transfer::Transfer;
use hsm_client::keyfile;
use hsm_client::secret::Secret;
use hsm_client::signer::{Signer, SigningKey};
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::import::source;
use crate::cli::connect::Global;
use crate::cli::files::Output;
use crate::cli::output;
use crate::cli::pin::{PASSWORD, PinSource};

/// Writes PKCS#8 or PKCS#12, encrypted with a password (PBES2: PBKDF2, AES-256-CBC), readable by you alone.
#[derive(ClapArgs)]
pub(in crate::cli) struct Args {
    /// Label, kid or id
    #[arg(long, allow_hyphen_values = true)]
    key: String,
    /// Where to write it; - means standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// How to write it
    #[arg(long, value_enum, default_value = "pem")]
    format: Form,
    /// Where the file's new password is: file:PATH, fd:N, env:NAME or prompt
    #[arg(long, value_name = "SOURCE")]
    password_source: Option<String>,
    /// Write it without a password: whoever reads the file has the key
    #[arg(long, conflicts_with = "password_source")]
    plain: bool,
    /// Replace an existing output file
    #[arg(long, short)]
    force: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// PKCS#8 in PEM
    Pem,
    /// PKCS#8 in DER
    Der,
    /// PKCS#12, with the certificate that the token holds for the key
    P12,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    let source = source(args.password_source.as_deref())?;
    if args.format == Form::P12 && args.plain {
        return Err(
            Error::new(Kind::Usage, "a PKCS#12 file has a password").next("leave --plain out, or choose another --format")
        );
    }
    let mut out = Output::create(Some(&args.output), args.force)?;
    if out.is_terminal() {
        return Err(Error::new(Kind::Usage, "a private key is not shown on a terminal").next("name a file: -o FILE"));
    }
    let store = global.store()?;
    let token = global.logged_in()?;
    let key = Signer::new(token.clone(), store).find(&args.key)?;
    let certificates = match args.format {
        Form::P12 => vec![certificate(token.as_ref(), &key)?],
        Form::Pem | Form::Der => Vec::new(),
    };
    // Only who may have the key is asked for a password.
    let bundle = Bundle { key: token.export_pair(&key.id)?, certificates };
    out.write_all(written(args, &source, &key, &bundle)?.expose()).map_err(|error| Error::io("the private key", &error))?;
    let to_stdout = matches!(out, Output::Stdout);
    out.commit()?;
    if to_stdout || (global.quiet && !global.json) { Ok(()) } else { report(global, args, &key) }
}

fn written(args: &Args, source: &PinSource, key: &SigningKey, bundle: &Bundle) -> Result<Secret> {
    let password = || source.read_new_as(PASSWORD, "New password of the file: ");
    let (label, der) = match (args.format, args.plain) {
        (Form::P12, _) => return bundle.seal(&key.label, &key.id, &password()?),
        (_, false) => ("ENCRYPTED PRIVATE KEY", bundle.key.to_encrypted_der(&password()?)?),
        (_, true) => ("PRIVATE KEY", Secret::copy(bundle.key.pkcs8().expose())),
    };
    if args.format == Form::Der { Ok(der) } else { keyfile::to_pem(label, &der) }
}

fn report(global: &Global, args: &Args, key: &SigningKey) -> Result<()> {
    if global.json {
        return output::json(&json!({ "label": key.label, "kid": key.kid, "output": args.output, "encrypted": !args.plain }));
    }
    let how = if args.plain { "without a password" } else { "encrypted" };
    output::line(&format!("private key \"{}\" written to {}, {how}", key.label, args.output.display()))
}

/// The newest certificate in the token that speaks for `key`.
fn certificate(token: &dyn Certificates, key: &SigningKey) -> Result<Certificate> {
    let all = token.certificates()?.into_iter().map(|info| info.certificate);
    let own = all.filter(|certificate| certificate.public_key().is_ok_and(|public| public == key.public));
    own.max_by_key(|certificate| certificate.validity()).ok_or_else(|| {
        Error::new(Kind::NotFound, format!("the token holds no certificate for \"{}\"", key.label))
            .why("a PKCS#12 file is a key with its certificate")
            .next(format!("import one: hsm cert import FILE, or make one: hsm cert self-sign --key {} --keep", key.label))
    })
}
