//! Keys that are digests of keys (PKCS#11 v3.2 §6.21.2).

use cryptoki_sys::*;

use super::{
    Derived, Deriving, Mechanism, Row,
    derivation::{cut, value},
    table::{GENERIC, row},
};
use crate::{
    crypto::{Hash, digest},
    error::{Result, Rv},
    secret::Secret,
};

const HASHED: Row = Row { derive: Some(derive), ..GENERIC };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_SHA1_KEY_DERIVATION, HASHED),
    row!(CKM_SHA224_KEY_DERIVATION, HASHED),
    row!(CKM_SHA256_KEY_DERIVATION, HASHED),
    row!(CKM_SHA384_KEY_DERIVATION, HASHED),
    row!(CKM_SHA512_KEY_DERIVATION, HASHED),
];

fn hash(kind: CK_MECHANISM_TYPE) -> Result<Hash> {
    Ok(match kind {
        CKM_SHA1_KEY_DERIVATION => Hash::Sha1,
        CKM_SHA224_KEY_DERIVATION => Hash::Sha224,
        CKM_SHA256_KEY_DERIVATION => Hash::Sha256,
        CKM_SHA384_KEY_DERIVATION => Hash::Sha384,
        CKM_SHA512_KEY_DERIVATION => Hash::Sha512,
        _ => return Rv::MechanismInvalid.err("no hash of this module"),
    })
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
