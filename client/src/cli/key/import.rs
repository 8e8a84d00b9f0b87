//! `hsm key import`: keys from files, which stay behind on disk.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use hsm_client::bundle::{self, Bundle};
use hsm_client::hsm::certificates::Certificates;
use hsm_client::hsm::pkcs11::Token;
use hsm_client::hsm::transfer::{Path, Transfer};
use hsm_client::hsm::{Hsm, Leaving, Named, PublicKey, Scheme};
use hsm_client::keyfile::{self, Content};
use hsm_client::signer::{Recipe, Signer, SigningKey, check_label, thumbprint};
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::{bare, life};
use crate::cli::cert;
use crate::cli::connect::Global;
use crate::cli::files::Input;
use crate::cli::output;
use crate::cli::pin::{PASSWORD, PinSource};

/// The longest key file read, bytes: RSA-8192 in PEM has a tenth of it.
const LONGEST: usize = 1 << 16;

/// The private key becomes a sensitive object that never leaves the token again. The file stays where it is: destroy it, or keep
/// it where it is safe.
#[derive(ClapArgs)]
pub(in crate::cli) struct Args {
    /// PKCS#12, PKCS#8 (plain or encrypted), PKCS#1, SEC1 or SubjectPublicKeyInfo, PEM or DER; - or nothing means standard input
    file: Option<PathBuf>,
    /// Label of the new key
    #[arg(long)]
    pub(super) label: String,
    /// What the file holds: told from its form, except the bytes of an AES key
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    kind: Option<Sort>,
    /// Signature algorithm: RS256, RS384, RS512, PS256, PS384 or PS512 for RSA keys
    #[arg(long, value_name = "ALG")]
    pub(super) alg: Option<Scheme>,
    /// Succeed the key that has this label now: that one signs until this one does, and stays in the JWK set while its tokens live
    #[arg(long)]
    pub(super) replace: bool,
    #[command(flatten)]
    planned: life::Planned,
    /// Let the private key leave the token again, wrapped
    #[arg(long)]
    pub(super) extractable: bool,
    /// Where the file's password is: file:PATH, fd:N, env:NAME or prompt
    #[arg(long, value_name = "SOURCE")]
    password_source: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// 16, 24 or 32 bytes as they are
    Aes,
}

impl Args {
    pub(super) fn leaving(&self) -> Leaving {
        if self.extractable { Leaving::Wrapped } else { Leaving::Never }
    }
}

pub(super) fn run(global: &Global, args: &Args) -> Result<()> {
    let source = self::source(args.password_source.as_deref())?;
    check_label(&args.label)?;
    let bytes = Input::read_secret(args.file.as_deref(), LONGEST)?;
    if args.kind == Some(Sort::Aes) {
        return bare::aes(global, args, &bytes);
    }
    let password = || source.read_as(PASSWORD, "Password of the file: ");
    if bundle::is_bundle(bytes.expose()) {
        return pair(global, args, &Bundle::open(bytes.expose(), &password()?)?);
    }
    match keyfile::read(&bytes, password)? {
        Content::Private(key) => pair(global, args, &Bundle { key, certificates: Vec::new() }),
        Content::Public(key) => bare::public(global, args, &key),
    }
}

/// Where a password is; asked for unless told.
pub(super) fn source(text: Option<&str>) -> Result<PinSource> {
    text.map_or(Ok(PinSource::Prompt), |text| PinSource::parse_as(PASSWORD, text))
}

fn pair(global: &Global, args: &Args, bundle: &Bundle) -> Result<()> {
    let key = &bundle.key;
    let store = global.store_place()?.open(global)?;
    let token = global.logged_in()?;
    let signer = Signer::new(token.clone(), store.in_name_of(global.user.as_deref()));
    new_to(&signer, key.public())?;
    let kind = key.public().kind();
    let recipe = Recipe {
        label: &args.label,
        kind,
        scheme: args.alg,
        replace: args.replace,
        leaving: args.leaving(),
        plan: args.planned.plan()?,
    };
    let mut path = Path::Plain;
    let made = signer.enlist(&recipe, |named| {
        path = token.import_pair(named, key, recipe.leaving)?;
        if let Err(error) = certificates(&token, named, bundle) {
            token.destroy_pair(named.id)?;
            return Err(error);
        }
        Ok(key.public().clone())
    })?;
    report(global, &made, path, bundle.certificates.len())
}

fn report(global: &Global, made: &SigningKey, path: Path, certificates: usize) -> Result<()> {
    if global.json {
        return output::json(&json!({
            "label": made.label, "kid": made.kid, "id": made.id.to_string(), "type": made.public.kind().to_string(),
            "alg": made.scheme.name(), "extractable": made.extractable, "by": path.to_string(), "certificates": certificates,
        }));
    }
    let what = format!("signing key \"{}\" imported: {} for {}", made.label, made.public.kind(), made.scheme);
    output::line(&format!("{what}, kid {}, by {path}", made.kid))?;
    if certificates > 0 {
        output::line(&format!("the certificates that came with it, {certificates}, are in the token too: hsm cert list"))?;
    }
    output::line("next: destroy the file it came from, or keep it where it is safe")
}

/// Puts what came with a key beside it.
fn certificates(token: &Token, named: Named<'_>, bundle: &Bundle) -> Result<()> {
    let known = token.certificates()?;
    for certificate in &bundle.certificates {
        if known.iter().any(|info| info.certificate == *certificate) {
            continue;
        }
        let own = certificate.public_key().is_ok_and(|public| public == *bundle.key.public());
        cert::import::put(token, certificate, own.then_some(named), None)?;
    }
    Ok(())
}

/// A second object for one key would make its kid mean two.
fn new_to(signer: &Signer, public: &PublicKey) -> Result<()> {
    let kid = thumbprint(public);
    match signer.keys()?.into_iter().find(|key| key.kid == kid) {
        Some(same) => Err(Error::new(Kind::Conflict, "the token holds this key already")
            .why(format!("it is \"{}\", kid {kid}", same.label))
            .next("use it: hsm key list")),
        None => Ok(()),
    }
}
