//! Keys of a token in other libraries. Each file adapts them to one library, behind the cargo feature of that library's name.
//!
//! All sign through [`Signer::sign`], which calls the token and blocks until it answered. What is known of a key is what the store
//! said when it was looked up: one that is retired later goes on signing until the program looks again, now and then
//! ([`signer::Current`](crate::signer::Current)), and makes a new adapter, which takes no call to the token.

#[cfg(feature = "jsonwebtoken")]
pub mod jsonwebtoken;
#[cfg(feature = "rcgen")]
pub mod rcgen;
#[cfg(feature = "rustls")]
pub mod rustls;
#[cfg(feature = "signature")]
pub mod signature;

use std::fmt;

use crate::error::Result;
use crate::public::{PublicKey, Scheme, ecdsa};
use crate::signer::{Signer, SigningKey};

/// A signing key together with the token that signs with it: what every adapter is made of.
#[derive(Clone)]
pub struct TokenKey {
    signer: Signer,
    key: SigningKey,
}

impl TokenKey {
    /// `key`, which `signer` found or made.
    pub fn new(signer: Signer, key: SigningKey) -> Self {
        Self { signer, key }
    }

    /// The key called `name`.
    ///
    /// # Errors
    /// Those of [`Signer::find`].
    pub fn find(signer: Signer, name: &str) -> Result<Self> {
        let key = signer.find(name)?;
        Ok(Self { signer, key })
    }

    /// What is known of the key.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.key.public
    }

    /// Signs `message`, not its digest. ECDSA answers r and s side by side (RFC 7518 section 3.4).
    ///
    /// # Errors
    /// Those of [`Signer::sign`].
    pub fn sign(&self, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>> {
        self.signer.sign(&self.key, Some(scheme), message)
    }

    /// The same as X.509 and TLS write it: ECDSA answers an ASN.1 sequence (RFC 3279 section 2.2.3).
    ///
    /// # Errors
    /// Those of [`Signer::sign`]; [`Kind::Malformed`](crate::Kind::Malformed) when the token's answer is no signature.
    pub fn sign_asn1(&self, scheme: Scheme, message: &[u8]) -> Result<Vec<u8>> {
        in_asn1(scheme, self.sign(scheme, message)?)
    }
}

fn in_asn1(scheme: Scheme, signature: Vec<u8>) -> Result<Vec<u8>> {
    match scheme.curve() {
        Some(curve) => ecdsa::to_der(curve, &signature),
        None => Ok(signature),
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKey").field("label", &self.key.label).field("kid", &self.key.kid).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(dead_code, reason = "each adapter's tests use it, and each may be absent")]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::hsm::fake::FakeHsm;
    use crate::public::KeyKind;
    use crate::store::MemoryStore;
    use crate::time::Timestamp;

    /// An Ed25519 key "k" in a token in memory.
    pub(super) fn ed25519() -> TokenKey {
        let signer = Signer::new(Arc::new(FakeHsm::default()), Arc::new(MemoryStore::default()));
        let key = signer.create("k", KeyKind::Ed25519, None, false).unwrap();
        TokenKey::new(signer, key)
    }

    /// A key that was retired before it was looked up.
    pub(super) fn retired() -> TokenKey {
        let old = ed25519();
        old.signer.retire(&old.key.kid, Timestamp::now()).unwrap();
        TokenKey::find(old.signer, &old.key.kid).unwrap()
    }

    /// The same key as if it were of another kind: nothing here lets the token sign with it.
    pub(super) fn disguised(public: PublicKey) -> TokenKey {
        let mut key = ed25519();
        key.key.scheme = Scheme::usual(public.kind());
        key.key.public = public;
        key
    }

    #[test]
    fn signs_unless_retired() {
        let key = ed25519();
        let signature = key.sign_asn1(Scheme::EdDsa, b"x").unwrap();
        key.public().verify(Scheme::EdDsa, b"x", &signature).unwrap();
        assert_eq!(retired().sign(Scheme::EdDsa, b"x").unwrap_err().kind(), crate::Kind::KeyInactive);
        assert_eq!(key.sign(Scheme::Es256, b"x").unwrap_err().kind(), crate::Kind::Usage);
        assert!(format!("{key:?}").contains("label: \"k\""));
    }
}
