//! Public keys as a SubjectPublicKeyInfo (RFC 5280 section 4.1), in DER and in PEM (RFC 7468 section 13).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::EncodePublicKey as _;

use super::verify::{ed25519_key, rsa_key};
use super::{PublicKey, ecdsa, sec1};
use crate::error::{Error, Kind, Result};

impl PublicKey {
    /// The SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`Kind::Malformed`] for a key that is none.
    pub fn to_der(&self) -> Result<Vec<u8>> {
        match self {
            Self::Rsa { n, e } => rsa_key(n, e)?.to_public_key_der(),
            Self::Ec { curve, x, y } => return ecdsa::to_spki(*curve, &sec1(x, y)),
            Self::Ed25519(point) => ed25519_key(point)?.to_public_key_der(),
        }
        .map(|der| der.into_vec())
        .map_err(|error| Error::new(Kind::Malformed, "the public key cannot be written").why(error.to_string()))
    }

    /// The same in PEM, as openssl reads it.
    ///
    /// # Errors
    /// [`Kind::Malformed`] for a key that is none.
    pub fn to_pem(&self) -> Result<String> {
        let text = STANDARD.encode(self.to_der()?);
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        Ok(format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n")))
    }
}
