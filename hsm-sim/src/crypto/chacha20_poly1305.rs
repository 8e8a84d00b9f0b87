//! AEAD_CHACHA20_POLY1305 (RFC 8439, 2.8) and its form with a long nonce (draft-irtf-cfrg-xchacha).

use zeroize::Zeroize;

#[cfg(feature = "aws-lc")]
use super::aws_lc;
use super::engine::{Engine, Operation, serving};
use super::{CHACHA20_KEY, Error, Result, portable};
use crate::secret::{SHALLOW, scrubbed};

/// Length of the tag in bytes.
pub const CHACHA20_TAG: usize = 16;

/// A key for one length of nonce; erased on drop.
pub struct ChaCha20Poly1305(State);

enum State {
    Portable(Box<portable::ChaCha20Poly1305>),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::Aead),
}

impl ChaCha20Poly1305 {
    /// A key of 32 bytes, else [`Error::InvalidKey`]; nonces of 12 or 24 bytes, else [`Error::InvalidParameter`].
    pub fn new(key: &[u8], nonce_len: usize) -> Result<Self> {
        Self::with_engine(serving(Operation::ChaCha20Poly1305), key, nonce_len)
    }

    /// The same, on the given engine.
    pub fn with_engine(engine: Engine, key: &[u8], nonce_len: usize) -> Result<Self> {
        if key.len() != CHACHA20_KEY {
            return Err(Error::InvalidKey);
        }
        if !matches!(nonce_len, 12 | 24) {
            return Err(Error::InvalidParameter);
        }
        Ok(Self(match engine {
            Engine::Portable => scrubbed::<SHALLOW, _>(|| {
                portable::ChaCha20Poly1305::new(key, nonce_len).map(|key| State::Portable(Box::new(key)))
            })?,
            #[cfg(feature = "aws-lc")]
            Engine::AwsLc => State::AwsLc(aws_lc::Aead::chacha20_poly1305(key, nonce_len)?),
        }))
    }

    /// Encrypts and authenticates `input`, authenticates `aad`; writes ciphertext and tag, and returns their length.
    ///
    /// `nonce` is never used twice under a key. `output` has room for 16 bytes more than `input`: else
    /// [`Error::InvalidLength`].
    pub fn seal(&self, nonce: &[u8], aad: &[u8], input: &[u8], output: &mut [u8]) -> Result<usize> {
        let output = output.get_mut(..input.len() + CHACHA20_TAG).ok_or(Error::InvalidLength)?;
        let (text, tag) = output.split_at_mut(input.len());
        match &self.0 {
            State::Portable(key) => key.seal(nonce, aad, input, text, tag),
            #[cfg(feature = "aws-lc")]
            State::AwsLc(key) => key.seal(nonce, aad, input, text, tag),
        }?;
        Ok(output.len())
    }

    /// Verifies and decrypts `input`, ciphertext and tag; returns the plaintext's length.
    ///
    /// [`Error::Rejected`] when the tag is wrong, and then the plaintext's room in `output` is zeroed. Otherwise as
    /// [`Self::seal`].
    pub fn open(&self, nonce: &[u8], aad: &[u8], input: &[u8], output: &mut [u8]) -> Result<usize> {
        let len = input.len().checked_sub(CHACHA20_TAG).ok_or(Error::InvalidLength)?;
        let output = output.get_mut(..len).ok_or(Error::InvalidLength)?;
        let (text, tag) = input.split_at(len);
        match &self.0 {
            State::Portable(key) => key.open(nonce, aad, text, tag, output),
            #[cfg(feature = "aws-lc")]
            State::AwsLc(key) => key.open(nonce, aad, text, tag, output),
        }
        .inspect_err(|_| output.zeroize())?;
        Ok(len)
    }
}
