//! One segment sealed or opened: STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};

use super::format::HEADER_LEN;
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

/// The cipher of one message. The nonce of segment i is prefix (7) | i (4, big-endian) | last (1): no segment can be
/// moved, repeated or dropped, and the last one cannot be cut off, without the tag failing.
pub(super) struct Segments {
    cipher: Aes256Gcm,
    nonce_prefix: [u8; 7],
    header: [u8; HEADER_LEN],
}

impl Segments {
    pub(super) fn new(key: &Secret, nonce_prefix: [u8; 7], header: [u8; HEADER_LEN]) -> Result<Self> {
        let cipher = Aes256Gcm::new_from_slice(key.expose())
            .map_err(|_| Error::new(Kind::Malformed, "the message key has not 32 bytes"))?;
        Ok(Self { cipher, nonce_prefix, header })
    }

    /// Encrypts `buffer` in place and appends the tag.
    pub(super) fn seal(&self, index: u64, last: bool, buffer: &mut Vec<u8>) -> Result<()> {
        let nonce = self.nonce(index, last)?;
        self.cipher
            .encrypt_in_place(&nonce, &self.header, buffer)
            .map_err(|_| Error::new(Kind::Malformed, "the segment is too long to encrypt"))
    }

    /// Checks and removes the tag and decrypts `buffer` in place; on failure its content means nothing.
    pub(super) fn open(&self, index: u64, last: bool, buffer: &mut Vec<u8>) -> Result<()> {
        let nonce = self.nonce(index, last)?;
        self.cipher.decrypt_in_place(&nonce, &self.header, buffer).map_err(|_| {
            Error::authentication(format!("segment {index} of the envelope is not genuine"))
                .why("the envelope was altered, cut off, or put together from several")
                .next("fetch an unharmed copy; nothing of this one was released")
        })
    }

    fn nonce(&self, index: u64, last: bool) -> Result<Nonce<aes_gcm::aead::consts::U12>> {
        let counter = u32::try_from(index)
            .map_err(|_| Error::new(Kind::Usage, "the data is too long for one envelope").why("2^32 segments"))?;
        let mut nonce = [0; 12];
        nonce[..7].copy_from_slice(&self.nonce_prefix);
        nonce[7..11].copy_from_slice(&counter.to_be_bytes());
        nonce[11] = u8::from(last);
        Ok(nonce.into())
    }
}
