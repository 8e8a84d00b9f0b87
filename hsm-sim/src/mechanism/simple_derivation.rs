//! Simple derivations: joining, XORing and cutting keys (PKCS#11 v3.2 §6.43).
//!
//! Their results are bound: a key made from a sensitive one is sensitive, and one made from a key that cannot be extracted cannot be either.

use std::sync::Arc;

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::{
    Derived, Deriving, Mechanism, Row,
    derivation::value,
    table::{GENERIC, NOTHING, row},
};
use crate::{
    error::{Result, Rv},
    object::Object,
    secret::Secret,
};

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_CONCATENATE_BASE_AND_KEY, GENERIC, derive: Some(base_and_key)),
    row!(CKM_CONCATENATE_BASE_AND_DATA, GENERIC, derive: Some(base_and_data)),
    row!(CKM_CONCATENATE_DATA_AND_BASE, GENERIC, derive: Some(data_and_base)),
    row!(CKM_XOR_BASE_AND_DATA, GENERIC, derive: Some(xor)),
    row!(CKM_EXTRACT_KEY_FROM_KEY, GENERIC, derive: Some(extract)),
    row!(CKM_PUB_KEY_FROM_PRIV_KEY, NOTHING, derive_public: true),
];

fn base_and_key(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let other = (deriving.keys)(CK_OBJECT_HANDLE::from_ne_bytes(*mechanism.array()?))?;
    let joined = Zeroizing::new([value(deriving.base)?, value(&other)?].concat());
    bound(deriving, &joined, vec![other])
}

fn base_and_data(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let joined = Zeroizing::new([value(deriving.base)?, mechanism.string()?].concat());
    bound(deriving, &joined, vec![])
}

fn data_and_base(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let joined = Zeroizing::new([mechanism.string()?, value(deriving.base)?].concat());
    bound(deriving, &joined, vec![])
}

/// The result is as long as the shorter of the two.
fn xor(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let (base, data) = (value(deriving.base)?, mechanism.string()?);
    let mixed: Zeroizing<Vec<u8>> = Zeroizing::new(base.iter().zip(data).map(|(a, b)| a ^ b).collect());
    bound(deriving, &mixed, vec![])
}

/// Bits from a position on, the first being the most significant of the first byte; the key's end is followed by its beginning.
fn extract(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let base = value(deriving.base)?;
    let first = CK_ULONG::from_ne_bytes(*mechanism.array()?);
    let bits = 8 * base.len();
    let first = usize::try_from(first).ok().filter(|first| *first < bits);
    let first = first.ok_or(Rv::MechanismParamInvalid.because("the first bit lies beyond the key"))?;
    let len = deriving.len.ok_or(Rv::TemplateIncomplete.because("how many bits: CKA_VALUE_LEN is missing"))?;
    if len > base.len() {
        return too_long();
    }
    let bit = |at: usize| base[at % bits / 8] >> (7 - at % 8) & 1;
    let byte = |at: usize| (0..8).fold(0, |byte, i| byte << 1 | bit(first + 8 * at + i));
    let extracted: Zeroizing<Vec<u8>> = Zeroizing::new((0..len).map(byte).collect());
    bound(deriving, &extracted, vec![])
}

/// The leading bytes of `from`, as many as are asked for; bound by the base key and `others`.
fn bound(deriving: &Deriving<'_>, from: &[u8], others: Vec<Arc<Object>>) -> Result<Derived> {
    match from.get(..deriving.len.unwrap_or(from.len())) {
        Some(value) => Ok(Derived { value: Secret::copy(value), binding: others, bound_by_base: true }),
        None => too_long(),
    }
}

fn too_long<T>() -> Result<T> {
    Rv::KeySizeRange.err("the new key would be longer than what it is made of")
}
