//! One-time passwords by counter (PKCS#11 v3.2 §6.53.7; RFC 4226). Signing makes one, verifying checks one; there is no data.

use cryptoki_sys::*;
use subtle::ConstantTimeEq;

use super::{
    Mechanism, Row, Signer, Verifier,
    key_generation::{GENERIC_MOST, generic},
    table::{GENERIC, row},
    wrong_key,
};
use crate::{
    error::{Result, Rv},
    object::{
        hotp::{Counting, HotpKey, LEAST},
        key::Key,
    },
    secret::Secret,
};

/// Key sizes are bytes (§6.53.7.2).
const KEYS: Row = Row { keys: (LEAST as CK_ULONG, GENERIC_MOST), bytes: true, ..GENERIC };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_HOTP_KEY_GEN, KEYS, generate: Some((CKK_HOTP, generic))),
    row!(CKM_HOTP, KEYS, sign: Some(|m, k| Ok(Box::new(signed(m, k)?))), verify: Some(|m, k| Ok(Box::new(given(m, k)?)))),
];

/// A password to be told or to be checked.
struct Password {
    counter: u64,
    digits: Secret,
}

/// True when the password is to be made at the key's own counter.
pub fn is_counted_inside(mechanism: &Mechanism<'_>, key: &HotpKey) -> Result<bool> {
    Ok(match key.counting {
        Counting::Inside => true,
        Counting::Either => mechanism.otp()?.counter.is_none(),
        Counting::Outside => false,
    })
}

/// Signs at a counter taken from the key.
pub fn sign_at(counter: u64, mechanism: &Mechanism<'_>, key: &HotpKey) -> Result<Box<dyn Signer>> {
    Ok(Box::new(password(counter, mechanism, key)?))
}

/// At a counter that the caller gives.
fn signed(mechanism: &Mechanism<'_>, key: &Key) -> Result<Password> {
    match key {
        Key::Hotp(key) if key.counting == Counting::Inside => {
            Rv::MechanismParamInvalid.err("the key makes passwords at its own counter, by C_SignInit")
        }
        key => given(mechanism, key),
    }
}

fn given(mechanism: &Mechanism<'_>, key: &Key) -> Result<Password> {
    let Key::Hotp(key) = key else { return wrong_key() };
    let counter = mechanism.otp()?.counter.ok_or(Rv::MechanismParamInvalid.because("CK_OTP_COUNTER is missing"))?;
    password(counter, mechanism, key)
}

fn password(counter: u64, mechanism: &Mechanism<'_>, key: &HotpKey) -> Result<Password> {
    let wanted = mechanism.otp()?;
    if wanted.friendly && !key.friendly {
        return Rv::MechanismParamInvalid.err("CKA_OTP_USER_FRIENDLY_MODE is false");
    }
    Ok(Password { counter, digits: key.password(counter, key.len(wanted.len)?) })
}

fn no_data(part: &[u8]) -> Result<()> {
    if part.is_empty() { Ok(()) } else { Rv::DataLenRange.err("a one-time password is made of no data") }
}

const INFO: usize = size_of::<CK_OTP_SIGNATURE_INFO>();
const PARAMETERS: usize = 2 * size_of::<CK_OTP_PARAM>();

/// What comes is CK_OTP_SIGNATURE_INFO: a structure that points to two others, and they to the password and its counter, all in one block.
impl Signer for Password {
    fn signature_len(&self) -> usize {
        INFO + PARAMETERS + self.digits.expose().len() + size_of::<u64>()
    }

    fn update(&mut self, part: &[u8]) -> Result<()> {
        no_data(part)
    }

    fn finish(&mut self, output: &mut [u8]) -> Result<usize> {
        let (digits, start) = (self.digits.expose(), output.as_ptr().expose_provenance());
        let (parameters, value) = (start + INFO, start + INFO + PARAMETERS);
        let mut rest = &mut output[..];
        let mut put = |bytes: &[u8]| rest.split_off_mut(..bytes.len()).map(|place| place.copy_from_slice(bytes));
        let laid = [
            &parameters.to_ne_bytes()[..],
            &(2 as CK_ULONG).to_ne_bytes(),
            &CK_OTP_VALUE.to_ne_bytes(),
            &value.to_ne_bytes(),
            &(digits.len() as CK_ULONG).to_ne_bytes(),
            &CK_OTP_COUNTER.to_ne_bytes(),
            &(value + digits.len()).to_ne_bytes(),
            &(size_of::<u64>() as CK_ULONG).to_ne_bytes(),
            digits,
            &self.counter.to_be_bytes(),
        ];
        laid.iter().try_for_each(|bytes| put(bytes)).ok_or(Rv::FunctionFailed.because("the password has no room"))?;
        Ok(self.signature_len())
    }
}

impl Verifier for Password {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        no_data(part)
    }

    fn finish(&mut self, signature: &[u8]) -> Result<()> {
        let digits = self.digits.expose();
        if signature.len() != digits.len() {
            return Rv::SignatureLenRange.err(format!("a password has {} digits here", digits.len()));
        }
        let right = digits.ct_eq(signature);
        if right.into() { Ok(()) } else { Rv::SignatureInvalid.err("the one-time password is not right") }
    }
}
