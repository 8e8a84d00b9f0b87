//! Powers modulo an odd number.

use aws_lc_sys::{BN_CTX, BN_CTX_new, BN_MONT_CTX, BN_MONT_CTX_new_for_modulus, BN_mod_exp_mont_consttime};

use super::number::{self, Number};
use super::owned::Owned;
use super::{Result, check};

/// A modulus with what Montgomery's multiplication needs; it is no secret.
pub(in crate::crypto) struct Powers {
    modulus: Number,
    montgomery: Owned<BN_MONT_CTX>,
}

impl Powers {
    /// `modulus` is odd and above 1.
    pub(in crate::crypto) fn new(modulus: &[u8]) -> Result<Self> {
        let modulus = number::from_bytes(modulus)?;
        let mut scratch = scratch()?;
        // SAFETY: both are valid; the modulus is copied, and the result becomes ours.
        let montgomery = unsafe { Owned::new(BN_MONT_CTX_new_for_modulus(modulus.as_ptr(), scratch.as_mut_ptr())) }?;
        Ok(Self { modulus, montgomery })
    }

    /// Fills `out`, as long as the modulus; `base` is below it.
    ///
    /// AWS-LC takes base and exponent for secrets, and as wide as their bytes: leading zeros show no sooner.
    pub(in crate::crypto) fn power(&self, base: &[u8], exponent: &[u8], out: &mut [u8]) -> Result<()> {
        let (base, exponent) = (number::from_bytes(base)?, number::from_bytes(exponent)?);
        let (mut power, mut scratch) = (number::from_bytes(&[])?, scratch()?);
        // SAFETY: all are valid; the result and the scratch space are ours alone, the rest is only read.
        check(unsafe {
            BN_mod_exp_mont_consttime(
                power.as_mut_ptr(),
                base.as_ptr(),
                exponent.as_ptr(),
                self.modulus.as_ptr(),
                scratch.as_mut_ptr(),
                self.montgomery.as_ptr(),
            )
        })?;
        // SAFETY: the number is valid.
        unsafe { number::write(power.as_ptr(), out) }
    }
}

/// Space for intermediate numbers, which the library erases when it gives them up.
fn scratch() -> Result<Owned<BN_CTX>> {
    // SAFETY: the space becomes ours.
    unsafe { Owned::new(BN_CTX_new()) }
}
