//! Key wrap with AES: KW (RFC 3394) and KWP with padding (RFC 5649); both in SP 800-38F.
//!
//! The crates at hand fix the initial value, which PKCS#11 lets the caller choose, so the wrapping function W is written out
//! here, once, over the bare cipher of either engine.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::aes::Blocks;
use super::{AesKey, BLOCK, Direction, Error, Operation, Result};

/// The unit that W works in: half a cipher block.
const HALF: usize = 8;

/// RFC 3394, 2.2.3.1.
const KW_IV: [u8; HALF] = [0xa6; HALF];

/// RFC 5649, 3.
const KWP_IV: [u8; 4] = [0xa6, 0x59, 0x59, 0xa6];

/// Longest input in bytes: KWP's length indicator has 32 bits.
const MAX_INPUT: usize = u32::MAX as usize - 16;

impl AesKey {
    /// Wraps `input`, a multiple of 8 bytes and at least 16, with the given initial value or RFC 3394's; returns
    /// `input.len() + 8`, which `output` has room for. Else [`Error::InvalidLength`].
    pub fn kw_wrap(&self, iv: Option<&[u8; 8]>, input: &[u8], output: &mut [u8]) -> Result<usize> {
        if !input.len().is_multiple_of(HALF) || !(2 * HALF..=MAX_INPUT).contains(&input.len()) {
            return Err(Error::InvalidLength);
        }
        let output = room(output, input.len() + HALF)?;
        output[..HALF].copy_from_slice(iv.unwrap_or(&KW_IV));
        output[HALF..].copy_from_slice(input);
        wrap(self.blocks(Operation::BlockModes)?, output);
        Ok(output.len())
    }

    /// Unwraps what [`Self::kw_wrap`] made; returns `input.len() - 8`.
    ///
    /// [`Error::Rejected`] when the initial value does not come out: nothing is released. `output` is used as scratch and has
    /// room for the result.
    pub fn kw_unwrap(&self, iv: Option<&[u8; 8]>, input: &[u8], output: &mut [u8]) -> Result<usize> {
        if !input.len().is_multiple_of(HALF) || input.len() < 3 * HALF {
            return Err(Error::InvalidLength);
        }
        let output = room(output, input.len() - HALF)?;
        let found = unwrap(self.blocks(Operation::BlockModes)?, input, output);
        if !bool::from(found.ct_eq(iv.unwrap_or(&KW_IV))) {
            output.zeroize();
            return Err(Error::Rejected);
        }
        Ok(output.len())
    }

    /// Wraps `input` of any length from 1, padded, with the given alternative initial value's first half or RFC 5649's;
    /// returns `8 * ceil(input.len() / 8) + 8`, which `output` has room for. Else [`Error::InvalidLength`].
    pub fn kwp_wrap(&self, iv: Option<&[u8; 4]>, input: &[u8], output: &mut [u8]) -> Result<usize> {
        if !(1..=MAX_INPUT).contains(&input.len()) {
            return Err(Error::InvalidLength);
        }
        let output = room(output, input.len().next_multiple_of(HALF) + HALF)?;
        output[..4].copy_from_slice(iv.unwrap_or(&KWP_IV));
        output[4..HALF].copy_from_slice(&(input.len() as u32).to_be_bytes());
        output[HALF..HALF + input.len()].copy_from_slice(input);
        output[HALF + input.len()..].fill(0);
        match <&mut [u8; BLOCK]>::try_from(&mut *output) {
            Ok(block) => self.blocks(Operation::BlockModes)?.block(Direction::Encrypt, block),
            Err(_) => wrap(self.blocks(Operation::BlockModes)?, output),
        }
        Ok(output.len())
    }

