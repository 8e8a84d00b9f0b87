//! 6.15, 6.18, 6.22, 6.58, 6.60: secret keys of one algorithm: their lengths, parity, check values; made in each way there is.

use hsm_tests::*;

const TYPES: &[(&str, CK_KEY_TYPE, &[usize], &[usize])] = &[
    ("AES-XTS", CKK_AES_XTS, &[32, 64], &[16, 24, 48, 63]),
    ("Camellia", CKK_CAMELLIA, &[16, 24, 32], &[8, 17, 64]),
    ("ChaCha20", CKK_CHACHA20, &[32], &[16, 31, 33, 64]),
    ("Poly1305", CKK_POLY1305, &[32], &[16, 31, 33]),
    ("SEED", CKK_SEED, &[16], &[8, 15, 24, 32]),
    ("RC2", CKK_RC2, &[1, 5, 16, 128], &[129]),
    ("RC4", CKK_RC4, &[1, 5, 16, 256], &[257]),
    ("DES", CKK_DES, &[8], &[7, 16, 24]),
    ("DES2", CKK_DES2, &[16], &[8, 24]),
    ("DES3", CKK_DES3, &[24], &[8, 16, 32]),
    ("HMAC SHA-1", CKK_SHA_1_HMAC, &[1, 20, 200], &[]),
    ("HMAC SHA-512/256", CKK_SHA512_256_HMAC, &[1, 64], &[]),
    ("HMAC SHA3-512", CKK_SHA3_512_HMAC, &[1, 100], &[]),
    ("HMAC BLAKE2b-384", CKK_BLAKE2B_384_HMAC, &[1, 128], &[]),
];

/// Bytes of odd parity, no two halves or thirds of a key alike.
fn value(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i << 1) as u8).map(|byte| byte | u8::from(byte.count_ones() % 2 == 0)).collect()
}

#[test]
fn lengths() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let wrapping = session.key_of(CKK_AES, &[5; 16]);
        let pad = Mechanism::bytes(CKM_AES_CBC_PAD, &[0; 16]);
        let mut tally = Tally::new("lengths of keys");
        for (name, key_type, good, bad) in TYPES {
            for len in good.iter().chain(*bad).chain(&[0]) {
                let template = secret_template(*key_type);
                let made = session.create(&template.clone().bytes(CKA_VALUE, &value(*len)));
                let expected = if good.contains(len) { CKR_OK } else { CKR_ATTRIBUTE_VALUE_INVALID };
                tally.row(format!("{name}: created of {len}"), made, &[expected]);
                if *len > 0 {
                    let wrapped = session.wrap(&pad, wrapping, session.secret_of(&value(*len))).expect("C_WrapKey");
                    let unwrapped = session.unwrap(&pad, wrapping, &wrapped, &template);
                    let expected = if good.contains(len) { CKR_OK } else { CKR_WRAPPED_KEY_LEN_RANGE };
                    tally.row(format!("{name}: unwrapped of {len}"), unwrapped, &[expected]);
                    let found = unwrapped.and_then(|key| session.attribute(key, CKA_VALUE));
                    tally.check(format!("{name}: value of {len}"), found.is_err() || found == Ok(value(*len)), "another value");
                }
            }
        }
    });
}

/// "Attempting to create or unwrap a DES3 key with incorrect parity will return an error."
#[test]
fn parity_of_des_keys() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let wrapping = session.key_of(CKK_AES, &[5; 16]);
        let pad = Mechanism::bytes(CKM_AES_CBC_PAD, &[0; 16]);
        for (key_type, len) in [(CKK_DES, 8), (CKK_DES2, 16), (CKK_DES3, 24)] {
            let mut even = value(len);
            even[len - 1] ^= 1;
            let made = session.create(&secret_template(key_type).bytes(CKA_VALUE, &even));
            assert_eq!(made, refused(CKR_ATTRIBUTE_VALUE_INVALID));
            let wrapped = session.wrap(&pad, wrapping, session.secret_of(&even)).expect("C_WrapKey");
            let unwrapped = session.unwrap(&pad, wrapping, &wrapped, &secret_template(key_type));
            assert_eq!(unwrapped, refused(CKR_WRAPPED_KEY_INVALID));
        }
    });
}

