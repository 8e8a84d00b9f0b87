//! SLH-DSA (FIPS 205). AWS-LC has none of it, so there is one engine.

use super::portable::{self, SlhDsaPrivate, SlhDsaPublic};
use super::prehash::Hedge;
use super::{Error, Result};
use crate::rng;
use crate::secret::Secret;

/// A parameter set (FIPS 205, 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlhDsaSet {
    Sha2_128s,
    Sha2_128f,
    Sha2_192s,
    Sha2_192f,
    Sha2_256s,
    Sha2_256f,
    Shake128s,
    Shake128f,
    Shake192s,
    Shake192f,
    Shake256s,
    Shake256f,
}

impl SlhDsaSet {
    /// Every parameter set.
    pub const ALL: [Self; 12] = [
        Self::Sha2_128s,
        Self::Sha2_128f,
        Self::Sha2_192s,
        Self::Sha2_192f,
        Self::Sha2_256s,
        Self::Sha2_256f,
        Self::Shake128s,
        Self::Shake128f,
        Self::Shake192s,
        Self::Shake192f,
        Self::Shake256s,
        Self::Shake256f,
    ];

    /// Length of the hashes inside, in bytes.
    pub const fn n(self) -> usize {
        match self {
            Self::Sha2_128s | Self::Sha2_128f | Self::Shake128s | Self::Shake128f => 16,
            Self::Sha2_192s | Self::Sha2_192f | Self::Shake192s | Self::Shake192f => 24,
            Self::Sha2_256s | Self::Sha2_256f | Self::Shake256s | Self::Shake256f => 32,
        }
    }

    /// Length of a public key in bytes.
    pub const fn public_len(self) -> usize {
        2 * self.n()
    }

    /// Length of a signature in bytes.
    pub const fn signature_len(self) -> usize {
        match self {
            Self::Sha2_128s | Self::Shake128s => 7856,
            Self::Sha2_128f | Self::Shake128f => 17_088,
            Self::Sha2_192s | Self::Shake192s => 16_224,
            Self::Sha2_192f | Self::Shake192f => 35_664,
            Self::Sha2_256s | Self::Shake256s => 29_792,
            Self::Sha2_256f | Self::Shake256f => 49_856,
        }
    }
}

/// A public key.
pub struct SlhDsaPublicKey {
    set: SlhDsaSet,
    value: Box<[u8]>,
    key: Box<dyn SlhDsaPublic>,
}

impl SlhDsaPublicKey {
    /// Takes PK.seed and PK.root. Of the right length every string is a key; else [`Error::InvalidKey`].
    pub fn new(set: SlhDsaSet, value: &[u8]) -> Result<Self> {
        Ok(Self { set, value: value.into(), key: portable::slh_dsa_public(set, value)? })
    }

    /// The parameter set.
    pub fn set(&self) -> SlhDsaSet {
        self.set
    }

    /// PK.seed and PK.root.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// Verifies M', given as its prefix and the rest.
    ///
    /// [`Error::InvalidLength`] when `signature` has another length than the parameter set's, [`Error::Rejected`] when it is wrong.
    pub fn verify(&self, prefix: &[u8], message: &[u8], signature: &[u8]) -> Result<()> {
        self.key.verify(&[prefix, message], signature)
    }
}

/// A private key; erased on drop.
pub struct SlhDsaPrivateKey {
    public: SlhDsaPublicKey,
    value: Secret,
    key: Box<dyn SlhDsaPrivate>,
}

impl SlhDsaPrivateKey {
    /// A fresh key.
    pub fn generate(set: SlhDsaSet) -> Result<Self> {
        Self::from_seeds(set, rng::secret(3 * set.n())?.expose())
    }

    /// The key of SK.seed, SK.prf and PK.seed (FIPS 205, algorithm 18).
    pub(super) fn from_seeds(set: SlhDsaSet, seeds: &[u8]) -> Result<Self> {
        Self::assemble(set, portable::slh_dsa_generate(set, seeds)?)
    }

    /// Takes SK.seed, SK.prf, PK.seed and PK.root; [`Error::InvalidKey`] for another length. That the root belongs to the seeds is
    /// not checked: it would cost as much as making the key, at each use from the store, and a wrong root only makes signatures that
    /// do not verify.
    pub fn new(set: SlhDsaSet, value: &[u8]) -> Result<Self> {
        Self::assemble(set, portable::slh_dsa_private(set, value)?)
    }

    fn assemble(set: SlhDsaSet, key: Box<dyn SlhDsaPrivate>) -> Result<Self> {
        let value = key.value();
        let public = SlhDsaPublicKey::new(set, value.expose().get(set.public_len()..).ok_or(Error::InvalidKey)?)?;
        Ok(Self { public, value, key })
    }

    /// The public key inside.
    pub fn public(&self) -> &SlhDsaPublicKey {
        &self.public
    }

    /// The encoded key.
    pub fn value(&self) -> &Secret {
        &self.value
    }

    /// Signs M', given as its prefix and the rest; fills `out`, which has the parameter set's length, else [`Error::InvalidLength`].
    pub fn sign(&self, prefix: &[u8], message: &[u8], hedge: Hedge, out: &mut [u8]) -> Result<()> {
        match hedge {
            Hedge::Hedged => self.sign_with(prefix, message, Some(rng::secret(self.public.set.n())?.expose()), out),
            Hedge::Deterministic => self.sign_with(prefix, message, None, out),
        }
    }

    /// The same with given randomness of n bytes, or none.
    pub(super) fn sign_with(&self, prefix: &[u8], message: &[u8], randomness: Option<&[u8]>, out: &mut [u8]) -> Result<()> {
        if out.len() != self.public.set.signature_len() || randomness.is_some_and(|bytes| bytes.len() != self.public.set.n()) {
            return Err(Error::InvalidLength);
        }
        self.key.sign(&[prefix, message], randomness, out)
    }
}
