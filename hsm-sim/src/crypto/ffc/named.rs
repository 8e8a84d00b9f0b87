//! Groups that everybody knows, so that their primes need no test: RFC 7919, appendix A; RFC 3526; RFC 2409, 6.1 and 6.2. All have the form
//! p = 2^n - 2^(n - 64) + (floor(2^(n - 130) c) + x) 2^64 - 1, where c is e or pi and x the first for which (p - 1) / 2 is prime, too; g = 2.

use crypto_bigint::{BoxedUint, Limb, NonZero};

use super::number;
use Constant::{E, Pi};

enum Constant {
    E,
    Pi,
}

/// Bits of each prime, c and x.
const GROUPS: [(u32, Constant, u64); 13] = [
    (2048, E, 560_316),
    (3072, E, 2_625_351),
    (4096, E, 5_736_041),
    (6144, E, 15_705_020),
    (8192, E, 10_965_728),
    (768, Pi, 149_686),
    (1024, Pi, 129_093),
    (1536, Pi, 741_804),
    (2048, Pi, 124_476),
    (3072, Pi, 1_690_314),
    (4096, Pi, 240_904),
    (6144, Pi, 929_484),
    (8192, Pi, 4_743_158),
];

/// The prime of RFC 7919 that has so many bits, if there is one.
pub fn named(bits: u32) -> Option<Box<[u8]>> {
    GROUPS.iter().find(|group| group.0 == bits && matches!(group.1, E)).map(prime)
}

/// True for the primes of these groups.
pub fn is_named(p: &[u8]) -> bool {
    u32::try_from(8 * p.len()).is_ok_and(|bits| known(bits).any(|prime| *prime == *p))
}

/// The primes of so many bits.
pub fn known(bits: u32) -> impl Iterator<Item = Box<[u8]>> {
    GROUPS.iter().filter(move |group| group.0 == bits).map(prime)
}

fn prime((bits, constant, x): &(u32, Constant, u64)) -> Box<[u8]> {
    let width = bits + 64;
    let digits = match constant {
        E => e(bits - 130, width),
        Pi => pi(bits - 130, width),
    };
    let middle = shifted(digits.wrapping_add(BoxedUint::from(*x)), 64);
    let top = power(*bits, width).wrapping_sub(power(bits - 64, width));
    number::bytes(&top.wrapping_add(middle).wrapping_sub(BoxedUint::one()))
}

/// floor(2^scale e), as the sum of 1 / k!.
fn e(scale: u32, width: u32) -> BoxedUint {
    let first = power(scale + SPARE, width + SPARE);
    let terms = (1..).scan(first.clone(), |term, k| {
        *term = divided(term, k);
        (!bool::from(term.is_zero())).then(|| term.clone())
    });
    let sum = terms.fold(first, |sum, term| sum.wrapping_add(&term));
    sum.shr_vartime(SPARE).unwrap_or_default()
}

/// floor(2^scale pi), as 16 arctan(1 / 5) - 4 arctan(1 / 239).
fn pi(scale: u32, width: u32) -> BoxedUint {
    let one = power(scale + SPARE, width + SPARE);
    let whole = shifted(arctan(&one, 5), 4).wrapping_sub(shifted(arctan(&one, 239), 2));
    whole.shr_vartime(SPARE).unwrap_or_default()
}

/// arctan(1 / k) in units of 1 / `one`: 1 / k - 1 / (3 k^3) + 1 / (5 k^5) and so on.
fn arctan(one: &BoxedUint, k: u32) -> BoxedUint {
    let mut term = divided(one, k);
    let mut sum = BoxedUint::zero_with_precision(one.bits_precision());
    for at in 0.. {
        let part = divided(&term, 2 * at + 1);
        if bool::from(part.is_zero()) {
            break;
        }
        sum = if at % 2 == 0 { sum.wrapping_add(&part) } else { sum.wrapping_sub(&part) };
        term = divided(&term, k * k);
    }
    sum
}

/// Bits that are computed beyond those that count: each of a few thousand steps loses less than a unit.
const SPARE: u32 = 64;

fn power(exponent: u32, width: u32) -> BoxedUint {
    shifted(BoxedUint::one_with_precision(width), exponent)
}

/// The callers have left room for it.
fn shifted(number: BoxedUint, bits: u32) -> BoxedUint {
    number.shl_vartime(bits).unwrap_or_default()
}

/// `by` is not zero.
fn divided(number: &BoxedUint, by: u32) -> BoxedUint {
    NonZero::new(Limb::from(by)).map(|by| number.div_rem_limb(by).0).into_option().unwrap_or_default()
}
