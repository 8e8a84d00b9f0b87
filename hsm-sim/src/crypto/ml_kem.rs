//! ML-KEM (FIPS 203).

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use super::engine::{Engine, Operation, serving};
use super::{Error, Result, portable};
use crate::rng;
use crate::secret::Secret;
use sha3::{Digest, Sha3_256};

/// A parameter set (FIPS 203, 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MlKemSet {
    MlKem512,
    MlKem768,
    MlKem1024,
}

impl MlKemSet {
    /// Every parameter set.
    pub const ALL: [Self; 3] = [Self::MlKem512, Self::MlKem768, Self::MlKem1024];

    /// Length of an encapsulation key in bytes.
    pub const fn public_len(self) -> usize {
        self.vector_len() + 32
    }

    /// Length of an expanded decapsulation key in bytes.
    pub const fn private_len(self) -> usize {
        2 * self.vector_len() + 96
    }

    /// Length of a ciphertext in bytes.
    pub const fn ciphertext_len(self) -> usize {
        match self {
            Self::MlKem512 => 768,
            Self::MlKem768 => 1088,
            Self::MlKem1024 => 1568,
        }
    }

    /// Length of the k polynomials that a key holds, 12 bits to a coefficient.
    const fn vector_len(self) -> usize {
        match self {
            Self::MlKem512 => 2 * 384,
            Self::MlKem768 => 3 * 384,
            Self::MlKem1024 => 4 * 384,
        }
    }
}

/// Length of a seed, d || z, in bytes.
pub(super) const SEED_LEN: usize = 64;
/// Length of a shared secret, and of the randomness m, in bytes.
pub(super) const SHARED_LEN: usize = 32;

/// An encapsulation key that has passed the check of FIPS 203, 7.2.
pub struct MlKemPublicKey {
    set: MlKemSet,
    value: Box<[u8]>,
    engine: Public,
}

enum Public {
    Portable(portable::MlKemPublic),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::MlKemPublic),
}

impl MlKemPublicKey {
    /// Takes an encoded key; [`Error::InvalidKey`] when its length or one of its coefficients is wrong.
    pub fn new(set: MlKemSet, value: &[u8]) -> Result<Self> {
        Self::with_engine(serving(Operation::MlKem), set, value)
    }

    /// The same, on the given engine.
    pub fn with_engine(engine: Engine, set: MlKemSet, value: &[u8]) -> Result<Self> {
        if value.len() != set.public_len() || !is_reduced(&value[..set.vector_len()]) {
            return Err(Error::InvalidKey);
        }
        let engine = match engine {
            Engine::Portable => Public::Portable(portable::MlKemPublic::new(set, value)?),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => Public::AwsLc(aws_lc::MlKemPublic::new(set, value)?),
        };
        Ok(Self { set, value: value.into(), engine })
    }

    /// The parameter set.
    pub fn set(&self) -> MlKemSet {
        self.set
    }

    /// The encoded key.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// Fills `ciphertext`, which has the parameter set's length, else [`Error::InvalidLength`]; the shared secret.
    pub fn encapsulate(&self, ciphertext: &mut [u8]) -> Result<Secret> {
        self.encapsulate_with(rng::secret(SHARED_LEN)?.expose(), ciphertext)
    }

    /// The same with given randomness m of 32 bytes (FIPS 203, algorithm 17).
    pub(super) fn encapsulate_with(&self, m: &[u8], ciphertext: &mut [u8]) -> Result<Secret> {
        let m = m.try_into().map_err(|_| Error::InvalidParameter)?;
        if ciphertext.len() != self.set.ciphertext_len() {
            return Err(Error::InvalidLength);
        }
        match &self.engine {
            Public::Portable(key) => key.encapsulate(m, ciphertext),
            #[cfg(feature = "aws-lc")]
            Public::AwsLc(key) => key.encapsulate(m, ciphertext),
        }
    }
}

/// A decapsulation key, with the seed it came from when that is known; erased on drop.
pub struct MlKemPrivateKey {
    public: MlKemPublicKey,
    seed: Option<Secret>,
    value: Secret,
    engine: Private,
}

enum Private {
    Portable(portable::MlKemPrivate),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::MlKemPrivate),
}

