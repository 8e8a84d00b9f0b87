//! 6.10 to 6.19, 6.58 to 6.61: parameters, keys and lengths that symmetric mechanisms must refuse.

use hsm_tests::*;

const BAD: &[CK_RV] = &[CKR_MECHANISM_PARAM_INVALID];

/// A pointer that is not NULL, to 64 bytes.
fn somewhere() -> usize {
    static BYTES: [u8; 64] = [0; 64];
    BYTES.as_ptr().expose_provenance()
}

#[test]
fn of_ciphers() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let [aes, chacha, xts, des3] = keys(session);
        let [rc2, rc4, seed] = [CKK_RC2, CKK_RC4, CKK_SEED].map(|key_type| session.key_of(key_type, &[7; 16]));
        let p = somewhere();
        let ccm = |words: [usize; 6]| Mechanism::words(CKM_AES_CCM, &words);
        let stream = |words: [usize; 4]| Mechanism::words(CKM_CHACHA20, &words);
        let aead = |words: [usize; 4]| Mechanism::words(CKM_CHACHA20_POLY1305, &words);
        let mut tally = Tally::new("parameters of symmetric ciphers");
        let mut cases = vec![
            ("CCM without parameter", Mechanism::bare(CKM_AES_CCM), aes),
            ("CCM, NULL with a length", Mechanism::null(CKM_AES_CCM, 48), aes),
            ("CCM, a short structure", Mechanism::words(CKM_AES_CCM, &[4, p, 12]), aes),
            ("CCM, nonce NULL", ccm([4, 0, 12, p, 4, 16]), aes),
            ("CCM, AAD NULL", ccm([4, p, 12, 0, 4, 16]), aes),
            ("CCM, a nonce of 6", ccm([4, p, 6, p, 4, 16]), aes),
            ("CCM, a nonce of 14", ccm([4, p, 14, p, 4, 16]), aes),
            ("CCM, more data than the nonce leaves room for", ccm([65536, p, 13, p, 4, 16]), aes),
            ("CHACHA20 without parameter", Mechanism::bare(CKM_CHACHA20), chacha),
            ("CHACHA20, a short structure", Mechanism::words(CKM_CHACHA20, &[p, 32, p]), chacha),
            ("CHACHA20, counter NULL", stream([0, 32, p, 96]), chacha),
            ("CHACHA20, nonce NULL", stream([p, 32, 0, 96]), chacha),
            ("CHACHA20, 64 and 96 bits", stream([p, 64, p, 96]), chacha),
            ("CHACHA20, 32 and 64 bits", stream([p, 32, p, 64]), chacha),
            ("CHACHA20, a counter of 96 bits", stream([p, 96, p, 96]), chacha),
            ("CHACHA20, a nonce in bytes", stream([p, 32, p, 12]), chacha),
            ("CHACHA20, a huge nonce", stream([p, 32, p, usize::MAX]), chacha),
            ("CHACHA20_POLY1305 without parameter", Mechanism::bare(CKM_CHACHA20_POLY1305), chacha),
            ("CHACHA20_POLY1305, a short structure", Mechanism::words(CKM_CHACHA20_POLY1305, &[p, 96]), chacha),
            ("CHACHA20_POLY1305, nonce NULL", aead([0, 96, p, 4]), chacha),
            ("CHACHA20_POLY1305, AAD NULL", aead([p, 96, 0, 4]), chacha),
            ("CHACHA20_POLY1305, a nonce of 64 bits", aead([p, 64, p, 4]), chacha),
            ("CHACHA20_POLY1305, a nonce of nothing", aead([p, 0, p, 4]), chacha),
            ("XTS without parameter", Mechanism::bare(CKM_AES_XTS), xts),
            ("XTS, a number of 8 bytes", Mechanism::bytes(CKM_AES_XTS, &[0; 8]), xts),
            ("DES3_ECB with a parameter", Mechanism::bytes(CKM_DES3_ECB, &[0; 8]), des3),
            ("DES3_CBC, a long IV", Mechanism::bytes(CKM_DES3_CBC, &[0; 16]), des3),
            ("RC2_ECB without", Mechanism::bare(CKM_RC2_ECB), rc2),
            ("RC2_ECB, NULL with a length", Mechanism::null(CKM_RC2_ECB, 8), rc2),
            ("RC2_ECB of 0 bits", Mechanism::words(CKM_RC2_ECB, &[0]), rc2),
            ("RC2_ECB of 1025 bits", Mechanism::words(CKM_RC2_ECB, &[1025]), rc2),
            ("RC2_ECB of too much", Mechanism::words(CKM_RC2_ECB, &[usize::MAX]), rc2),
            ("RC2_ECB, four bytes", Mechanism::bytes(CKM_RC2_ECB, &[128, 0, 0, 0]), rc2),
            ("RC2_CBC without IV", Mechanism::words(CKM_RC2_CBC, &[128]), rc2),
            ("RC2_CBC, a bare IV", Mechanism::bytes(CKM_RC2_CBC, &[0; 8]), rc2),
            ("RC2_CBC of 0 bits", Mechanism::words(CKM_RC2_CBC, &[0, 0]), rc2),
            ("RC2_CBC_PAD, a long structure", Mechanism::words(CKM_RC2_CBC_PAD, &[128, 0, 0]), rc2),
            ("SEED_ECB with a parameter", Mechanism::bytes(CKM_SEED_ECB, &[0; 16]), seed),
            ("SEED_CBC, a short IV", Mechanism::bytes(CKM_SEED_CBC, &[0; 8]), seed),
            ("SEED_CBC, NULL with a length", Mechanism::null(CKM_SEED_CBC, 16), seed),
            ("SEED_CBC_PAD, no IV", Mechanism::bare(CKM_SEED_CBC_PAD), seed),
            ("RC4 with a parameter", Mechanism::bytes(CKM_RC4, &[0; 8]), rc4),
            ("RC4, NULL with a length", Mechanism::null(CKM_RC4, 8), rc4),
            ("DES3_CBC_PAD, no IV", Mechanism::bare(CKM_DES3_CBC_PAD), des3),
        ];
        for kind in [CKM_AES_CTS, CKM_AES_OFB, CKM_AES_CFB8, CKM_AES_CFB128] {
            cases.push(("no IV", Mechanism::bare(kind), aes));
            cases.push(("a short IV", Mechanism::bytes(kind, &[0; 15]), aes));
        }
        cases.extend([0, 2, 3, 5, 7, 15, 17, usize::MAX].map(|tag| ("CCM, tag length", ccm([4, p, 12, p, 4, tag]), aes)));
        for (name, mechanism, key) in cases {
            for begin in [Begin::Encrypt, Begin::Decrypt] {
                let got = session.begin(begin, &mechanism, key);
                tally.row(format!("{name} ({:#x}): {begin:?}", mechanism.mechanism), got, BAD);
            }
        }
    });
}

