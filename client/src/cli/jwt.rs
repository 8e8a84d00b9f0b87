//! `hsm jwt`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hsm_client::hsm::Scheme;
use hsm_client::jwks::Jwks;
use hsm_client::jwt::{self, Claims, Expected};
use hsm_client::time::{Timestamp, parse_duration};
use hsm_client::{Error, Kind, Result};
use serde_json::{Value, json};

use super::connect::Global;
use super::files::Input;
use super::output;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Sign claims with a key in the token
    Sign(Sign),
    /// Verify a token: algorithm, signature, times, issuer, audience
    Verify(Verify),
}

#[derive(Args)]
pub(super) struct Sign {
    /// Signing key: label, kid or id
    #[arg(long, allow_hyphen_values = true)]
    key: String,
    /// Signature algorithm instead of the key's own
    #[arg(long, value_name = "ALG")]
    alg: Option<Scheme>,
    /// File with a JSON object of claims; - means standard input
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Issuer
    #[arg(long)]
    iss: Option<String>,
    /// Subject
    #[arg(long)]
    sub: Option<String>,
    /// Audience; may be given several times
    #[arg(long)]
    aud: Vec<String>,
    /// How long it is good for, such as 15m; claims with their own "exp" keep it
    #[arg(long, value_name = "DURATION", default_value = "1h")]
    ttl: String,
    /// Another claim; the value is JSON, or else text
    #[arg(long, value_name = "NAME=VALUE")]
    claim: Vec<String>,
}

#[derive(Args)]
pub(super) struct Verify {
    /// File with the token; - or nothing means standard input
    file: Option<PathBuf>,
    /// JWK set to verify with; without it the keys of the PKCS#11 token are used
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Issuer it must name
    #[arg(long)]
    iss: Option<String>,
    /// Subject it must name
    #[arg(long)]
    sub: Option<String>,
    /// Audience it must name
    #[arg(long)]
    aud: Option<String>,
    /// How far clocks may differ
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    leeway: String,
    /// Accept a token that never expires
    #[arg(long)]
    allow_unlimited: bool,
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    match command {
        Command::Sign(args) => sign(global, args),
        Command::Verify(args) => verify(global, args),
    }
}

fn sign(global: &Global, args: &Sign) -> Result<()> {
    let claims = claims(args)?;
    let signer = global.signer()?;
    let key = signer.find(&args.key)?;
    let token = jwt::sign(&signer, &key, args.alg, &claims)?;
    if global.json {
        return output::json(&json!({ "token": token, "kid": key.kid, "claims": claims }));
    }
    output::line(&token)
}

fn claims(args: &Sign) -> Result<Claims> {
    let mut claims = match &args.claims {
        Some(path) => Claims::parse(&Input::read_all(Some(path), 1 << 16)?)?,
        None => Claims::default(),
    };
    let (now, life) = (Timestamp::now(), parse_duration(&args.ttl)?);
    for (name, value) in [("iat", now.0), ("exp", now.plus(life).0)] {
        if !claims.0.contains_key(name) {
            claims = claims.with(name, value);
        }
    }
    for (name, value) in [("iss", &args.iss), ("sub", &args.sub)] {
        if let Some(value) = value {
            claims = claims.with(name, value.as_str());
        }
    }
    match args.aud.as_slice() {
        [] => {}
        [one] => claims = claims.with("aud", one.as_str()),
        many => claims = claims.with("aud", many.to_vec()),
    }
    for pair in &args.claim {
        let (name, text) = pair
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| Error::new(Kind::Usage, format!("\"{pair}\" is no claim")).next("write it as name=value"))?;
        let value: Value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
        claims = claims.with(name, value);
    }
    Ok(claims)
}

fn verify(global: &Global, args: &Verify) -> Result<()> {
    let text = String::from_utf8(Input::read_all(args.file.as_deref(), 1 << 16)?)
        .map_err(|_| Error::new(Kind::Malformed, "the token is not text"))?;
    let jwks = match &args.jwks {
        Some(path) => Jwks::parse(&Input::read_all(Some(path), 1 << 20)?)?,
        None => Jwks::publish(&global.signer()?.keys()?),
    };
    let expected = Expected {
        issuer: args.iss.clone(),
        subject: args.sub.clone(),
        audience: args.aud.clone(),
        leeway: parse_duration(&args.leeway)?,
        allow_unlimited: args.allow_unlimited,
        ..Expected::default()
    };
    let verified = jwt::verify(&text, &jwks, &expected)?;
    if global.json {
        return output::json(&json!({
            "verified": true, "alg": verified.scheme.name(), "kid": verified.kid, "claims": verified.claims,
        }));
    }
    if !global.quiet {
        eprintln!("good token: {} by {}", verified.scheme, verified.kid.as_deref().unwrap_or("an unnamed key"));
    }
    output::json(&json!(verified.claims))
}
