//! The signature types, as rows of a table: the scheme, the key that verifies, how both are read.

use rsa::pkcs8::DecodePublicKey;
use sha2::Sha256;

use crate::error::{Error, Kind, Result};
use crate::public::{PublicKey, RSA_CEILING, Scheme};

/// A signature type of the RustCrypto crates that a token can make: `rsa::pkcs1v15::Signature`, `rsa::pss::Signature` (both with
/// SHA-256), `Signature` and `DerSignature` of `p256::ecdsa`, `p384::ecdsa` and `p521::ecdsa`, `ed25519_dalek::Signature`.
pub trait TokenSignature: sealed::Sealed + Sized {
    /// What the token signs with.
    const SCHEME: Scheme;

    /// What such signatures are verified with.
    type VerifyingKey: Clone;

    /// The signature from the token's bytes; of ECDSA, r and s side by side.
    ///
    /// # Errors
    /// [`Kind::Malformed`] when they are none.
    fn read(raw: &[u8]) -> Result<Self>;

    /// The verifying key of `public`.
    ///
    /// # Errors
    /// [`Kind::Malformed`] for a key of another kind, or none at all.
    fn verifying_key(public: &PublicKey) -> Result<Self::VerifyingKey>;
}

macro_rules! types {
    ($($signature:ty, $scheme:ident, $verifying:ty, $key:expr, $read:expr;)*) => {$(
        impl TokenSignature for $signature {
            const SCHEME: Scheme = Scheme::$scheme;
            type VerifyingKey = $verifying;

            fn read(raw: &[u8]) -> Result<Self> {
                $read(raw).map_err(|_| Error::new(Kind::Malformed, concat!("this is no ", stringify!($scheme), " signature")))
            }

            fn verifying_key(public: &PublicKey) -> Result<$verifying> {
                $key(public)
            }
        }

        impl sealed::Sealed for $signature {}
    )*};
}

types! {
    rsa::pkcs1v15::Signature, Rs256, rsa::pkcs1v15::VerifyingKey<Sha256>, rsa_key, |raw| Self::from_bytes_with_max_len(raw, LONGEST_RSA);
    rsa::pss::Signature, Ps256, rsa::pss::VerifyingKey<Sha256>, rsa_key, |raw| Self::from_bytes_with_max_len(raw, LONGEST_RSA);
    p256::ecdsa::Signature, Es256, p256::ecdsa::VerifyingKey, other_key, Self::from_slice;
    p384::ecdsa::Signature, Es384, p384::ecdsa::VerifyingKey, other_key, Self::from_slice;
    p521::ecdsa::Signature, Es512, p521::ecdsa::VerifyingKey, other_key, Self::from_slice;
    p256::ecdsa::DerSignature, Es256, p256::ecdsa::VerifyingKey, other_key, |raw| p256::ecdsa::Signature::from_slice(raw).map(Self::from);
    p384::ecdsa::DerSignature, Es384, p384::ecdsa::VerifyingKey, other_key, |raw| p384::ecdsa::Signature::from_slice(raw).map(Self::from);
    p521::ecdsa::DerSignature, Es512, p521::ecdsa::VerifyingKey, other_key, |raw| p521::ecdsa::Signature::from_slice(raw).map(Self::from);
    ed25519_dalek::Signature, EdDsa, ed25519_dalek::VerifyingKey, other_key, Self::from_slice;
}

/// The crate `rsa` reads no keys above 4,096 bits on its own; we know keys up to [`RSA_CEILING`].
fn rsa_key<K: From<rsa::PublicKey>>(public: &PublicKey) -> Result<K> {
    public.to_rsa().map(K::from)
}

fn other_key<K: DecodePublicKey>(public: &PublicKey) -> Result<K> {
    K::from_public_key_der(&public.to_der()?)
        .map_err(|error| Error::new(Kind::Malformed, "the public key cannot be used").why(error.to_string()))
}

const LONGEST_RSA: usize = RSA_CEILING / 8;

/// Rows are made here only: whoever adds one must know what the token answers.
mod sealed {
    pub trait Sealed {}
}
