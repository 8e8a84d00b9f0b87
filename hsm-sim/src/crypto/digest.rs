//! Hash functions (FIPS 180-4).

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use super::engine::{Engine, Operation, serving};
use super::portable;

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// Every hash function there is here.
    pub const ALL: [Self; 5] = [Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Length of the digest in bytes.
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Length of the compression function's block in bytes.
    pub const fn block_len(self) -> usize {
        match self {
            Self::Sha1 | Self::Sha224 | Self::Sha256 => 64,
            Self::Sha384 | Self::Sha512 => 128,
        }
    }
}

/// Length of the longest digest in bytes.
pub(super) const MAX_OUTPUT: usize = 64;

/// Length of the longest compression block in bytes.
pub(super) const MAX_BLOCK: usize = 128;

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

    /// Starts a hash on the given engine.
    pub fn with_engine(engine: Engine, hash: Hash) -> Self {
        let state = match engine {
            Engine::Portable => State::Portable(portable::DigestState::new(hash)),
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => State::AwsLc(aws_lc::DigestState::new(hash)),
        };
        Self { hash, state }
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
