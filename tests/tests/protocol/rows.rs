//! Mechanisms with keys and data: the rows that the length, in-place and multi-part tables share.

use hsm_tests::*;

/// A cipher or a signature on data of a length that it takes.
pub struct Row {
    pub mechanism: Mechanism,
    /// The key that encrypts or signs.
    pub forward: Object,
    /// The key that decrypts or verifies.
    pub back: Object,
    pub data: Vec<u8>,
    /// By how much a length query may exceed the output of a decryption.
    pub slack: usize,
    /// Whether the mechanism has a multi-part form.
    pub multi_part: bool,
}

/// 6.10 to 6.19, 6.58, 6.61, 6.1: ciphers.
pub fn ciphers(session: Session<'_>) -> Vec<Row> {
    let rsa = session.rsa(2048);
    let [key, xts, chacha, des3] = [
        session.aes(32),
        session.key_of(CKK_AES_XTS, &std::array::from_fn::<u8, 64, _>(|i| i as u8)),
        session.key_of(CKK_CHACHA20, &[8; 32]),
        session.key_of(CKK_DES3, &std::array::from_fn::<u8, 24, _>(|i| [0x01, 0x0b, 0x13, 0x1f][i % 4])),
    ];
    let (camellia, rc4) = (session.key_of(CKK_CAMELLIA, &[8; 24]), session.key_of(CKK_RC4, &[8; 5]));
    let [rc2, seed] = [CKK_RC2, CKK_SEED].map(|key_type| session.key_of(key_type, &[8; 16]));
    let with = |key: Object, mechanism: Mechanism, name: &str, length, slack| Row {
        mechanism: mechanism.named(name),
        forward: key,
        back: key,
        data: message(length),
        slack,
        multi_part: true,
    };
    let row = |mechanism: Mechanism, name: &str, length, slack| with(key, mechanism, name, length, slack);
    let asymmetric = |mechanism: Mechanism, name: &str, length, slack| Row {
        mechanism: mechanism.named(name),
        forward: rsa.public,
        back: rsa.private,
        data: message(length),
        slack,
        multi_part: false,
    };
    let (iv, iv8) = ([3; 16], [3; 8]);
    vec![
        row(Mechanism::bare(CKM_AES_ECB), "AES_ECB", 64, 0),
        row(Mechanism::bytes(CKM_AES_CBC, &iv), "AES_CBC", 64, 0),
        row(Mechanism::bytes(CKM_AES_CBC_PAD, &iv), "AES_CBC_PAD", 61, 16),
        row(Mechanism::bytes(CKM_AES_CBC_PAD, &iv), "AES_CBC_PAD, whole blocks", 64, 16),
        row(Mechanism::ctr(128, iv), "AES_CTR", 61, 0),
        row(Mechanism::gcm(&[1; 12], b"header", 128), "AES_GCM", 61, 16),
        row(Mechanism::gcm(&[1; 12], b"", 96), "AES_GCM, short tag", 64, 16),
        row(Mechanism::gcm(&[1; 40], b"header", 128), "AES_GCM, long IV", 5, 16),
        row(Mechanism::ccm(61, &[1; 12], b"header", 16), "AES_CCM", 61, 16),
        row(Mechanism::ccm(64, &[1; 7], b"", 4), "AES_CCM, short tag", 64, 16),
        row(Mechanism::bytes(CKM_AES_CTS, &iv), "AES_CTS", 61, 0),
        row(Mechanism::bytes(CKM_AES_CTS, &iv), "AES_CTS, whole blocks", 64, 0),
        row(Mechanism::bytes(CKM_AES_OFB, &iv), "AES_OFB", 61, 0),
        row(Mechanism::bytes(CKM_AES_CFB8, &iv), "AES_CFB8", 61, 0),
        row(Mechanism::bytes(CKM_AES_CFB128, &iv), "AES_CFB128", 61, 0),
        with(xts, Mechanism::bytes(CKM_AES_XTS, &iv), "AES_XTS", 61, 0),
        with(xts, Mechanism::bytes(CKM_AES_XTS, &iv), "AES_XTS, whole blocks", 64, 0),
        with(chacha, Mechanism::chacha20(&[1, 0, 0, 0], &[1; 12]), "CHACHA20", 161, 0),
        with(chacha, Mechanism::chacha20(&[1; 8], &[1; 8]), "CHACHA20, original", 161, 0),
        with(chacha, Mechanism::chacha20_poly1305(&[1; 12], 96, b"header"), "CHACHA20_POLY1305", 161, 16),
        with(chacha, Mechanism::chacha20_poly1305(&[1; 24], 24, b""), "CHACHA20_POLY1305, long nonce", 61, 16),
        with(camellia, Mechanism::bare(CKM_CAMELLIA_ECB), "CAMELLIA_ECB", 64, 0),
        with(camellia, Mechanism::bytes(CKM_CAMELLIA_CBC, &iv), "CAMELLIA_CBC", 64, 0),
        with(camellia, Mechanism::bytes(CKM_CAMELLIA_CBC_PAD, &iv), "CAMELLIA_CBC_PAD", 61, 16),
        with(des3, Mechanism::bare(CKM_DES3_ECB), "DES3_ECB", 64, 0),
        with(des3, Mechanism::bytes(CKM_DES3_CBC, &iv8), "DES3_CBC", 64, 0),
        with(des3, Mechanism::bytes(CKM_DES3_CBC_PAD, &iv8), "DES3_CBC_PAD", 61, 8),
        with(des3, Mechanism::bytes(CKM_DES3_CBC_PAD, &iv8), "DES3_CBC_PAD, whole blocks", 64, 8),
        with(seed, Mechanism::bare(CKM_SEED_ECB), "SEED_ECB", 64, 0),
        with(seed, Mechanism::bytes(CKM_SEED_CBC, &iv), "SEED_CBC", 64, 0),
        with(seed, Mechanism::bytes(CKM_SEED_CBC_PAD, &iv), "SEED_CBC_PAD", 61, 16),
        with(rc2, rc2_bits(CKM_RC2_ECB, 63), "RC2_ECB", 64, 0),
        with(rc2, rc2_cbc(CKM_RC2_CBC, 128), "RC2_CBC", 64, 0),
        with(rc2, rc2_cbc(CKM_RC2_CBC_PAD, 40), "RC2_CBC_PAD", 61, 8),
        with(rc4, Mechanism::bare(CKM_RC4), "RC4", 61, 0),
        asymmetric(Mechanism::bare(CKM_RSA_PKCS), "RSA_PKCS", 50, 256),
        asymmetric(Mechanism::oaep(CKM_SHA256, CKG_MGF1_SHA256, b""), "RSA_PKCS_OAEP", 50, 256),
        asymmetric(Mechanism::oaep(CKM_SHA_1, CKG_MGF1_SHA1, b"label"), "RSA_PKCS_OAEP, SHA-1", 50, 256),
        asymmetric(Mechanism::oaep(CKM_SHA3_256, CKG_MGF1_SHA3_384, b""), "RSA_PKCS_OAEP, SHA-3", 50, 256),
        asymmetric(Mechanism::bare(CKM_RSA_X_509), "RSA_X_509", 256, 256),
    ]
}

