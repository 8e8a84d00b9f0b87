//! The traits of the crate `signature` (RustCrypto): code that takes any [`Signer`] takes keys of a token.

mod types;

use std::fmt;
use std::marker::PhantomData;

use ::signature::{Keypair, Signer};

use super::TokenKey;
use crate::error::{Error, Kind, Result};

pub use types::TokenSignature;

/// A key of a token that makes signatures of the type `S`, and no others.
///
/// [`Signer::sign`] panics when the token refuses, as that crate has it. Call [`Signer::try_sign`]: the source of its error is
/// ours, with the reason.
pub struct TypedKey<S: TokenSignature> {
    key: TokenKey,
    verifying: S::VerifyingKey,
    makes: PhantomData<fn() -> S>,
}

impl<S: TokenSignature> TypedKey<S> {
    /// `key`, for signatures of the type `S`.
    ///
    /// # Errors
    /// [`Kind::Usage`] when keys of its kind make no such signatures, [`Kind::Malformed`] when its public half is no key.
    pub fn new(key: TokenKey) -> Result<Self> {
        let kind = key.public().kind();
        if !S::SCHEME.fits(kind) {
            return Err(Error::new(Kind::Usage, format!("a {kind} key makes no {} signatures", S::SCHEME)));
        }
        let verifying = S::verifying_key(key.public())?;
        Ok(Self { key, verifying, makes: PhantomData })
    }

    /// The key, for any signature.
    pub fn token_key(&self) -> &TokenKey {
        &self.key
    }
}

impl<S: TokenSignature> Signer<S> for TypedKey<S> {
    fn try_sign(&self, message: &[u8]) -> Result<S, ::signature::Error> {
        let signature = self.key.sign(S::SCHEME, message).and_then(|raw| S::read(&raw));
        signature.map_err(::signature::Error::from_source)
    }
}

impl<S: TokenSignature> Keypair for TypedKey<S> {
    type VerifyingKey = S::VerifyingKey;

    fn verifying_key(&self) -> S::VerifyingKey {
        self.verifying.clone()
    }
}

impl<S: TokenSignature> Clone for TypedKey<S> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), verifying: self.verifying.clone(), makes: PhantomData }
    }
}

impl<S: TokenSignature> fmt::Debug for TypedKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedKey").field("key", &self.key).field("scheme", &S::SCHEME).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use ::signature::Verifier as _;

    use super::super::tests::{ed25519, retired};
    use super::*;

    type Ed25519 = TypedKey<ed25519_dalek::Signature>;

    #[test]
    fn signs_and_verifies() {
        let key = Ed25519::new(ed25519()).unwrap();
        let signature = key.try_sign(b"message").unwrap();
        key.verifying_key().verify(b"message", &signature).unwrap();
        key.verifying_key().verify(b"another", &signature).unwrap_err();
    }

    #[test]
    fn a_key_of_another_kind_is_never_typed() {
        assert_eq!(TypedKey::<p256::ecdsa::Signature>::new(ed25519()).unwrap_err().kind(), Kind::Usage);
        assert_eq!(TypedKey::<rsa::pss::Signature>::new(ed25519()).unwrap_err().kind(), Kind::Usage);
    }

    #[test]
    fn the_reason_is_the_source() {
        let error = Ed25519::new(retired()).unwrap().try_sign(b"message").unwrap_err();
        let ours = error.source().and_then(|source| source.downcast_ref::<Error>()).unwrap();
        assert_eq!(ours.kind(), Kind::KeyInactive);
    }
}
