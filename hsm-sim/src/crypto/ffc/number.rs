//! Numbers, from big-endian bytes and back.

use crypto_bigint::{BoxedUint, CtLt, NonZero, Odd};
use zeroize::Zeroizing;

use crate::crypto::rsa::trimmed;
use crate::crypto::{Error, Result};
use crate::rng;
use crate::secret::Secret;

/// A number that is no secret, as wide as it is.
pub fn public(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(trimmed(bytes))
}

/// The same of a modulus; [`Error::InvalidKey`] for an even number.
pub fn odd(bytes: &[u8]) -> Result<Odd<BoxedUint>> {
    Odd::new(public(bytes)).into_option().ok_or(Error::InvalidKey)
}

/// The same of a divisor; [`Error::InvalidKey`] for zero.
pub fn non_zero(number: BoxedUint) -> Result<NonZero<BoxedUint>> {
    NonZero::new(number).into_option().ok_or(Error::InvalidKey)
}

/// A secret number, `bits` wide whatever its value; [`Error::InvalidKey`] when it does not fit.
pub fn secret(bytes: &[u8], bits: u32) -> Result<Zeroizing<BoxedUint>> {
    BoxedUint::from_be_slice(bytes, bits).map(Zeroizing::new).map_err(|_| Error::InvalidKey)
}

/// `len` bytes with a number at their end; the number has no more.
pub fn padded(number: &BoxedUint, len: usize) -> Result<Secret> {
    let bytes = Zeroizing::new(number.to_be_bytes());
    Secret::filled(len, |out| {
        out.iter_mut().rev().zip(bytes.iter().rev()).for_each(|(out, byte)| *out = *byte);
        Ok(())
    })
}

/// The bytes of a number that is no secret, without leading zeros.
pub fn bytes(number: &BoxedUint) -> Box<[u8]> {
    trimmed(&number.to_be_bytes()).into()
}

/// True when the first number is below the second, both big-endian and no secrets.
pub fn is_below(number: &[u8], bound: &[u8]) -> bool {
    let (number, bound) = (trimmed(number), trimmed(bound));
    (number.len(), number) < (bound.len(), bound)
}

/// True when a secret number, no longer than `bound`, is from 1 to `bound` - 1; no more of it shows.
pub fn is_scalar(number: &Secret, bound: &[u8]) -> Result<bool> {
    if number.len() > bound.len() {
        return Ok(false);
    }
    let bits = 8 * bound.len() as u32;
    let (number, bound) = (secret(number.expose(), bits)?, secret(bound, bits)?);
    Ok(bool::from(number.is_nonzero() & number.ct_lt(&bound)))
}

/// A secret number from 1 to `bound` - 1, as long as `bound`, from 64 bits more than it takes (FIPS 186-4, B.1.1).
pub fn random_scalar(bound: &[u8]) -> Result<Secret> {
    let draw = rng::secret(bound.len() + 8)?;
    let draw = secret(draw.expose(), 8 * draw.len() as u32)?;
    let less_one = non_zero(public(bound).wrapping_sub(BoxedUint::one()))?;
    let reduced = Zeroizing::new(&*draw % &less_one);
    padded(&Zeroizing::new(reduced.wrapping_add(BoxedUint::one())), bound.len())
}

/// True for `odd` - 1.
pub fn is_less_one(number: &Secret, odd: &[u8]) -> bool {
    let mut less_one = odd.to_vec();
    less_one.last_mut().into_iter().for_each(|last| *last &= 0xfe);
    *number == Secret::copy(&less_one)
}

/// Length of a number without leading zeros in bits.
pub fn bits(number: &[u8]) -> u32 {
    // Longer than any that is wanted is long enough to be refused.
    let whole = 8 * u32::try_from(number.len()).unwrap_or(u32::MAX / 8).min(u32::MAX / 8);
    number.first().map_or(0, |first| whole - first.leading_zeros())
}
