//! Powers modulo an odd number, by the crate `crypto-bigint`.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use zeroize::Zeroizing;

use crate::crypto::{Error, Result};

/// A modulus with what Montgomery's multiplication needs; it is no secret.
pub(in crate::crypto) struct Powers(BoxedMontyParams);

impl Powers {
    pub(in crate::crypto) fn new(modulus: Odd<BoxedUint>) -> Self {
        Self(BoxedMontyParams::new_vartime(modulus))
    }

    /// Fills `out`, as long as the modulus; `base` is below it.
    pub(in crate::crypto) fn power(&self, base: &[u8], exponent: &[u8], out: &mut [u8]) -> Result<()> {
        let base = wide(base, self.0.bits_precision())?;
        let exponent = wide(exponent, (8 * exponent.len()) as u32)?;
        let base = Zeroizing::new(BoxedMontyForm::new((*base).clone(), &self.0));
        let power = Zeroizing::new(base.pow(&exponent));
        let bytes = Zeroizing::new(Zeroizing::new(power.retrieve()).to_be_bytes());
        out.iter_mut().rev().zip(bytes.iter().rev()).for_each(|(out, byte)| *out = *byte);
        Ok(())
    }
}

/// A number in a width that its value does not change.
fn wide(bytes: &[u8], bits: u32) -> Result<Zeroizing<BoxedUint>> {
    BoxedUint::from_be_slice(bytes, bits).map(Zeroizing::new).map_err(|_| Error::InvalidLength)
}
