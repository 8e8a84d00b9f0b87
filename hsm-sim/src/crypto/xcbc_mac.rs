//! AES-XCBC-MAC (RFC 3566), for IPsec as it was: CMAC is its successor.

use std::sync::Arc;

use super::masked_mac::{Block, MaskedMac};
use super::{AesKey, BLOCK, Direction, Ecb, Error, Result};

/// A message being authenticated.
pub struct XcbcMac {
    mac: MaskedMac,
    /// For a last block that is whole, and for one that was filled.
    masks: [Block; 2],
}

impl XcbcMac {
    /// Begins a message under a key of 16 bytes, else [`Error::InvalidKey`].
    pub fn new(key: &Arc<AesKey>) -> Result<Self> {
        if key.len() != BLOCK {
            return Err(Error::InvalidKey);
        }
        let part = |byte: u8| -> Result<Block> {
            let mut part = Block::default();
            Ecb::new(Arc::clone(key), Direction::Encrypt).process(&[byte; BLOCK], &mut *part)?;
            Ok(part)
        };
        Ok(Self { mac: MaskedMac::new(Arc::new(AesKey::new(&*part(1)?)?)), masks: [part(2)?, part(3)?] })
    }

    /// Adds `data` to the message.
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        self.mac.update(data)
    }

    /// The code.
    pub fn finish(self) -> Result<[u8; BLOCK]> {
        let [whole, filled] = self.masks;
        self.mac.finish(|is_whole| Ok(if is_whole { whole } else { filled })).map(|code| *code)
    }
}