#[test]
fn of_macs() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let [aes, _, _, des3] = keys(session);
        let [rc2, seed] = [CKK_RC2, CKK_SEED].map(|key_type| session.key_of(key_type, &[7; 16]));
        let (secret, poly) = (session.secret_of(&[1; 20]), session.key_of(CKK_POLY1305, &[1; 32]));
        let general = Mechanism::general;
        let mut tally = Tally::new("parameters of MACs");
        for (name, mechanism, key) in [
            ("CMAC with a parameter", general(CKM_AES_CMAC, 16), aes),
            ("CMAC_GENERAL without", Mechanism::bare(CKM_AES_CMAC_GENERAL), aes),
            ("CMAC_GENERAL of 0", general(CKM_AES_CMAC_GENERAL, 0), aes),
            ("CMAC_GENERAL of 17", general(CKM_AES_CMAC_GENERAL, 17), aes),
            ("MAC_GENERAL of 17", general(CKM_AES_MAC_GENERAL, 17), aes),
            ("MAC_GENERAL of too much", general(CKM_AES_MAC_GENERAL, usize::MAX), aes),
            ("MAC_GENERAL, four bytes", Mechanism::bytes(CKM_AES_MAC_GENERAL, &[4, 0, 0, 0]), aes),
            ("XCBC_MAC with a parameter", general(CKM_AES_XCBC_MAC, 16), aes),
            ("SEED_MAC with a parameter", general(CKM_SEED_MAC, 8), seed),
            ("SEED_MAC_GENERAL without", Mechanism::bare(CKM_SEED_MAC_GENERAL), seed),
            ("SEED_MAC_GENERAL of 17", general(CKM_SEED_MAC_GENERAL, 17), seed),
            ("RC2_MAC without", Mechanism::bare(CKM_RC2_MAC), rc2),
            ("RC2_MAC of 1025 bits", Mechanism::words(CKM_RC2_MAC, &[1025]), rc2),
            ("RC2_MAC_GENERAL, no length", Mechanism::words(CKM_RC2_MAC_GENERAL, &[128]), rc2),
            ("RC2_MAC_GENERAL of 0", Mechanism::words(CKM_RC2_MAC_GENERAL, &[128, 0]), rc2),
            ("RC2_MAC_GENERAL of 9", Mechanism::words(CKM_RC2_MAC_GENERAL, &[128, 9]), rc2),
            ("DES3_MAC_GENERAL of 9", general(CKM_DES3_MAC_GENERAL, 9), des3),
            ("DES3_CMAC_GENERAL of 9", general(CKM_DES3_CMAC_GENERAL, 9), des3),
            ("GMAC without", Mechanism::bare(CKM_AES_GMAC), aes),
            ("GMAC, no IV", Mechanism::gmac(&[], 128), aes),
            ("GMAC of 40 bits", Mechanism::gmac(&[1; 12], 40), aes),
            ("POLY1305 with a parameter", general(CKM_POLY1305, 16), poly),
            ("MD2_HMAC with a parameter", general(CKM_MD2_HMAC, 16), secret),
            ("MD2_HMAC_GENERAL of 17", general(CKM_MD2_HMAC_GENERAL, 17), secret),
            ("SHA3_256_HMAC_GENERAL of 33", general(CKM_SHA3_256_HMAC_GENERAL, 33), secret),
            ("BLAKE2B_160_HMAC_GENERAL of 21", general(CKM_BLAKE2B_160_HMAC_GENERAL, 21), secret),
            ("SHA512_224_HMAC with a parameter", general(CKM_SHA512_224_HMAC, 8), secret),
        ] {
            for begin in [Begin::Sign, Begin::Verify] {
                tally.row(format!("{name}: {begin:?}"), session.begin(begin, &mechanism, key), BAD);
            }
        }
    });
}

