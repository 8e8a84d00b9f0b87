//! Output and cipher feedback (SP 800-38A, 6.3 and 6.4).
//!
//! The crates at hand do not let go of a block in use between two parts, so the modes are written out here, over the bare cipher
//! of either engine. Each block waits for the one before it, so that nothing is lost by taking them singly.

use std::sync::Arc;

use zeroize::Zeroize;

use super::aes::Blocks;
use super::{AesKey, BLOCK, Direction, Error, Operation, Result};

/// What is fed back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedbackMode {
    /// OFB: the key stream.
    Output,
    /// CFB with segments of one bit: the ciphertext, bit by bit, each byte's most significant one first.
    Cipher1,
    /// CFB with segments of 8 bits: the ciphertext, byte by byte.
    Cipher8,
    /// CFB with segments of 128 bits: the ciphertext, block by block.
    Cipher128,
}

/// A stream of any length.
pub struct Feedback {
    key: Arc<AesKey>,
    mode: FeedbackMode,
    direction: Direction,
    /// The last block fed back. While `used` is not 0, key stream from there on, and before it what will be fed back.
    block: [u8; BLOCK],
    used: usize,
}

impl Feedback {
    /// Starts a stream. No two messages may share a key and an `iv`; CFB's must be unpredictable (SP 800-38A, appendix C).
    pub fn new(key: Arc<AesKey>, mode: FeedbackMode, direction: Direction, iv: &[u8; BLOCK]) -> Self {
        Self { key, mode, direction, block: *iv, used: 0 }
    }

    /// Any length from `input` to `output`, which is as long or longer; else [`Error::InvalidLength`].
    pub fn process(&mut self, input: &[u8], output: &mut [u8]) -> Result<()> {
        let output = output.get_mut(..input.len()).ok_or(Error::InvalidLength)?;
        let key = Arc::clone(&self.key);
        let blocks = key.blocks(Operation::BlockModes)?;
        for (input, output) in input.iter().zip(output) {
            *output = match self.mode {
                FeedbackMode::Cipher1 => self.bits(blocks, *input),
                FeedbackMode::Cipher8 => self.byte(blocks, *input),
                FeedbackMode::Output | FeedbackMode::Cipher128 => self.byte_of_block(blocks, *input),
            };
        }
        Ok(())
    }

    fn byte_of_block(&mut self, blocks: &Blocks, input: u8) -> u8 {
        if self.used == 0 {
            blocks.block(Direction::Encrypt, &mut self.block);
        }
        let output = input ^ self.block[self.used];
        if self.mode == FeedbackMode::Cipher128 {
            self.block[self.used] = self.ciphertext(input, output);
        }
        self.used = (self.used + 1) % BLOCK;
        output
    }

    /// The register moves on by the byte of ciphertext.
    fn byte(&mut self, blocks: &Blocks, input: u8) -> u8 {
        let mut stream = self.block;
        blocks.block(Direction::Encrypt, &mut stream);
        let output = input ^ stream[0];
        stream.zeroize();
        self.block.copy_within(1.., 0);
        self.block[BLOCK - 1] = self.ciphertext(input, output);
        output
    }

    /// Eight times the register moves on by one bit of ciphertext.
    fn bits(&mut self, blocks: &Blocks, input: u8) -> u8 {
        let mut output = 0;
        for at in (0..8).rev() {
            let mut stream = self.block;
            blocks.block(Direction::Encrypt, &mut stream);
            let bit = (input >> at ^ stream[0] >> 7) & 1;
            stream.zeroize();
            output |= bit << at;
            let fed = self.ciphertext(input >> at & 1, bit);
            self.block = (u128::from_be_bytes(self.block) << 1 | u128::from(fed)).to_be_bytes();
        }
        output
    }

    fn ciphertext(&self, input: u8, output: u8) -> u8 {
        match self.direction {
            Direction::Encrypt => output,
            Direction::Decrypt => input,
        }
    }
}

impl Drop for Feedback {
    fn drop(&mut self) {
        self.block.zeroize();
    }
}
