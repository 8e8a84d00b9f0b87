//! Electronic codebook (SP 800-38A, 6.1).

use std::sync::Arc;

use super::{AesKey, BLOCK, Direction, Error, Operation, Result};

/// Blocks, each on its own.
pub struct Ecb {
    key: Arc<AesKey>,
    direction: Direction,
}

impl Ecb {
    /// Starts a stream of blocks.
    pub fn new(key: Arc<AesKey>, direction: Direction) -> Self {
        Self { key, direction }
    }

    /// Whole blocks from `input` to `output`, which is as long or longer; else [`Error::InvalidLength`].
    pub fn process(&mut self, input: &[u8], output: &mut [u8]) -> Result<()> {
        let output = whole_blocks(input, output)?;
        self.key.blocks(Operation::Ecb)?.ecb(self.direction, input, output);
        Ok(())
    }
}

/// The part of `output` that `input`, whole blocks, will fill.
pub(super) fn whole_blocks<'o>(input: &[u8], output: &'o mut [u8]) -> Result<&'o mut [u8]> {
    if !input.len().is_multiple_of(BLOCK) {
        return Err(Error::InvalidLength);
    }
    output.get_mut(..input.len()).ok_or(Error::InvalidLength)
}