/// Each mechanism takes keys of its own type, HMAC generic secrets too.
#[test]
fn wrong_keys() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let [aes, chacha, xts, des3] = keys(session);
        let secret = session.secret_of(&[1; 32]);
        let [poly, sha256, sha3] = [CKK_POLY1305, CKK_SHA256_HMAC, CKK_SHA3_256_HMAC].map(|t| session.key_of(t, &[1; 32]));
        let mut tally = Tally::new("CKR_KEY_TYPE_INCONSISTENT");
        for (name, begin, mechanism, keys) in [
            ("CCM", Begin::Encrypt, Mechanism::ccm(4, &[1; 12], b"", 16), vec![chacha, xts, des3, secret]),
            ("CTS", Begin::Decrypt, Mechanism::bytes(CKM_AES_CTS, &[0; 16]), vec![xts, secret]),
            ("XTS", Begin::Encrypt, Mechanism::bytes(CKM_AES_XTS, &[0; 16]), vec![aes, chacha]),
            ("CHACHA20", Begin::Encrypt, Mechanism::chacha20(&[0; 4], &[0; 12]), vec![aes, poly, secret, sha256]),
            ("CHACHA20_POLY1305", Begin::Decrypt, Mechanism::chacha20_poly1305(&[0; 12], 96, b""), vec![aes, poly]),
            ("DES3_CBC", Begin::Encrypt, Mechanism::bytes(CKM_DES3_CBC, &[0; 8]), vec![aes, secret]),
            ("POLY1305", Begin::Sign, Mechanism::bare(CKM_POLY1305), vec![chacha, secret, aes]),
            ("CAMELLIA_ECB", Begin::Encrypt, Mechanism::bare(CKM_CAMELLIA_ECB), vec![aes, des3, secret]),
            ("CAMELLIA_MAC", Begin::Sign, Mechanism::bare(CKM_CAMELLIA_MAC), vec![aes, des3, secret]),
            ("SEED_ECB", Begin::Encrypt, Mechanism::bare(CKM_SEED_ECB), vec![aes, des3, secret]),
            ("SEED_MAC", Begin::Sign, Mechanism::bare(CKM_SEED_MAC), vec![aes, des3, secret]),
            ("RC2_ECB", Begin::Encrypt, Mechanism::words(CKM_RC2_ECB, &[64]), vec![aes, des3, secret]),
            ("RC2_MAC", Begin::Verify, Mechanism::words(CKM_RC2_MAC, &[64]), vec![aes, des3, secret]),
            ("RC4", Begin::Encrypt, Mechanism::bare(CKM_RC4), vec![aes, secret, sha256]),
            ("MD2_HMAC", Begin::Sign, Mechanism::bare(CKM_MD2_HMAC), vec![aes, sha256]),
            ("AES_CMAC", Begin::Sign, Mechanism::bare(CKM_AES_CMAC), vec![des3, secret]),
            ("DES3_CMAC", Begin::Verify, Mechanism::bare(CKM_DES3_CMAC), vec![aes, secret]),
            ("SHA256_HMAC", Begin::Sign, Mechanism::bare(CKM_SHA256_HMAC), vec![sha3, aes, poly, chacha]),
            ("SHA3_256_HMAC", Begin::Verify, Mechanism::bare(CKM_SHA3_256_HMAC), vec![sha256, aes]),
        ] {
            for key in keys {
                let got = session.begin(begin, &mechanism, key);
                tally.row(format!("{name} with {key:?}"), got, &[CKR_KEY_TYPE_INCONSISTENT]);
            }
        }
    });
}