    /// Unwraps what [`Self::kwp_wrap`] made; returns the length of the original.
    ///
    /// [`Error::Rejected`] when initial value, length or padding do not come out; which of them does not show. `output` is
    /// used as scratch and has room for `input.len() - 8` bytes; what follows the result is zeroed.
    pub fn kwp_unwrap(&self, iv: Option<&[u8; 4]>, input: &[u8], output: &mut [u8]) -> Result<usize> {
        if !input.len().is_multiple_of(HALF) || input.len() < BLOCK {
            return Err(Error::InvalidLength);
        }
        let output = room(output, input.len() - HALF)?;
        let head = match <[u8; BLOCK]>::try_from(input) {
            Ok(block) => unwrap_one(self.blocks(Operation::BlockModes)?, block, output),
            Err(_) => unwrap(self.blocks(Operation::BlockModes)?, input, output),
        };
        let len = padded_len(&head, iv.unwrap_or(&KWP_IV), output);
        if len.is_none() {
            output.zeroize();
        }
        len.ok_or(Error::Rejected)
    }
}

fn room(output: &mut [u8], len: usize) -> Result<&mut [u8]> {
    output.get_mut(..len).ok_or(Error::InvalidLength)
}

/// W (SP 800-38F, 6.1) in place: the first half block is the initial value.
fn wrap(blocks: &Blocks, data: &mut [u8]) {
    let (head, rest) = data.split_at_mut(HALF);
    let mut block = Zeroizing::new([0; BLOCK]);
    block[..HALF].copy_from_slice(head);
    let mut step = 0u64;
    for _ in 0..6 {
        for half in rest.chunks_exact_mut(HALF) {
            block[HALF..].copy_from_slice(half);
            blocks.block(Direction::Encrypt, &mut block);
            step += 1;
            add(&mut block[..HALF], step);
            half.copy_from_slice(&block[HALF..]);
        }
    }
    head.copy_from_slice(&block[..HALF]);
}

/// The inverse of W: fills `output` and returns the half block before it.
fn unwrap(blocks: &Blocks, input: &[u8], output: &mut [u8]) -> Zeroizing<[u8; HALF]> {
    let (head, rest) = input.split_at(HALF);
    output.copy_from_slice(rest);
    let mut block = Zeroizing::new([0; BLOCK]);
    block[..HALF].copy_from_slice(head);
    let mut step = 6 * (output.len() / HALF) as u64;
    for _ in 0..6 {
        for half in output.chunks_exact_mut(HALF).rev() {
            add(&mut block[..HALF], step);
            step -= 1;
            block[HALF..].copy_from_slice(half);
            blocks.block(Direction::Decrypt, &mut block);
            half.copy_from_slice(&block[HALF..]);
        }
    }
    first_half(&block)
}

/// KWP of up to 8 bytes is one block of the bare cipher (RFC 5649, 4.2).
fn unwrap_one(blocks: &Blocks, block: [u8; BLOCK], output: &mut [u8]) -> Zeroizing<[u8; HALF]> {
    let mut block = Zeroizing::new(block);
    blocks.block(Direction::Decrypt, &mut block);
    output.copy_from_slice(&block[HALF..]);
    first_half(&block)
}

fn first_half(block: &[u8; BLOCK]) -> Zeroizing<[u8; HALF]> {
    let mut half = Zeroizing::new([0; HALF]);
    half.copy_from_slice(&block[..HALF]);
    half
}

fn add(half: &mut [u8], step: u64) {
    for (byte, step) in half.iter_mut().zip(step.to_be_bytes()) {
        *byte ^= step;
    }
}

/// The length that `head` tells, if it, the initial value and the padding in `data` are sound (RFC 5649, 3).
///
/// All checks are made before the answer, without an early way out that an attacker could time.
fn padded_len(head: &[u8; HALF], iv: &[u8; 4], data: &[u8]) -> Option<usize> {
    let len = u32::from_be_bytes([head[4], head[5], head[6], head[7]]) as usize;
    let pad = data.len().wrapping_sub(len);
    let mut sound = head[..4].ct_eq(iv) & u8::from(pad < HALF).ct_eq(&1);
    for (index, byte) in data.iter().rev().take(HALF).enumerate() {
        sound &= byte.ct_eq(&0) | u8::from(index >= pad).ct_eq(&1);
    }
    bool::from(sound).then_some(len)
}
