//! Counter with CBC-MAC (SP 800-38C, RFC 3610).
//!
//! The crate fixes the lengths of nonce and tag at compile time, 49 pairs of them, so the mode is put together here from the
//! counter mode and the bare cipher of either engine.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use super::aes::{Blocks, CounterState};
use super::cbc_mac::Chain;
use super::{AesKey, BLOCK, Direction, Error, Operation, Result};

impl AesKey {
    /// Encrypts and authenticates `input`, authenticates `aad`; writes ciphertext and tag, and returns their length.
    ///
    /// `nonce` has 7 to 13 bytes and is never used twice under a key; `tag_len` is 4, 6, 8, 10, 12, 14 or 16: else
    /// [`Error::InvalidParameter`]. `output` has room for `input.len() + tag_len` bytes, and `input` is below 2^(8 * (15 -
    /// nonce.len())) bytes: else [`Error::InvalidLength`].
    pub fn ccm_seal(&self, nonce: &[u8], aad: &[u8], tag_len: usize, input: &[u8], output: &mut [u8]) -> Result<usize> {
        check(nonce, tag_len, input.len())?;
        let output = output.get_mut(..input.len() + tag_len).ok_or(Error::InvalidLength)?;
        let (text, tag) = output.split_at_mut(input.len());
        let blocks = self.blocks(Operation::BlockModes)?;
        let mut stream = Stream::new(blocks, nonce);
        let mac = authenticate(blocks, nonce, aad, tag_len, input);
        blocks.ctr(&mut stream.counter, input, text);
        tag.copy_from_slice(&stream.masked(mac)[..tag_len]);
        Ok(output.len())
    }

    /// Verifies and decrypts `input`, ciphertext and tag; returns the plaintext's length, `input.len() - tag_len`.
    ///
    /// [`Error::Rejected`] when the tag is wrong, and then the plaintext's room in `output` is zeroed. Otherwise as
    /// [`Self::ccm_seal`].
    pub fn ccm_open(&self, nonce: &[u8], aad: &[u8], tag_len: usize, input: &[u8], output: &mut [u8]) -> Result<usize> {
        let len = input.len().checked_sub(tag_len).ok_or(Error::InvalidLength)?;
        check(nonce, tag_len, len)?;
        let output = output.get_mut(..len).ok_or(Error::InvalidLength)?;
        let (text, tag) = input.split_at(len);
        let blocks = self.blocks(Operation::BlockModes)?;
        let mut stream = Stream::new(blocks, nonce);
        blocks.ctr(&mut stream.counter, text, output);
        let mac = authenticate(blocks, nonce, aad, tag_len, output);
        if !bool::from(stream.masked(mac)[..tag_len].ct_eq(tag)) {
            output.zeroize();
            return Err(Error::Rejected);
        }
        Ok(len)
    }
}

fn check(nonce: &[u8], tag_len: usize, len: usize) -> Result<()> {
    if !(7..=13).contains(&nonce.len()) || !matches!(tag_len, 4 | 6 | 8 | 10 | 12 | 14 | 16) {
        return Err(Error::InvalidParameter);
    }
    match u128::try_from(len) {
        Ok(len) if len < 1 << (8 * (15 - nonce.len())) => Ok(()),
        _ => Err(Error::InvalidLength),
    }
}

/// The key stream (RFC 3610, 2.3): its first block masks the tag.
struct Stream {
    counter: CounterState,
    mask: [u8; BLOCK],
}

impl Stream {
    fn new(blocks: &Blocks, nonce: &[u8]) -> Self {
        let first = formatted(14 - nonce.len() as u8, nonce, 0);
        let mut stream = Self { counter: CounterState { counter: first, keystream: [0; BLOCK], used: 0 }, mask: [0; BLOCK] };
        blocks.ctr(&mut stream.counter, &[0; BLOCK], &mut stream.mask);
        stream
    }

    fn masked(&self, mut mac: [u8; BLOCK]) -> [u8; BLOCK] {
        mac.iter_mut().zip(&self.mask).for_each(|(byte, mask)| *byte ^= mask);
        mac
    }
}

/// CBC-MAC over the lengths, `aad` and `text` (RFC 3610, 2.2).
fn authenticate(blocks: &Blocks, nonce: &[u8], aad: &[u8], tag_len: usize, text: &[u8]) -> [u8; BLOCK] {
    let has_aad = u8::from(!aad.is_empty());
    let flags = has_aad << 6 | ((tag_len as u8 - 2) / 2) << 3 | (14 - nonce.len() as u8);
    let mut chain = Chain::new();
    let encrypt = |block: &mut [u8; BLOCK]| blocks.block(Direction::Encrypt, block);
    chain.update(encrypt, &formatted(flags, nonce, text.len()));
    match aad.len() {
        0 => {}
        len @ ..0xff00 => chain.update(encrypt, &(len as u16).to_be_bytes()),
        len => match u32::try_from(len) {
            Ok(len) => chain.update(encrypt, &[&[0xff, 0xfe], &len.to_be_bytes()[..]].concat()),
            Err(_) => chain.update(encrypt, &[&[0xff, 0xff], &(len as u64).to_be_bytes()[..]].concat()),
        },
    }
    chain.update(encrypt, aad);
    chain.pad(encrypt);
    chain.update(encrypt, text);
    chain.pad(encrypt)
}

/// A byte of flags, the nonce, and a number in what is left of the block.
fn formatted(flags: u8, nonce: &[u8], number: usize) -> [u8; BLOCK] {
    let mut block = (number as u128).to_be_bytes();
    block[0] = flags;
    block[1..=nonce.len()].copy_from_slice(nonce);
    block
}
