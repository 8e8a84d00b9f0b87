//! Cipher block chaining (SP 800-38A, 6.2).

use std::sync::Arc;

use super::ecb::whole_blocks;
use super::{AesKey, BLOCK, Direction, Operation, Result};

/// A chain of blocks.
pub struct Cbc {
    key: Arc<AesKey>,
    direction: Direction,
    iv: [u8; BLOCK],
}

impl Cbc {
    /// Starts a chain. To encrypt, `iv` must be unpredictable (SP 800-38A, appendix C).
    pub fn new(key: Arc<AesKey>, direction: Direction, iv: &[u8; BLOCK]) -> Self {
        Self { key, direction, iv: *iv }
    }

    /// Where the chain stands: the block before the next one.
    pub fn chain(&self) -> &[u8; BLOCK] {
        &self.iv
    }

    /// Goes on after that block.
    pub fn go_on(&mut self, chain: [u8; BLOCK]) {
        self.iv = chain;
    }

    /// Whole blocks from `input` to `output`, which is as long or longer; else [`Error::InvalidLength`](super::Error).
    pub fn process(&mut self, input: &[u8], output: &mut [u8]) -> Result<()> {
        let output = whole_blocks(input, output)?;
        self.key.blocks(Operation::BlockModes)?.cbc(self.direction, &mut self.iv, input, output);
        Ok(())
    }
}
