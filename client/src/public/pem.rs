//! Public keys as PEM of a SubjectPublicKeyInfo (RFC 5280 section 4.1, RFC 7468 section 13).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::EncodePublicKey as _;

use super::PublicKey;
use super::verify::{ed25519_key, p256_key, rsa_key};
use crate::error::{Error, Kind, Result};

impl PublicKey {
    /// The key as openssl reads it.
    ///
    /// # Errors
    /// [`Kind::Malformed`] for a key that is none.
    pub fn to_pem(&self) -> Result<String> {
        let der = match self {
            Self::Rsa { n, e } => rsa_key(n, e)?.to_public_key_der(),
            Self::P256 { x, y } => p256_key(x, y)?.to_public_key_der(),
            Self::Ed25519(point) => ed25519_key(point)?.to_public_key_der(),
        }
        .map_err(|error| Error::new(Kind::Malformed, "the public key cannot be written").why(error.to_string()))?;
        let text = STANDARD.encode(der.as_bytes());
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        Ok(format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n")))
    }
}
