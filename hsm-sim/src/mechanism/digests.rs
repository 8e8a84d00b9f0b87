//! Hash functions by their names in the standard.

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
];

/// The hash of a digest mechanism.
pub fn hash(kind: CK_MECHANISM_TYPE) -> Result<Hash> {
    Ok(match kind {
        CKM_SHA_1 => Hash::Sha1,
        CKM_SHA224 => Hash::Sha224,
        CKM_SHA256 => Hash::Sha256,
        CKM_SHA384 => Hash::Sha384,
        CKM_SHA512 => Hash::Sha512,
        _ => return Rv::MechanismParamInvalid.err(format!("{kind:#x} is not a hash of this module")),
    })
}

/// The hash of a mask generation function.
pub fn mgf(kind: CK_RSA_PKCS_MGF_TYPE) -> Result<Hash> {
    Ok(match kind {
        CKG_MGF1_SHA1 => Hash::Sha1,
        CKG_MGF1_SHA224 => Hash::Sha224,
        CKG_MGF1_SHA256 => Hash::Sha256,
        CKG_MGF1_SHA384 => Hash::Sha384,
        CKG_MGF1_SHA512 => Hash::Sha512,
        _ => return Rv::MechanismParamInvalid.err(format!("MGF {kind:#x} is not known")),
    })
}

/// The hash inside a mechanism that hashes before it signs or authenticates; `None` for those that take the data as it is.
pub fn inside(kind: CK_MECHANISM_TYPE) -> Option<Hash> {
    Some(match kind {
        CKM_SHA1_RSA_PKCS
        | CKM_SHA1_RSA_X9_31
        | CKM_SHA1_RSA_PKCS_PSS
        | CKM_ECDSA_SHA1
        | CKM_SHA_1_HMAC
        | CKM_SHA_1_HMAC_GENERAL => Hash::Sha1,
        CKM_SHA224_RSA_PKCS | CKM_SHA224_RSA_PKCS_PSS | CKM_ECDSA_SHA224 | CKM_SHA224_HMAC | CKM_SHA224_HMAC_GENERAL => {
            Hash::Sha224
        }
        CKM_SHA256_RSA_PKCS | CKM_SHA256_RSA_PKCS_PSS | CKM_ECDSA_SHA256 | CKM_SHA256_HMAC | CKM_SHA256_HMAC_GENERAL => {
            Hash::Sha256
        }
        CKM_SHA384_RSA_PKCS | CKM_SHA384_RSA_PKCS_PSS | CKM_ECDSA_SHA384 | CKM_SHA384_HMAC | CKM_SHA384_HMAC_GENERAL => {
            Hash::Sha384
        }
        CKM_SHA512_RSA_PKCS | CKM_SHA512_RSA_PKCS_PSS | CKM_ECDSA_SHA512 | CKM_SHA512_HMAC | CKM_SHA512_HMAC_GENERAL => {
            Hash::Sha512
        }
        _ => return None,
    })
}
