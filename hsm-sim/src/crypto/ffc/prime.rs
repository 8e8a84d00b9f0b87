//! Is it a prime? By the crate `crypto-primes` on both engines: it happens once in the life of a group.

use std::num::NonZeroU32;

use crypto_bigint::{BoxedUint, Limb, NonZero, Odd};
use crypto_primes::hazmat::{MillerRabin, Primality, SmallFactorsSieve};
use crypto_primes::{Flavor, is_prime as baillie_psw};

use super::number;
use crate::crypto::{Error, Result};
use crate::rng;

/// Besides the test of Baillie, Pomerance, Selfridge and Wagstaff, which no composite is known to pass, bases that whoever made the number
/// could not foresee: each lets a composite through with a probability of at most one quarter.
const RANDOM_BASES: usize = 8;

/// True for odd primes, given big-endian. The caller has bounded the length.
pub fn is_prime(candidate: &[u8]) -> Result<bool> {
    let Ok(candidate) = number::odd(candidate) else { return Ok(false) };
    if candidate.bit_width_vartime() < 64 {
        return Ok(baillie_psw(Flavor::Any, candidate.as_ref()));
    }
    Ok(is_likely(&candidate) && passes_random_bases(candidate)?)
}

/// The same of a number that nobody chose, and that has small factors more often than not.
pub(super) fn is_likely(candidate: &Odd<BoxedUint>) -> bool {
    !has_small_factor(candidate) && baillie_psw(Flavor::Any, candidate.as_ref())
}

/// Divides by all odd numbers up to a thousand, of a candidate that is far above: nine in ten composites need no power.
fn has_small_factor(candidate: &BoxedUint) -> bool {
    let divisors = (3u32..1000).step_by(2).filter_map(|divisor| NonZero::new(Limb::from(divisor)).into_option());
    divisors.into_iter().any(|divisor| candidate.rem_limb(divisor) == Limb::ZERO)
}

fn passes_random_bases(candidate: Odd<BoxedUint>) -> Result<bool> {
    let bits = candidate.bits_precision();
    let test = MillerRabin::new(candidate.clone());
    for _ in 0..RANDOM_BASES {
        let mut base = vec![0; (bits / 8) as usize];
        rng::fill(&mut base)?;
        let base = BoxedUint::from_be_slice(&base, bits).map_err(|_| Error::Failed)?;
        // A multiple of the candidate is no base; a random number is none.
        let base = &base % candidate.as_nz_ref();
        if test.test(&base) == Primality::Composite {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A random prime p of so many bits for which (p - 1) / 2 is a prime, too. Takes a while: minutes for 2048 bits.
pub(super) fn safe_prime(bits: NonZeroU32) -> Result<Box<[u8]>> {
    loop {
        // The sieve stops at the last number of so many bits; the next start is another.
        let start = random(bits)?;
        let mut sieve = SmallFactorsSieve::new(start, bits, true).map_err(|_| Error::InvalidParameter)?;
        if let Some(prime) = sieve.find(|candidate| baillie_psw(Flavor::Safe, candidate)) {
            return Ok(number::bytes(&prime));
        }
    }
}

/// A random number of so many bits, the topmost of which is set.
fn random(bits: NonZeroU32) -> Result<BoxedUint> {
    let mut bytes = vec![0; bits.get().div_ceil(8) as usize];
    rng::fill(&mut bytes)?;
    let spare = 8 * bytes.len() as u32 - bits.get();
    bytes[0] = bytes[0] & 0xff >> spare | 0x80 >> spare;
    BoxedUint::from_be_slice(&bytes, bits.get()).map_err(|_| Error::Failed)
}
