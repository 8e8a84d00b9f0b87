//! Ed25519 and Ed25519ph by ed25519-dalek; Ed25519ctx, which that crate lacks, from curve25519-dalek's arithmetic.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::hazmat::ExpandedSecretKey;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha512};
use zeroize::Zeroize;

use crate::crypto::ed25519::{EdVariant, POINT_LEN, SEED_LEN, SIGNATURE_LEN};
use crate::crypto::{Error, Result};

/// A point that is encoded canonically and not of small order.
pub(in crate::crypto) struct EdPublic(VerifyingKey);

impl EdPublic {
    pub(in crate::crypto) fn new(point: &[u8; POINT_LEN]) -> Result<Self> {
        let key = VerifyingKey::from_bytes(point).map_err(|_| Error::InvalidKey)?;
        // Decoding reduces the coordinate, so that some points have a second encoding; encoding again gives the first.
        if key.is_weak() || key.to_edwards().compress().as_bytes() != point {
            return Err(Error::InvalidKey);
        }
        Ok(Self(key))
    }

    pub(in crate::crypto) fn bytes(&self) -> &[u8; POINT_LEN] {
        self.0.as_bytes()
    }

    pub(in crate::crypto) fn verify(
        &self,
        variant: EdVariant<'_>,
        message: &[u8],
        signature: &[u8; SIGNATURE_LEN],
    ) -> Result<()> {
        let parsed = Signature::from_bytes(signature);
        match variant {
            EdVariant::Pure => self.0.verify_strict(message, &parsed),
            EdVariant::Prehashed(context) => {
                let hash = Sha512::new().chain_update(message);
                self.0.verify_prehashed_strict(hash, Some(context), &parsed)
            }
            EdVariant::Context(context) => return self.verify_ctx(context, message, &parsed),
        }
        .map_err(|_| Error::Rejected)
    }

    /// RFC 8032, 5.1.7, without cofactor. Encoding the expected R and comparing bytes refuses other encodings of it.
    fn verify_ctx(&self, context: &[u8], message: &[u8], signature: &Signature) -> Result<()> {
        let r = CompressedEdwardsY(*signature.r_bytes());
        let s = Scalar::from_canonical_bytes(*signature.s_bytes()).into_option().ok_or(Error::Rejected)?;
        if r.decompress().is_none_or(|point| point.is_small_order()) {
            return Err(Error::Rejected);
        }
        let k = challenge(context, r.as_bytes(), self.0.as_bytes(), message);
        let a = -self.0.to_edwards();
        let expected = EdwardsPoint::vartime_double_scalar_mul_basepoint(&k, &a, &s).compress();
        if expected == r { Ok(()) } else { Err(Error::Rejected) }
    }
}

/// A seed and its expansion; erased on drop.
pub(in crate::crypto) struct EdPrivate(SigningKey);

impl EdPrivate {
    pub(in crate::crypto) fn new(seed: &[u8; SEED_LEN]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    pub(in crate::crypto) fn public(&self) -> [u8; POINT_LEN] {
        self.0.verifying_key().to_bytes()
    }

    /// A context that is too long is refused before.
    pub(in crate::crypto) fn sign(&self, variant: EdVariant<'_>, message: &[u8], out: &mut [u8; SIGNATURE_LEN]) -> Result<()> {
        *out = match variant {
            EdVariant::Pure => self.0.try_sign(message).map_err(|_| Error::Failed)?.to_bytes(),
            EdVariant::Prehashed(context) => {
                self.0.sign_prehashed(Sha512::new().chain_update(message), Some(context)).map_err(|_| Error::Failed)?.to_bytes()
            }
            EdVariant::Context(context) => self.sign_ctx(context, message),
        };
        Ok(())
    }

    /// RFC 8032, 5.1.6.
    fn sign_ctx(&self, context: &[u8], message: &[u8]) -> [u8; SIGNATURE_LEN] {
        let mut hash = Sha512::digest(self.0.as_bytes());
        let expanded = ExpandedSecretKey::from_bytes(hash.as_ref());
        hash.zeroize();
        let mut nonce = Scalar::from_hash(dom2(context).chain_update(expanded.hash_prefix).chain_update(message));
        let r = EdwardsPoint::mul_base(&nonce).compress();
        let k = challenge(context, r.as_bytes(), &self.public(), message);
        let s = k * expanded.scalar + nonce;
        nonce.zeroize();
        Signature::from_components(r.to_bytes(), s.to_bytes()).to_bytes()
    }
}

/// H(dom2 || R || A || M) as a scalar.
fn challenge(context: &[u8], r: &[u8; 32], public: &[u8; POINT_LEN], message: &[u8]) -> Scalar {
    let hash = dom2(context).chain_update(r).chain_update(public).chain_update(message);
    Scalar::from_hash(hash)
}

/// A hash that has absorbed dom2(0, context) (RFC 8032, 2). The caller has checked that the context's length fits a byte.
fn dom2(context: &[u8]) -> Sha512 {
    Sha512::new().chain_update(b"SigEd25519 no Ed25519 collisions").chain_update([0, context.len() as u8]).chain_update(context)
}
