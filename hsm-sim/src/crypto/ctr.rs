//! Counter mode (SP 800-38A, 6.5).

use std::sync::Arc;

use super::aes::CounterState;
use super::{AesKey, BLOCK, Error, Operation, Result};

/// A key stream, added to data; encryption and decryption are the same.
pub struct Ctr {
    key: Arc<AesKey>,
    counter: Counter,
    /// Counter blocks that are left before one would repeat; `None` for a 128-bit counter, which nobody exhausts.
    blocks_left: Option<u128>,
}

impl Ctr {
    /// Starts with `counter_block`, of which the low `counter_bits` bits count, 1 to 128; else [`Error::InvalidParameter`].
    pub fn new(key: Arc<AesKey>, counter_block: &[u8; BLOCK], counter_bits: u32) -> Result<Self> {
        if !(1..=128).contains(&counter_bits) {
            return Err(Error::InvalidParameter);
        }
        Ok(Self { key, counter: Counter::new(*counter_block, counter_bits), blocks_left: 1u128.checked_shl(counter_bits) })
    }

    /// Any length from `input` to `output`, which is as long or longer.
    ///
    /// [`Error::InvalidLength`], before any output, when a counter block would repeat: that would reveal the XOR of two
    /// messages.
    pub fn process(&mut self, input: &[u8], output: &mut [u8]) -> Result<()> {
        let output = output.get_mut(..input.len()).ok_or(Error::InvalidLength)?;
        let blocks = self.key.blocks(Operation::BlockModes)?;
        if let Some(left) = &mut self.blocks_left {
            let begun = self.counter.blocks_begun_by(input.len());
            *left = left.checked_sub(begun).ok_or(Error::InvalidLength)?;
        }
        let cipher = |state: &mut CounterState, input: &[u8], output: &mut [u8]| {
            blocks.ctr(state, input, output);
        };
        self.counter.apply(cipher, input, output);
        Ok(())
    }
}

/// A stream whose counter is the low bits of the block only: carries are kept from the rest.
pub(super) struct Counter {
    state: CounterState,
    mask: u128,
}

impl Counter {
    /// `counter_bits` is 1 to 128.
    pub(super) fn new(first: [u8; BLOCK], counter_bits: u32) -> Self {
        let state = CounterState { counter: first, keystream: [0; BLOCK], used: 0 };
        let mask = u128::MAX >> (128 - counter_bits);
        Self { state, mask }
    }

    /// Adds the key stream of `cipher`, which counts in 128 bits, to `input`, as long as `output`.
    pub(super) fn apply(
        &mut self,
        mut cipher: impl FnMut(&mut CounterState, &[u8], &mut [u8]),
        mut input: &[u8],
        mut output: &mut [u8],
    ) {
        let fixed = u128::from_be_bytes(self.state.counter) & !self.mask;
        while !input.is_empty() {
            let step = self.before_wrap(input.len());
            let (now, later) = output.split_at_mut(step);
            cipher(&mut self.state, &input[..step], now);
            let counter = u128::from_be_bytes(self.state.counter) & self.mask;
            self.state.counter = (fixed | counter).to_be_bytes();
            (input, output) = (&input[step..], later);
        }
    }

    /// How many counter blocks the next `len` bytes begin.
    fn blocks_begun_by(&self, len: usize) -> u128 {
        len.saturating_sub(self.left_over()).div_ceil(BLOCK) as u128
    }

    /// Bytes of key stream that remain of the block in use.
    fn left_over(&self) -> usize {
        (BLOCK - self.state.used) % BLOCK
    }

    /// How many of `len` bytes can go before a carry would leave the bits that count.
    fn before_wrap(&self, len: usize) -> usize {
        let counter = u128::from_be_bytes(self.state.counter) & self.mask;
        let blocks = (self.mask - counter).saturating_add(1);
        let bytes = blocks.saturating_mul(BLOCK as u128).saturating_add(self.left_over() as u128);
        usize::try_from(bytes).map_or(len, |bytes| len.min(bytes))
    }
}
