//! Keys that are digests of keys (PKCS#11 v3.2 §6.21.2), and what SHAKE makes of them (§6.32.2).

use cryptoki_sys::*;

use super::{
    Derived, Deriving, Mechanism, Row,
    derivation::{cut, value},
    table::{GENERIC, row},
};
use crate::{
    crypto::{Hash, Xof, digest},
    error::{Error, Result, Rv},
    secret::Secret,
};

const HASHED: Row = Row { derive: Some(derive), ..GENERIC };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_MD2_KEY_DERIVATION, HASHED, legacy: true),
    row!(CKM_MD5_KEY_DERIVATION, HASHED, legacy: true),
    row!(CKM_SHA1_KEY_DERIVATION, HASHED),
    row!(CKM_SHA224_KEY_DERIVATION, HASHED),
    row!(CKM_SHA256_KEY_DERIVATION, HASHED),
    row!(CKM_SHA384_KEY_DERIVATION, HASHED),
    row!(CKM_SHA512_KEY_DERIVATION, HASHED),
    row!(CKM_SHA512_224_KEY_DERIVATION, HASHED),
    row!(CKM_SHA512_256_KEY_DERIVATION, HASHED),
    row!(CKM_SHA3_224_KEY_DERIVATION, HASHED),
    row!(CKM_SHA3_256_KEY_DERIVATION, HASHED),
    row!(CKM_SHA3_384_KEY_DERIVATION, HASHED),
    row!(CKM_SHA3_512_KEY_DERIVATION, HASHED),
    row!(CKM_BLAKE2B_160_KEY_DERIVE, HASHED),
    row!(CKM_BLAKE2B_256_KEY_DERIVE, HASHED),
    row!(CKM_BLAKE2B_384_KEY_DERIVE, HASHED),
    row!(CKM_BLAKE2B_512_KEY_DERIVE, HASHED),
    row!(CKM_SHAKE_128_KEY_DERIVATION, GENERIC, derive: Some(|m, d| expand(Xof::Shake128, m, d))),
    row!(CKM_SHAKE_256_KEY_DERIVATION, GENERIC, derive: Some(|m, d| expand(Xof::Shake256, m, d))),
];

const HASHES: &[(CK_MECHANISM_TYPE, Hash)] = &[
    (CKM_MD2_KEY_DERIVATION, Hash::Md2),
    (CKM_MD5_KEY_DERIVATION, Hash::Md5),
    (CKM_SHA1_KEY_DERIVATION, Hash::Sha1),
    (CKM_SHA224_KEY_DERIVATION, Hash::Sha224),
    (CKM_SHA256_KEY_DERIVATION, Hash::Sha256),
    (CKM_SHA384_KEY_DERIVATION, Hash::Sha384),
    (CKM_SHA512_KEY_DERIVATION, Hash::Sha512),
    (CKM_SHA512_224_KEY_DERIVATION, Hash::Sha512_224),
    (CKM_SHA512_256_KEY_DERIVATION, Hash::Sha512_256),
    (CKM_SHA3_224_KEY_DERIVATION, Hash::Sha3_224),
    (CKM_SHA3_256_KEY_DERIVATION, Hash::Sha3_256),
    (CKM_SHA3_384_KEY_DERIVATION, Hash::Sha3_384),
    (CKM_SHA3_512_KEY_DERIVATION, Hash::Sha3_512),
    (CKM_BLAKE2B_160_KEY_DERIVE, Hash::Blake2b160),
    (CKM_BLAKE2B_256_KEY_DERIVE, Hash::Blake2b256),
    (CKM_BLAKE2B_384_KEY_DERIVE, Hash::Blake2b384),
    (CKM_BLAKE2B_512_KEY_DERIVE, Hash::Blake2b512),
];

fn hash(kind: CK_MECHANISM_TYPE) -> Result<Hash> {
    let found = HASHES.iter().find(|(name, _)| *name == kind);
    found.map(|(_, hash)| *hash).ok_or(Rv::MechanismInvalid.because("no hash of this module"))
}

fn derive(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    mechanism.none()?;
    let hash = hash(mechanism.kind)?;
    if deriving.len.is_none() && deriving.key_type != Some(CKK_GENERIC_SECRET) {
        return Rv::TemplateIncomplete.err("a key of this type has no length of its own: CKA_VALUE_LEN is missing");
    }
    let base = value(deriving.base)?;
    let whole = Secret::filled(hash.output_len(), |output| {
        digest(hash, &[base], output);
        Ok(())
    });
    whole.and_then(|whole| cut(whole, deriving.len)).map(Derived::free)
}

/// SHAKE has no length of its own: the template says it, or the key type.
fn expand(xof: Xof, mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    mechanism.none()?;
    let base = value(deriving.base)?;
    let expanded = Secret::filled(deriving.told_len()?, |output| {
        xof.expand(base, output);
        Ok::<_, Error>(())
    });
    expanded.map(Derived::free)
}
