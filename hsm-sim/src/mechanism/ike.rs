//! Keys of IKE versions 1 and 2 (PKCS#11 v3.2 §6.64; RFC 2409, RFC 7296).
//!
//! The text has no rules about their sensitivity. The careful ones of §6.43 hold: some of these keys are cut from others.

use std::sync::Arc;

use cryptoki_sys::*;

use super::{
    Derived, Deriving, Mechanism, Row,
    derivation::{cut, generic, hmac, prf, value},
    table::{GENERIC, row},
};
use crate::{
    abi::params::kdf::IkeExpansion,
    crypto::{AesKey, kdf::Prf},
    error::{Result, Rv},
    object::Object,
    secret::Secret,
};

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_IKE2_PRF_PLUS_DERIVE, GENERIC, derive: Some(prf_plus)),
    row!(CKM_IKE_PRF_DERIVE, GENERIC, derive: Some(first)),
    row!(CKM_IKE1_PRF_DERIVE, GENERIC, derive: Some(version1)),
    row!(CKM_IKE1_EXTENDED_DERIVE, GENERIC, derive: Some(version1_extended)),
];

/// SKEYSEED or SKEYID (§6.64.3).
fn first(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let p = mechanism.ike_prf()?;
    let (value, binding) = match (p.data_as_key, p.new_key) {
        (true, Some(_)) => return Rv::ArgumentsBad.err("IKE: the data are the key, and yet there is a new key"),
        (true, None) => {
            let prf = keyed_by_data(p.prf, &[p.initiator, p.responder].concat())?;
            (prf.of(&[generic(deriving.base)?])?, vec![])
        }
        (false, None) => (prf(p.prf, deriving.base)?.of(&[p.initiator, p.responder])?, vec![]),
        (false, Some(key)) => {
            let key = (deriving.keys)(key)?;
            (prf(p.prf, deriving.base)?.of(&[generic(&key)?, p.initiator, p.responder])?, vec![key])
        }
    };
    match deriving.len {
        Some(len) if len != value.len() => Rv::KeySizeRange.err("IKE: the key has the length of the pseudo random function"),
        _ => Ok(Derived::bound(value, binding)),
    }
}

fn keyed_by_data(mac: CK_MECHANISM_TYPE, data: &[u8]) -> Result<Prf> {
    if mac != CKM_AES_CMAC {
        return Ok(Prf::hmac(hmac(mac)?, data));
    }
    let key = AesKey::new(data).map_err(|_| Rv::MechanismParamInvalid.because("IKE: the data are no AES key"))?;
    Ok(Prf::cmac(Arc::new(key)))
}

/// SKEYID_d, SKEYID_a, SKEYID_e (§6.64.4).
fn version1(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let p = mechanism.ike1_prf()?;
    let shared = (deriving.keys)(p.shared)?;
    let previous = p.previous.map(|key| (deriving.keys)(key)).transpose()?;
    let before = previous.as_deref().map_or(Ok(&[][..]), value)?;
    let prf = prf(p.prf, deriving.base)?;
    let whole = prf.of(&[before, generic(&shared)?, p.initiator, p.responder, &[p.number]])?;
    Ok(Derived::bound(cut(whole, deriving.len)?, previous.into_iter().chain([shared]).collect()))
}

/// prf+ (§6.64.5; RFC 7296, §2.13).
fn prf_plus(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let p = mechanism.ike2_prf_plus()?;
    let seed = named(&p, deriving)?;
    let prf = prf(p.prf, deriving.base)?;
    let len = expandable(&prf, deriving)?;
    let seed_key = seed.as_deref().map_or(Ok(&[][..]), value)?;
    let keys = prf.chain(len, &[], |last, i| prf.of(&[last, seed_key, p.data, &[i as u8]]))?;
    Ok(Derived::bound(keys, seed.into_iter().collect()))
}

/// Longer keys, and those of the quick mode (§6.64.6; RFC 2409, appendix B and §5.5).
fn version1_extended(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let p = mechanism.ike1_extended()?;
    let shared = named(&p, deriving)?;
    let prf = prf(p.prf, deriving.base)?;
    let len = expandable(&prf, deriving)?;
    if shared.is_none() && p.data.is_empty() && len <= prf.len() {
        // Appendix B. Not where there are data: the quick mode without g^xy would give SKEYID_d itself away as a key.
        return Ok(Derived::bound(cut(Secret::copy(value(deriving.base)?), Some(len))?, vec![]));
    }
    let shared_value = shared.as_deref().map_or(Ok(&[][..]), generic)?;
    let bare = shared.is_none() && p.data.is_empty();
    let keys = prf.chain(len, &[], |last, i| match i {
        1 if bare => prf.of(&[&[0]]),
        _ => prf.of(&[last, shared_value, p.data]),
    })?;
    Ok(Derived::bound(keys, shared.into_iter().collect()))
}

fn named(expansion: &IkeExpansion<'_>, deriving: &Deriving<'_>) -> Result<Option<Arc<Object>>> {
    expansion.key.map(|key| (deriving.keys)(key)).transpose()
}

/// The length asked for: at most 255 outputs.
fn expandable(prf: &Prf, deriving: &Deriving<'_>) -> Result<usize> {
    match deriving.told_len()? {
        len if len <= 255 * prf.len() => Ok(len),
        _ => Rv::KeySizeRange.err("IKE: no more than 255 outputs of the function can be had"),
    }
}