/// 6.1 to 6.3, 6.22: signatures and MACs.
pub fn signers(session: Session<'_>) -> Vec<Row> {
    let rsa = session.rsa(2048);
    let (p256, p521, ed25519) = (session.ec(oid::P256), session.ec(oid::P521), session.ed25519());
    let dsa = session.pair_of_group(CKK_DSA);
    let secret = session.secret_of(&[9; 32]);
    let aes = session.key_of(CKK_AES, &[7; 16]);
    let poly = session.key_of(CKK_POLY1305, &[7; 32]);
    let des2 = session.key_of(CKK_DES2, &[0x0b; 16]);
    let sha3 = session.key_of(CKK_SHA3_256_HMAC, &[9; 32]);
    let camellia = session.key_of(CKK_CAMELLIA, &[8; 24]);
    let [rc2, seed] = [CKK_RC2, CKK_SEED].map(|key_type| session.key_of(key_type, &[8; 16]));
    let [secret, aes, poly, des2, sha3, camellia, rc2, seed] =
        [secret, aes, poly, des2, sha3, camellia, rc2, seed].map(|key| Pair { public: key, private: key });
    let row = |pair: Pair, mechanism: Mechanism, name: &str, length, multi_part| Row {
        mechanism: mechanism.named(name),
        forward: pair.private,
        back: pair.public,
        data: message(length),
        slack: 0,
        multi_part,
    };
    let pss = |m, hash, mgf, salt| Mechanism::pss(m, hash, mgf, salt);
    vec![
        row(secret, Mechanism::bare(CKM_SHA_1_HMAC), "SHA_1_HMAC", 100, true),
        row(secret, Mechanism::bare(CKM_SHA224_HMAC), "SHA224_HMAC", 100, true),
        row(secret, Mechanism::bare(CKM_SHA256_HMAC), "SHA256_HMAC", 100, true),
        row(secret, Mechanism::bare(CKM_SHA384_HMAC), "SHA384_HMAC", 100, true),
        row(secret, Mechanism::bare(CKM_SHA512_HMAC), "SHA512_HMAC", 100, true),
        row(secret, Mechanism::bare(CKM_SHA512_256_HMAC), "SHA512_256_HMAC", 100, true),
        row(secret, Mechanism::bare(CKM_SHA3_224_HMAC), "SHA3_224_HMAC", 200, true),
        row(sha3, Mechanism::bare(CKM_SHA3_256_HMAC), "SHA3_256_HMAC with its own key", 200, true),
        row(secret, Mechanism::bare(CKM_BLAKE2B_160_HMAC), "BLAKE2B_160_HMAC", 200, true),
        row(secret, Mechanism::general(CKM_BLAKE2B_512_HMAC_GENERAL, 33), "BLAKE2B_512_HMAC_GENERAL", 200, true),
        row(secret, Mechanism::bare(CKM_MD2_HMAC), "MD2_HMAC", 200, true),
        row(secret, Mechanism::general(CKM_MD2_HMAC_GENERAL, 9), "MD2_HMAC_GENERAL", 200, true),
        row(secret, Mechanism::general(CKM_SSL3_MD5_MAC, 8), "SSL3_MD5_MAC", 200, true),
        row(secret, Mechanism::general(CKM_SSL3_SHA1_MAC, 20), "SSL3_SHA1_MAC", 200, true),
        row(secret, Mechanism::bare(CKM_MD5_HMAC), "MD5_HMAC", 200, true),
        row(aes, Mechanism::bare(CKM_AES_CMAC), "AES_CMAC", 61, true),
        row(aes, Mechanism::general(CKM_AES_CMAC_GENERAL, 7), "AES_CMAC_GENERAL", 61, true),
        row(aes, Mechanism::bare(CKM_AES_MAC), "AES_MAC", 61, true),
        row(aes, Mechanism::general(CKM_AES_MAC_GENERAL, 16), "AES_MAC_GENERAL", 61, true),
        row(aes, Mechanism::gmac(&[1; 12], 128), "AES_GMAC", 61, true),
        row(aes, Mechanism::gmac(&[1; 9], 32), "AES_GMAC, short tag", 61, true),
        row(poly, Mechanism::bare(CKM_POLY1305), "POLY1305", 61, true),
        row(aes, Mechanism::bare(CKM_AES_XCBC_MAC), "AES_XCBC_MAC", 61, true),
        row(aes, Mechanism::bare(CKM_AES_XCBC_MAC_96), "AES_XCBC_MAC_96, whole blocks", 64, true),
        row(camellia, Mechanism::bare(CKM_CAMELLIA_MAC), "CAMELLIA_MAC", 61, true),
        row(camellia, Mechanism::general(CKM_CAMELLIA_MAC_GENERAL, 5), "CAMELLIA_MAC_GENERAL", 61, true),
        row(seed, Mechanism::bare(CKM_SEED_MAC), "SEED_MAC", 61, true),
        row(seed, Mechanism::general(CKM_SEED_MAC_GENERAL, 16), "SEED_MAC_GENERAL", 61, true),
        row(rc2, rc2_bits(CKM_RC2_MAC, 128), "RC2_MAC", 61, true),
        row(rc2, Mechanism::words(CKM_RC2_MAC_GENERAL, &[40, 7]), "RC2_MAC_GENERAL", 61, true),
        row(des2, Mechanism::bare(CKM_DES3_MAC), "DES3_MAC", 61, true),
        row(des2, Mechanism::general(CKM_DES3_MAC_GENERAL, 8), "DES3_MAC_GENERAL", 61, true),
        row(des2, Mechanism::bare(CKM_DES3_CMAC), "DES3_CMAC with two keys", 61, true),
        row(des2, Mechanism::general(CKM_DES3_CMAC_GENERAL, 4), "DES3_CMAC_GENERAL", 61, true),
        row(rsa, Mechanism::bare(CKM_RSA_PKCS), "RSA_PKCS", 51, false),
        row(rsa, Mechanism::bare(CKM_RSA_X_509), "RSA_X_509", 256, false),
        // Of a length at which the message ends in the half byte 12, a trailer.
        row(rsa, Mechanism::bare(CKM_RSA_X9_31), "RSA_X9_31", 26, false),
        row(rsa, Mechanism::bare(CKM_SHA1_RSA_X9_31), "SHA1_RSA_X9_31", 100, true),
        row(rsa, Mechanism::bare(CKM_MD2_RSA_PKCS), "MD2_RSA_PKCS", 100, true),
        row(rsa, Mechanism::bare(CKM_SHA1_RSA_PKCS), "SHA1_RSA_PKCS", 100, true),
        row(rsa, Mechanism::bare(CKM_SHA256_RSA_PKCS), "SHA256_RSA_PKCS", 100, true),
        row(rsa, Mechanism::bare(CKM_SHA512_RSA_PKCS), "SHA512_RSA_PKCS", 100, true),
        row(rsa, pss(CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32), "RSA_PKCS_PSS", 32, false),
        row(rsa, pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32), "SHA256_RSA_PKCS_PSS", 99, true),
        row(rsa, pss(CKM_SHA512_RSA_PKCS_PSS, CKM_SHA512, CKG_MGF1_SHA512, 0), "SHA512_RSA_PKCS_PSS", 99, true),
        row(rsa, pss(CKM_RSA_PKCS_PSS, CKM_SHA3_512, CKG_MGF1_SHA3_512, 20), "RSA_PKCS_PSS, SHA-3", 64, false),
        row(p256, Mechanism::bare(CKM_ECDSA), "ECDSA P-256", 32, false),
        row(p256, Mechanism::bare(CKM_ECDSA_SHA256), "ECDSA_SHA256 P-256", 100, true),
        row(session.ec(oid::P224), Mechanism::bare(CKM_ECDSA_SHA224), "ECDSA_SHA224 P-224", 100, true),
        row(session.ec(oid::SECP256K1), Mechanism::bare(CKM_ECDSA_SHA256), "ECDSA_SHA256 secp256k1", 100, true),
        row(session.ec(oid::BRAINPOOL_P384R1), Mechanism::bare(CKM_ECDSA_SHA384), "ECDSA_SHA384 brainpoolP384r1", 100, true),
        row(p521, Mechanism::bare(CKM_ECDSA), "ECDSA P-521", 64, false),
        row(p521, Mechanism::bare(CKM_ECDSA_SHA512), "ECDSA_SHA512 P-521", 100, true),
        row(ed25519, Mechanism::bare(CKM_EDDSA), "EDDSA", 100, false),
        row(dsa, Mechanism::bare(CKM_DSA), "DSA", 20, false),
        row(dsa, Mechanism::bare(CKM_DSA_SHA256), "DSA_SHA256", 100, true),
    ]
}

