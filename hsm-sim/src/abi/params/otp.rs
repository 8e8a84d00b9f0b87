//! What a one-time password shall be: CK_OTP_PARAMS (PKCS#11 v3.2 §6.53.5).

use cryptoki_sys::*;

use super::Mechanism;
use crate::error::{Result, Rv};

/// More parameters than there are types of them.
const MOST: CK_ULONG = 64;
// Flags that cryptoki-sys does not name.
const CKF_EXCLUDE_TIME: CK_FLAGS = 2;
const CKF_EXCLUDE_CHALLENGE: CK_FLAGS = 8;
const CKF_EXCLUDE_PIN: CK_FLAGS = 16;
/// What has no part in the password anyway.
const EXCLUDED: CK_FLAGS = CKF_EXCLUDE_TIME | CKF_EXCLUDE_CHALLENGE | CKF_EXCLUDE_PIN;

/// CK_OTP_PARAMS, as far as HOTP knows them: PIN, challenge and time are ignored.
#[derive(Default)]
pub struct Otp {
    /// Without it, the key's own counter is meant.
    pub counter: Option<u64>,
    /// Digits; the key says them where the caller does not.
    pub len: Option<CK_ULONG>,
    /// CKF_USER_FRIENDLY_OTP.
    pub friendly: bool,
}

impl Mechanism<'_> {
    /// CK_OTP_PARAMS; nothing at all is as good as an empty list.
    pub fn otp(&self) -> Result<Otp> {
        let mut otp = Otp::default();
        if self.is_bare() {
            return Ok(otp);
        }
        // SAFETY: a plain C structure.
        let list = unsafe { self.read::<CK_OTP_PARAMS>() }?;
        // SAFETY: the caller's pointer and count, to plain C structures.
        for parameter in unsafe { self.array_at(list.pParams, list.ulCount, MOST) }? {
            // SAFETY: the caller's pointer and length.
            let value = unsafe { self.within(parameter.pValue.cast(), parameter.ulValueLen) }?;
            otp.take(parameter.type_, value)?;
        }
        Ok(otp)
    }
}

impl Otp {
    fn take(&mut self, kind: CK_OTP_PARAM_TYPE, value: &[u8]) -> Result<()> {
        match kind {
            CK_OTP_COUNTER => self.counter = Some(u64::from_be_bytes(exactly(value, "a counter has 8 bytes")?)),
            CK_OTP_OUTPUT_LENGTH => self.len = Some(number(value)?),
            CK_OTP_OUTPUT_FORMAT if number(value)? != CK_OTP_FORMAT_DECIMAL => {
                return Rv::MechanismParamInvalid.err("these passwords are decimal digits");
            }
            CK_OTP_FLAGS => {
                let flags = number(value)?;
                if flags & !(EXCLUDED | CKF_USER_FRIENDLY_OTP) != 0 {
                    return Rv::MechanismParamInvalid.err("neither the next password nor one without a counter is to be had");
                }
                self.friendly = flags & CKF_USER_FRIENDLY_OTP != 0;
            }
            CK_OTP_OUTPUT_FORMAT | CK_OTP_PIN | CK_OTP_CHALLENGE | CK_OTP_TIME => {}
            _ => return Rv::MechanismParamInvalid.err("no such parameter of one-time passwords"),
        }
        Ok(())
    }
}

fn number(value: &[u8]) -> Result<CK_ULONG> {
    exactly(value, "this parameter is a CK_ULONG").map(CK_ULONG::from_ne_bytes)
}

fn exactly<const N: usize>(value: &[u8], why: &'static str) -> Result<[u8; N]> {
    value.try_into().map_err(|_| Rv::MechanismParamInvalid.because(why))
}
