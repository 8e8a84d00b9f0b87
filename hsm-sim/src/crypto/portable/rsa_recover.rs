//! Components that an import left out, from those that are there (SP 800-56B, 6.3 and appendix C).
//!
//! Runs once per import, over numbers the caller has; it is not written for constant time.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, ConcatenatingMul, Gcd, NonZero, Odd, Resize};
use zeroize::Zeroizing;

use crate::crypto::{Error, Result};

type Number = Zeroizing<BoxedUint>;

/// The public exponents worth trying when none was given: nearly all keys have one of them.
const USUAL_EXPONENTS: [u32; 5] = [65537, 3, 17, 5, 257];

/// How many bases to try; each fails with a probability of at most one half.
const BASES: std::ops::Range<u32> = 2..130;

/// The public exponent of two primes and a private exponent: d^-1 mod lcm(p - 1, q - 1).
pub(super) fn recover_exponent(p: &BoxedUint, q: &BoxedUint, d: &BoxedUint) -> Result<BoxedUint> {
    let less_one = |prime: &BoxedUint| {
        let less = prime.wrapping_sub(BoxedUint::one());
        Option::from(NonZero::new(less)).ok_or(Error::InvalidKey)
    };
    let (p, q): (NonZero<BoxedUint>, NonZero<BoxedUint>) = (less_one(p)?, less_one(q)?);
    let common = NonZero::new(p.as_ref().gcd(q.as_ref())).into_option().ok_or(Error::InvalidKey)?;
    let product = Zeroizing::new(p.as_ref().concatenating_mul(q.as_ref()));
    let lambda = NonZero::new(&*product / &common).into_option().ok_or(Error::InvalidKey)?;
    let d = Zeroizing::new(d % &lambda);
    d.invert_mod(&lambda).into_option().ok_or(Error::InvalidKey)
}

/// The primes, with the public exponent that was given or found.
pub(super) fn recover_primes(n: &BoxedUint, e: Option<&BoxedUint>, d: &BoxedUint) -> Result<(BoxedUint, Number, Number)> {
    let usual = USUAL_EXPONENTS.map(BoxedUint::from);
    let candidates = e.map_or(&usual[..], std::slice::from_ref);
    for e in candidates {
        if let Some((p, q)) = factors(n, e, d) {
            return Ok((e.clone(), p, q));
        }
    }
    Err(Error::InvalidKey)
}

/// Factors n (SP 800-56B, C.1): de - 1 is a multiple of the order of every base, so that a square root of 1 turns up.
fn factors(n: &BoxedUint, e: &BoxedUint, d: &BoxedUint) -> Option<(Number, Number)> {
    let multiple = Zeroizing::new(d.concatenating_mul(e).wrapping_sub(BoxedUint::one()));
    let twos = multiple.trailing_zeros_vartime();
    if twos == 0 || twos >= multiple.bits_precision() {
        return None;
    }
    let odd = Zeroizing::new(multiple.shr_vartime(twos)?);
    let params = BoxedMontyParams::new(Odd::new(n.clone()).into_option()?);
    BASES.into_iter().find_map(|base| {
        let root = root_of_one(base, &odd, twos, &params)?;
        let p = Zeroizing::new(root.wrapping_sub(BoxedUint::one()).gcd(n));
        let q = Zeroizing::new(n / &NonZero::new((*p).clone()).into_option()?);
        (p.concatenating_mul(&*q) == *n && *p > BoxedUint::one() && *q > BoxedUint::one()).then_some((p, q))
    })
}

/// A square root of 1 other than 1 and -1, if the powers of `base` contain one.
fn root_of_one(base: u32, odd: &BoxedUint, twos: u32, params: &BoxedMontyParams) -> Option<BoxedUint> {
    let one = BoxedMontyForm::one(params);
    let minus_one = -one.clone();
    let base = BoxedUint::from(base).resize(params.bits_precision());
    let mut power = BoxedMontyForm::new(base, params).pow(odd);
    for _ in 0..twos {
        let square = power.square();
        if square == one {
            let trivial = power == one || power == minus_one;
            return (!trivial).then(|| power.retrieve());
        }
        power = square;
    }
    None
}
