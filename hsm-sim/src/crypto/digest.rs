//! Hash functions (FIPS 180-4, FIPS 202, RFC 7693; MD2 and MD5, RFC 1319 and RFC 1321, for those who still must).

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use super::engine::{Engine, Operation, serving};
use super::{Error, Result, portable};
use crate::secret::Secret;
use zeroize::Zeroizing;

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// Broken, and slow.
    Md2,
    /// Broken: collisions take seconds.
    Md5,
    /// Broken: collisions have been found.
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512_224,
    Sha512_256,
    Sha3_224,
    Sha3_256,
    Sha3_384,
    Sha3_512,
    Blake2b160,
    Blake2b256,
    Blake2b384,
    Blake2b512,
}

impl Hash {
    /// Every hash function there is here.
    pub const ALL: [Self; 17] = [
        Self::Md2,
        Self::Md5,
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha512_224,
        Self::Sha512_256,
        Self::Sha3_224,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
        Self::Blake2b160,
        Self::Blake2b256,
        Self::Blake2b384,
        Self::Blake2b512,
    ];

    /// Length of the digest in bytes.
    pub const fn output_len(self) -> usize {
        match self {
            Self::Md2 | Self::Md5 => 16,
            Self::Sha1 | Self::Blake2b160 => 20,
            Self::Sha224 | Self::Sha512_224 | Self::Sha3_224 => 28,
            Self::Sha256 | Self::Sha512_256 | Self::Sha3_256 | Self::Blake2b256 => 32,
            Self::Sha384 | Self::Sha3_384 | Self::Blake2b384 => 48,
            Self::Sha512 | Self::Sha3_512 | Self::Blake2b512 => 64,
        }
    }

    /// True for those that no configuration offers inside another mechanism.
    pub const fn is_obsolete(self) -> bool {
        matches!(self, Self::Md2 | Self::Md5)
    }

    /// Length in bytes of the block that HMAC pads keys to: the compression function's, or the rate of SHA-3's sponge. MD2 has blocks of
    /// 16 bytes, but those who ask for HMAC with it come from NSS, which pads to 64.
    pub const fn block_len(self) -> usize {
        match self {
            Self::Md2 | Self::Md5 | Self::Sha1 | Self::Sha224 | Self::Sha256 => 64,
            Self::Sha384 | Self::Sha512 | Self::Sha512_224 | Self::Sha512_256 => 128,
            Self::Blake2b160 | Self::Blake2b256 | Self::Blake2b384 | Self::Blake2b512 => 128,
            Self::Sha3_224 => 144,
            Self::Sha3_256 => 136,
            Self::Sha3_384 => 104,
            Self::Sha3_512 => 72,
        }
    }
}

/// Length of the longest digest in bytes.
pub(super) const MAX_OUTPUT: usize = 64;

/// Length of the longest block in bytes: SHA3-224's.
pub(super) const MAX_BLOCK: usize = 144;

// Which engine a saved state is of.
const PORTABLE: u8 = 0;
#[cfg(feature = "aws-lc")]
const AWS_LC: u8 = 1;

/// A hash being computed. Cloning copies the state; it is erased on drop.
#[derive(Clone)]
pub struct Digest {
    hash: Hash,
    state: State,
}

#[derive(Clone)]
enum State {
    Portable(portable::DigestState),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::DigestState),
}

impl Digest {
    /// Starts a hash.
    pub fn new(hash: Hash) -> Self {
        Self::with_engine(serving(Operation::Digest), hash)
    }

    /// Starts a hash on the given engine; SHA-3, BLAKE2b and MD2, whatever the engine, on the portable one.
    pub fn with_engine(engine: Engine, hash: Hash) -> Self {
        #[cfg(feature = "aws-lc")]
        if engine == Engine::AwsLc
            && let Some(state) = aws_lc::DigestState::new(hash)
        {
            return Self { hash, state: State::AwsLc(state) };
        }
        let _ = engine;
        Self { hash, state: State::Portable(portable::DigestState::new(hash)) }
    }

    /// The hash function.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Adds `data` to what is hashed.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.state {
            State::Portable(state) => state.update(data),
            #[cfg(feature = "aws-lc")]
            State::AwsLc(state) => state.update(data),
        }
    }

    /// The state, for [`Digest::resume`]: as secret as what was hashed. `None` for BLAKE2b.
    pub fn save(&self) -> Option<Secret> {
        let (engine, state) = match &self.state {
            State::Portable(state) => (PORTABLE, state.save()?),
            #[cfg(feature = "aws-lc")]
            State::AwsLc(state) => (AWS_LC, state.save()),
        };
        Some(Secret::take(&mut Zeroizing::new([&[engine], state.expose()].concat())))
    }

    /// Goes on from what [`Digest::save`] gave for the same hash in this process, else [`Error::InvalidParameter`].
    pub fn resume(hash: Hash, saved: &[u8]) -> Result<Self> {
        let state = match saved.split_first() {
            Some((&PORTABLE, state)) => portable::DigestState::resume(hash, state).map(State::Portable),
            #[cfg(feature = "aws-lc")]
            Some((&AWS_LC, state)) => aws_lc::DigestState::resume(hash, state).map(State::AwsLc),
            _ => None,
        };
        Ok(Self { hash, state: state.ok_or(Error::InvalidParameter)? })
    }

    /// Writes the digest to the start of `out` and returns its length, [`Hash::output_len`].
    ///
    /// A shorter `out` receives the digest's leading bytes, and the length returned is that of `out`.
    pub fn finish(self, out: &mut [u8]) -> usize {
        let mut digest = [0; MAX_OUTPUT];
        match self.state {
            State::Portable(state) => state.finish(&mut digest),
            #[cfg(feature = "aws-lc")]
            State::AwsLc(state) => state.finish(&mut digest),
        }
        let len = self.hash.output_len().min(out.len());
        out[..len].copy_from_slice(&digest[..len]);
        len
    }
}

/// Hashes the concatenation of `parts` in one go; see [`Digest::finish`] for `out`.
pub fn digest(hash: Hash, parts: &[&[u8]], out: &mut [u8]) -> usize {
    let mut digest = Digest::new(hash);
    for part in parts {
        digest.update(part);
    }
    digest.finish(out)
}
