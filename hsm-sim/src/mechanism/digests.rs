//! Hash functions by their names in the standard (PKCS#11 v3.2 §6.20).

use cryptoki_sys::*;

use super::{
    Row,
    table::{NOTHING, row},
};
use crate::{
    crypto::Hash,
    error::{Result, Rv},
};

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_SHA_1, NOTHING, digest: Some(Hash::Sha1)),
    row!(CKM_SHA224, NOTHING, digest: Some(Hash::Sha224)),
    row!(CKM_SHA256, NOTHING, digest: Some(Hash::Sha256)),
    row!(CKM_SHA384, NOTHING, digest: Some(Hash::Sha384)),
    row!(CKM_SHA512, NOTHING, digest: Some(Hash::Sha512)),
    row!(CKM_SHA512_224, NOTHING, digest: Some(Hash::Sha512_224)),
    row!(CKM_SHA512_256, NOTHING, digest: Some(Hash::Sha512_256)),
    row!(CKM_SHA3_224, NOTHING, digest: Some(Hash::Sha3_224)),
    row!(CKM_SHA3_256, NOTHING, digest: Some(Hash::Sha3_256)),
    row!(CKM_SHA3_384, NOTHING, digest: Some(Hash::Sha3_384)),
    row!(CKM_SHA3_512, NOTHING, digest: Some(Hash::Sha3_512)),
    row!(CKM_BLAKE2B_160, NOTHING, digest: Some(Hash::Blake2b160)),
    row!(CKM_BLAKE2B_256, NOTHING, digest: Some(Hash::Blake2b256)),
    row!(CKM_BLAKE2B_384, NOTHING, digest: Some(Hash::Blake2b384)),
    row!(CKM_BLAKE2B_512, NOTHING, digest: Some(Hash::Blake2b512)),
    row!(CKM_MD2, NOTHING, digest: Some(Hash::Md2), legacy: true),
    row!(CKM_MD5, NOTHING, digest: Some(Hash::Md5), legacy: true),
];

/// The hash that a parameter names by its digest mechanism. MD2 and MD5 are none: no configuration offers it inside another mechanism.
pub fn hash(kind: CK_MECHANISM_TYPE) -> Result<Hash> {
    match NAMES.iter().find(|names| names.digest == kind && !names.hash.is_obsolete()) {
        Some(names) => Ok(names.hash),
        None => Rv::MechanismParamInvalid.err(format!("{kind:#x} is not a hash of this module")),
    }
}

/// The hash of a mask generation function.
pub fn mgf(kind: CK_RSA_PKCS_MGF_TYPE) -> Result<Hash> {
    match NAMES.iter().find(|names| names.mgf == Some(kind)) {
        Some(names) => Ok(names.hash),
        None => Rv::MechanismParamInvalid.err(format!("MGF {kind:#x} is not known")),
    }
}

/// The hash inside a mechanism that hashes before it signs; `None` for those that take the data as it is.
pub fn inside(kind: CK_MECHANISM_TYPE) -> Option<Hash> {
    NAMES.iter().find(|names| names.signatures.contains(&kind)).map(|names| names.hash)
}

/// The names of the hash inside an HMAC mechanism, whole or general.
pub fn authenticating(kind: CK_MECHANISM_TYPE) -> Option<&'static Names> {
    NAMES.iter().find(|names| names.hmac == kind || names.hmac_general == kind)
}

/// What the standard calls a hash and what is built on it.
pub struct Names {
    pub hash: Hash,
    digest: CK_MECHANISM_TYPE,
    pub hmac: CK_MECHANISM_TYPE,
    pub hmac_general: CK_MECHANISM_TYPE,
    /// The type of keys for HMAC with this hash alone.
    pub hmac_key: CK_KEY_TYPE,
    mgf: Option<CK_RSA_PKCS_MGF_TYPE>,
    /// Mechanisms that hash and sign.
    signatures: &'static [CK_MECHANISM_TYPE],
}

const fn names(
    hash: Hash,
    [digest, hmac, hmac_general]: [CK_MECHANISM_TYPE; 3],
    hmac_key: CK_KEY_TYPE,
    mgf: Option<CK_RSA_PKCS_MGF_TYPE>,
    signatures: &'static [CK_MECHANISM_TYPE],
) -> Names {
    Names { hash, digest, hmac, hmac_general, hmac_key, mgf, signatures }
}

