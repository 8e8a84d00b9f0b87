//! CMAC with AES (SP 800-38B).

use std::sync::Arc;

use super::masked_mac::{Block, MaskedMac};
use super::{AesKey, BLOCK, Direction, Ecb, Result};

/// A message being authenticated.
pub(super) struct AesCmac {
    key: Arc<AesKey>,
    mac: MaskedMac,
}

impl AesCmac {
    /// Begins a message.
    pub(super) fn new(key: &Arc<AesKey>) -> Self {
        Self { key: Arc::clone(key), mac: MaskedMac::new(Arc::clone(key)) }
    }

    /// Adds `data` to the message.
    pub(super) fn update(&mut self, data: &[u8]) -> Result<()> {
        self.mac.update(data)
    }

    /// The whole code.
    pub(super) fn finish(self) -> Result<Block> {
        self.mac.finish(|whole| {
            let mut mask = Block::default();
            Ecb::new(self.key, Direction::Encrypt).process(&[0; BLOCK], &mut *mask)?;
            double(&mut mask);
            if !whole {
                double(&mut mask);
            }
            Ok(mask)
        })
    }
}

/// Multiplies by x in GF(2^128) (SP 800-38B, 6.1), in constant time.
fn double(block: &mut Block) {
    let number = u128::from_be_bytes(**block);
    **block = (number << 1 ^ (0x87 & 0_u128.wrapping_sub(number >> 127))).to_be_bytes();
}
