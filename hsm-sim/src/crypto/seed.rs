//! SEED (RFC 4269), on the portable engine. Its S-boxes are looked up by secrets: whoever shares the processor's cache may learn of keys.

use zeroize::Zeroize;

use super::old_blocks::BlockKey;
use super::seed_boxes::BOXES;
use super::{Direction, Error, Result};

/// Length of a key, and of a block, in bytes.
pub const SEED_BLOCK: usize = 16;
const ROUNDS: usize = 16;

/// A key, as the two words of each round; erased on drop.
pub struct SeedKey([[u32; 2]; ROUNDS]);

impl SeedKey {
    /// Takes 16 bytes, else [`Error::InvalidKey`]. RFC 4269, section 2.3.
    pub fn new(key: &[u8]) -> Result<Self> {
        let mut halves =
            <&[u8; SEED_BLOCK]>::try_from(key).map(|key| u128::from_be_bytes(*key)).map_err(|_| Error::InvalidKey)?;
        let (mut constant, mut rounds) = (0x9e37_79b9_u32, [[0; 2]; ROUNDS]);
        for (at, round) in rounds.iter_mut().enumerate() {
            let [mut a, mut b, mut c, mut d] = words(halves);
            *round = [g(a.wrapping_add(c).wrapping_sub(constant)), g(b.wrapping_sub(d).wrapping_add(constant))];
            match at % 2 {
                0 => [a, b] = [a >> 8 | b << 24, b >> 8 | a << 24],
                _ => [c, d] = [c << 8 | d >> 24, d << 8 | c >> 24],
            }
            halves = joined([a, b, c, d]);
            constant = constant.rotate_left(1);
        }
        halves.zeroize();
        Ok(Self(rounds))
    }

    fn block(&self, direction: Direction, block: &mut [u8; SEED_BLOCK]) {
        let mut state = words(u128::from_be_bytes(*block));
        for at in 0..ROUNDS {
            let key = match direction {
                Direction::Encrypt => self.0[at],
                Direction::Decrypt => self.0[ROUNDS - 1 - at],
            };
            let [left, lower, c, d] = state;
            let [more, less] = f([c, d], key);
            state = [c, d, left ^ more, lower ^ less];
        }
        // The last round does not change sides.
        let [c, d, left, lower] = state;
        *block = joined([left, lower, c, d]).to_be_bytes();
        state.zeroize();
    }
}

impl Drop for SeedKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl BlockKey<SEED_BLOCK> for SeedKey {
    fn encrypt(&self, block: &mut [u8; SEED_BLOCK]) {
        self.block(Direction::Encrypt, block);
    }

    fn run(&self, direction: Direction, iv: Option<&mut [u8; SEED_BLOCK]>, input: &[u8], output: &mut [u8]) -> Result<()> {
        let output = output.get_mut(..input.len()).ok_or(Error::InvalidLength)?;
        let ((input, []), (output, [])) = (input.as_chunks(), output.as_chunks_mut()) else { return Err(Error::InvalidLength) };
        let Some(chain) = iv else {
            for (from, to) in input.iter().zip(output) {
                *to = *from;
                self.block(direction, to);
            }
            return Ok(());
        };
        for (from, to) in input.iter().zip(output) {
            *to = if direction == Direction::Encrypt { added(from, chain) } else { *from };
            self.block(direction, to);
            match direction {
                Direction::Encrypt => *chain = *to,
                Direction::Decrypt => *to = added(to, &std::mem::replace(chain, *from)),
            }
        }
        Ok(())
    }
}

fn added(a: &[u8; SEED_BLOCK], b: &[u8; SEED_BLOCK]) -> [u8; SEED_BLOCK] {
    std::array::from_fn(|at| a[at] ^ b[at])
}

/// RFC 4269, section 2.1.
fn f([c, d]: [u32; 2], key: [u32; 2]) -> [u32; 2] {
    let (c, d) = (c ^ key[0], d ^ key[1]);
    let first = g(c ^ d);
    let second = g(first.wrapping_add(c));
    let third = g(second.wrapping_add(first));
    [second.wrapping_add(third), third]
}

/// RFC 4269, section 2.2: the bytes through the two S-boxes in turn, and each result to a part of every byte.
fn g(x: u32) -> u32 {
    let y: [u8; 4] = std::array::from_fn(|at| BOXES[at % 2][usize::from(x.to_le_bytes()[at])]);
    u32::from_le_bytes(std::array::from_fn(|at| (0..4).fold(0, |z, j| z ^ y[j] & MASKS[(at + j) % 4])))
}

const MASKS: [u8; 4] = [0xfc, 0xf3, 0xcf, 0x3f];

fn words(whole: u128) -> [u32; 4] {
    [96, 64, 32, 0].map(|at| (whole >> at) as u32)
}

fn joined(words: [u32; 4]) -> u128 {
    words.into_iter().fold(0, |whole, word| whole << 32 | u128::from(word))
}
