//! ML-DSA (FIPS 204).
//!
//! What is signed is mu, the hash of the public key and of M' (algorithm 7, step 6): so a message can come in parts, and pure and
//! pre-hash signatures are one thing.

#[cfg(feature = "aws-lc")]
use std::sync::OnceLock;

use shake::{ExtendableOutput, Shake256, Update, XofReader};

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use super::engine::{Engine, Operation, serving};
use super::prehash::{Absorb, Extendable, Hedge};
use super::{Error, Result, portable};
use crate::rng;
use crate::secret::Secret;

/// A parameter set (FIPS 204, 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MlDsaSet {
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

impl MlDsaSet {
    /// Every parameter set.
    pub const ALL: [Self; 3] = [Self::MlDsa44, Self::MlDsa65, Self::MlDsa87];

    /// Length of a public key in bytes.
    pub const fn public_len(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }

    /// Length of an expanded private key in bytes.
    pub const fn private_len(self) -> usize {
        match self {
            Self::MlDsa44 => 2560,
            Self::MlDsa65 => 4032,
            Self::MlDsa87 => 4896,
        }
    }

    /// Length of a signature in bytes.
    pub const fn signature_len(self) -> usize {
        match self {
            Self::MlDsa44 => 2420,
            Self::MlDsa65 => 3309,
            Self::MlDsa87 => 4627,
        }
    }
}

/// Length of a seed, and of the randomness of a signature, in bytes.
pub(super) const SEED_LEN: usize = 32;
/// Length of mu in bytes.
pub const MU_LEN: usize = 64;

/// A public key.
pub struct MlDsaPublicKey {
    set: MlDsaSet,
    value: Box<[u8]>,
    /// The hash of the encoded key.
    tr: [u8; 64],
    engine: Public,
}

enum Public {
    Portable(portable::MlDsaPublic),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::MlDsaPublic),
}

impl MlDsaPublicKey {
    /// Takes an encoded key. Of the right length every string is one; else [`Error::InvalidKey`].
    pub fn new(set: MlDsaSet, value: &[u8]) -> Result<Self> {
        Self::with_engine(serving(Operation::MlDsa), set, value)
    }

    /// The same, on the given engine.
    pub fn with_engine(engine: Engine, set: MlDsaSet, value: &[u8]) -> Result<Self> {
        if value.len() != set.public_len() {
            return Err(Error::InvalidKey);
        }
        let engine = match engine {
            Engine::Portable => Public::Portable(portable::MlDsaPublic::new(set, value)?),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => Public::AwsLc(aws_lc::MlDsaPublic::new(set, value)?),
        };
        Ok(Self { set, value: value.into(), tr: shake256(&[value]), engine })
    }

    /// The parameter set.
    pub fn set(&self) -> MlDsaSet {
        self.set
    }

    /// The encoded key.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// Starts to hash M' to mu; `prefix` is its beginning.
    pub fn start(&self, prefix: &[u8]) -> Box<dyn Absorb> {
        let mut hash = Shake256::default();
        hash.update(&self.tr);
        hash.update(prefix);
        Box::new(Extendable(hash, MU_LEN))
    }

    /// mu of a whole M'.
    pub fn mu(&self, prefix: &[u8], message: &[u8]) -> [u8; MU_LEN] {
        shake256(&[&self.tr, prefix, message])
    }

    /// [`Error::InvalidLength`] when `signature` has another length than the parameter set's, [`Error::Rejected`] when it is wrong.
    pub fn verify(&self, mu: &[u8; MU_LEN], signature: &[u8]) -> Result<()> {
        if signature.len() != self.set.signature_len() {
            return Err(Error::InvalidLength);
        }
        match &self.engine {
            Public::Portable(key) => key.verify(mu, signature),
            #[cfg(feature = "aws-lc")]
            Public::AwsLc(key) => key.verify(mu, signature),
        }
    }
}

/// A private key, with the seed it came from when that is known; erased on drop.
pub struct MlDsaPrivateKey {
    public: MlDsaPublicKey,
    seed: Option<Secret>,
    value: Secret,
    engine: Private,
}

enum Private {
    Portable(portable::MlDsaPrivate),
    /// AWS-LC hedges every signature; the other kind is left to the portable engine, whose key is made when it is first needed.
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::MlDsaPrivate, OnceLock<portable::MlDsaPrivate>),
}

impl MlDsaPrivateKey {
    /// A fresh key.
    pub fn generate(set: MlDsaSet) -> Result<Self> {
        Self::from_seed(set, rng::secret(SEED_LEN)?.expose())
    }

    /// The key of a seed of 32 bytes; else [`Error::InvalidKey`].
    pub fn from_seed(set: MlDsaSet, seed: &[u8]) -> Result<Self> {
        Self::from_seed_with(serving(Operation::MlDsa), set, seed)
    }

