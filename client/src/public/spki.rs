//! Public keys as a SubjectPublicKeyInfo (RFC 5280 section 4.1), in DER and in PEM (RFC 7468 section 13).

use pkcs8::der::pem::{LineEnding, encode_string};
use pkcs8::der::{Decode, Encode};
use pkcs8::{EncodePublicKey as _, ObjectIdentifier, SubjectPublicKeyInfoRef};

use super::verify::{ed25519_key, rsa_key};
use super::{Curve, PublicKey, ecdsa, sec1};
use crate::error::{Error, Kind, Result};

/// rsaEncryption (RFC 8017), id-ecPublicKey (RFC 5480), id-Ed25519 (RFC 8410).
pub(crate) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(crate) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(crate) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`Kind::Malformed`] when it is none, or of a sort or curve we do not know.
    pub fn from_spki(der: &[u8]) -> Result<Self> {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|error| malformed(error.to_string()))?;
        let bits = info.subject_public_key.as_bytes().ok_or_else(|| malformed("it has not whole bytes"))?;
        match info.algorithm.oid {
            RSA => {
                let key = pkcs1::RsaPublicKeyRef::from_der(bits).map_err(|error| malformed(error.to_string()))?;
                Self::rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes())
            }
            EC => {
                let params = info.algorithm.parameters.and_then(|params| params.to_der().ok()).unwrap_or_default();
                let curve = Curve::with_params(&params).ok_or_else(|| malformed("its curve is none of P-256, P-384, P-521"))?;
                Self::ec_point(curve, &ecdsa::uncompressed(curve, bits)?)
            }
            ED25519 => Self::ed25519_point(bits),
            other => Err(malformed(format!("its algorithm {other} is none of RSA, ECDSA and Ed25519"))),
        }
    }

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
        encode_string("PUBLIC KEY", LineEnding::LF, &self.to_der()?)
            .map_err(|error| Error::new(Kind::Malformed, "the public key cannot be written").why(error.to_string()))
    }
}

fn malformed(why: impl Into<String>) -> Error {
    Error::new(Kind::Malformed, "this is no public key we can use").why(why)
}
