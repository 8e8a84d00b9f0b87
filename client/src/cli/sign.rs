//! `hsm sign` and `hsm verify`.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, ValueEnum};
use hsm_client::id::hex;
use hsm_client::jwks::Jwks;
use hsm_client::public::{PublicKey, Scheme, ecdsa};
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::connect::Global;
use super::files::{Input, Output, To};
use super::output;

/// The longest message signed, bytes: it is held in memory, since Ed25519 needs it whole.
const LONGEST: u64 = 1 << 30;

/// How a signature is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Encoding {
    /// Bytes as the algorithm makes them; ECDSA as r and s side by side
    Raw,
    /// Base64url without padding, as in JWS
    Base64url,
    /// Hexadecimal
    Hex,
    /// ECDSA as an ASN.1 sequence, as openssl wants it; others raw
    Der,
}

#[derive(Args)]
pub(super) struct SignArgs {
    /// File to sign; - or nothing means standard input
    file: Option<PathBuf>,
    /// Signing key: label, kid or id
    #[arg(long, allow_hyphen_values = true)]
    key: String,
    /// Signature algorithm instead of the key's own
    #[arg(long, value_name = "ALG")]
    alg: Option<Scheme>,
    /// How to write the signature
    #[arg(long, value_enum, default_value = "raw")]
    encoding: Encoding,
    #[command(flatten)]
    to: To,
}

#[derive(Args)]
pub(super) struct VerifyArgs {
    /// File that was signed; - or nothing means standard input
    file: Option<PathBuf>,
    /// File with the signature
    #[arg(long, short, value_name = "FILE")]
    signature: PathBuf,
    /// Verify with this key of the token: label, kid or id
    #[arg(long, required_unless_present = "jwks", allow_hyphen_values = true)]
    key: Option<String>,
    /// Verify with a key of this JWK set; needs no token. --key then names one of its keys by kid
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Signature algorithm, where the key allows several
    #[arg(long, value_name = "ALG")]
    alg: Option<Scheme>,
    /// How the signature is written
    #[arg(long, value_enum, default_value = "raw")]
    encoding: Encoding,
}

/// True for `BASE64URL(header).BASE64URL(payload)` (RFC 7515 §5.1), whose signature is a token.
fn is_jws_input(message: &[u8]) -> bool {
    let mut parts = message.split(|byte| *byte == b'.');
    let (Some(header), Some(_), None) = (parts.next(), parts.next(), parts.next()) else { return false };
    let header = URL_SAFE_NO_PAD.decode(header).ok().and_then(|header| serde_json::from_slice::<serde_json::Value>(&header).ok());
    header.is_some_and(|header| header.get("alg").is_some())
}

pub(super) fn sign(global: &Global, args: &SignArgs) -> Result<()> {
    let message = Input::read_all(args.file.as_deref(), LONGEST)?;
    if is_jws_input(&message) {
        return Err(Error::new(Kind::Usage, "this message is the signing input of a JWT")
            .why("its signature would make a token of it, with whatever claims its author chose")
            .next("sign claims with: hsm jwt sign"));
    }
    let mut out = args.to.begin()?;
    let signer = global.signer()?;
    let key = signer.find(&args.key)?;
    let scheme = args.alg.unwrap_or(key.scheme);
    let signature = signer.sign(&key, Some(scheme), &message)?;
    let to_stdout = matches!(out, Output::Stdout);
    if to_stdout && global.json {
        return output::json(&json!({
            "alg": scheme.name(), "kid": key.kid, "signature": URL_SAFE_NO_PAD.encode(signature),
        }));
    }
    // Raw bytes would confuse a terminal.
    let raw = matches!(args.encoding, Encoding::Raw | Encoding::Der);
    let encoding = if raw && out.is_terminal() { Encoding::Base64url } else { args.encoding };
    out.write_all(&encoded(encoding, scheme, &signature)?).map_err(|error| Error::io("the signature", &error))?;
    out.commit()?;
    if !to_stdout && global.json {
        return output::json(&json!({ "alg": scheme.name(), "kid": key.kid, "output": args.to.output }));
    }
    if !to_stdout && !global.quiet && std::io::stdout().is_terminal() {
        output::line(&format!("signed with {scheme} by \"{}\", kid {}", key.label, key.kid))?;
    }
    Ok(())
}

pub(super) fn verify(global: &Global, args: &VerifyArgs) -> Result<()> {
    let message = Input::read_all(args.file.as_deref(), LONGEST)?;
    let written = Input::read_all(Some(&args.signature), 1 << 16)?;
    let (public, scheme, kid) = key_to_verify_with(global, args)?;
    public.verify(scheme, &message, &decoded(args.encoding, scheme, &written)?)?;
    if global.json {
        return output::json(&json!({ "verified": true, "alg": scheme.name(), "kid": kid }));
    }
    output::line(&format!("good signature: {scheme} by {kid}"))
}

fn key_to_verify_with(global: &Global, args: &VerifyArgs) -> Result<(PublicKey, Scheme, String)> {
    let Some(path) = &args.jwks else {
        let key = global.signer()?.find(args.key.as_deref().unwrap_or_default())?;
        return Ok((key.public, args.alg.unwrap_or(key.scheme), key.kid));
    };
    let jwks = Jwks::parse(&Input::read_all(Some(path), 1 << 20)?)?;
    let jwk = jwks.find(args.key.as_deref())?;
    let public = jwk.public_key()?;
    let usual = jwk.alg.as_deref().map_or_else(|| Ok(Scheme::usual(public.kind())), str::parse)?;
    let (public, scheme) = jwk.scheme(args.alg.unwrap_or(usual).name())?;
    Ok((public, scheme, jwk.kid.clone().unwrap_or_default()))
}

fn encoded(encoding: Encoding, scheme: Scheme, signature: &[u8]) -> Result<Vec<u8>> {
    Ok(match encoding {
        Encoding::Der if let Some(curve) = scheme.curve() => ecdsa::to_der(curve, signature)?,
        Encoding::Raw | Encoding::Der => signature.to_vec(),
        Encoding::Base64url => format!("{}\n", URL_SAFE_NO_PAD.encode(signature)).into_bytes(),
        Encoding::Hex => format!("{}\n", hex(signature)).into_bytes(),
    })
}

fn decoded(encoding: Encoding, scheme: Scheme, written: &[u8]) -> Result<Vec<u8>> {
    let bad = || Error::new(Kind::Malformed, "the signature is not written as --encoding says");
    let text = written.trim_ascii();
    match encoding {
        Encoding::Der if let Some(curve) = scheme.curve() => ecdsa::from_der(curve, written),
        Encoding::Raw | Encoding::Der => Ok(written.to_vec()),
        Encoding::Base64url => URL_SAFE_NO_PAD.decode(text).map_err(|_| bad()),
        Encoding::Hex => base16ct::mixed::decode_vec(text).map_err(|_| bad()),
    }
}