/// CK_RC2_PARAMS.
fn rc2_bits(kind: CK_MECHANISM_TYPE, bits: usize) -> Mechanism {
    Mechanism::words(kind, &[bits])
}

/// CK_RC2_CBC_PARAMS.
fn rc2_cbc(kind: CK_MECHANISM_TYPE, bits: usize) -> Mechanism {
    Mechanism::words(kind, &[bits, 0x0303_0303_0303_0303])
}

/// 6.20: digests and their lengths in bytes.
pub const DIGESTS: [(&str, CK_MECHANISM_TYPE, usize); 17] = [
    ("SHA_1", CKM_SHA_1, 20),
    ("SHA224", CKM_SHA224, 28),
    ("SHA256", CKM_SHA256, 32),
    ("SHA384", CKM_SHA384, 48),
    ("SHA512", CKM_SHA512, 64),
    ("SHA512_224", CKM_SHA512_224, 28),
    ("SHA512_256", CKM_SHA512_256, 32),
    ("SHA3_224", CKM_SHA3_224, 28),
    ("SHA3_256", CKM_SHA3_256, 32),
    ("SHA3_384", CKM_SHA3_384, 48),
    ("SHA3_512", CKM_SHA3_512, 64),
    ("BLAKE2B_160", CKM_BLAKE2B_160, 20),
    ("BLAKE2B_256", CKM_BLAKE2B_256, 32),
    ("BLAKE2B_384", CKM_BLAKE2B_384, 48),
    ("BLAKE2B_512", CKM_BLAKE2B_512, 64),
    ("MD5", CKM_MD5, 16),
    ("MD2", CKM_MD2, 16),
];

/// Begins with zeros, so that it is a number below any modulus of its length.
pub fn message(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i / 2) as u8).collect()
}
