//! `hsm cert`: X.509 certificates in the token, and those its keys sign.

pub(super) mod import;
mod make;

use std::io::Write;

use clap::{Args, Subcommand, ValueEnum};
use hsm_client::certificate::{self, Certificate};
use hsm_client::hsm::certificates::{CertificateInfo, Certificates};
use hsm_client::signer::{Signer, SigningKey};
use hsm_client::{Error, Kind, Result};
use serde_json::{Value, json};

use super::connect::Global;
use super::files::{Output, To};
use super::output;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Put certificates from a file into the token, beside the keys they belong to
    Import(import::Args),
    /// List the certificates of the token
    List,
    /// Print a certificate of the token; needs no PIN
    Export(Export),
    /// Make a certificate signing request (PKCS#10) for a key of the token
    Csr(make::CsrArgs),
    /// Make a certificate that a key of the token signs for itself
    SelfSign(make::SelfSignArgs),
}

#[derive(Args)]
pub(super) struct Export {
    /// Label, id, or the beginning of its SHA-256 fingerprint (8 digits or more)
    #[arg(long, value_name = "NAME")]
    cert: String,
    #[command(flatten)]
    written: Written,
}

/// Where something goes, and how.
#[derive(Args)]
struct Written {
    /// How to write it
    #[arg(long, value_enum, default_value = "pem")]
    format: Form,
    #[command(flatten)]
    to: To,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Text
    Pem,
    /// Bytes
    Der,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Import(args) => import::run(global, args),
        Command::List => list(global),
        Command::Export(args) => export(global, args),
        Command::Csr(args) => make::csr(global, args),
        Command::SelfSign(args) => make::self_sign(global, args),
    }
}

fn list(global: &Global) -> Result<()> {
    let store = global.store()?;
    let token = global.logged_in()?;
    let certificates = token.certificates()?;
    let keys = Signer::new(token, store).keys()?;
    if global.json {
        let rows: Vec<_> = certificates.iter().map(|info| described(info, key_of(&keys, &info.certificate))).collect();
        return output::json(&json!({ "certificates": rows }));
    }
    let row = |info: &CertificateInfo| {
        let certificate = &info.certificate;
        [
            info.label.clone(),
            certificate.subject(),
            certificate.issuer(),
            certificate.validity()[1].to_string(),
            key_of(&keys, certificate).map_or_else(|| "-".to_owned(), |key| key.label.clone()),
            certificate.fingerprint()[..16].to_owned(),
        ]
    };
    let heading = ["LABEL", "SUBJECT", "ISSUER", "NOT AFTER", "KEY", "FINGERPRINT"];
    output::table(heading, &certificates.iter().map(row).collect::<Vec<_>>())
}

fn export(global: &Global, args: &Export) -> Result<()> {
    let out = args.written.begin()?;
    let found = find(global.visitor()?.certificates()?, &args.cert)?.certificate;
    let about = json!({ "fingerprint": found.fingerprint(), "output": args.written.to.output });
    args.written.finish(global, out, "CERTIFICATE", found.der(), about)
}

/// The one certificate called `name`.
fn find(all: Vec<CertificateInfo>, name: &str) -> Result<CertificateInfo> {
    let digits = name.to_ascii_lowercase();
    let fits = |info: &CertificateInfo| {
        info.label == name
            || info.id.as_ref().is_some_and(|id| id.to_string() == digits)
            || (digits.len() >= 8 && info.certificate.fingerprint().starts_with(&digits))
    };
    let mut meant: Vec<_> = all.into_iter().filter(fits).collect();
    match (meant.pop(), meant.len()) {
        (Some(found), 0) => Ok(found),
        (Some(_), others) => Err(Error::new(Kind::Usage, format!("{} certificates are called \"{name}\"", others + 1))
            .next("choose one by its fingerprint: hsm cert list")),
        (None, _) => {
            Err(Error::new(Kind::NotFound, format!("there is no certificate \"{name}\"")).next("see them: hsm cert list"))
        }
    }
}

/// The key of the token that `certificate` speaks for.
fn key_of<'k>(keys: &'k [SigningKey], certificate: &Certificate) -> Option<&'k SigningKey> {
    let public = certificate.public_key().ok()?;
    keys.iter().find(|key| key.public == public)
}

fn described(info: &CertificateInfo, key: Option<&SigningKey>) -> Value {
    let certificate = &info.certificate;
    let [from, until] = certificate.validity().map(|time| time.to_string());
    json!({
        "label": info.label,
        "id": info.id.as_ref().map(ToString::to_string),
        "subject": certificate.subject(),
        "issuer": certificate.issuer(),
        "serial": certificate.serial(),
        "not_before": from,
        "not_after": until,
        "fingerprint": certificate.fingerprint(),
        "key": key.map(|key| &key.label),
        "kid": key.map(|key| &key.kid),
    })
}

impl Written {
    /// Begins the output, before anything is done that a taken name would spoil.
    fn begin(&self) -> Result<Output> {
        let out = self.to.begin()?;
        if self.format == Form::Der && out.is_terminal() {
            return Err(Error::new(Kind::Usage, "DER is not for a terminal").next("name a file: -o FILE"));
        }
        Ok(out)
    }

    /// Writes `der`, and answers in JSON if that is wanted; `about` is what there is to say beside a file.
    fn finish(&self, global: &Global, mut out: Output, label: &str, der: &[u8], about: Value) -> Result<()> {
        let to_stdout = matches!(out, Output::Stdout);
        let pem = certificate::pem(label, der)?;
        if to_stdout && global.json {
            return output::json(&json!({ "pem": pem }));
        }
        let bytes = if self.format == Form::Der { der } else { pem.as_bytes() };
        out.write_all(bytes).map_err(|error| Error::io("the output", &error))?;
        out.commit()?;
        if global.json { output::json(&about) } else { Ok(()) }
    }
}
