//! Checking a token: the key decides the algorithm, nothing in the payload is read before the signature held.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::{Claims, Expected};
use crate::error::{Error, Kind, Result};
use crate::jwks::Jwks;
use crate::public::Scheme;

/// The longest token read, bytes.
const LONGEST: usize = 1 << 16;

/// A token that was checked.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Its claims.
    pub claims: Claims,
    /// The algorithm that held.
    pub scheme: Scheme,
    /// The key that signed it, if the key set names it.
    pub kid: Option<String>,
}

/// The header members we act on. Serde refuses a member that appears twice.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// True for a member that is there, with whatever value: even `null` is a demand.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// Checks `token` against the keys of `jwks` and what is `expected` of its claims.
///
/// # Errors
/// [`Kind::Malformed`], [`Kind::NotFound`] when no key fits, [`Kind::Authentication`] for another algorithm than the
/// key's or a bad signature, [`Kind::ContextMismatch`] for claims that do not hold.
pub fn verify(token: &str, jwks: &Jwks, expected: &Expected) -> Result<Verified> {
    let token = token.trim();
    if token.len() > LONGEST {
        return Err(malformed(&format!("it is longer than {LONGEST} bytes")));
    }
    let parts: Vec<_> = token.split('.').collect();
    let [head, payload, signature] = parts[..] else {
        return Err(malformed(&format!("it has {} parts instead of 3", parts.len())));
    };
    let header: Header = serde_json::from_slice(&decoded(head)?).map_err(|error| malformed(&format!("its header: {error}")))?;
    if header.crit {
        return Err(malformed("it demands an extension (\"crit\") that we do not know"));
    }
    if header.typ.as_deref().is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
        return Err(malformed("its \"typ\" is not JWT: it is another kind of token"));
    }
    let jwk = jwks.find(header.kid.as_deref())?;
    let (public, scheme) = jwk.scheme(&header.alg)?;
    let signed = &token[..head.len() + 1 + payload.len()];
    public.verify(scheme, signed.as_bytes(), &decoded(signature)?)?;
    let claims = Claims::parse(&decoded(payload)?)?;
    claims.check(expected)?;
    Ok(Verified { claims, scheme, kid: jwk.kid.clone() })
}

fn decoded(part: &str) -> Result<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed("a part is not base64url without padding"))
}

fn malformed(why: &str) -> Error {
    Error::new(Kind::Malformed, "this is no token that can be checked").why(why)
}
