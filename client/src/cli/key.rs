//! `hsm key`: signing keys.

use clap::{Args, Subcommand, ValueEnum};
use hsm_client::Result;
use hsm_client::hsm::{KeyKind, Scheme};
use hsm_client::jwks::Jwk;
use hsm_client::signer::SigningKey;
use serde_json::{Value, json};

use super::connect::Global;
use super::output;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a signing pair in the token
    Create(Create),
    /// List the signing keys of the token
    List,
    /// Print the public half of a signing key
    Public(Public),
}

#[derive(Args)]
pub(super) struct Create {
    /// Label of the new key
    #[arg(long)]
    label: String,
    /// rsa (4,096 bits), rsa-2048, rsa-3072, ec (P-256), p384, p521 or ed25519
    #[arg(long = "type", value_name = "TYPE")]
    kind: KeyKind,
    /// Signature algorithm: RS256 or PS256 for RSA keys
    #[arg(long, value_name = "ALG")]
    alg: Option<Scheme>,
    /// Retire the key that has this label now: it signs no more and stays in the JWK set
    #[arg(long)]
    replace: bool,
}

#[derive(Args)]
pub(super) struct Public {
    /// Label, kid or id
    #[arg(long, allow_hyphen_values = true)]
    key: String,
    /// How to write it
    #[arg(long, value_enum, default_value = "pem")]
    format: Form,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// SubjectPublicKeyInfo, as openssl reads it
    Pem,
    /// JSON Web Key
    Jwk,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Create(args) => create(global, args),
        Command::List => list(global),
        Command::Public(args) => public(global, args),
    }
}

fn create(global: &Global, args: &Create) -> Result<()> {
    let key = global.signer()?.create(&args.label, args.kind, args.alg, args.replace)?;
    if global.json {
        return output::json(&described(&key));
    }
    output::line(&format!("signing key \"{}\" made: {} for {}, kid {}", key.label, key.public.kind(), key.scheme, key.kid))?;
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
            if key.active { "active" } else { "retired" }.to_owned(),
            key.kid.clone(),
        ]
    };
    output::table(["LABEL", "TYPE", "ALG", "STATE", "KID"], &keys.iter().map(row).collect::<Vec<_>>())
}

fn public(global: &Global, args: &Public) -> Result<()> {
    let key = global.signer()?.find(&args.key)?;
    match (args.format, global.json) {
        (Form::Jwk, _) => output::json(&json!(Jwk::from(&key))),
        (Form::Pem, false) => output::line(key.public.to_pem()?.trim_end()),
        (Form::Pem, true) => output::json(&json!({ "pem": key.public.to_pem()? })),
    }
}

fn described(key: &SigningKey) -> Value {
    json!({
        "label": key.label,
        "kid": key.kid,
        "id": key.id.to_string(),
        "type": key.public.kind().to_string(),
        "alg": key.scheme.name(),
        "active": key.active,
        "created": key.created.map(|time| time.to_string()),
    })
}
