//! AES keys (FIPS 197).

use std::sync::OnceLock;

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use super::engine::{Engine, Operation, serving};
use super::{BLOCK, Error, Result, portable};
use crate::secret::{DEEP, Secret, scrubbed};

/// Which way a block mode runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Encrypt,
    Decrypt,
}

/// An AES key of 16, 24 or 32 bytes.
///
/// What a mode precomputes is built at its first use and kept, so that making a key is cheap and a cached key is fast.
pub struct AesKey {
    bytes: Secret,
    engine: Option<Engine>,
    /// One for each engine, in the order of [`Engine::ALL`].
    blocks: [OnceLock<Blocks>; Engine::ALL.len()],
    gcm: OnceLock<Gcm>,
}

/// A key schedule.
pub(super) enum Blocks {
    Portable(Box<portable::Aes>),
    #[cfg(feature = "aws-lc")]
    AwsLc(Box<aws_lc::Aes>),
}

/// A key schedule and hash key for GCM.
pub(super) enum Gcm {
    Portable(Box<portable::Gcm>),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::Gcm),
}

impl AesKey {
    /// Takes 16, 24 or 32 bytes, else [`Error::InvalidKey`].
    pub fn new(bytes: &[u8]) -> Result<Self> {
        Self::with(None, bytes)
    }

    /// The same, with every mode on the given engine.
    pub fn with_engine(engine: Engine, bytes: &[u8]) -> Result<Self> {
        Self::with(Some(engine), bytes)
    }

    /// Length in bytes: 16, 24 or 32.
    #[allow(clippy::len_without_is_empty, reason = "a key is never empty")]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    fn with(engine: Option<Engine>, bytes: &[u8]) -> Result<Self> {
        if !matches!(bytes.len(), 16 | 24 | 32) {
            return Err(Error::InvalidKey);
        }
        Ok(Self {
            bytes: Secret::copy(bytes),
            engine,
            blocks: [const { OnceLock::new() }; Engine::ALL.len()],
            gcm: OnceLock::new(),
        })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.expose()
    }

    /// The key schedule for an operation on blocks.
    pub(super) fn blocks(&self, operation: Operation) -> Result<&Blocks> {
        let engine = self.engine(operation);
        once(&self.blocks[engine as usize], || {
            Ok(match engine {
                Engine::Portable => Blocks::Portable(Box::new(portable::Aes::new(self.bytes())?)),
                #[cfg(feature = "aws-lc")]
                Engine::AwsLc => Blocks::AwsLc(Box::new(aws_lc::Aes::new(self.bytes())?)),
            })
        })
    }

    #[inline]
    pub(super) fn gcm(&self) -> Result<&Gcm> {
        once(&self.gcm, || {
            Ok(match self.engine(Operation::Gcm) {
                Engine::Portable => Gcm::Portable(Box::new(portable::Gcm::new(self.bytes())?)),
                #[cfg(feature = "aws-lc")]
                Engine::AwsLc => Gcm::AwsLc(aws_lc::Gcm::new(self.bytes())?),
            })
        })
    }

    fn engine(&self, operation: Operation) -> Engine {
        self.engine.unwrap_or(serving(operation))
    }
}

impl Blocks {
    /// Runs whole blocks through the bare cipher. `input` and `output` have one length, a multiple of [`BLOCK`].
    pub(super) fn ecb(&self, direction: Direction, input: &[u8], output: &mut [u8]) {
        match self {
            Self::Portable(aes) => aes.ecb(direction, input, output),
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(aes) => aes.ecb(direction, input, output),
        }
    }

    /// The bare cipher on one block, in place.
    pub(super) fn block(&self, direction: Direction, block: &mut [u8; BLOCK]) {
        match self {
            Self::Portable(aes) => aes.block(direction, block),
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(aes) => aes.block(direction, block),
        }
    }

    /// Cipher block chaining over whole blocks; `iv` becomes the last block of ciphertext.
    pub(super) fn cbc(&self, direction: Direction, iv: &mut [u8; BLOCK], input: &[u8], output: &mut [u8]) {
        match self {
            Self::Portable(aes) => aes.cbc(direction, iv, input, output),
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(aes) => aes.cbc(direction, iv, input, output),
        }
    }

    /// Adds the key stream of a 128-bit counter; `stream` advances.
    pub(super) fn ctr(&self, stream: &mut CounterState, input: &[u8], output: &mut [u8]) {
        match self {
            Self::Portable(aes) => aes.ctr(stream, input, output),
            #[cfg(feature = "aws-lc")]
            Self::AwsLc(aes) => aes.ctr(stream, input, output),
        }
    }
}

/// Where a counter-mode stream stands.
pub(super) struct CounterState {
    /// The next counter block to encrypt.
    pub(super) counter: [u8; BLOCK],
    /// The block of key stream in use; meaningful while `used` is not 0.
    pub(super) keystream: [u8; BLOCK],
    /// Bytes of `keystream` already used; 0 when none is left.
    pub(super) used: usize,
}

impl Drop for CounterState {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.keystream);
    }
}

/// `OnceLock::get_or_try_init`, which is not stable yet. Two threads may both build; one result is kept.
#[inline]
fn once<T>(cell: &OnceLock<T>, build: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    scrubbed::<DEEP, _>(|| build().map(|built| _ = cell.set(built)))?;
    cell.get().ok_or(Error::Failed)
}
