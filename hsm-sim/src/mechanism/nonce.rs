//! Nonces made by the token, so that they need not be trusted to the caller (CKG_GENERATE and its like, PKCS#11 v3.2 §6.13.3).

use crate::{
    abi::message::{Generator, Message},
    error::{Result, Rv},
    rng,
};

/// Fewer bits than this cannot be told apart for long.
const LEAST_BITS: usize = 32;

/// The nonces of one message process.
#[derive(Default)]
pub struct Nonces {
    used: u64,
    /// Where counting began: at random, so that two processes with one key and one fixed part do not meet.
    origin: Option<u64>,
}

impl Nonces {
    /// The nonce of the next message.
    pub fn next(&mut self, message: &Message) -> Result<Vec<u8>> {
        let mut nonce = message.nonce();
        let variable = 8 * nonce.len() - message.fixed_bits;
        if message.generator != Generator::Given && variable < LEAST_BITS {
            return Rv::MechanismParamInvalid
                .err(format!("{variable} bits are too few to make nonces of: {LEAST_BITS} at least"));
        }
        match message.generator {
            Generator::Given => {}
            Generator::Random => {
                let mut random = vec![0; nonce.len()];
                rng::fill(&mut random)?;
                replace(&mut nonce, &random, message.fixed_bits);
            }
            Generator::Counter => {
                let origin = match self.origin {
                    Some(origin) => origin,
                    None => *self.origin.insert(u64::from_be_bytes(rng::public()?)),
                };
                let count = padded(origin.wrapping_add(self.count(variable)?), nonce.len());
                replace(&mut nonce, &count, message.fixed_bits);
            }
            Generator::CounterXor => {
                let count = padded(self.count(variable)?, nonce.len());
                nonce.iter_mut().zip(count).for_each(|(byte, count)| *byte ^= count);
            }
        }
        Ok(nonce)
    }

    fn count(&mut self, bits: usize) -> Result<u64> {
        let count = self.used;
        if bits < 64 && count >> bits != 0 {
            return Rv::FunctionFailed.err("every nonce of this length was used: begin again with another key");
        }
        self.used += 1;
        Ok(count)
    }
}

/// The last eight bytes of `len`, the others zero.
fn padded(count: u64, len: usize) -> Vec<u8> {
    let bytes = count.to_be_bytes();
    let skip = bytes.len().saturating_sub(len);
    let mut padded = vec![0; len.saturating_sub(bytes.len())];
    padded.extend_from_slice(&bytes[skip..]);
    padded
}

/// Puts `with` into everything behind the first `fixed` bits.
fn replace(nonce: &mut [u8], with: &[u8], fixed: usize) {
    for (at, (byte, new)) in nonce.iter_mut().zip(with).enumerate() {
        let kept = fixed.saturating_sub(8 * at).min(8);
        let mask = 0xff_u16 >> kept;
        *byte = *byte & !(mask as u8) | new & mask as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_fixed_is_replaced() {
        for (fixed, expected) in [(0, [0xff, 0xff]), (3, [0x1f, 0xff]), (8, [0, 0xff]), (12, [0, 0x0f]), (16, [0, 0])] {
            let mut nonce = [0, 0];
            replace(&mut nonce, &[0xff, 0xff], fixed);
            assert_eq!(nonce, expected, "{fixed} bits");
        }
    }

    #[test]
    fn counts_are_as_long_as_the_nonce() {
        assert_eq!(padded(0x0102, 12), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(padded(0x0102_0304, 3), [2, 3, 4]);
    }
}
