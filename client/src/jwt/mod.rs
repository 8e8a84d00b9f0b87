//! JSON Web Tokens, RFC 7519, in compact form (RFC 7515), with the advice of RFC 8725.

mod claims;
mod verify;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Error, Kind, Result};
use crate::public::Scheme;
use crate::signer::{Signer, SigningKey};

pub use claims::{Claims, Expected};
pub use verify::{Verified, verify};

/// Signs `claims` with `key` in the token. The header names algorithm, type and key; `scheme` replaces the key's own.
///
/// # Errors
/// Those of [`Signer::sign`].
pub fn sign(signer: &Signer, key: &SigningKey, scheme: Option<Scheme>, claims: &Claims) -> Result<String> {
    let scheme = scheme.unwrap_or(key.scheme);
    let header = serde_json::json!({ "alg": scheme.name(), "kid": key.kid, "typ": "JWT" });
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let payload = serde_json::to_value(claims)
        .map_err(|error| Error::new(Kind::Malformed, "the claims cannot be written").why(error.to_string()))?;
    let signed = format!("{}.{}", part(&header), part(&payload));
    let signature = signer.sign(key, Some(scheme), signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests;
