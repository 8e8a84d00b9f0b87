//! `hsm cert import`: certificates from files.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use hsm_client::Result;
use hsm_client::certificate::Certificate;
use hsm_client::hsm::Named;
use hsm_client::hsm::certificates::{CertificateInfo, Certificates};
use hsm_client::id::ObjectId;
use hsm_client::signer::{Signer, SigningKey, check_label};
use serde_json::json;

use super::{described, key_of};
use crate::cli::connect::Global;
use crate::cli::files::Input;
use crate::cli::output;

/// The longest file read, bytes.
const LONGEST: u64 = 1 << 20;

/// A certificate gets the id of the key pair it belongs to, so that other PKCS#11 programs find them together. Nothing is checked
/// beyond that: what is in a token is not therefore trusted.
#[derive(ClapArgs)]
pub(in crate::cli) struct Args {
    /// One certificate in DER, or one or several in PEM; - or nothing means standard input
    file: Option<PathBuf>,
    /// Label of the new objects [default: that of the key, else the subject]
    #[arg(long)]
    label: Option<String>,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    args.label.as_deref().map_or(Ok(()), check_label)?;
    let certificates = Certificate::read_all(&Input::read_all(args.file.as_deref(), LONGEST)?)?;
    let store = global.store()?;
    let token = global.logged_in()?;
    let keys = Signer::new(token.clone(), store).keys()?;
    let mut made = Vec::new();
    for certificate in new(token.as_ref(), &certificates)? {
        let key = key_of(&keys, certificate);
        let owner = key.map(|key| Named { id: &key.id, label: &key.label });
        made.push((put(token.as_ref(), certificate, owner, args.label.as_deref())?, key));
    }
    report(global, &made)
}

/// Those that the token does not hold: a chain often brings along what is there. A file that brings nothing new is refused.
fn new<'c>(token: &dyn Certificates, read: &'c [Certificate]) -> Result<Vec<&'c Certificate>> {
    let known = token.certificates()?;
    let is_new = |certificate: &&Certificate| !known.iter().any(|info| info.certificate == **certificate);
    let mut new: Vec<&Certificate> = Vec::new();
    for certificate in read.iter().filter(is_new) {
        if !new.contains(&certificate) {
            new.push(certificate);
        }
    }
    // The token's refusal names the one that is there.
    Ok(if new.is_empty() { read.iter().take(1).collect() } else { new })
}

/// Puts a certificate into the token, beside the key pair that owns it.
pub(in crate::cli) fn put(
    token: &dyn Certificates,
    certificate: &Certificate,
    owner: Option<Named<'_>>,
    label: Option<&str>,
) -> Result<CertificateInfo> {
    let id = owner.map_or_else(ObjectId::random, |owner| Ok(owner.id.clone()))?;
    let label = label.or(owner.map(|owner| owner.label)).map_or_else(|| certificate.subject(), ToOwned::to_owned);
    token.import_certificate(Named { id: &id, label: &label }, certificate)?;
    Ok(CertificateInfo { id: Some(id), label, certificate: certificate.clone() })
}

fn report(global: &Global, made: &[(CertificateInfo, Option<&SigningKey>)]) -> Result<()> {
    if global.json {
        let rows: Vec<_> = made.iter().map(|(info, key)| described(info, *key)).collect();
        return output::json(&json!({ "certificates": rows }));
    }
    for (info, key) in made {
        let whose = key.map_or_else(|| "no key of this token".to_owned(), |key| format!("the key \"{}\"", key.label));
        output::line(&format!("certificate \"{}\" imported: {}, for {whose}", info.label, info.certificate.subject()))?;
    }
    Ok(())
}
