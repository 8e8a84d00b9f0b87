//! ECDSA and ECDH on RustCrypto's curves, with the curve chosen at run time.

use std::borrow::Cow;

use ::rsa::rand_core::TryCryptoRng;
use bp256::BrainpoolP256r1;
use bp384::BrainpoolP384r1;
use ecdsa::signature::hazmat::{PrehashVerifier, RandomizedPrehashSigner};
use ecdsa::{Signature, SigningKey, VerifyingKey};
use k256::Secp256k1;
use p224::NistP224;
use p256::NistP256;
use p256::elliptic_curve::ecdh::diffie_hellman;
use p384::NistP384;
use p521::NistP521;

use crate::crypto::curve::Curve;
use crate::crypto::random::SystemRng;
use crate::crypto::{Error, Result};

/// A point on a curve.
pub(in crate::crypto) enum EcPublic {
    P224(VerifyingKey<NistP224>),
    P256(VerifyingKey<NistP256>),
    P384(VerifyingKey<NistP384>),
    P521(VerifyingKey<NistP521>),
    Secp256k1(VerifyingKey<Secp256k1>),
    BrainpoolP256r1(VerifyingKey<BrainpoolP256r1>),
    BrainpoolP384r1(VerifyingKey<BrainpoolP384r1>),
}

/// A scalar; erased on drop.
pub(in crate::crypto) enum EcPrivate {
    P224(SigningKey<NistP224>),
    P256(SigningKey<NistP256>),
    P384(SigningKey<NistP384>),
    P521(SigningKey<NistP521>),
    Secp256k1(SigningKey<Secp256k1>),
    BrainpoolP256r1(SigningKey<BrainpoolP256r1>),
    BrainpoolP384r1(SigningKey<BrainpoolP384r1>),
}

/// Writes the functions below from one line per curve.
macro_rules! curves {
    ($($curve:ident: $group:ty),*) => {
        impl EcPublic {
            fn curve(&self) -> Curve {
                match self {
                    $(Self::$curve(_) => Curve::$curve,)*
                }
            }

            /// Decodes a point of SEC 1, compressed or not, and checks that it is on the curve.
            pub(in crate::crypto) fn new(curve: Curve, point: &[u8]) -> Result<Self> {
                match curve {
                    $(Curve::$curve => {
                        VerifyingKey::<$group>::from_sec1_bytes(point).map(Self::$curve)
                    })*
                }
                .map_err(|_| Error::InvalidKey)
            }

            /// The point, uncompressed.
            pub(in crate::crypto) fn point(&self) -> Result<Box<[u8]>> {
                Ok(match self {
                    $(Self::$curve(key) => key.to_sec1_point(false).as_bytes().into(),)*
                })
            }

            /// `signature` is r and s, each as long as a coordinate.
            pub(in crate::crypto) fn verify(&self, digest: &[u8], signature: &[u8]) -> Result<()> {
                let digest = &*self.curve().leftmost_bits(digest);
                match self {
                    $(Self::$curve(key) => {
                        Signature::<$group>::from_slice(signature)
                            // The crate k256 takes the lesser of s and -s only, as Bitcoin does; both verify.
                            .and_then(|signature| key.verify_prehash(digest, &signature.normalize_s()))
                    })*
                }
                .map_err(|_| Error::Rejected)
            }
        }

        impl EcPrivate {
            fn curve(&self) -> Curve {
                match self {
                    $(Self::$curve(_) => Curve::$curve,)*
                }
            }

            /// `scalar` is as long as a coordinate.
            pub(in crate::crypto) fn new(curve: Curve, scalar: &[u8]) -> Result<Self> {
                match curve {
                    $(Curve::$curve => {
                        SigningKey::<$group>::from_slice(scalar).map(Self::$curve)
                    })*
                }
                .map_err(|_| Error::InvalidKey)
            }

            pub(in crate::crypto) fn public(&self) -> EcPublic {
                match self {
                    $(Self::$curve(key) => EcPublic::$curve(*key.verifying_key()),)*
                }
            }

            /// The nonce is RFC 6979's, hedged with randomness (3.6, additional data): a generator that fails to be random, or
            /// repeats itself, yields the nonce of no other digest, and a fault that repeats a signature meets another nonce.
            pub(in crate::crypto) fn sign(&self, digest: &[u8], out: &mut [u8]) -> Result<()> {
                self.sign_with(&mut SystemRng, digest, out)
            }

            /// The same with the randomness of `rng`.
            pub(in crate::crypto) fn sign_with(&self, rng: &mut impl TryCryptoRng, digest: &[u8], out: &mut [u8]) -> Result<()> {
                let digest = &*self.curve().leftmost_bits(digest);
                match self {
                    $(Self::$curve(key) => {
                        let signature: Signature<$group> = key
                            .sign_prehash_with_rng(rng, digest)
                            .map_err(|_| Error::Failed)?;
                        out.copy_from_slice(&signature.to_bytes());
                    })*
                }
                Ok(())
            }

            /// Fills `shared`, as long as a coordinate.
            pub(in crate::crypto) fn agree(&self, point: &[u8], shared: &mut [u8]) -> Result<()> {
                match self {
                    $(Self::$curve(key) => {
                        let peer = VerifyingKey::<$group>::from_sec1_bytes(point).map_err(|_| Error::InvalidKey)?;
                        let secret = diffie_hellman(key.as_nonzero_scalar(), peer.as_affine());
                        shared.copy_from_slice(secret.raw_secret_bytes());
                    })*
                }
                Ok(())
            }
        }
    };
}

curves!(
    P224: NistP224,
    P256: NistP256,
    P384: NistP384,
    P521: NistP521,
    Secp256k1: Secp256k1,
    BrainpoolP256r1: BrainpoolP256r1,
    BrainpoolP384r1: BrainpoolP384r1
);

impl Curve {
    /// The leftmost bits of a digest, as many as the order has (FIPS 186-5, 6.4.1, step 2).
    ///
    /// The crates cut a long digest to whole bytes, which on P-521 are seven bits too many.
    fn leftmost_bits(self, digest: &[u8]) -> Cow<'_, [u8]> {
        let shift = 8 * self.field_len() - self.bits();
        match digest.get(..self.field_len()) {
            Some(leftmost) if shift > 0 => shifted_right(leftmost, shift).into(),
            _ => digest.into(),
        }
    }
}

/// A number divided by 2^`shift`, 1 to 7.
fn shifted_right(number: &[u8], shift: usize) -> Vec<u8> {
    let mut carry = 0;
    let shift_byte = |byte: &u8| {
        let shifted = carry | byte >> shift;
        carry = byte << (8 - shift);
        shifted
    };
    number.iter().map(shift_byte).collect()
}