/// CKA_CHECK_VALUE: of DES, Camellia and SEED keys the encryption of zeros, of all others the SHA-1 of the value. DES keys have no CKA_VALUE_LEN.
#[test]
fn check_values_and_lengths_told() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("CKA_CHECK_VALUE and CKA_VALUE_LEN");
        for (name, key_type, good, _) in TYPES {
            let value = value(good[0]);
            let key = session.key_of(*key_type, &value);
            let is_des = [CKK_DES, CKK_DES2, CKK_DES3].contains(key_type);
            let expected = match *key_type {
                CKK_DES => session.encrypt(&Mechanism::bare(CKM_DES_ECB), key, &[0; 8]),
                CKK_DES2 | CKK_DES3 => session.encrypt(&Mechanism::bare(CKM_DES3_ECB), key, &[0; 8]),
                CKK_SEED => session.encrypt(&Mechanism::bare(CKM_SEED_ECB), key, &[0; 16]),
                CKK_CAMELLIA => session.encrypt(&Mechanism::bare(CKM_CAMELLIA_ECB), key, &[0; 16]),
                _ => session.digest(&Mechanism::bare(CKM_SHA_1), &value),
            };
            let expected = expected.expect("the check value")[..3].to_vec();
            tally.equal(format!("{name}: check value"), session.attribute(key, CKA_CHECK_VALUE), Ok(expected));
            let len = session.attribute(key, CKA_VALUE_LEN);
            match is_des {
                true => tally.row(format!("{name}: length"), len, &[CKR_ATTRIBUTE_TYPE_INVALID]),
                false => tally.equal(format!("{name}: length"), len, Ok((value.len() as CK_ULONG).to_ne_bytes().to_vec())),
            }
        }
    });
}

const INVALID: CK_RV = CKR_ATTRIBUTE_VALUE_INVALID;

/// Mechanism, key type, CKA_VALUE_LEN, and what comes: a key of that many bytes, or a refusal.
type Generation = (CK_MECHANISM_TYPE, CK_KEY_TYPE, Option<CK_ULONG>, Result<usize, CK_RV>);

