//! Galois/counter mode (SP 800-38D).

use std::sync::Arc;

use zeroize::Zeroize;

use super::aes::Gcm;
#[cfg(feature = "aws-lc")]
use super::aws_lc;
use super::{AesKey, BLOCK, Error, Result, portable};

/// Longest plaintext in bytes (SP 800-38D, 5.2.1.1).
const MAX_TEXT: u64 = (1 << 36) - 32;

impl AesKey {
    /// Encrypts and authenticates `input`, authenticates `aad`; writes ciphertext and tag, and returns their length.
    ///
    /// `iv` has at least 1 byte and is never used twice under a key; `tag_len` is 4, 8, 12, 13, 14, 15 or 16: else
    /// [`Error::InvalidParameter`]. `output` has room for `input.len() + tag_len` bytes: else [`Error::InvalidLength`].
    #[inline]
    pub fn gcm_seal(&self, iv: &[u8], aad: &[u8], tag_len: usize, input: &[u8], output: &mut [u8]) -> Result<usize> {
        check(iv, tag_len)?;
        check_text(input.len())?;
        let sealed = input.len() + tag_len;
        let output = output.get_mut(..sealed).ok_or(Error::InvalidLength)?;
        match self.gcm()? {
            Gcm::Portable(gcm) => gcm.seal(iv, aad, input, output),
            #[cfg(feature = "aws-lc")]
            Gcm::AwsLc(gcm) => gcm.seal(iv, aad, input, output),
        }?;
        Ok(sealed)
    }

    /// Verifies and decrypts `input`, ciphertext and tag; returns the plaintext's length, `input.len() - tag_len`.
    ///
    /// [`Error::Rejected`] when the tag is wrong, and then the plaintext's room in `output` is zeroed. Otherwise as
    /// [`Self::gcm_seal`].
    #[inline]
    pub fn gcm_open(&self, iv: &[u8], aad: &[u8], tag_len: usize, input: &[u8], output: &mut [u8]) -> Result<usize> {
        check(iv, tag_len)?;
        let len = input.len().checked_sub(tag_len).ok_or(Error::InvalidLength)?;
        check_text(len)?;
        let output = output.get_mut(..len).ok_or(Error::InvalidLength)?;
        let (text, tag) = input.split_at(len);
        match self.gcm()? {
            Gcm::Portable(gcm) => gcm.open(iv, aad, text, tag, output),
            #[cfg(feature = "aws-lc")]
            Gcm::AwsLc(gcm) => gcm.open(self.bytes(), iv, aad, text, tag, output),
        }
        .inspect_err(|_| output.zeroize())?;
        Ok(len)
    }

    /// Starts a message that is sealed in parts; the parameters are those of [`Self::gcm_seal`].
    ///
    /// There is no counterpart that opens in parts: plaintext is never released before its tag was checked.
    pub fn gcm_encryptor(self: &Arc<Self>, iv: &[u8], aad: &[u8], tag_len: usize) -> Result<GcmEncryptor> {
        check(iv, tag_len)?;
        let stream = match self.gcm()? {
            Gcm::Portable(gcm) => Stream::Portable(Box::new(portable::GcmStream::new(gcm, iv, aad))),
            #[cfg(feature = "aws-lc")]
            Gcm::AwsLc(_) => Stream::AwsLc(aws_lc::GcmStream::new(self.bytes(), iv, aad)?),
        };
        Ok(GcmEncryptor { key: Arc::clone(self), stream, tag_len, len: 0 })
    }
}

/// A message being sealed in parts.
pub struct GcmEncryptor {
    key: Arc<AesKey>,
    stream: Stream,
    tag_len: usize,
    len: u64,
}

enum Stream {
    Portable(Box<portable::GcmStream>),
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::GcmStream),
}

impl GcmEncryptor {
    /// Encrypts a part of any length; returns the length written, that of `input`.
    pub fn update(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let output = output.get_mut(..input.len()).ok_or(Error::InvalidLength)?;
        let len = self.len.saturating_add(input.len() as u64);
        if len > MAX_TEXT {
            return Err(Error::InvalidLength);
        }
        match (&mut self.stream, self.key.gcm()?) {
            (Stream::Portable(stream), Gcm::Portable(gcm)) => stream.update(gcm, input, output),
            #[cfg(feature = "aws-lc")]
            (Stream::AwsLc(stream), _) => stream.update(input, output)?,
            #[cfg(feature = "aws-lc")]
            (Stream::Portable(_), Gcm::AwsLc(_)) => return Err(Error::Failed),
        }
        self.len = len;
        Ok(input.len())
    }

    /// Writes the tag and returns its length. `tag` has room for it: else [`Error::InvalidLength`].
    pub fn finish(self, tag: &mut [u8]) -> Result<usize> {
        let tag = tag.get_mut(..self.tag_len).ok_or(Error::InvalidLength)?;
        match self.stream {
            Stream::Portable(stream) => stream.finish(tag),
            #[cfg(feature = "aws-lc")]
            Stream::AwsLc(stream) => stream.finish(tag)?,
        }
        Ok(self.tag_len)
    }
}

#[inline]
fn check(iv: &[u8], tag_len: usize) -> Result<()> {
    if iv.is_empty() || !matches!(tag_len, 4 | 8 | 12..=BLOCK) {
        return Err(Error::InvalidParameter);
    }
    Ok(())
}

#[inline]
fn check_text(len: usize) -> Result<()> {
    if len as u64 > MAX_TEXT {
        return Err(Error::InvalidLength);
    }
    Ok(())
}
