//! ECDSA and ECDH on RustCrypto's curves, with the curve chosen at run time.

use std::borrow::Cow;

use p256::ecdsa::signature::hazmat::{PrehashVerifier, RandomizedPrehashSigner};
use p256::elliptic_curve::ecdh::diffie_hellman;

use crate::crypto::curve::Curve;
use crate::crypto::random::SystemRng;
use crate::crypto::{Error, Result};

/// A point on a curve.
pub(in crate::crypto) enum EcPublic {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
}

/// A scalar; erased on drop.
pub(in crate::crypto) enum EcPrivate {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
}

/// Writes the functions below from one line per curve.
macro_rules! curves {
    ($($curve:ident: $name:ident),*) => {
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
                        $name::ecdsa::VerifyingKey::from_sec1_bytes(point).map(Self::$curve)
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
                        $name::ecdsa::Signature::from_slice(signature)
                            .and_then(|signature| key.verify_prehash(digest, &signature))
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
                        $name::ecdsa::SigningKey::from_slice(scalar).map(Self::$curve)
                    })*
                }
                .map_err(|_| Error::InvalidKey)
            }

            pub(in crate::crypto) fn public(&self) -> EcPublic {
                match self {
                    $(Self::$curve(key) => EcPublic::$curve(*key.verifying_key()),)*
                }
            }

            /// The nonce is RFC 6979's, hedged with fresh randomness, so that neither a fault nor a bad generator repeats it.
            pub(in crate::crypto) fn sign(&self, digest: &[u8], out: &mut [u8]) -> Result<()> {
                let digest = &*self.curve().leftmost_bits(digest);
                match self {
                    $(Self::$curve(key) => {
                        let signature: $name::ecdsa::Signature = key
                            .sign_prehash_with_rng(&mut SystemRng, digest)
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
                        let peer = $name::PublicKey::from_sec1_bytes(point).map_err(|_| Error::InvalidKey)?;
                        let secret = diffie_hellman(key.as_nonzero_scalar(), peer.as_affine());
                        shared.copy_from_slice(secret.raw_secret_bytes());
                    })*
                }
                Ok(())
            }
        }
    };
}

curves!(P256: p256, P384: p384, P521: p521);

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
