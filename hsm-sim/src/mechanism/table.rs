//! Every mechanism of this module, a row each.

use cryptoki_sys::*;

use super::{Row, aes, ecdsa, eddsa, gcm, hmac, key_generation as generation, rsa, rsa_cipher};
use crate::crypto::Hash;

const NOTHING: Row = Row {
    kind: 0,
    keys: (0, 0),
    curves: 0,
    cipher: None,
    wraps: false,
    digest: None,
    sign: None,
    verify: None,
    generate: None,
    generate_pair: None,
};

const AES: Row = Row { keys: (16, 32), ..NOTHING };
const RSA: Row = Row { keys: generation::RSA_BITS, ..NOTHING };
const EC: Row = Row { keys: (256, 521), curves: CKF_EC_F_P | CKF_EC_OID | CKF_EC_CURVENAME | CKF_EC_UNCOMPRESS, ..NOTHING };
const EDWARDS: Row = Row { keys: (255, 255), curves: CKF_EC_F_P | CKF_EC_OID | CKF_EC_CURVENAME | CKF_EC_COMPRESS, ..NOTHING };
const GENERIC: Row = Row { keys: (8, 8 * generation::GENERIC_MOST), ..NOTHING };

const fn digest(kind: CK_MECHANISM_TYPE, hash: Hash) -> Row {
    Row { kind, digest: Some(hash), ..NOTHING }
}

const fn mac(kind: CK_MECHANISM_TYPE) -> Row {
    Row { kind, sign: Some(hmac::sign), verify: Some(hmac::verify), ..GENERIC }
}

const fn pkcs1(kind: CK_MECHANISM_TYPE) -> Row {
    Row { kind, sign: Some(rsa::sign_pkcs1), verify: Some(rsa::verify_pkcs1), ..RSA }
}

const fn pss(kind: CK_MECHANISM_TYPE) -> Row {
    Row { kind, sign: Some(rsa::sign_pss), verify: Some(rsa::verify_pss), ..RSA }
}

const fn ecdsa(kind: CK_MECHANISM_TYPE) -> Row {
    Row { kind, sign: Some(ecdsa::sign), verify: Some(ecdsa::verify), ..EC }
}

/// The table. The order is the one C_GetMechanismList gives.
pub static MECHANISMS: &[Row] = &[
    Row { kind: CKM_RSA_PKCS_KEY_PAIR_GEN, generate_pair: Some((CKK_RSA, generation::rsa)), ..RSA },
    Row { cipher: Some(rsa_cipher::pkcs1), wraps: true, ..pkcs1(CKM_RSA_PKCS) },
    pkcs1(CKM_SHA1_RSA_PKCS),
    pkcs1(CKM_SHA224_RSA_PKCS),
    pkcs1(CKM_SHA256_RSA_PKCS),
    pkcs1(CKM_SHA384_RSA_PKCS),
    pkcs1(CKM_SHA512_RSA_PKCS),
    pss(CKM_RSA_PKCS_PSS),
    pss(CKM_SHA1_RSA_PKCS_PSS),
    pss(CKM_SHA224_RSA_PKCS_PSS),
    pss(CKM_SHA256_RSA_PKCS_PSS),
    pss(CKM_SHA384_RSA_PKCS_PSS),
    pss(CKM_SHA512_RSA_PKCS_PSS),
    Row { kind: CKM_RSA_PKCS_OAEP, cipher: Some(rsa_cipher::oaep), wraps: true, ..RSA },
    Row { kind: CKM_RSA_X_509, cipher: Some(rsa_cipher::raw), sign: Some(rsa::sign_raw), verify: Some(rsa::verify_raw), ..RSA },
    Row { kind: CKM_EC_KEY_PAIR_GEN, generate_pair: Some((CKK_EC, generation::ec)), ..EC },
    ecdsa(CKM_ECDSA),
    ecdsa(CKM_ECDSA_SHA1),
    ecdsa(CKM_ECDSA_SHA224),
    ecdsa(CKM_ECDSA_SHA256),
    ecdsa(CKM_ECDSA_SHA384),
    ecdsa(CKM_ECDSA_SHA512),
    Row { kind: CKM_EC_EDWARDS_KEY_PAIR_GEN, generate_pair: Some((CKK_EC_EDWARDS, generation::edwards)), ..EDWARDS },
    Row { kind: CKM_EDDSA, sign: Some(eddsa::sign), verify: Some(eddsa::verify), ..EDWARDS },
    Row { kind: CKM_AES_KEY_GEN, generate: Some((CKK_AES, generation::aes)), ..AES },
    Row { kind: CKM_AES_ECB, cipher: Some(aes::ecb), ..AES },
    Row { kind: CKM_AES_CBC, cipher: Some(aes::cbc), ..AES },
    Row { kind: CKM_AES_CBC_PAD, cipher: Some(aes::cbc_pad), wraps: true, ..AES },
    Row { kind: CKM_AES_CTR, cipher: Some(aes::ctr), ..AES },
    Row { kind: CKM_AES_GCM, cipher: Some(gcm::gcm), wraps: true, ..AES },
    Row { kind: CKM_AES_KEY_WRAP, cipher: Some(aes::key_wrap), wraps: true, ..AES },
    Row { kind: CKM_AES_KEY_WRAP_PAD, cipher: Some(aes::key_wrap_pad), wraps: true, ..AES },
    Row { kind: CKM_AES_KEY_WRAP_KWP, cipher: Some(aes::key_wrap_pad), wraps: true, ..AES },
    Row { kind: CKM_GENERIC_SECRET_KEY_GEN, generate: Some((CKK_GENERIC_SECRET, generation::generic)), ..GENERIC },
    digest(CKM_SHA_1, Hash::Sha1),
    digest(CKM_SHA224, Hash::Sha224),
    digest(CKM_SHA256, Hash::Sha256),
    digest(CKM_SHA384, Hash::Sha384),
    digest(CKM_SHA512, Hash::Sha512),
    mac(CKM_SHA_1_HMAC),
    mac(CKM_SHA224_HMAC),
    mac(CKM_SHA256_HMAC),
    mac(CKM_SHA384_HMAC),
    mac(CKM_SHA512_HMAC),
    mac(CKM_SHA_1_HMAC_GENERAL),
    mac(CKM_SHA224_HMAC_GENERAL),
    mac(CKM_SHA256_HMAC_GENERAL),
    mac(CKM_SHA384_HMAC_GENERAL),
    mac(CKM_SHA512_HMAC_GENERAL),
];
