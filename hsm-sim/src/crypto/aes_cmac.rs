//! CMAC with AES (SP 800-38B): a chain of blocks whose last one is masked.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{AesKey, BLOCK, CbcMac, Direction, Ecb, Result};

type Block = Zeroizing<[u8; BLOCK]>;

/// A message being authenticated.
pub(super) struct AesCmac {
    key: Arc<AesKey>,
    mac: CbcMac<AesKey, BLOCK>,
    /// The bytes that may be the last block.
    waiting: Block,
    filled: usize,
}

impl AesCmac {
    /// Begins a message.
    pub(super) fn new(key: &Arc<AesKey>) -> Self {
        Self { key: Arc::clone(key), mac: CbcMac::new(Arc::clone(key)), waiting: Block::default(), filled: 0 }
    }

    /// Adds `data` to the message.
    pub(super) fn update(&mut self, data: &[u8]) -> Result<()> {
        let (fill, data) = data.split_at(data.len().min(BLOCK - self.filled));
        self.waiting[self.filled..self.filled + fill.len()].copy_from_slice(fill);
        self.filled += fill.len();
        if data.is_empty() {
            return Ok(());
        }
        let (whole, rest) = data.split_at((data.len() - 1) / BLOCK * BLOCK);
        self.mac.update(&*self.waiting)?;
        self.mac.update(whole)?;
        self.waiting[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
        Ok(())
    }

    /// The whole code.
    pub(super) fn finish(mut self) -> Result<Block> {
        let mut mask = Block::default();
        Ecb::new(Arc::clone(&self.key), Direction::Encrypt).process(&[0; BLOCK], &mut *mask)?;
        double(&mut mask);
        if self.filled < BLOCK {
            double(&mut mask);
            self.waiting[self.filled..].fill(0);
            self.waiting[self.filled] = 0x80;
        }
        mask.iter_mut().zip(&*self.waiting).for_each(|(byte, data)| *byte ^= data);
        self.mac.update(&*mask)?;
        self.mac.finish().map(Zeroizing::new)
    }
}

/// Multiplies by x in GF(2^128) (SP 800-38B, 6.1), in constant time.
fn double(block: &mut Block) {
    let number = u128::from_be_bytes(**block);
    **block = (number << 1 ^ (0x87 & 0_u128.wrapping_sub(number >> 127))).to_be_bytes();
}
