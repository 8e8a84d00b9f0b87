//! Which mechanism goes with which key of the stage, so that calls come further than to the wrong type of key.

use crate::source::Source;
use cryptoki_sys::*;

/// A mechanism, the key that encrypts, verifies or wraps with it, and the one that decrypts, signs, unwraps or derives: places in the
/// list of the stage's fixtures.
type Recipe = (CK_MECHANISM_TYPE, usize, usize);

/// A mechanism and a key for a function; `None` for those that take no key.
pub fn matched(function: &str, source: &mut Source<'_>) -> Option<(CK_MECHANISM_TYPE, usize)> {
    let with_public = ["Encrypt", "Verify", "C_WrapKey", "Encapsulate"].iter().any(|part| function.contains(part));
    let (kind, public, private) = source.pick(recipes(function)?);
    Some((kind, if with_public { public } else { private }))
}

fn recipes(function: &str) -> Option<&'static [Recipe]> {
    Some(match function {
        "C_EncryptInit" | "C_DecryptInit" => &CIPHERS,
        "C_MessageEncryptInit" | "C_MessageDecryptInit" | "C_WrapKeyAuthenticated" | "C_UnwrapKeyAuthenticated" => &AEADS,
        "C_SignInit" | "C_VerifyInit" | "C_MessageSignInit" | "C_MessageVerifyInit" | "C_VerifySignatureInit" => &SIGNATURES,
        "C_SignRecoverInit" | "C_VerifyRecoverInit" => &RECOVERING,
        "C_WrapKey" | "C_UnwrapKey" => &WRAPS,
        "C_DeriveKey" => &DERIVATIONS,
        "C_EncapsulateKey" | "C_DecapsulateKey" => &[(CKM_ML_KEM, 19, 20)],
        "C_DigestInit" => &DIGESTS,
        "C_GenerateKey" => &GENERATIONS,
        _ => return None,
    })
}

const CIPHERS: [Recipe; 21] = [
    (CKM_AES_ECB, 0, 0),
    (CKM_AES_CBC, 0, 0),
    (CKM_AES_CBC_PAD, 0, 0),
    (CKM_AES_CTR, 0, 0),
    (CKM_AES_GCM, 0, 0),
    (CKM_AES_CCM, 9, 9),
    (CKM_AES_CTS, 0, 0),
    (CKM_AES_OFB, 0, 0),
    (CKM_AES_CFB1, 9, 9),
    (CKM_AES_CFB8, 0, 0),
    (CKM_AES_CFB128, 0, 0),
    (CKM_AES_XTS, 5, 5),
    (CKM_CHACHA20, 2, 2),
    (CKM_CHACHA20_POLY1305, 2, 2),
    (CKM_DES3_CBC_PAD, 3, 3),
    (CKM_DES3_ECB, 3, 3),
    (CKM_CAMELLIA_CBC_PAD, 4, 4),
    (CKM_CAMELLIA_CBC, 4, 4),
    (CKM_RSA_PKCS, 11, 12),
    (CKM_RSA_PKCS_OAEP, 11, 12),
    (CKM_RSA_X_509, 11, 12),
];

const AEADS: [Recipe; 3] = [(CKM_AES_GCM, 0, 0), (CKM_AES_CCM, 9, 9), (CKM_CHACHA20_POLY1305, 2, 2)];

const SIGNATURES: [Recipe; 24] = [
    (CKM_SHA256_HMAC, 1, 1),
    (CKM_SHA256_HMAC_GENERAL, 7, 7),
    (CKM_SHA3_512_HMAC, 1, 1),
    (CKM_BLAKE2B_512_HMAC, 1, 1),
    (CKM_MD5_HMAC_GENERAL, 1, 1),
    (CKM_AES_CMAC, 0, 0),
    (CKM_AES_CMAC_GENERAL, 0, 0),
    (CKM_AES_MAC, 9, 9),
    (CKM_AES_XCBC_MAC, 9, 9),
    (CKM_AES_GMAC, 0, 0),
    (CKM_POLY1305, 6, 6),
    (CKM_DES3_MAC_GENERAL, 3, 3),
    (CKM_DES3_CMAC, 3, 3),
    (CKM_CAMELLIA_MAC, 4, 4),
    (CKM_TLS12_MAC, 1, 1),
    (CKM_RSA_PKCS, 11, 12),
    (CKM_SHA256_RSA_PKCS, 11, 12),
    (CKM_RSA_PKCS_PSS, 11, 12),
    (CKM_SHA256_RSA_PKCS_PSS, 11, 12),
    (CKM_RSA_X9_31, 11, 12),
    (CKM_ECDSA, 13, 14),
    (CKM_ECDSA_SHA256, 13, 14),
    (CKM_EDDSA, 15, 16),
    (CKM_ML_DSA, 21, 22),
];

