//! CBC-MAC (FIPS 113, with any block cipher for DES): bare, within CCM and within AES-XCBC-MAC.

use std::sync::Arc;

use zeroize::Zeroize;

use super::{AesKey, BLOCK, Direction, Operation, Result};

/// From so many bytes on, whole blocks are chained together.
const BULK: usize = 256;
/// Bytes of them at a time.
const PIECE: usize = 4096;

/// The chain: the ciphertext of the last whole block, with the bytes of the next one added.
pub struct Chain<const N: usize> {
    block: [u8; N],
    filled: usize,
}

impl<const N: usize> Chain<N> {
    pub(super) fn new() -> Self {
        Self { block: [0; N], filled: 0 }
    }

    /// Adds data; `encrypt` is the cipher.
    pub(super) fn update(&mut self, encrypt: impl Fn(&mut [u8; N]), data: &[u8]) {
        let (head, data) = data.split_at(data.len().min((N - self.filled) % N));
        self.add(&encrypt, head);
        data.chunks(N).for_each(|block| self.add(&encrypt, block));
    }

    /// Fills the block that is not full with zeros.
    pub(super) fn pad(&mut self, encrypt: impl Fn(&mut [u8; N])) -> [u8; N] {
        if self.filled > 0 {
            encrypt(&mut self.block);
            self.filled = 0;
        }
        self.block
    }

    /// Takes bytes that fit into the block that is not full.
    fn add(&mut self, encrypt: &impl Fn(&mut [u8; N]), data: &[u8]) {
        for (byte, data) in self.block[self.filled..].iter_mut().zip(data) {
            *byte ^= data;
        }
        self.filled += data.len();
        if self.filled == N {
            self.pad(encrypt);
        }
    }
}

impl<const N: usize> Drop for Chain<N> {
    fn drop(&mut self) {
        self.block.zeroize();
    }
}

/// A key whose cipher makes chains of N bytes.
pub trait Chained<const N: usize> {
    /// Adds data to the chain.
    fn chain(&self, chain: &mut Chain<N>, data: &[u8]) -> Result<()>;
    /// The last block, filled with zeros.
    fn close(&self, chain: &mut Chain<N>) -> Result<[u8; N]>;
}

impl Chained<BLOCK> for AesKey {
    fn chain(&self, chain: &mut Chain<BLOCK>, data: &[u8]) -> Result<()> {
        let blocks = self.blocks(Operation::BlockModes)?;
        let encrypt = |block: &mut [u8; BLOCK]| blocks.block(Direction::Encrypt, block);
        let (head, data) = data.split_at(data.len().min((BLOCK - chain.filled) % BLOCK));
        chain.update(encrypt, head);
        let (bulk, rest) = data.split_at(if data.len() < BULK { 0 } else { data.len() / BLOCK * BLOCK });
        if !bulk.is_empty() {
            // The engine's CBC, whose last block is the chain; its ciphertext is nobody's.
            let mut ciphertext = [0; PIECE];
            for piece in bulk.chunks(PIECE) {
                blocks.cbc(Direction::Encrypt, &mut chain.block, piece, &mut ciphertext[..piece.len()]);
            }
            ciphertext.zeroize();
        }
        chain.update(encrypt, rest);
        Ok(())
    }

    fn close(&self, chain: &mut Chain<BLOCK>) -> Result<[u8; BLOCK]> {
        let blocks = self.blocks(Operation::BlockModes)?;
        Ok(chain.pad(|block| blocks.block(Direction::Encrypt, block)))
    }
}

/// A message being authenticated. Sound only while all messages under a key have one length: CMAC is what to use.
pub struct CbcMac<K, const N: usize> {
    key: Arc<K>,
    chain: Chain<N>,
}

impl<K: Chained<N>, const N: usize> CbcMac<K, N> {
    /// Begins a message.
    pub fn new(key: Arc<K>) -> Self {
        Self { key, chain: Chain::new() }
    }

    /// Adds `data` to the message.
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        self.key.chain(&mut self.chain, data)
    }

    /// The last block; the message is filled with zeros.
    pub fn finish(mut self) -> Result<[u8; N]> {
        self.key.close(&mut self.chain)
    }
}
