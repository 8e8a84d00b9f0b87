//! CBC-MAC (FIPS 113, with AES for DES), bare and within CCM.

use std::sync::Arc;

use zeroize::Zeroize;

use super::aes::Blocks;
use super::{AesKey, BLOCK, Direction, Operation, Result};

/// The chain: the ciphertext of the last whole block, with the bytes of the next one added.
pub(super) struct Chain {
    block: [u8; BLOCK],
    filled: usize,
}

impl Chain {
    pub(super) fn new() -> Self {
        Self { block: [0; BLOCK], filled: 0 }
    }

    pub(super) fn update(&mut self, blocks: &Blocks, data: &[u8]) {
        let (head, data) = data.split_at(data.len().min((BLOCK - self.filled) % BLOCK));
        self.add(blocks, head);
        data.chunks(BLOCK).for_each(|block| self.add(blocks, block));
    }

    /// Fills the block that is not full with zeros.
    pub(super) fn pad(&mut self, blocks: &Blocks) -> [u8; BLOCK] {
        if self.filled > 0 {
            blocks.block(Direction::Encrypt, &mut self.block);
            self.filled = 0;
        }
        self.block
    }

    /// Takes bytes that fit into the block that is not full.
    fn add(&mut self, blocks: &Blocks, data: &[u8]) {
        for (byte, data) in self.block[self.filled..].iter_mut().zip(data) {
            *byte ^= data;
        }
        self.filled += data.len();
        if self.filled == BLOCK {
            self.pad(blocks);
        }
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        self.block.zeroize();
    }
}

/// A message being authenticated. Sound only while all messages under a key have one length: CMAC is what to use.
pub struct CbcMac {
    key: Arc<AesKey>,
    chain: Chain,
}

impl CbcMac {
    /// Begins a message.
    pub fn new(key: Arc<AesKey>) -> Self {
        Self { key, chain: Chain::new() }
    }

    /// Adds `data` to the message.
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        self.chain.update(self.key.blocks(Operation::BlockModes)?, data);
        Ok(())
    }

    /// The last block; the message is filled with zeros.
    pub fn finish(mut self) -> Result<[u8; BLOCK]> {
        Ok(self.chain.pad(self.key.blocks(Operation::BlockModes)?))
    }
}