    /// The same, on the given engine.
    pub fn from_seed_with(engine: Engine, set: MlDsaSet, seed: &[u8]) -> Result<Self> {
        let bytes: &[u8; SEED_LEN] = seed.try_into().map_err(|_| Error::InvalidKey)?;
        let kept = Some(Secret::copy(seed));
        match engine {
            Engine::Portable => Self::portable(set, portable::MlDsaPrivate::from_seed(set, bytes), kept),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => Self::aws_lc(set, aws_lc::MlDsaPrivate::new(set, bytes)?, kept),
        }
    }

    /// Takes an expanded key; [`Error::InvalidKey`] when its length is wrong or its parts do not fit together.
    pub fn from_value(set: MlDsaSet, value: &[u8]) -> Result<Self> {
        Self::from_value_with(serving(Operation::MlDsa), set, value)
    }

    /// The same, on the given engine. That t0 is the low half of t only AWS-LC can check; it is no secret, and a wrong one makes
    /// signatures that do not verify.
    pub fn from_value_with(engine: Engine, set: MlDsaSet, value: &[u8]) -> Result<Self> {
        if value.len() != set.private_len() {
            return Err(Error::InvalidKey);
        }
        let key = match engine {
            Engine::Portable => Self::portable(set, portable::MlDsaPrivate::from_value(set, value)?, None),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => Self::aws_lc(set, aws_lc::MlDsaPrivate::new(set, value)?, None),
        }?;
        // After rho and K comes tr, which the key holds to save signers a hash.
        if value[64..128] == key.public.tr { Ok(key) } else { Err(Error::InvalidKey) }
    }

    fn portable(set: MlDsaSet, key: portable::MlDsaPrivate, seed: Option<Secret>) -> Result<Self> {
        let public = MlDsaPublicKey::with_engine(Engine::Portable, set, &key.public())?;
        Ok(Self { public, seed, value: key.value(), engine: Private::Portable(key) })
    }

    #[cfg(feature = "aws-lc")]
    fn aws_lc(set: MlDsaSet, key: aws_lc::MlDsaPrivate, seed: Option<Secret>) -> Result<Self> {
        let public = MlDsaPublicKey::with_engine(Engine::AwsLc, set, &key.public(set)?)?;
        Ok(Self { public, seed, value: key.value(set)?, engine: Private::AwsLc(key, OnceLock::new()) })
    }

    /// The public key.
    pub fn public(&self) -> &MlDsaPublicKey {
        &self.public
    }

    /// The seed, if the key was made from it.
    pub fn seed(&self) -> Option<&Secret> {
        self.seed.as_ref()
    }

    /// The expanded key.
    pub fn value(&self) -> &Secret {
        &self.value
    }

    /// Signs mu; fills `out`, which has the parameter set's length, else [`Error::InvalidLength`].
    pub fn sign(&self, mu: &[u8; MU_LEN], hedge: Hedge, out: &mut [u8]) -> Result<()> {
        match (&self.engine, hedge) {
            #[cfg(feature = "aws-lc")]
            (Private::AwsLc(key, _), Hedge::Hedged) => {
                if out.len() != self.public.set.signature_len() {
                    return Err(Error::InvalidLength);
                }
                key.sign(mu, out)
            }
            (_, Hedge::Hedged) => self.sign_with(mu, rng::secret(SEED_LEN)?.expose(), out),
            (_, Hedge::Deterministic) => self.sign_with(mu, &[0; SEED_LEN], out),
        }
    }

    /// The same with given randomness of 32 bytes, zeros for the deterministic kind.
    pub(super) fn sign_with(&self, mu: &[u8; MU_LEN], rnd: &[u8], out: &mut [u8]) -> Result<()> {
        let rnd = rnd.try_into().map_err(|_| Error::InvalidParameter)?;
        if out.len() != self.public.set.signature_len() {
            return Err(Error::InvalidLength);
        }
        match &self.engine {
            Private::Portable(key) => key.sign(mu, rnd, out),
            #[cfg(feature = "aws-lc")]
            Private::AwsLc(_, portable) => match portable.get() {
                Some(key) => key.sign(mu, rnd, out),
                None => {
                    let key = portable::MlDsaPrivate::from_value(self.public.set, self.value.expose())?;
                    portable.get_or_init(|| key).sign(mu, rnd, out)
                }
            },
        }
    }
}

fn shake256(parts: &[&[u8]]) -> [u8; 64] {
    let mut hash = Shake256::default();
    parts.iter().for_each(|part| hash.update(part));
    let mut out = [0; 64];
    hash.finalize_xof().read(&mut out);
    out
}
