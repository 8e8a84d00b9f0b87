//! GHASH over data that comes in pieces (SP 800-38D, 6.4).

use ghash::{GHash, universal_hash::UniversalHash};

use crate::crypto::BLOCK;

/// A hash that takes any lengths.
pub(super) struct Authenticator {
    ghash: GHash,
    /// The bytes of a block that is not full yet.
    partial: [u8; BLOCK],
    filled: usize,
}

impl Authenticator {
    /// `ghash` is keyed and has absorbed nothing.
    pub(super) fn new(ghash: &GHash) -> Self {
        Self { ghash: ghash.clone(), partial: [0; BLOCK], filled: 0 }
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        let missing = (BLOCK - self.filled) % BLOCK;
        let (head, data) = data.split_at(missing.min(data.len()));
        self.collect(head);
        let (blocks, tail) = data.split_at(data.len() / BLOCK * BLOCK);
        self.ghash.update_padded(blocks);
        self.collect(tail);
    }

    /// Fills the block that is not full with zeros.
    pub(super) fn pad(&mut self) {
        if self.filled > 0 {
            self.ghash.update_padded(&self.partial[..self.filled]);
            self.filled = 0;
        }
    }

    /// The hash after the last block: the lengths, in bytes, of what was authenticated and of what was encrypted.
    pub(super) fn finish(mut self, aad_len: u64, text_len: u64) -> [u8; BLOCK] {
        self.pad();
        let mut lengths = [0; BLOCK];
        lengths[..8].copy_from_slice(&aad_len.wrapping_mul(8).to_be_bytes());
        lengths[8..].copy_from_slice(&text_len.wrapping_mul(8).to_be_bytes());
        self.ghash.update_padded(&lengths);
        self.ghash.finalize().into()
    }

    /// Takes bytes that fit into the block that is not full.
    fn collect(&mut self, data: &[u8]) {
        let end = self.filled + data.len();
        self.partial[self.filled..end].copy_from_slice(data);
        self.filled = end;
        if self.filled == BLOCK {
            self.pad();
        }
    }
}
