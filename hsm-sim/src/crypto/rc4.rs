//! RC4 (RFC 6229 tells its streams), on the portable engine. Broken: its first bytes tell of the key, and RFC 7465 forbids it in TLS.

use ::rc4::{KeyInit, StreamCipher};

use super::{Error, Result};

/// Length of the longest key in bytes; the shortest has one.
pub const RC4_LONGEST: usize = 256;

/// A stream under way; erased on drop.
pub struct Rc4(::rc4::Rc4);

impl Rc4 {
    /// Takes 1 to [`RC4_LONGEST`] bytes, else [`Error::InvalidKey`].
    pub fn new(key: &[u8]) -> Result<Self> {
        ::rc4::Rc4::new_from_slice(key).map(Self).map_err(|_| Error::InvalidKey)
    }

    /// Encrypts or decrypts; `output` is as long as `input`, else [`Error::InvalidLength`].
    pub fn process(&mut self, input: &[u8], output: &mut [u8]) -> Result<()> {
        self.0.try_apply_keystream_b2b(input, output).map_err(|_| Error::InvalidLength)
    }
}
