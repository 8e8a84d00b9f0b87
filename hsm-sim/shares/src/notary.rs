//! Who vouches: the key that signs manifests and transcripts (Ed25519, RFC 8032).
//!
//! A token with the recovery interface derives it from a key only the token has, so it stays the same for the token's life. Elsewhere
//! it is made for one ceremony and forgotten afterwards.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{Error, Result, secret::Secret, text};

/// The signing key.
pub struct Notary(SigningKey);

/// The name of the line with the public key, in hexadecimal.
pub const SIGNED_BY: &str = "signed-by";
/// The name of the last line: the signature over everything before it.
pub const SIGNATURE: &str = "signature";

impl Notary {
    /// The notary of a seed of 32 bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] for another length.
    pub fn of_seed(seed: &Secret) -> Result<Self> {
        let seed = Zeroizing::new(<[u8; 32]>::try_from(seed.expose()).map_err(|_| Error::malformed("a seed has 32 bytes"))?);
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// A notary for one ceremony.
    ///
    /// # Errors
    /// [`Error::NoRandomness`].
    pub fn fresh() -> Result<Self> {
        Self::of_seed(&Secret::filled(32, getrandom::fill)?)
    }

    /// The public key.
    pub fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Ends a text with who signed it, and the signature.
    pub fn sign(&self, mut text: text::Writer) -> String {
        text.line(SIGNED_BY, text::hex(&self.public_key()));
        let signature = self.0.sign(text.as_str().as_bytes());
        text.line(SIGNATURE, text::hex(&signature.to_bytes()));
        text.finish()
    }
}

/// Reads the end of a signed text; returns who signed it.
///
/// # Errors
/// [`Error::Malformed`], or [`Error::Mismatch`] when the signature is not good.
pub fn check(mut text: text::Reader<'_>) -> Result<[u8; 32]> {
    let key = text::unhex_array(text.line(SIGNED_BY)?, "the signer's key")?;
    let signed = text.before();
    let signature = text::unhex_array(text.line(SIGNATURE)?, "the signature")?;
    text.end()?;
    if verify(&key, signed.as_bytes(), &signature) {
        Ok(key)
    } else {
        Err(Error::Mismatch("the text was altered: its signature is not good".into()))
    }
}

/// True when the signature is good; small-order keys and malleable signatures are not.
pub fn verify(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let key = VerifyingKey::from_bytes(key);
    key.is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

/// True for the public keys that [`verify`] can accept a signature of: points of the curve, and not of small order.
pub fn is_key(key: &[u8; 32]) -> bool {
    VerifyingKey::from_bytes(key).is_ok_and(|key| !key.is_weak())
}

/// The fingerprint of a public key as people compare it: 16 bytes of its SHA-256 in groups of four digits.
pub fn fingerprint(key: &[u8; 32]) -> String {
    let digits = text::hex(&Sha256::digest(key)[..16]);
    let groups: Vec<_> = (0..digits.len()).step_by(4).map(|at| &digits[at..at + 4]).collect();
    groups.join(" ")
}