const GENERATIONS: &[Generation] = &[
    (CKM_AES_XTS_KEY_GEN, CKK_AES_XTS, Some(32), Ok(32)),
    (CKM_AES_XTS_KEY_GEN, CKK_AES_XTS, Some(64), Ok(64)),
    (CKM_AES_XTS_KEY_GEN, CKK_AES_XTS, Some(48), Err(INVALID)),
    (CKM_AES_XTS_KEY_GEN, CKK_AES_XTS, None, Err(CKR_TEMPLATE_INCOMPLETE)),
    (CKM_CAMELLIA_KEY_GEN, CKK_CAMELLIA, Some(24), Ok(24)),
    (CKM_CAMELLIA_KEY_GEN, CKK_CAMELLIA, None, Err(CKR_TEMPLATE_INCOMPLETE)),
    (CKM_CHACHA20_KEY_GEN, CKK_CHACHA20, None, Ok(32)),
    (CKM_CHACHA20_KEY_GEN, CKK_CHACHA20, Some(32), Ok(32)),
    (CKM_CHACHA20_KEY_GEN, CKK_CHACHA20, Some(16), Err(INVALID)),
    (CKM_POLY1305_KEY_GEN, CKK_POLY1305, None, Ok(32)),
    (CKM_POLY1305_KEY_GEN, CKK_POLY1305, Some(33), Err(INVALID)),
    (CKM_SEED_KEY_GEN, CKK_SEED, None, Ok(16)),
    (CKM_SEED_KEY_GEN, CKK_SEED, Some(32), Err(CKR_TEMPLATE_INCONSISTENT)),
    (CKM_RC2_KEY_GEN, CKK_RC2, Some(16), Ok(16)),
    (CKM_RC2_KEY_GEN, CKK_RC2, Some(129), Err(INVALID)),
    (CKM_RC2_KEY_GEN, CKK_RC4, Some(16), Err(CKR_TEMPLATE_INCONSISTENT)),
    (CKM_RC4_KEY_GEN, CKK_RC4, Some(5), Ok(5)),
    (CKM_RC4_KEY_GEN, CKK_RC4, Some(257), Err(INVALID)),
    (CKM_RC4_KEY_GEN, CKK_RC4, Some(0), Err(INVALID)),
    (CKM_RC4_KEY_GEN, CKK_RC4, None, Err(CKR_TEMPLATE_INCOMPLETE)),
    (CKM_DES_KEY_GEN, CKK_DES, None, Ok(8)),
    (CKM_DES_KEY_GEN, CKK_DES3, None, Err(CKR_TEMPLATE_INCONSISTENT)),
    (CKM_DES2_KEY_GEN, CKK_DES2, None, Ok(16)),
    (CKM_DES3_KEY_GEN, CKK_DES3, None, Ok(24)),
    (CKM_DES3_KEY_GEN, CKK_DES3, Some(24), Err(CKR_TEMPLATE_INCONSISTENT)),
    (CKM_DES3_KEY_GEN, CKK_DES2, None, Err(CKR_TEMPLATE_INCONSISTENT)),
    (CKM_SHA_1_KEY_GEN, CKK_SHA_1_HMAC, Some(20), Ok(20)),
    (CKM_SHA224_KEY_GEN, CKK_SHA224_HMAC, Some(28), Ok(28)),
    (CKM_SHA256_KEY_GEN, CKK_SHA256_HMAC, Some(1), Ok(1)),
    (CKM_SHA384_KEY_GEN, CKK_SHA384_HMAC, Some(48), Ok(48)),
    (CKM_SHA512_KEY_GEN, CKK_SHA512_HMAC, Some(64), Ok(64)),
    (CKM_SHA512_224_KEY_GEN, CKK_SHA512_224_HMAC, Some(28), Ok(28)),
    (CKM_SHA512_256_KEY_GEN, CKK_SHA512_256_HMAC, Some(32), Ok(32)),
    (CKM_SHA3_224_KEY_GEN, CKK_SHA3_224_HMAC, Some(28), Ok(28)),
    (CKM_SHA3_256_KEY_GEN, CKK_SHA3_256_HMAC, Some(32), Ok(32)),
    (CKM_SHA3_384_KEY_GEN, CKK_SHA3_384_HMAC, Some(48), Ok(48)),
    (CKM_SHA3_512_KEY_GEN, CKK_SHA3_512_HMAC, Some(64), Ok(64)),
    (CKM_BLAKE2B_160_KEY_GEN, CKK_BLAKE2B_160_HMAC, Some(20), Ok(20)),
    (CKM_BLAKE2B_256_KEY_GEN, CKK_BLAKE2B_256_HMAC, Some(32), Ok(32)),
    (CKM_BLAKE2B_384_KEY_GEN, CKK_BLAKE2B_384_HMAC, Some(48), Ok(48)),
    (CKM_BLAKE2B_512_KEY_GEN, CKK_BLAKE2B_512_HMAC, Some(64), Ok(64)),
    (CKM_SHA256_KEY_GEN, CKK_SHA256_HMAC, None, Err(CKR_TEMPLATE_INCOMPLETE)),
    (CKM_SHA256_KEY_GEN, CKK_SHA256_HMAC, Some(0), Err(INVALID)),
    (CKM_SHA256_KEY_GEN, CKK_SHA512_HMAC, Some(32), Err(CKR_TEMPLATE_INCONSISTENT)),
    (CKM_SHA256_KEY_GEN, CKK_GENERIC_SECRET, Some(32), Err(CKR_TEMPLATE_INCONSISTENT)),
];

#[test]
fn generation() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("key generation mechanisms");
        for (mechanism, key_type, len, expected) in GENERATIONS {
            let name = format!("{mechanism:#x} {key_type:#x} {len:?}");
            let template = secret_template(*key_type);
            let template = len.map_or(template.clone(), |len| template.ulong(CKA_VALUE_LEN, len));
            let made = session.generate(&Mechanism::bare(*mechanism), &template);
            match expected {
                Err(rv) => tally.row(name, made, &[*rv]),
                Ok(len) => {
                    let key = made.unwrap_or_else(|e| panic!("{name}: {e:?}"));
                    let value = session.attribute(key, CKA_VALUE).expect("a value");
                    tally.equal(format!("{name}: length"), value.len(), *len);
                    let odd = value.iter().all(|byte| byte.count_ones() % 2 == 1);
                    let is_des = [CKK_DES2, CKK_DES3].contains(key_type);
                    tally.check(format!("{name}: parity"), odd || !is_des, "a byte of even parity");
                    let made_by = session.attribute(key, CKA_KEY_GEN_MECHANISM);
                    tally.equal(format!("{name}: mechanism"), made_by, Ok(mechanism.to_ne_bytes().to_vec()));
                }
            }
        }
    });
}

