//! Room for one encoded message.

use zeroize::Zeroize;

use super::BITS;
use crate::crypto::{Error, Result};

/// As many bytes as a modulus has, on the stack, erased on drop: padding allocates nothing.
pub(super) struct Encoded {
    bytes: [u8; BITS.end().div_ceil(8)],
    len: usize,
}

impl Encoded {
    /// `len` zeros; a modulus was checked to be no longer than the room.
    pub(super) fn zeros(len: usize) -> Self {
        let bytes = [0; BITS.end().div_ceil(8)];
        let len = len.min(bytes.len());
        Self { bytes, len }
    }

    /// `number` with leading zeros up to `len` bytes; [`Error::InvalidLength`] when it is longer.
    pub(super) fn padded(number: &[u8], len: usize) -> Result<Self> {
        let mut encoded = Self::zeros(len);
        let zeros = len.checked_sub(number.len()).ok_or(Error::InvalidLength)?;
        encoded[zeros..].copy_from_slice(number);
        Ok(encoded)
    }
}

impl std::ops::Deref for Encoded {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl std::ops::DerefMut for Encoded {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }
}

impl Drop for Encoded {
    fn drop(&mut self) {
        self.bytes[..self.len].zeroize();
    }
}
