//! The groups of RFC 7919, appendix A: p = 2^n - 2^(n - 64) + (floor(2^(n - 130) e) + x) 2^64 - 1, with (p - 1) / 2 prime and g = 2.

use std::sync::LazyLock;

use crypto_bigint::{BoxedUint, Limb, NonZero};

use super::number;

/// Bits of each prime, and x.
const GROUPS: [(u32, u64); 5] = [(2048, 560_316), (3072, 2_625_351), (4096, 5_736_041), (6144, 15_705_020), (8192, 10_965_728)];

static PRIMES: LazyLock<Vec<Box<[u8]>>> = LazyLock::new(|| GROUPS.iter().map(|(bits, x)| prime(*bits, *x)).collect());

/// The prime of so many bits, if there is one.
pub fn named(bits: u32) -> Option<&'static [u8]> {
    let at = GROUPS.iter().position(|group| group.0 == bits)?;
    PRIMES.get(at).map(|prime| &**prime)
}

/// True for the primes of these groups.
pub fn is_named(p: &[u8]) -> bool {
    PRIMES.iter().any(|prime| **prime == *p)
}

fn prime(bits: u32, x: u64) -> Box<[u8]> {
    let power = |exponent: u32| BoxedUint::one_with_precision(bits + 64).shl_vartime(exponent).unwrap_or_default();
    let middle = e(bits - 130, bits + 64).wrapping_add(BoxedUint::from(x)).shl_vartime(64).unwrap_or_default();
    let whole = power(bits).wrapping_sub(power(bits - 64)).wrapping_add(middle).wrapping_sub(BoxedUint::one());
    number::bytes(&whole)
}

/// floor(2^scale e), as the sum of 1 / k!. Each term loses less than one unit of the 64 bits that are computed beyond.
fn e(scale: u32, precision: u32) -> BoxedUint {
    let mut term = BoxedUint::one_with_precision(precision + 64).shl_vartime(scale + 64).unwrap_or_default();
    let mut sum = term.clone();
    for k in 1u32.. {
        let Some(k) = NonZero::new(Limb::from(k)).into_option() else { continue };
        term = term.div_rem_limb(k).0;
        if bool::from(term.is_zero()) {
            break;
        }
        sum = sum.wrapping_add(&term);
    }
    sum.shr_vartime(64).unwrap_or_default()
}
