//! CBC-MAC with AES whose last block is masked, by one mask when it is whole and by another when it was filled: CMAC, AES-XCBC-MAC.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{AesKey, BLOCK, CbcMac, Result};

pub(super) type Block = Zeroizing<[u8; BLOCK]>;

/// A message being authenticated.
pub(super) struct MaskedMac {
    mac: CbcMac<AesKey, BLOCK>,
    /// The bytes that may be the last block.
    waiting: Block,
    filled: usize,
}

impl MaskedMac {
    /// Begins a message.
    pub(super) fn new(key: Arc<AesKey>) -> Self {
        Self { mac: CbcMac::new(key), waiting: Block::default(), filled: 0 }
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

    /// The whole code; `mask` is told whether the last block is whole.
    pub(super) fn finish(mut self, mask: impl FnOnce(bool) -> Result<Block>) -> Result<Block> {
        let mut last = mask(self.filled == BLOCK)?;
        if self.filled < BLOCK {
            self.waiting[self.filled..].fill(0);
            self.waiting[self.filled] = 0x80;
        }
        last.iter_mut().zip(&*self.waiting).for_each(|(byte, data)| *byte ^= data);
        self.mac.update(&*last)?;
        self.mac.finish().map(Zeroizing::new)
    }
}
