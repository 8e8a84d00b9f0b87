//! Keys of one-time passwords by counter: CKO_OTP_KEY of CKK_HOTP (PKCS#11 v3.2 §6.53.2 and §6.53.7; RFC 4226).

use cryptoki_sys::*;

use super::{
    Object,
    attributes::{Draft, Lookup},
    key::Key,
};
use crate::{
    crypto::{Hash, HmacKey},
    error::{Result, Rv},
    secret::Secret,
};

/// RFC 4226, section 4, requirement 6: bytes of a shared secret.
pub const LEAST: usize = 16;
/// Digits: RFC 4226, section 5.3.
const LENGTHS: std::ops::RangeInclusive<CK_ULONG> = 6..=8;

/// Whose counter a password is made at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// The key's own, whatever the caller gives.
    Inside,
    /// The caller's, if there is one, or else the key's own.
    Either,
    /// The caller's.
    Outside,
}

/// A key, and the counter of its next password.
pub struct HotpKey {
    value: Secret,
    pub counter: u64,
    len: CK_ULONG,
    /// CKA_OTP_USER_FRIENDLY_MODE.
    pub friendly: bool,
    /// CKA_OTP_COUNTER_REQUIREMENT.
    pub counting: Counting,
}

impl HotpKey {
    /// The key in these attributes. What HOTP does not offer is CKR_ATTRIBUTE_VALUE_INVALID.
    pub fn parse(attributes: &impl Lookup) -> Result<Self> {
        let number = |kind| attributes.ulong(kind);
        let ignored = [CKA_OTP_CHALLENGE_REQUIREMENT, CKA_OTP_TIME_REQUIREMENT, CKA_OTP_PIN_REQUIREMENT];
        let counting = match number(CKA_OTP_COUNTER_REQUIREMENT) {
            Some(CK_OTP_PARAM_IGNORED) => Some(Counting::Inside),
            Some(CK_OTP_PARAM_OPTIONAL) => Some(Counting::Either),
            Some(CK_OTP_PARAM_MANDATORY) => Some(Counting::Outside),
            _ => None,
        };
        let plain = number(CKA_OTP_FORMAT) == Some(CK_OTP_FORMAT_DECIMAL)
            && ignored.iter().all(|kind| number(*kind) == Some(CK_OTP_PARAM_IGNORED));
        let Some(counting) = counting.filter(|_| plain) else {
            return Rv::AttributeValueInvalid.err("HOTP passwords are decimal, of a counter and of nothing else");
        };
        let len = number(CKA_OTP_LENGTH).filter(|len| LENGTHS.contains(len));
        let value = attributes.bytes(CKA_VALUE);
        if value.len() < LEAST {
            return Rv::AttributeValueInvalid.err(format!("an HOTP key has at least {LEAST} bytes"));
        }
        Ok(Self {
            value: Secret::copy(value),
            counter: counter(attributes.bytes(CKA_OTP_COUNTER))?,
            len: len.ok_or(Rv::AttributeValueInvalid.because("HOTP passwords have 6 to 8 digits"))?,
            friendly: attributes.flag(CKA_OTP_USER_FRIENDLY_MODE),
            counting,
        })
    }

    /// Length of the secret in bytes.
    pub fn size(&self) -> usize {
        self.value.expose().len()
    }

    /// Digits of a password; others than the key's are CKR_MECHANISM_PARAM_INVALID unless HOTP has them.
    pub fn len(&self, wanted: Option<CK_ULONG>) -> Result<usize> {
        let len = wanted.unwrap_or(self.len);
        match LENGTHS.contains(&len) {
            true => Ok(len as usize),
            false => Rv::MechanismParamInvalid.err("HOTP passwords have 6 to 8 digits"),
        }
    }

    /// The password of `len` digits at a counter (RFC 4226, 5.3).
    pub fn password(&self, counter: u64, len: usize) -> Secret {
        let mut hmac = HmacKey::new(Hash::Sha1, self.value.expose()).start();
        hmac.update(&counter.to_be_bytes());
        let mut code = zeroize::Zeroizing::new([0; 20]);
        hmac.finish(&mut *code);
        let at = usize::from(code[19] & 0xf);
        let number = code[at..at + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
        let mut digits = zeroize::Zeroizing::new(format!("{number:010}").into_bytes());
        let first = digits.len() - len;
        Secret::take(&mut digits[first..])
    }
}

/// The counter of the next password, and the object with the one after it.
pub fn advanced(object: &Object) -> Result<(u64, Draft)> {
    let Key::Hotp(key) = object.key()? else { return Rv::KeyTypeInconsistent.err("the key makes no one-time passwords") };
    let next = key.counter.checked_add(1).ok_or(Rv::FunctionFailed.because("the counter is at its end"))?;
    let mut draft = object.attributes().draft();
    draft.set(CKA_OTP_COUNTER, &next.to_be_bytes());
    Ok((key.counter, draft))
}

/// A counter begins at 0 when nobody says where.
fn counter(bytes: &[u8]) -> Result<u64> {
    match bytes {
        [] => Ok(0),
        bytes => match bytes.try_into() {
            Ok(bytes) => Ok(u64::from_be_bytes(bytes)),
            Err(_) => Rv::AttributeValueInvalid.err("CKA_OTP_COUNTER has 8 bytes"),
        },
    }
}
