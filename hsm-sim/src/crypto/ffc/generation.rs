//! New domain parameters: FIPS 186-4, A.1.1.2, A.2.1 and A.2.3, which serve DSA and X9.42; PKCS #3 says nothing of how, so that its primes are
//! those of RFC 7919, or safe ones.

use std::num::NonZeroU32;

use crypto_bigint::{BoxedUint, ConcatenatingMul, Odd};

use super::{field::Field, named, number, prime};
use crate::crypto::{Error, Hash, Result, digest};
use crate::rng;

/// p and q, where q divides p - 1.
pub struct Primes {
    pub p: Box<[u8]>,
    pub q: Box<[u8]>,
}

impl Primes {
    /// Primes of so many bits, `p` a multiple of 64 and `q` of 8. Each try fills `seed`, which has at least as many bits as q; what is
    /// in it at the end is the seed of these primes. [`Error::InvalidParameter`] where the hash or the seed is too short.
    pub fn generate(p: usize, q: usize, hash: Hash, seed: &mut [u8]) -> Result<Self> {
        let long_enough = 8 * hash.output_len().min(seed.len()) >= q;
        if !long_enough || !p.is_multiple_of(64) || !q.is_multiple_of(8) || !(160..p).contains(&q) {
            return Err(Error::InvalidParameter);
        }
        for _ in 0..MAX_SEEDS {
            rng::fill(seed)?;
            if let Some(primes) = Self::of_seed(p, q, hash, seed)? {
                return Ok(primes);
            }
        }
        Err(Error::Failed)
    }

    /// Steps 6 to 12.
    pub fn of_seed(p: usize, q: usize, hash: Hash, seed: &[u8]) -> Result<Option<Self>> {
        let Some(q) = subprime(q, hash, seed)? else { return Ok(None) };
        let twice = number::non_zero(number::public(&q).concatenating_mul(&BoxedUint::from(2u8)))?;
        let mut stream = Stream { hash, seed: seed.to_vec() };
        for _ in 0..4 * p {
            let x = BoxedUint::from_be_slice(&stream.next(p / 8), p as u32).map_err(|_| Error::Failed)?;
            let surplus = x.rem_vartime(&twice);
            // c - 1 is -1 when c is 0; then p is one more than x.
            let candidate = x.wrapping_add(BoxedUint::one()).wrapping_sub(&surplus);
            let whole = candidate.bit_width_vartime() == p as u32;
            let Some(candidate) = Odd::new(candidate).into_option().filter(|_| whole) else { continue };
            if prime::is_likely(&candidate) {
                return Ok(Some(Self { p: number::bytes(&candidate), q }));
            }
        }
        Ok(None)
    }

    /// A generator of the subgroup of order q (A.2.1): h^((p - 1) / q) for the least h that does not make it 1.
    pub fn base(&self) -> Result<Box<[u8]>> {
        self.generator((2..=u8::MAX).map(|h| vec![h]))
    }

    /// The generator of that subgroup that follows from a seed and an index (A.2.3).
    pub fn base_of_seed(&self, hash: Hash, seed: &[u8], index: u8) -> Result<Box<[u8]>> {
        self.generator((1..=u16::MAX).map(|count| {
            let mut output = vec![0; hash.output_len()];
            digest(hash, &[seed, b"ggen", &[index], &count.to_be_bytes()], &mut output);
            output
        }))
    }

    /// The first power to (p - 1) / q that is above 1.
    fn generator(&self, candidates: impl Iterator<Item = Vec<u8>>) -> Result<Box<[u8]>> {
        let cofactor = number::public(&self.p).wrapping_div_vartime(&number::non_zero(number::public(&self.q))?);
        let (field, cofactor) = (Field::new(&self.p)?, number::bytes(&cofactor));
        for candidate in candidates {
            let power = number::bytes(&number::public(field.power(&candidate, &cofactor)?.expose()));
            if *power > [1][..] {
                return Ok(power);
            }
        }
        Err(Error::Failed)
    }
}

/// q: the seed's digest with its topmost and its lowest bit set, if that is a prime.
fn subprime(bits: usize, hash: Hash, seed: &[u8]) -> Result<Option<Box<[u8]>>> {
    let mut output = vec![0; hash.output_len()];
    digest(hash, &[seed], &mut output);
    let mut q = output.split_off(output.len() - bits / 8);
    q[0] |= 0x80;
    q.last_mut().into_iter().for_each(|last| *last |= 1);
    Ok(super::is_prime(&q)?.then(|| q.into()))
}

/// The digests of seed + 1, seed + 2 and so on.
struct Stream {
    hash: Hash,
    seed: Vec<u8>,
}

impl Stream {
    /// Step 11.2: a number of `len` bytes, the topmost bit of which is set. The first digest is its end.
    fn next(&mut self, len: usize) -> Vec<u8> {
        let mut number = vec![0; len];
        for block in number.rchunks_mut(self.hash.output_len()) {
            let mut output = vec![0; self.hash.output_len()];
            self.increment();
            digest(self.hash, &[&self.seed], &mut output);
            block.copy_from_slice(&output[output.len() - block.len()..]);
        }
        number[0] |= 0x80;
        number
    }

    fn increment(&mut self) {
        for byte in self.seed.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                return;
            }
        }
    }
}

/// A seed yields primes about once in twenty times for q of 160 bits, once in a hundred for 256, and fewer times for longer ones.
const MAX_SEEDS: usize = 20_000;

/// A prime p, with (p - 1) / 2 prime too, and a base of that order.
pub struct SafePrime {
    pub p: Box<[u8]>,
    pub g: Box<[u8]>,
}

impl SafePrime {
    /// The prime of RFC 7919 that has so many bits, or where there is none a new one. [`Error::InvalidParameter`] for less than 512 bits,
    /// and for more than 1536 that RFC 7919 does not have: they take minutes to find.
    pub fn generate(bits: u32) -> Result<Self> {
        match (named::named(bits), NonZeroU32::new(bits)) {
            (Some(prime), _) => Ok(Self { p: prime, g: [2].into() }),
            // A square, so that its order is the prime.
            (None, Some(bits)) if (512..=1536).contains(&bits.get()) => Ok(Self { p: prime::safe_prime(bits)?, g: [4].into() }),
            _ => Err(Error::InvalidParameter),
        }
    }
}
