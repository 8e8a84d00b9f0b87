//! JSON Web Tokens, RFC 7519, in compact form (RFC 7515), with the advice of RFC 8725.

mod claims;
mod verify;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Error, Kind, Result};
use crate::public::Scheme;
use crate::signer::{Signer, SigningKey};
use crate::time::Timestamp;

pub use claims::{Claims, Expected};
pub use verify::{Verified, verify};

/// Signs `claims` with `key` in the token. The header names algorithm, type and key; `scheme` replaces the key's own.
///
/// # Errors
/// [`Kind::Usage`] for claims that would outlive the key's publication, and those of [`Signer::sign`].
pub fn sign(signer: &Signer, key: &SigningKey, scheme: Option<Scheme>, claims: &Claims) -> Result<String> {
    let scheme = scheme.unwrap_or(key.scheme);
    lives_within(claims, key)?;
    let header = serde_json::json!({ "alg": scheme.name(), "kid": key.kid, "typ": "JWT" });
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let payload = serde_json::to_value(claims)
        .map_err(|error| Error::new(Kind::Malformed, "the claims cannot be written").why(error.to_string()))?;
    let signed = format!("{}.{}", part(&header), part(&payload));
    let signature = signer.sign(key, Some(scheme), signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// A retired key stays published for so many seconds: a token that lived longer could not be verified to its end.
pub(crate) fn lives_within(claims: &Claims, key: &SigningKey) -> Result<()> {
    let Some(life) = key.times.and_then(|times| times.token_life) else { return Ok(()) };
    let refused = |why: String| {
        Err(Error::new(Kind::Usage, "the token would live longer than its key is published")
            .why(why)
            .next("let it expire sooner, or make a key for longer ones: hsm key create --token-life DURATION"))
    };
    match claims.0.get("exp").map(serde_json::Value::as_f64) {
        None => refused(format!("it has no \"exp\"; tokens of this key live {life} seconds at most")),
        Some(Some(end)) if end > Timestamp::now().plus(life).0 as f64 => {
            refused(format!("it expires at {}; tokens of this key live {life} seconds at most", Timestamp(end as i64)))
        }
        Some(None) => refused(format!("its \"exp\" is no number; tokens of this key live {life} seconds at most")),
        Some(Some(_)) => Ok(()),
    }
}

#[cfg(test)]
mod tests;