/// 6.17: the ciphertext's leading bytes, as many as the template or the type asks for. DES keys get their parity.
#[test]
fn derivation_by_encrypting_data() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let base = session.key_of(CKK_AES, &[3; 32]);
        let data: Vec<u8> = (0..48).collect();
        let ecb = |len: usize| Mechanism::string(CKM_AES_ECB_ENCRYPT_DATA, &data[..len]);
        let cbc = |len: usize| Mechanism::cbc_encrypt_data([9; 16], &data[..len]);
        let by_ecb = session.encrypt(&Mechanism::bare(CKM_AES_ECB), base, &data).expect("C_Encrypt");
        let by_cbc = session.encrypt(&Mechanism::bytes(CKM_AES_CBC, &[9; 16]), base, &data).expect("C_Encrypt");
        let mut tally = Tally::new("6.17");
        let wanted = |key_type, len: Option<CK_ULONG>| {
            let template = secret_template(key_type);
            len.map_or(template.clone(), |len| template.ulong(CKA_VALUE_LEN, len))
        };
        for (name, mechanism, template, expected) in [
            ("ECB, all of it", ecb(32), wanted(CKK_GENERIC_SECRET, None), Ok(&by_ecb[..32])),
            ("ECB, some of it", ecb(32), wanted(CKK_GENERIC_SECRET, Some(20)), Ok(&by_ecb[..20])),
            ("CBC, an AES key", cbc(48), wanted(CKK_AES, Some(32)), Ok(&by_cbc[..32])),
            ("CBC, a ChaCha20 key", cbc(48), wanted(CKK_CHACHA20, None), Ok(&by_cbc[..32])),
            ("CBC, an HMAC key", cbc(16), wanted(CKK_SHA3_256_HMAC, Some(16)), Ok(&by_cbc[..16])),
            ("ECB, too little data", ecb(16), wanted(CKK_AES, Some(32)), Err(CKR_DATA_LEN_RANGE)),
            ("CBC, too little data", cbc(16), wanted(CKK_CHACHA20, None), Err(CKR_DATA_LEN_RANGE)),
            ("ECB, no whole block", ecb(17), wanted(CKK_GENERIC_SECRET, None), Err(CKR_DATA_LEN_RANGE)),
            ("CBC, nothing", cbc(0), wanted(CKK_GENERIC_SECRET, None), Err(CKR_DATA_LEN_RANGE)),
            ("no key of that length", ecb(48), wanted(CKK_AES, None), Err(CKR_KEY_SIZE_RANGE)),
            (
                "a bare mechanism",
                Mechanism::bare(CKM_AES_CBC_ENCRYPT_DATA),
                wanted(CKK_AES, Some(16)),
                Err(CKR_MECHANISM_PARAM_INVALID),
            ),
        ] {
            let made = session.derive(&mechanism, base, &template);
            match expected {
                Ok(value) => {
                    let found = made.and_then(|key| session.attribute(key, CKA_VALUE));
                    tally.equal(name, found, Ok(value.to_vec()));
                }
                Err(rv) => tally.row(name, made, &[rv]),
            }
        }
        let des3 = session.derive(&cbc(32), base, &wanted(CKK_DES3, None)).expect("a DES3 key");
        let value = session.attribute(des3, CKA_VALUE).expect("a value");
        let but_parity: Vec<u8> = value.iter().zip(&by_cbc).map(|(made, cipher)| (made ^ cipher) & 0xfe).collect();
        assert_eq!(but_parity, [0; 24]);
        assert!(value.iter().all(|byte| byte.count_ones() % 2 == 1), "parity");
        let wrong = session.derive(&ecb(16), session.secret_of(&[1; 16]), &wanted(CKK_GENERIC_SECRET, None));
        assert!([CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_FUNCTION_NOT_PERMITTED].map(|rv| Err(Rv(rv))).contains(&wrong.map(drop)));
    });
}
