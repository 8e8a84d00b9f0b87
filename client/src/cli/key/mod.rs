//! `hsm key`: signing keys, and keys brought in and taken out.

mod bare;
mod export;
mod import;
mod life;

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand, ValueEnum};
use hsm_client::hsm::{KeyKind, Leaving, Scheme};
use hsm_client::jwks::Jwk;
use hsm_client::signer::{Recipe, SigningKey};
use hsm_client::{Error, Kind, Result};
use serde_json::{Value, json};

use super::connect::Global;
use super::files::{Output, To};
use super::output;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a signing pair in the token
    Create(Create),
    /// List the signing keys of the token
    List,
    /// Make the next key of a label: published now, signing soon; the one before stays published while its tokens live
    Rotate(life::Rotate),
    /// Let a key sign no more; it stays published while its tokens live
    Retire(life::Retire),
    /// Let a key sign no more and be published no more, at once
    Revoke(life::Revoke),
    /// Destroy the pairs in the token that are published no more
    Purge,
    /// Print the public half of a signing key
    Public(Public),
    /// Bring a key from a file into the token
    Import(import::Args),
    /// Take a signing key out of the token, if it was made to be extractable
    Export(export::Args),
}

#[derive(Args)]
pub(super) struct Create {
    /// Label of the new key
    #[arg(long)]
    label: String,
    /// rsa (4,096 bits), rsa-2048, rsa-3072, ec (P-256), p384, p521 or ed25519
    #[arg(long = "type", value_name = "TYPE")]
    kind: KeyKind,
    /// Signature algorithm: RS256, RS384, RS512, PS256, PS384 or PS512 for RSA keys
    #[arg(long, value_name = "ALG")]
    alg: Option<Scheme>,
    /// Succeed the key that has this label now: that one signs until this one does, and stays in the JWK set while its tokens live
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    planned: life::Planned,
    /// Let the private key leave the token, wrapped: without it, `hsm key export` is impossible for ever
    #[arg(long)]
    extractable: bool,
}

#[derive(Args)]
pub(super) struct Public {
    /// Label, kid or id
    #[arg(long, allow_hyphen_values = true)]
    key: String,
    /// How to write it
    #[arg(long, value_enum, default_value = "pem")]
    format: Form,
    #[command(flatten)]
    to: To,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// SubjectPublicKeyInfo, as openssl reads it
    Pem,
    /// The same in DER
    Der,
    /// JSON Web Key
    Jwk,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Create(args) => create(global, args),
        Command::List => list(global),
        Command::Rotate(args) => life::rotate(global, args),
        Command::Retire(args) => life::retire(global, args),
        Command::Revoke(args) => life::revoke(global, args),
        Command::Purge => life::purge(global),
        Command::Public(args) => public(global, args),
        Command::Import(args) => import::run(global, args),
        Command::Export(args) => export::run(global, args),
    }
}

fn create(global: &Global, args: &Create) -> Result<()> {
    let signer = global.signer()?;
    let leaving = if args.extractable { Leaving::Wrapped } else { Leaving::Never };
    let recipe = Recipe {
        label: &args.label,
        kind: args.kind,
        scheme: args.alg,
        replace: args.replace,
        leaving,
        plan: args.planned.plan()?,
    };
    let key = signer.enlist(&recipe, |named| signer.hsm().create_pair(named, args.kind, leaving))?;
    if global.json {
        return output::json(&described(&key));
    }
    output::line(&format!("signing key \"{}\" made: {} for {}, kid {}", key.label, key.public.kind(), key.scheme, key.kid))?;
    if !key.is_active() {
        return output::line(&format!("it is {}; next: hsm jwks", life::state(&key)));
    }
    output::line(&format!("next: hsm sign --key {} FILE -o FILE.sig, or hsm jwt sign --key {}", key.label, key.label))
}

fn list(global: &Global) -> Result<()> {
    let keys = global.signer()?.keys()?;
    if global.json {
        return output::json(&json!({ "keys": keys.iter().map(described).collect::<Vec<_>>() }));
    }
    let row = |key: &SigningKey| {
        [
            key.label.clone(),
            key.public.kind().to_string(),
            key.scheme.to_string(),
            life::state(key),
            if key.extractable { "may leave" } else { "stays" }.to_owned(),
            key.kid.clone(),
        ]
    };
    output::table(["LABEL", "TYPE", "ALG", "STATE", "PRIVATE KEY", "KID"], &keys.iter().map(row).collect::<Vec<_>>())
}

fn public(global: &Global, args: &Public) -> Result<()> {
    let key = global.signer()?.find(&args.key)?;
    let written = match args.format {
        Form::Pem => key.public.to_pem()?.into_bytes(),
        Form::Der => key.public.to_der()?,
        Form::Jwk => format!("{:#}\n", json!(Jwk::from(&key))).into_bytes(),
    };
    let mut out = args.to.begin()?;
    let to_stdout = matches!(out, Output::Stdout);
    if to_stdout && global.json && args.format != Form::Jwk {
        return output::json(&match args.format {
            Form::Der => json!({ "der": STANDARD.encode(written) }),
            _ => json!({ "pem": key.public.to_pem()? }),
        });
    }
    if args.format == Form::Der && out.is_terminal() {
        return Err(Error::new(Kind::Usage, "DER is not for a terminal").next("name a file: -o FILE"));
    }
    out.write_all(&written).map_err(|error| Error::io("the public key", &error))?;
    out.commit()?;
    if to_stdout || !global.json {
        return Ok(());
    }
    output::json(&json!({ "kid": key.kid, "output": args.to.output }))
}

fn described(key: &SigningKey) -> Value {
    json!({
        "label": key.label,
        "kid": key.kid,
        "id": key.id.to_string(),
        "type": key.public.kind().to_string(),
        "alg": key.scheme.name(),
        "active": key.is_active(),
        "state": key.phase().name(),
        "extractable": key.extractable,
        "created": key.created.map(|time| time.to_string()),
        "publish_at": key.times.map(|times| times.publish_at.to_string()),
        "sign_from": key.times.map(|times| times.sign_from.to_string()),
        "retire_at": key.times.and_then(|times| times.retire_at).map(|time| time.to_string()),
        "remove_at": key.times.and_then(|times| times.remove_at).map(|time| time.to_string()),
        "token_life": key.times.and_then(|times| times.token_life),
    })
}
