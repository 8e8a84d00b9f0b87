//! HMAC (PKCS#11 v3.2 §6.22; FIPS 198-1), whole or cut to a length (the GENERAL mechanisms), and its keys.

use cryptoki_sys::*;

use super::{
    Mechanism, Row, Signer, Verifier, digests,
    key_generation::{GENERIC_MOST, generic},
    mac::Mac,
    table::{GENERIC, row},
    wrong_key,
};
use crate::{
    crypto::{Hmac, HmacKey},
    error::{Result, Rv},
    object::key::Key,
};

const MAC: Row = Row { flat: true, sign: Some(sign), verify: Some(verify), ..GENERIC };

/// Key generation, which counts in bytes (§6.22.4).
const KEYS: Row = Row { keys: (1, GENERIC_MOST), bytes: true, ..GENERIC };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_SHA_1_HMAC, MAC),
    row!(CKM_SHA224_HMAC, MAC),
    row!(CKM_SHA256_HMAC, MAC),
    row!(CKM_SHA384_HMAC, MAC),
    row!(CKM_SHA512_HMAC, MAC),
    row!(CKM_SHA512_224_HMAC, MAC),
    row!(CKM_SHA512_256_HMAC, MAC),
    row!(CKM_SHA3_224_HMAC, MAC),
    row!(CKM_SHA3_256_HMAC, MAC),
    row!(CKM_SHA3_384_HMAC, MAC),
    row!(CKM_SHA3_512_HMAC, MAC),
    row!(CKM_BLAKE2B_160_HMAC, MAC),
    row!(CKM_BLAKE2B_256_HMAC, MAC),
    row!(CKM_BLAKE2B_384_HMAC, MAC),
    row!(CKM_BLAKE2B_512_HMAC, MAC),
    row!(CKM_SHA_1_HMAC_GENERAL, MAC),
    row!(CKM_SHA224_HMAC_GENERAL, MAC),
    row!(CKM_SHA256_HMAC_GENERAL, MAC),
    row!(CKM_SHA384_HMAC_GENERAL, MAC),
    row!(CKM_SHA512_HMAC_GENERAL, MAC),
    row!(CKM_SHA512_224_HMAC_GENERAL, MAC),
    row!(CKM_SHA512_256_HMAC_GENERAL, MAC),
    row!(CKM_SHA3_224_HMAC_GENERAL, MAC),
    row!(CKM_SHA3_256_HMAC_GENERAL, MAC),
    row!(CKM_SHA3_384_HMAC_GENERAL, MAC),
    row!(CKM_SHA3_512_HMAC_GENERAL, MAC),
    row!(CKM_BLAKE2B_160_HMAC_GENERAL, MAC),
    row!(CKM_BLAKE2B_256_HMAC_GENERAL, MAC),
    row!(CKM_BLAKE2B_384_HMAC_GENERAL, MAC),
    row!(CKM_BLAKE2B_512_HMAC_GENERAL, MAC),
    row!(CKM_MD2_HMAC, MAC, legacy: true),
    row!(CKM_MD2_HMAC_GENERAL, MAC, legacy: true),
    row!(CKM_MD5_HMAC, MAC, legacy: true),
    row!(CKM_MD5_HMAC_GENERAL, MAC, legacy: true),
    row!(CKM_SHA_1_KEY_GEN, KEYS, generate: Some((CKK_SHA_1_HMAC, generic))),
    row!(CKM_SHA224_KEY_GEN, KEYS, generate: Some((CKK_SHA224_HMAC, generic))),
    row!(CKM_SHA256_KEY_GEN, KEYS, generate: Some((CKK_SHA256_HMAC, generic))),
    row!(CKM_SHA384_KEY_GEN, KEYS, generate: Some((CKK_SHA384_HMAC, generic))),
    row!(CKM_SHA512_KEY_GEN, KEYS, generate: Some((CKK_SHA512_HMAC, generic))),
    row!(CKM_SHA512_224_KEY_GEN, KEYS, generate: Some((CKK_SHA512_224_HMAC, generic))),
    row!(CKM_SHA512_256_KEY_GEN, KEYS, generate: Some((CKK_SHA512_256_HMAC, generic))),
    row!(CKM_SHA3_224_KEY_GEN, KEYS, generate: Some((CKK_SHA3_224_HMAC, generic))),
    row!(CKM_SHA3_256_KEY_GEN, KEYS, generate: Some((CKK_SHA3_256_HMAC, generic))),
    row!(CKM_SHA3_384_KEY_GEN, KEYS, generate: Some((CKK_SHA3_384_HMAC, generic))),
    row!(CKM_SHA3_512_KEY_GEN, KEYS, generate: Some((CKK_SHA3_512_HMAC, generic))),
    row!(CKM_BLAKE2B_160_KEY_GEN, KEYS, generate: Some((CKK_BLAKE2B_160_HMAC, generic))),
    row!(CKM_BLAKE2B_256_KEY_GEN, KEYS, generate: Some((CKK_BLAKE2B_256_HMAC, generic))),
    row!(CKM_BLAKE2B_384_KEY_GEN, KEYS, generate: Some((CKK_BLAKE2B_384_HMAC, generic))),
    row!(CKM_BLAKE2B_512_KEY_GEN, KEYS, generate: Some((CKK_BLAKE2B_512_HMAC, generic))),
];

/// CKM_SHAx_HMAC.
pub fn sign(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    Ok(Box::new(begun(mechanism, key)?))
}

/// CKM_SHAx_HMAC.
pub fn verify(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    Ok(Box::new(begun(mechanism, key)?))
}

fn begun(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<Hmac>> {
    let names = digests::authenticating(mechanism.kind).ok_or(Rv::MechanismInvalid)?;
    let key = match key {
        Key::Generic(key) => key,
        Key::Typed(key_type, key) if *key_type == names.hmac_key => key,
        _ => return wrong_key(),
    };
    let whole = names.hash.output_len();
    let len = match mechanism.kind == names.hmac_general {
        true => general_len(mechanism, whole)?,
        false => mechanism.none().map(|()| whole)?,
    };
    Ok(Mac::new(HmacKey::new(names.hash, key.expose()).start(), len))
}

/// CK_MAC_GENERAL_PARAMS: the length in bytes, `most` at most.
pub fn general_len(mechanism: &Mechanism<'_>, most: usize) -> Result<usize> {
    let len = usize::try_from(CK_ULONG::from_ne_bytes(*mechanism.array()?)).unwrap_or(usize::MAX);
    match (1..=most).contains(&len) {
        true => Ok(len),
        false => Rv::MechanismParamInvalid.err(format!("a MAC of {len} bytes cannot be cut from one of {most}")),
    }
}
