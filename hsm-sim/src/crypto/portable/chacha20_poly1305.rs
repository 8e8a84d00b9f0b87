//! ChaCha20-Poly1305 over the crate of that name.

use ::chacha20poly1305::aead::{AeadInOut, KeyInit, Nonce, Tag, inout::InOutBuf};
use ::chacha20poly1305::{ChaCha20Poly1305 as Ietf, XChaCha20Poly1305};

use crate::crypto::{Error, Result};
use crate::secret::{SHALLOW, scrubbed};

/// A key; erased on drop.
pub(in crate::crypto) enum ChaCha20Poly1305 {
    Ietf(Ietf),
    Extended(XChaCha20Poly1305),
}

impl ChaCha20Poly1305 {
    pub(in crate::crypto) fn new(key: &[u8], nonce_len: usize) -> Result<Self> {
        match nonce_len {
            12 => Ietf::new_from_slice(key).map(Self::Ietf),
            _ => XChaCha20Poly1305::new_from_slice(key).map(Self::Extended),
        }
        .map_err(|_| Error::InvalidKey)
    }

    /// `output` is as long as `input`, `tag` as long as the tag.
    pub(in crate::crypto) fn seal(
        &self,
        nonce: &[u8],
        aad: &[u8],
        input: &[u8],
        output: &mut [u8],
        tag: &mut [u8],
    ) -> Result<()> {
        match self {
            Self::Ietf(key) => seal(key, nonce, aad, input, output, tag),
            Self::Extended(key) => seal(key, nonce, aad, input, output, tag),
        }
    }

    /// `output` is as long as `input`, and is written only when `tag` is right.
    pub(in crate::crypto) fn open(&self, nonce: &[u8], aad: &[u8], input: &[u8], tag: &[u8], output: &mut [u8]) -> Result<()> {
        match self {
            Self::Ietf(key) => open(key, nonce, aad, input, tag, output),
            Self::Extended(key) => open(key, nonce, aad, input, tag, output),
        }
    }
}

fn seal<K: AeadInOut>(key: &K, nonce: &[u8], aad: &[u8], input: &[u8], output: &mut [u8], tag: &mut [u8]) -> Result<()> {
    let nonce = <&Nonce<K>>::try_from(nonce).map_err(|_| Error::InvalidParameter)?;
    let text = InOutBuf::new(input, output).map_err(|_| Error::InvalidLength)?;
    let made = scrubbed::<SHALLOW, _>(|| key.encrypt_inout_detached(nonce, aad, text)).map_err(|_| Error::InvalidLength)?;
    tag.copy_from_slice(&made);
    Ok(())
}

fn open<K: AeadInOut>(key: &K, nonce: &[u8], aad: &[u8], input: &[u8], tag: &[u8], output: &mut [u8]) -> Result<()> {
    let nonce = <&Nonce<K>>::try_from(nonce).map_err(|_| Error::InvalidParameter)?;
    let tag = <&Tag<K>>::try_from(tag).map_err(|_| Error::InvalidLength)?;
    let text = InOutBuf::new(input, output).map_err(|_| Error::InvalidLength)?;
    scrubbed::<SHALLOW, _>(|| key.decrypt_inout_detached(nonce, aad, text, tag)).map_err(|_| Error::Rejected)
}