impl MlKemPrivateKey {
    /// A fresh key.
    pub fn generate(set: MlKemSet) -> Result<Self> {
        Self::from_seed(set, rng::secret(SEED_LEN)?.expose())
    }

    /// The key of a seed d || z of 64 bytes; else [`Error::InvalidKey`].
    pub fn from_seed(set: MlKemSet, seed: &[u8]) -> Result<Self> {
        Self::from_seed_with(serving(Operation::MlKem), set, seed)
    }

    /// The same, on the given engine.
    pub fn from_seed_with(engine: Engine, set: MlKemSet, seed: &[u8]) -> Result<Self> {
        let bytes = seed.try_into().map_err(|_| Error::InvalidKey)?;
        let value = match engine {
            Engine::Portable => portable::MlKemPrivate::expand(set, bytes),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => aws_lc::MlKemPrivate::expand(set, bytes),
        }?;
        Self::assemble(engine, set, Some(Secret::copy(seed)), value)
    }

    /// Takes an expanded key; [`Error::InvalidKey`] when it fails the checks of FIPS 203, 7.3, holds a coefficient that is not
    /// reduced, or does not open what its own public part closes.
    pub fn from_value(set: MlKemSet, value: &[u8]) -> Result<Self> {
        Self::from_value_with(serving(Operation::MlKem), set, value)
    }

    /// The same, on the given engine.
    pub fn from_value_with(engine: Engine, set: MlKemSet, value: &[u8]) -> Result<Self> {
        let k = set.vector_len();
        if value.len() != set.private_len() || !is_reduced(&value[..k]) {
            return Err(Error::InvalidKey);
        }
        let (public, rest) = value[k..].split_at(set.public_len());
        if Sha3_256::digest(public)[..] != rest[..32] {
            return Err(Error::InvalidKey);
        }
        let key = Self::assemble(engine, set, None, Secret::copy(value))?;
        let mut ciphertext = vec![0; set.ciphertext_len()];
        let shared = key.public.encapsulate(&mut ciphertext)?;
        if key.decapsulate(&ciphertext)? == shared { Ok(key) } else { Err(Error::InvalidKey) }
    }

    fn assemble(engine: Engine, set: MlKemSet, seed: Option<Secret>, value: Secret) -> Result<Self> {
        let k = set.vector_len();
        let public = MlKemPublicKey::with_engine(engine, set, &value.expose()[k..][..set.public_len()])?;
        let engine = match engine {
            Engine::Portable => Private::Portable(portable::MlKemPrivate::new(set, value.expose())?),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => Private::AwsLc(aws_lc::MlKemPrivate::new(set, value.expose())?),
        };
        Ok(Self { public, seed, value, engine })
    }

    /// The encapsulation key inside.
    pub fn public(&self) -> &MlKemPublicKey {
        &self.public
    }

    /// d || z, if the key was made from it.
    pub fn seed(&self) -> Option<&Secret> {
        self.seed.as_ref()
    }

    /// The expanded key.
    pub fn value(&self) -> &Secret {
        &self.value
    }

    /// The shared secret. A ciphertext that was not made for this key gives a secret that nobody knows (implicit rejection);
    /// one of another length is [`Error::InvalidLength`].
    pub fn decapsulate(&self, ciphertext: &[u8]) -> Result<Secret> {
        if ciphertext.len() != self.public.set.ciphertext_len() {
            return Err(Error::InvalidLength);
        }
        match &self.engine {
            Private::Portable(key) => key.decapsulate(ciphertext),
            #[cfg(feature = "aws-lc")]
            Private::AwsLc(key) => key.decapsulate(ciphertext),
        }
    }
}

/// The modulus check of FIPS 203, 7.2: each coefficient, of 12 bits, is below q. It takes the same time for all keys of a length.
fn is_reduced(vector: &[u8]) -> bool {
    const Q: u16 = 3329;
    let coefficients = vector.chunks_exact(3).flat_map(|bytes| {
        let [a, b, c] = [bytes[0], bytes[1], bytes[2]].map(u16::from);
        [a | (b & 15) << 8, b >> 4 | c << 4]
    });
    // The difference wraps, and so sets the top bit, when the coefficient is below q.
    coefficients.fold(0x8000, |all, coefficient| all & coefficient.wrapping_sub(Q)) == 0x8000
}