#[test]
fn wrong_lengths() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let [aes, chacha, xts, des3] = keys(session);
        let (data, sealed) = (CKR_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_LEN_RANGE);
        let ccm = Mechanism::ccm(20, &[1; 12], b"", 16);
        let last = Mechanism::chacha20(&[0xfe, 0xff, 0xff, 0xff], &[0; 12]);
        let mut tally = Tally::new("lengths of data");
        for (name, mechanism, key, len, encrypted, decrypted) in [
            ("CTS of 15", Mechanism::bytes(CKM_AES_CTS, &[0; 16]), aes, 15, data, sealed),
            ("CTS of 16", Mechanism::bytes(CKM_AES_CTS, &[0; 16]), aes, 16, CKR_OK, CKR_OK),
            ("XTS of 15", Mechanism::bytes(CKM_AES_XTS, &[0; 16]), xts, 15, data, sealed),
            ("XTS of 17", Mechanism::bytes(CKM_AES_XTS, &[0; 16]), xts, 17, CKR_OK, CKR_OK),
            ("OFB of nothing", Mechanism::bytes(CKM_AES_OFB, &[0; 16]), aes, 0, CKR_OK, CKR_OK),
            ("CCM of less than was told", ccm.clone(), aes, 19, data, sealed),
            ("CCM of more than was told", ccm.clone(), aes, 37, data, sealed),
            ("CCM of what was told, and no tag", ccm, aes, 36, data, CKR_ENCRYPTED_DATA_INVALID),
            ("DES3_CBC of 12", Mechanism::bytes(CKM_DES3_CBC, &[0; 8]), des3, 12, data, sealed),
            ("DES3_CBC_PAD of 12", Mechanism::bytes(CKM_DES3_CBC_PAD, &[0; 8]), des3, 12, CKR_OK, sealed),
            ("ChaCha20's last block", last.clone(), chacha, 64, CKR_OK, CKR_OK),
            ("ChaCha20 beyond its last block", last, chacha, 65, data, sealed),
            ("a tag cut short", Mechanism::chacha20_poly1305(&[0; 12], 96, b""), chacha, 15, CKR_OK, sealed),
        ] {
            tally.row(format!("{name}: encrypt"), session.encrypt(&mechanism, key, &vec![7; len]), &[encrypted]);
            tally.row(format!("{name}: decrypt"), session.decrypt(&mechanism, key, &vec![7; len]), &[decrypted]);
        }
    });
}

/// AES, ChaCha20, AES-XTS and DES3.
fn keys(session: Session<'_>) -> [Object; 4] {
    let two: Vec<u8> = (0..32).collect();
    [(CKK_AES, &two[..]), (CKK_CHACHA20, &two), (CKK_AES_XTS, &two), (CKK_DES3, &[0x0b; 24])]
        .map(|(key_type, value)| session.key_of(key_type, value))
}