/// The most used first. The standard names neither MGF1 nor signatures with SHA-512/t and BLAKE2b.
const NAMES: &[Names] = &[
    names(
        Hash::Sha256,
        [CKM_SHA256, CKM_SHA256_HMAC, CKM_SHA256_HMAC_GENERAL],
        CKK_SHA256_HMAC,
        Some(CKG_MGF1_SHA256),
        &[CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS, CKM_ECDSA_SHA256, CKM_DSA_SHA256],
    ),
    names(
        Hash::Sha384,
        [CKM_SHA384, CKM_SHA384_HMAC, CKM_SHA384_HMAC_GENERAL],
        CKK_SHA384_HMAC,
        Some(CKG_MGF1_SHA384),
        &[CKM_SHA384_RSA_PKCS, CKM_SHA384_RSA_PKCS_PSS, CKM_ECDSA_SHA384, CKM_DSA_SHA384],
    ),
    names(
        Hash::Sha512,
        [CKM_SHA512, CKM_SHA512_HMAC, CKM_SHA512_HMAC_GENERAL],
        CKK_SHA512_HMAC,
        Some(CKG_MGF1_SHA512),
        &[CKM_SHA512_RSA_PKCS, CKM_SHA512_RSA_PKCS_PSS, CKM_ECDSA_SHA512, CKM_DSA_SHA512],
    ),
    names(
        Hash::Sha224,
        [CKM_SHA224, CKM_SHA224_HMAC, CKM_SHA224_HMAC_GENERAL],
        CKK_SHA224_HMAC,
        Some(CKG_MGF1_SHA224),
        &[CKM_SHA224_RSA_PKCS, CKM_SHA224_RSA_PKCS_PSS, CKM_ECDSA_SHA224, CKM_DSA_SHA224],
    ),
    names(
        Hash::Sha1,
        [CKM_SHA_1, CKM_SHA_1_HMAC, CKM_SHA_1_HMAC_GENERAL],
        CKK_SHA_1_HMAC,
        Some(CKG_MGF1_SHA1),
        &[CKM_SHA1_RSA_PKCS, CKM_SHA1_RSA_PKCS_PSS, CKM_SHA1_RSA_X9_31, CKM_ECDSA_SHA1, CKM_DSA_SHA1],
    ),
    names(Hash::Sha512_224, [CKM_SHA512_224, CKM_SHA512_224_HMAC, CKM_SHA512_224_HMAC_GENERAL], CKK_SHA512_224_HMAC, None, &[]),
    names(Hash::Sha512_256, [CKM_SHA512_256, CKM_SHA512_256_HMAC, CKM_SHA512_256_HMAC_GENERAL], CKK_SHA512_256_HMAC, None, &[]),
    names(
        Hash::Sha3_224,
        [CKM_SHA3_224, CKM_SHA3_224_HMAC, CKM_SHA3_224_HMAC_GENERAL],
        CKK_SHA3_224_HMAC,
        Some(CKG_MGF1_SHA3_224),
        &[CKM_SHA3_224_RSA_PKCS, CKM_SHA3_224_RSA_PKCS_PSS, CKM_ECDSA_SHA3_224, CKM_DSA_SHA3_224],
    ),
    names(
        Hash::Sha3_256,
        [CKM_SHA3_256, CKM_SHA3_256_HMAC, CKM_SHA3_256_HMAC_GENERAL],
        CKK_SHA3_256_HMAC,
        Some(CKG_MGF1_SHA3_256),
        &[CKM_SHA3_256_RSA_PKCS, CKM_SHA3_256_RSA_PKCS_PSS, CKM_ECDSA_SHA3_256, CKM_DSA_SHA3_256],
    ),
    names(
        Hash::Sha3_384,
        [CKM_SHA3_384, CKM_SHA3_384_HMAC, CKM_SHA3_384_HMAC_GENERAL],
        CKK_SHA3_384_HMAC,
        Some(CKG_MGF1_SHA3_384),
        &[CKM_SHA3_384_RSA_PKCS, CKM_SHA3_384_RSA_PKCS_PSS, CKM_ECDSA_SHA3_384, CKM_DSA_SHA3_384],
    ),
    names(
        Hash::Sha3_512,
        [CKM_SHA3_512, CKM_SHA3_512_HMAC, CKM_SHA3_512_HMAC_GENERAL],
        CKK_SHA3_512_HMAC,
        Some(CKG_MGF1_SHA3_512),
        &[CKM_SHA3_512_RSA_PKCS, CKM_SHA3_512_RSA_PKCS_PSS, CKM_ECDSA_SHA3_512, CKM_DSA_SHA3_512],
    ),
    names(
        Hash::Blake2b160,
        [CKM_BLAKE2B_160, CKM_BLAKE2B_160_HMAC, CKM_BLAKE2B_160_HMAC_GENERAL],
        CKK_BLAKE2B_160_HMAC,
        None,
        &[],
    ),
    names(
        Hash::Blake2b256,
        [CKM_BLAKE2B_256, CKM_BLAKE2B_256_HMAC, CKM_BLAKE2B_256_HMAC_GENERAL],
        CKK_BLAKE2B_256_HMAC,
        None,
        &[],
    ),
    names(
        Hash::Blake2b384,
        [CKM_BLAKE2B_384, CKM_BLAKE2B_384_HMAC, CKM_BLAKE2B_384_HMAC_GENERAL],
        CKK_BLAKE2B_384_HMAC,
        None,
        &[],
    ),
    names(
        Hash::Blake2b512,
        [CKM_BLAKE2B_512, CKM_BLAKE2B_512_HMAC, CKM_BLAKE2B_512_HMAC_GENERAL],
        CKK_BLAKE2B_512_HMAC,
        None,
        &[],
    ),
    names(Hash::Md5, [CKM_MD5, CKM_MD5_HMAC, CKM_MD5_HMAC_GENERAL], CKK_MD5_HMAC, None, &[CKM_MD5_RSA_PKCS]),
    // Keys for HMAC with MD2 have no type of their own.
    names(Hash::Md2, [CKM_MD2, CKM_MD2_HMAC, CKM_MD2_HMAC_GENERAL], CKK_GENERIC_SECRET, None, &[CKM_MD2_RSA_PKCS]),
];