const RECOVERING: [Recipe; 2] = [(CKM_RSA_PKCS, 11, 12), (CKM_RSA_X_509, 11, 12)];

const WRAPS: [Recipe; 11] = [
    (CKM_AES_KEY_WRAP, 0, 0),
    (CKM_AES_KEY_WRAP_KWP, 0, 0),
    (CKM_AES_KEY_WRAP_PAD, 0, 0),
    (CKM_AES_KEY_WRAP_PKCS7, 0, 0),
    (CKM_AES_GCM, 0, 0),
    (CKM_AES_CCM, 0, 0),
    (CKM_AES_CBC_PAD, 0, 0),
    (CKM_RSA_PKCS, 11, 12),
    (CKM_RSA_PKCS_OAEP, 11, 12),
    (CKM_RSA_AES_KEY_WRAP, 11, 12),
    (CKM_ECDH_AES_KEY_WRAP, 13, 14),
];

const DERIVATIONS: [Recipe; 28] = [
    (CKM_SHA256_KEY_DERIVATION, 1, 1),
    (CKM_SHAKE_128_KEY_DERIVATION, 1, 1),
    (CKM_XOR_BASE_AND_DATA, 1, 1),
    (CKM_CONCATENATE_BASE_AND_DATA, 1, 1),
    (CKM_CONCATENATE_DATA_AND_BASE, 1, 1),
    (CKM_CONCATENATE_BASE_AND_KEY, 1, 1),
    (CKM_EXTRACT_KEY_FROM_KEY, 1, 1),
    (CKM_HKDF_DERIVE, 8, 8),
    (CKM_HKDF_DATA, 8, 8),
    (CKM_SP800_108_COUNTER_KDF, 1, 1),
    (CKM_SP800_108_FEEDBACK_KDF, 1, 1),
    (CKM_SP800_108_DOUBLE_PIPELINE_KDF, 1, 1),
    (CKM_IKE2_PRF_PLUS_DERIVE, 1, 1),
    (CKM_IKE_PRF_DERIVE, 1, 1),
    (CKM_IKE1_PRF_DERIVE, 1, 1),
    (CKM_IKE1_EXTENDED_DERIVE, 1, 1),
    (CKM_TLS12_MASTER_KEY_DERIVE, 1, 1),
    (CKM_TLS12_MASTER_KEY_DERIVE_DH, 1, 1),
    (CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE_DH, 1, 1),
    (CKM_TLS12_KEY_AND_MAC_DERIVE, 1, 1),
    (CKM_TLS12_KEY_SAFE_DERIVE, 1, 1),
    (CKM_TLS12_KDF, 1, 1),
    (CKM_AES_ECB_ENCRYPT_DATA, 0, 0),
    (CKM_AES_CBC_ENCRYPT_DATA, 0, 0),
    (CKM_DES3_CBC_ENCRYPT_DATA, 3, 3),
    (CKM_ECDH1_DERIVE, 14, 14),
    (CKM_ECDH1_DERIVE, 18, 18),
    (CKM_PUB_KEY_FROM_PRIV_KEY, 12, 12),
];

const DIGESTS: [Recipe; 6] = [
    (CKM_SHA256, 1, 1),
    (CKM_SHA_1, 1, 1),
    (CKM_SHA3_384, 1, 1),
    (CKM_BLAKE2B_512, 1, 1),
    (CKM_SHA512_224, 1, 1),
    (CKM_MD5, 1, 1),
];

const GENERATIONS: [Recipe; 9] = [
    (CKM_AES_KEY_GEN, 0, 0),
    (CKM_GENERIC_SECRET_KEY_GEN, 0, 0),
    (CKM_DES3_KEY_GEN, 0, 0),
    (CKM_CHACHA20_KEY_GEN, 0, 0),
    (CKM_AES_XTS_KEY_GEN, 0, 0),
    (CKM_HOTP_KEY_GEN, 0, 0),
    (CKM_PKCS5_PBKD2, 0, 0),
    (CKM_SHA256_KEY_GEN, 0, 0),
    (CKM_TLS_PRE_MASTER_KEY_GEN, 0, 0),
];

/// The functions that go on with what `begun` began.
pub fn continuing(begun: &str, source: &mut Source<'_>) -> Option<String> {
    let base = begun.strip_suffix("Init")?;
    if let Some(what) = base.strip_prefix("C_Message") {
        let part = source.pick(&["", "Begin", "Next", "Next"]);
        return Some(if source.once_in(16) { format!("{base}Final") } else { format!("C_{what}Message{part}") });
    }
    if base.ends_with("Recover") {
        return Some(base.to_owned());
    }
    Some(format!(
        "{base}{}",
        source.pick(if base == "C_FindObjects" { &["", "", "Final"] } else { &["", "", "Update", "Update", "Final"] })
    ))
}
