//! Signatures checked with the public key alone, without any token: what a stranger with our JWKS does.

use ed25519_dalek::VerifyingKey;
use pkcs8::AssociatedOid;
use rsa::traits::SignatureScheme as _;
use sha2::digest::FixedOutputReset;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{PublicKey, RSA_CEILING, RSA_FLOOR, Scheme, ecdsa, sec1};
use crate::error::{Error, Kind, Result};

impl PublicKey {
    /// Checks `signature` over `message`.
    ///
    /// # Errors
    /// [`Kind::Usage`] when keys of this kind make no such signatures, [`Kind::Malformed`] for a key that is none,
    /// [`Kind::Authentication`] when the signature is not by this key over this message.
    pub fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> Result<()> {
        if !scheme.fits(self.kind()) {
            return Err(Error::new(Kind::Usage, format!("a {} key makes no {scheme} signatures", self.kind())));
        }
        let good = match self {
            Self::Rsa { n, e } => rsa_verify(&rsa_key(n, e)?, scheme, message, signature),
            Self::Ec { curve, x, y } => ecdsa::verify(*curve, &sec1(x, y), message, signature)?,
            // Strict: no small-order key or point makes a signature good for several messages (RFC 8032 section 8.9).
            Self::Ed25519(point) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| ed25519_key(point).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())),
        };
        if good { Ok(()) } else { Err(Error::authentication(format!("the {scheme} signature is not good"))) }
    }

    /// It as the crate `rsa` has it.
    #[cfg(feature = "signature")]
    pub(crate) fn to_rsa(&self) -> Result<rsa::PublicKey> {
        match self {
            Self::Rsa { n, e } => rsa_key(n, e),
            _ => Err(Error::new(Kind::Malformed, format!("this {} key is no RSA key", self.kind()))),
        }
    }
}

fn rsa_verify(key: &rsa::PublicKey, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
    match scheme {
        Scheme::Ps256 => pss::<Sha256>(key, message, signature),
        Scheme::Ps384 => pss::<Sha384>(key, message, signature),
        Scheme::Ps512 => pss::<Sha512>(key, message, signature),
        Scheme::Rs384 => pkcs1v15::<Sha384>(key, message, signature),
        Scheme::Rs512 => pkcs1v15::<Sha512>(key, message, signature),
        _ => pkcs1v15::<Sha256>(key, message, signature),
    }
}

/// With a salt as long as the digest (RFC 7518 section 3.5).
fn pss<D: Digest + FixedOutputReset>(key: &rsa::PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let salt = <D as Digest>::output_size();
    rsa::Pss::<D>::new_with_salt(salt).verify(key, &D::digest(message), signature).is_ok()
}

fn pkcs1v15<D: Digest + AssociatedOid>(key: &rsa::PublicKey, message: &[u8], signature: &[u8]) -> bool {
    rsa::Pkcs1v15Sign::new::<D>().verify(key, &D::digest(message), signature).is_ok()
}

pub(super) fn rsa_key(n: &[u8], e: &[u8]) -> Result<rsa::PublicKey> {
    let number = rsa::BoxedUint::from_be_slice_vartime;
    rsa::PublicKey::new_with_size_limits(number(n), number(e), RSA_SIZES)
        .map_err(|error| Error::new(Kind::Malformed, "the RSA key is none").why(error.to_string()))
}

pub(super) fn ed25519_key(point: &[u8; 32]) -> Result<VerifyingKey> {
    VerifyingKey::from_bytes(point).map_err(|_| Error::new(Kind::Malformed, "the Ed25519 key is not a point of the curve"))
}

const RSA_SIZES: std::ops::RangeInclusive<usize> = RSA_FLOOR..=RSA_CEILING;
