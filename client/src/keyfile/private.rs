//! A private key outside a token: checked, and in the one form that tokens wrap and unwrap (PKCS#8, RFC 5958).

use ed25519::pkcs8::KeypairBytes;
use pkcs8::der::{Decode, Encode};
use pkcs8::{EncodePrivateKey, EncodePublicKey, PrivateKeyInfoRef};
use rsa::pkcs1::DecodeRsaPrivateKey as _;

use super::unknown;
use crate::error::{Error, Result};
use crate::public::ecdsa::on_curve;
use crate::public::spki::{EC, ED25519, RSA};
use crate::public::{Curve, PublicKey};
use crate::secret::Secret;

/// A private key of a sort this client uses, with its public half.
pub struct PrivateKey {
    pkcs8: Secret,
    public: PublicKey,
}

/// The numbers of a private key, for tokens that want them one by one; big-endian, except the seed.
pub enum Numbers {
    /// d, p, q, d mod p-1, d mod q-1, 1/q mod p.
    Rsa([Secret; 6]),
    /// The scalar, as long as the curve's field.
    Ec(Curve, Secret),
    /// The seed, 32 bytes (RFC 8032).
    Ed25519(Secret),
}

impl PrivateKey {
    /// Reads a PrivateKeyInfo. The private key is checked, and what the file says of its public half is not believed.
    ///
    /// # Errors
    /// [`crate::Kind::Malformed`] for a key that is none, or of a sort we do not know.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self> {
        let info = PrivateKeyInfoRef::from_der(der).map_err(malformed)?;
        match info.algorithm.oid {
            RSA => Self::of(rsa::PrivateKey::try_from(info).map_err(malformed)?),
            EC => {
                let params = info.algorithm.parameters.and_then(|params| params.to_der().ok()).unwrap_or_default();
                let curve = Curve::with_params(&params).ok_or_else(|| unknown().why(CURVES))?;
                on_curve!(curve, here => Self::of(here::SecretKey::try_from(info).map_err(malformed)?))
            }
            ED25519 => Self::of_ed25519(&ed25519_dalek::SigningKey::try_from(info).map_err(malformed)?),
            other => Err(unknown().why(format!("its algorithm {other} is none of RSA, ECDSA and Ed25519"))),
        }
    }

    /// Reads a PrivateKeyInfo with up to fifteen zeros behind it, with which some tokens fill a key before they wrap it.
    ///
    /// # Errors
    /// As [`Self::from_pkcs8`].
    pub fn from_filled_pkcs8(der: &[u8]) -> Result<Self> {
        let (_, rest) = PrivateKeyInfoRef::from_der_partial(der).map_err(malformed)?;
        let filled = rest.len() < 16 && rest.iter().all(|byte| *byte == 0);
        Self::from_pkcs8(if filled { &der[..der.len() - rest.len()] } else { der })
    }

    /// Reads an RSAPrivateKey (RFC 8017 section A.1.2).
    ///
    /// # Errors
    /// As [`Self::from_pkcs8`].
    pub fn from_pkcs1(der: &[u8]) -> Result<Self> {
        Self::of(rsa::PrivateKey::from_pkcs1_der(der).map_err(malformed)?)
    }

    /// Reads an ECPrivateKey that names its curve (RFC 5915).
    ///
    /// # Errors
    /// As [`Self::from_pkcs8`].
    pub fn from_sec1(der: &[u8]) -> Result<Self> {
        let key = sec1::EcPrivateKey::from_der(der).map_err(malformed)?;
        let named = key.parameters.and_then(|parameters| parameters.named_curve()).and_then(|oid| oid.to_der().ok());
        let curve = named.and_then(|der| Curve::with_params(&der)).ok_or_else(|| unknown().why(CURVES))?;
        on_curve!(curve, here => Self::of(here::SecretKey::from_sec1_der(der).map_err(malformed)?))
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The PrivateKeyInfo, DER.
    pub fn pkcs8(&self) -> &Secret {
        &self.pkcs8
    }

    /// Its numbers.
    ///
    /// # Errors
    /// None for a key that was read.
    pub fn numbers(&self) -> Result<Numbers> {
        let info = PrivateKeyInfoRef::from_der(self.pkcs8.expose()).map_err(malformed)?;
        let inner = info.private_key.as_bytes();
        match &self.public {
            PublicKey::Rsa { .. } => {
                let key = pkcs1::RsaPrivateKeyRef::from_der(inner).map_err(malformed)?;
                let numbers = [key.private_exponent, key.prime1, key.prime2, key.exponent1, key.exponent2, key.coefficient];
                Ok(Numbers::Rsa(numbers.map(|number| Secret::copy(number.as_bytes()))))
            }
            PublicKey::Ec { curve, .. } => {
                let key = sec1::EcPrivateKey::from_der(inner).map_err(malformed)?;
                Ok(Numbers::Ec(*curve, Secret::copy(key.private_key)))
            }
            PublicKey::Ed25519(_) => {
                let key = KeypairBytes::try_from(info).map_err(malformed)?;
                Ok(Numbers::Ed25519(Secret::copy(&key.secret_key)))
            }
        }
    }

    fn of<K: EncodePrivateKey + HasPublic>(key: K) -> Result<Self> {
        let pkcs8 = key.to_pkcs8_der().map_err(malformed)?;
        Ok(Self { pkcs8: Secret::copy(pkcs8.as_bytes()), public: PublicKey::from_spki(&key.spki()?)? })
    }

    /// Without its public half (RFC 8410 section 7), which many tokens do not read.
    fn of_ed25519(key: &ed25519_dalek::SigningKey) -> Result<Self> {
        let bare = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
        let pkcs8 = bare.to_pkcs8_der().map_err(malformed)?;
        Ok(Self { pkcs8: Secret::copy(pkcs8.as_bytes()), public: PublicKey::Ed25519(key.verifying_key().to_bytes()) })
    }
}

trait HasPublic {
    fn spki(&self) -> Result<Vec<u8>>;
}

impl HasPublic for rsa::PrivateKey {
    fn spki(&self) -> Result<Vec<u8>> {
        Ok(self.to_public_key().to_public_key_der().map_err(malformed)?.into_vec())
    }
}

macro_rules! has_public {
    ($($curve:ident),*) => {
        $(impl HasPublic for $curve::SecretKey {
            fn spki(&self) -> Result<Vec<u8>> {
                Ok(self.public_key().to_public_key_der().map_err(malformed)?.into_vec())
            }
        })*
    };
}

has_public!(p256, p384, p521);

/// The parsers' errors say what is wrong with the form, never what the numbers are.
fn malformed(error: impl std::fmt::Display) -> Error {
    unknown().why(error.to_string())
}

const CURVES: &str = "its curve is not named, or none of P-256, P-384 and P-521";
