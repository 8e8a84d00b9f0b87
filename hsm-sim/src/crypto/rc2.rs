//! RC2 (RFC 2268), on the portable engine. Its tables are looked up by secrets.

use des::cipher::BlockCipherEncrypt;

use super::old_blocks::BlockKey;
use super::{Direction, Error, Result, block_modes};

/// Length of the longest key in bytes; the shortest has one.
pub const RC2_LONGEST: usize = 128;
/// Length of an RC2 block in bytes.
pub const RC2_BLOCK: usize = 8;

/// A key and how many bits of it count; erased on drop.
pub struct Rc2Key(::rc2::Rc2);

impl Rc2Key {
    /// Takes 1 to [`RC2_LONGEST`] bytes, of which 1 to 1024 bits count (RFC 2268, section 2), else [`Error::InvalidKey`].
    pub fn new(key: &[u8], effective_bits: usize) -> Result<Self> {
        match ((1..=RC2_LONGEST).contains(&key.len()), effective_bits) {
            (true, 1..=1024) => Ok(Self(::rc2::Rc2::new_with_eff_key_len(key, effective_bits))),
            _ => Err(Error::InvalidKey),
        }
    }
}

impl BlockKey<RC2_BLOCK> for Rc2Key {
    fn encrypt(&self, block: &mut [u8; RC2_BLOCK]) {
        self.0.encrypt_block(block.into());
    }

    fn run(&self, direction: Direction, iv: Option<&mut [u8; RC2_BLOCK]>, input: &[u8], output: &mut [u8]) -> Result<()> {
        block_modes::run(&self.0, direction, iv.map(|iv| &mut iv[..]), input, output)
    }
}
