//! AES-CMAC (SP 800-38B), of whole messages only: a pseudo random function needs no more.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::crypto::{AesKey, BLOCK, Direction, Ecb, Result};

type Block = Zeroizing<[u8; BLOCK]>;

/// A key with its two subkeys.
pub struct Cmac {
    key: Arc<AesKey>,
    whole: Block,
    padded: Block,
}

impl Cmac {
    /// Precomputes the subkeys (§6.1).
    pub fn new(key: Arc<AesKey>) -> Result<Self> {
        let zero = encrypted(&key, &[0; BLOCK])?;
        let whole = doubled(&zero);
        let padded = doubled(&whole);
        Ok(Self { key, whole, padded })
    }

    /// The code of the concatenation of `parts` (§6.2).
    pub fn of(&self, parts: &[&[u8]]) -> Result<Block> {
        let message = Zeroizing::new(parts.concat());
        let count = message.len().div_ceil(BLOCK).max(1);
        let (head, tail) = message.split_at((count - 1) * BLOCK);
        let mut state = Zeroizing::new([0; BLOCK]);
        for block in head.chunks_exact(BLOCK) {
            add(&mut state, block);
            state = encrypted(&self.key, &state)?;
        }
        add(&mut state, tail);
        if tail.len() == BLOCK {
            add(&mut state, &self.whole[..]);
        } else {
            state[tail.len()] ^= 0x80;
            add(&mut state, &self.padded[..]);
        }
        encrypted(&self.key, &state)
    }
}

fn encrypted(key: &Arc<AesKey>, block: &[u8; BLOCK]) -> Result<Block> {
    let mut output = Zeroizing::new([0; BLOCK]);
    Ecb::new(Arc::clone(key), Direction::Encrypt).process(block, &mut output[..])?;
    Ok(output)
}

fn add(state: &mut Block, bytes: &[u8]) {
    state.iter_mut().zip(bytes).for_each(|(state, byte)| *state ^= byte);
}

/// Multiplied by x in the field of 2^128 elements, in constant time: the block is secret.
fn doubled(block: &[u8; BLOCK]) -> Block {
    let number = u128::from_be_bytes(*block);
    let reduction = 0x87 & (number >> 127).wrapping_neg();
    Zeroizing::new((number << 1 ^ reduction).to_be_bytes())
}
