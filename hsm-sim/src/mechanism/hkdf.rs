//! HKDF (PKCS#11 v3.2 §6.62, RFC 5869).

use cryptoki_sys::*;

use super::{
    Derived, Deriving, Mechanism, Row,
    derivation::{generic, value},
    digests, key_generation,
    table::{GENERIC, row},
};
use crate::{
    abi::params::kdf::Salt,
    crypto::{
        Hash,
        kdf::{Prf, expand, extract},
    },
    error::{Result, Rv},
    object::Object,
    secret::Secret,
};

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_HKDF_DERIVE, GENERIC, derive: Some(derive), from_data: true),
    row!(CKM_HKDF_DATA, GENERIC, derive: Some(derive), from_data: true, derived_class: CKO_DATA),
    row!(CKM_HKDF_KEY_GEN, GENERIC, generate: Some((CKK_HKDF, key_generation::generic))),
];

fn derive(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let p = mechanism.hkdf()?;
    let hash = digests::hash(p.hash)?;
    let base = material(deriving.base)?;
    let value = match (p.extract, p.expand) {
        (false, false) => return Rv::MechanismParamInvalid.err("HKDF: neither extracts nor expands"),
        (false, true) => expanded(hash, base, p.info, deriving)?,
        (true, false) => whole(extracted(hash, &p.salt, base, deriving)?, deriving)?,
        (true, true) => expanded(hash, extracted(hash, &p.salt, base, deriving)?.expose(), p.info, deriving)?,
    };
    Ok(Derived::free(value))
}

/// §6.62.3: an HKDF key, a generic secret, or data.
fn material(base: &Object) -> Result<&[u8]> {
    if base.traits().class == CKO_DATA { value(base) } else { generic(base) }
}

fn extracted(hash: Hash, salt: &Salt<'_>, base: &[u8], deriving: &Deriving<'_>) -> Result<Secret> {
    match salt {
        Salt::Data(salt) => Ok(extract(hash, salt, base)?),
        Salt::Key(key) => Ok(extract(hash, value((deriving.keys)(*key)?.as_ref())?, base)?),
    }
}

fn expanded(hash: Hash, key: &[u8], info: &[u8], deriving: &Deriving<'_>) -> Result<Secret> {
    let len = deriving.told_len()?;
    expand(&Prf::hmac(hash, key), info, len)
        .map_err(|_| Rv::KeySizeRange.because("HKDF: no more than 255 outputs of the hash can be had"))
}

/// What is only extracted has the hash's length, whether the template says so or not.
fn whole(key: Secret, deriving: &Deriving<'_>) -> Result<Secret> {
    match deriving.len {
        Some(len) if len != key.len() => Rv::KeySizeRange.err("HKDF: what is only extracted has the hash's length"),
        _ => Ok(key),
    }
}
