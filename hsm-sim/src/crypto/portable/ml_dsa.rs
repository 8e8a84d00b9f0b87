//! ML-DSA by the crate ml-dsa.

// The expanded form is deprecated there in favour of the seed; PKCS#11 demands it all the same (CKA_VALUE).
#![allow(deprecated)]

use std::convert::Infallible;

use ml_dsa::signature::rand_core::{TryCryptoRng, TryRng};
use ml_dsa::{
    EncodedSignature, EncodedVerifyingKey, ExpandedSigningKey, ExpandedSigningKeyBytes, MlDsa44, MlDsa65, MlDsa87, MlDsaParams,
    Signature, VerifyingKey,
};
use zeroize::Zeroizing;

use crate::crypto::ml_dsa::{MU_LEN, MlDsaSet, SEED_LEN};
use crate::crypto::{Error, Result};
use crate::secret::{DEEP, Secret, scrubbed};

/// A public key of one of the parameter sets.
pub(in crate::crypto) struct MlDsaPublic(Box<dyn Verifies>);

/// A private key of one of the parameter sets; erased on drop.
pub(in crate::crypto) struct MlDsaPrivate(Box<dyn Signs>);

impl MlDsaPublic {
    pub(in crate::crypto) fn new(set: MlDsaSet, value: &[u8]) -> Result<Self> {
        match set {
            MlDsaSet::MlDsa44 => public::<MlDsa44>(value),
            MlDsaSet::MlDsa65 => public::<MlDsa65>(value),
            MlDsaSet::MlDsa87 => public::<MlDsa87>(value),
        }
        .map(Self)
    }

    pub(in crate::crypto) fn verify(&self, mu: &[u8; MU_LEN], signature: &[u8]) -> Result<()> {
        self.0.verify(mu, signature)
    }
}

impl MlDsaPrivate {
    pub(in crate::crypto) fn from_seed(set: MlDsaSet, seed: &[u8; SEED_LEN]) -> Self {
        Self(match set {
            MlDsaSet::MlDsa44 => Box::new(ExpandedSigningKey::<MlDsa44>::from_seed(seed.into())),
            MlDsaSet::MlDsa65 => Box::new(ExpandedSigningKey::<MlDsa65>::from_seed(seed.into())),
            MlDsaSet::MlDsa87 => Box::new(ExpandedSigningKey::<MlDsa87>::from_seed(seed.into())),
        })
    }

    /// Takes an expanded key of the right length.
    pub(in crate::crypto) fn from_value(set: MlDsaSet, value: &[u8]) -> Result<Self> {
        if !is_short(set, value) {
            return Err(Error::InvalidKey);
        }
        match set {
            MlDsaSet::MlDsa44 => private::<MlDsa44>(value),
            MlDsaSet::MlDsa65 => private::<MlDsa65>(value),
            MlDsaSet::MlDsa87 => private::<MlDsa87>(value),
        }
        .map(Self)
    }

    pub(in crate::crypto) fn value(&self) -> Secret {
        self.0.value()
    }

    pub(in crate::crypto) fn public(&self) -> Box<[u8]> {
        self.0.public()
    }

    /// `out` has the length of a signature.
    pub(in crate::crypto) fn sign(&self, mu: &[u8; MU_LEN], rnd: &[u8; SEED_LEN], out: &mut [u8]) -> Result<()> {
        scrubbed::<DEEP, _>(|| self.0.sign(mu, rnd, out))
    }
}

trait Verifies: Send + Sync {
    fn verify(&self, mu: &[u8; MU_LEN], signature: &[u8]) -> Result<()>;
}

trait Signs: Send + Sync {
    fn sign(&self, mu: &[u8; MU_LEN], rnd: &[u8; SEED_LEN], out: &mut [u8]) -> Result<()>;
    fn value(&self) -> Secret;
    fn public(&self) -> Box<[u8]>;
}

impl<P: MlDsaParams + Send + Sync> Verifies for VerifyingKey<P> {
    fn verify(&self, mu: &[u8; MU_LEN], signature: &[u8]) -> Result<()> {
        let encoded = <&EncodedSignature<P>>::try_from(signature).map_err(|_| Error::InvalidLength)?;
        let signature = Signature::<P>::decode(encoded).ok_or(Error::Rejected)?;
        if self.verify_mu(mu.into(), &signature) { Ok(()) } else { Err(Error::Rejected) }
    }
}

impl<P: MlDsaParams + Send + Sync> Signs for ExpandedSigningKey<P> {
    fn sign(&self, mu: &[u8; MU_LEN], rnd: &[u8; SEED_LEN], out: &mut [u8]) -> Result<()> {
        let mut rnd = Given(Zeroizing::new(*rnd));
        let signature = self.sign_mu_randomized(mu.into(), &mut rnd).map_err(|_| Error::Failed)?;
        out.copy_from_slice(&signature.encode());
        Ok(())
    }

    fn value(&self) -> Secret {
        Secret::take(&mut self.to_expanded())
    }

    fn public(&self) -> Box<[u8]> {
        self.verifying_key().encode().as_slice().into()
    }
}

fn public<P: MlDsaParams + Send + Sync + 'static>(value: &[u8]) -> Result<Box<dyn Verifies>> {
    let encoded = <&EncodedVerifyingKey<P>>::try_from(value).map_err(|_| Error::InvalidKey)?;
    Ok(Box::new(VerifyingKey::<P>::decode(encoded)))
}

fn private<P: MlDsaParams + Send + Sync + 'static>(value: &[u8]) -> Result<Box<dyn Signs>> {
    let encoded = <&ExpandedSigningKeyBytes<P>>::try_from(value).map_err(|_| Error::InvalidKey)?;
    Ok(Box::new(ExpandedSigningKey::<P>::from_expanded(encoded)))
}

/// The coefficients of s1 and s2, encoded from 0 to 2 eta, are no larger (FIPS 204, algorithm 25, which leaves the check to its caller):
/// the crate panics at others.
fn is_short(set: MlDsaSet, value: &[u8]) -> bool {
    // rho, K and tr come first; eta is 2, and 3 bits hold a coefficient, but for ML-DSA-65, where it is 4, in 4 bits.
    const VECTORS: usize = 128;
    let (polynomials, eta) = match set {
        MlDsaSet::MlDsa44 => (4 + 4, 2),
        MlDsaSet::MlDsa65 => (5 + 6, 4),
        MlDsaSet::MlDsa87 => (7 + 8, 2),
    };
    let bits: usize = if eta == 2 { 3 } else { 4 };
    let Some(vectors) = value.get(VECTORS..).and_then(|rest| rest.get(..polynomials * 32 * bits)) else { return false };
    let groups =
        vectors.chunks_exact(bits).map(|group| group.iter().rev().fold(0u32, |bytes, byte| bytes << 8 | u32::from(*byte)));
    let coefficients = groups.flat_map(|group| (0..8).map(move |at| group >> (bits * at) & ((1 << bits) - 1)));
    coefficients.fold(0, |largest: u32, coefficient| largest.max(coefficient)) <= 2 * eta
}

/// A generator that gives these bytes, which its caller has drawn.
struct Given(Zeroizing<[u8; SEED_LEN]>);

impl TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
        Ok(u32::from_le_bytes([self.0[0], self.0[1], self.0[2], self.0[3]]))
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
        self.try_next_u32().map(u64::from)
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> std::result::Result<(), Infallible> {
        for (to, from) in buffer.iter_mut().zip(self.0.iter().cycle()) {
            *to = *from;
        }
        Ok(())
    }
}

impl TryCryptoRng for Given {}
