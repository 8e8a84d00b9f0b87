//! ECB and CBC with block ciphers of the past, on the portable engine.

use std::sync::Arc;

use super::cbc_mac::{Chain, Chained};
use super::{Direction, Result};

/// A key of a cipher with blocks of N bytes.
pub trait BlockKey<const N: usize> {
    /// Encrypts a block in its place.
    fn encrypt(&self, block: &mut [u8; N]);

    /// Whole blocks from `input` to `output`, which is as long or longer, else [`Error::InvalidLength`](super::Error); with an `iv` they
    /// are chained, and it becomes the last block of ciphertext.
    fn run(&self, direction: Direction, iv: Option<&mut [u8; N]>, input: &[u8], output: &mut [u8]) -> Result<()>;
}

impl<K: BlockKey<N>, const N: usize> Chained<N> for K {
    fn chain(&self, chain: &mut Chain<N>, data: &[u8]) -> Result<()> {
        chain.update(|block| self.encrypt(block), data);
        Ok(())
    }

    fn close(&self, chain: &mut Chain<N>) -> Result<[u8; N]> {
        Ok(chain.pad(|block| self.encrypt(block)))
    }
}

/// Blocks, each on its own or chained.
pub struct OldBlocks<K, const N: usize> {
    key: Arc<K>,
    direction: Direction,
    iv: Option<[u8; N]>,
}

impl<K: BlockKey<N>, const N: usize> OldBlocks<K, N> {
    /// ECB without an initial value, CBC with one.
    pub fn new(key: Arc<K>, direction: Direction, iv: Option<[u8; N]>) -> Self {
        Self { key, direction, iv }
    }

    /// Where the chain stands: the block before the next one; `None` without a chain.
    pub fn chain(&self) -> Option<&[u8; N]> {
        self.iv.as_ref()
    }

    /// Goes on after that block.
    pub fn go_on(&mut self, chain: [u8; N]) {
        self.iv = Some(chain);
    }

    /// Whole blocks from `input` to `output`, which is as long or longer; else [`Error::InvalidLength`](super::Error).
    pub fn process(&mut self, input: &[u8], output: &mut [u8]) -> Result<()> {
        self.key.run(self.direction, self.iv.as_mut(), input, output)
    }
}
