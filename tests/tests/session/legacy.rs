//! Issue 5: obsolete mechanisms are offered only with `legacy = true` in the configuration.

use hsm_tests::*;

const OBSOLETE: &[CK_MECHANISM_TYPE] = &[
    CKM_MD2,
    CKM_MD2_HMAC,
    CKM_MD2_HMAC_GENERAL,
    CKM_MD2_KEY_DERIVATION,
    CKM_MD2_RSA_PKCS,
    CKM_SSL3_MASTER_KEY_DERIVE,
    CKM_SSL3_MASTER_KEY_DERIVE_DH,
    CKM_SSL3_KEY_AND_MAC_DERIVE,
    CKM_SSL3_MD5_MAC,
    CKM_SSL3_SHA1_MAC,
    CKM_TLS_MASTER_KEY_DERIVE,
    CKM_TLS_MASTER_KEY_DERIVE_DH,
    CKM_TLS_KEY_AND_MAC_DERIVE,
    CKM_TLS_PRF,
    CKM_PBE_MD2_DES_CBC,
    CKM_PBE_MD5_DES_CBC,
    CKM_PBE_SHA1_RC4_128,
    CKM_PBE_SHA1_RC4_40,
    CKM_PBE_SHA1_DES3_EDE_CBC,
    CKM_PBE_SHA1_DES2_EDE_CBC,
    CKM_PBE_SHA1_RC2_128_CBC,
    CKM_PBE_SHA1_RC2_40_CBC,
    CKM_PBA_SHA1_WITH_SHA1_HMAC,
    CKM_SEED_KEY_GEN,
    CKM_SEED_ECB,
    CKM_SEED_CBC,
    CKM_SEED_CBC_PAD,
    CKM_SEED_MAC,
    CKM_SEED_MAC_GENERAL,
    CKM_SEED_ECB_ENCRYPT_DATA,
    CKM_SEED_CBC_ENCRYPT_DATA,
    CKM_RC2_KEY_GEN,
    CKM_RC2_ECB,
    CKM_RC2_CBC,
    CKM_RC2_CBC_PAD,
    CKM_RC2_MAC,
    CKM_RC2_MAC_GENERAL,
    CKM_RC4_KEY_GEN,
    CKM_RC4,
    CKM_MD5,
    CKM_MD5_HMAC,
    CKM_MD5_HMAC_GENERAL,
    CKM_MD5_RSA_PKCS,
    CKM_DES_KEY_GEN,
    CKM_DES_ECB,
    CKM_DES_CBC,
    CKM_DES_CBC_PAD,
    CKM_DES_ECB_ENCRYPT_DATA,
    CKM_DES_CBC_ENCRYPT_DATA,
    CKM_DES3_ECB_ENCRYPT_DATA,
    CKM_DES3_CBC_ENCRYPT_DATA,
    CKM_MD5_KEY_DERIVATION,
    CKM_DES_MAC,
    CKM_DES_MAC_GENERAL,
    CKM_DES3_MAC,
    CKM_DES3_MAC_GENERAL,
    CKM_DES2_KEY_GEN,
    CKM_DES3_KEY_GEN,
    CKM_DES3_ECB,
    CKM_DES3_CBC,
    CKM_DES3_CBC_PAD,
    CKM_DES3_CMAC,
    CKM_DES3_CMAC_GENERAL,
    CKM_DSA_KEY_PAIR_GEN,
    CKM_DSA_PARAMETER_GEN,
    CKM_DSA_PROBABILISTIC_PARAMETER_GEN,
    CKM_DSA_FIPS_G_GEN,
    CKM_DSA,
    CKM_DSA_SHA1,
    CKM_DSA_SHA224,
    CKM_DSA_SHA256,
    CKM_DSA_SHA384,
    CKM_DSA_SHA512,
    CKM_DSA_SHA3_224,
    CKM_DSA_SHA3_256,
    CKM_DSA_SHA3_384,
    CKM_DSA_SHA3_512,
    CKM_DH_PKCS_KEY_PAIR_GEN,
    CKM_DH_PKCS_PARAMETER_GEN,
    CKM_DH_PKCS_DERIVE,
    CKM_X9_42_DH_KEY_PAIR_GEN,
    CKM_X9_42_DH_PARAMETER_GEN,
    CKM_X9_42_DH_DERIVE,
];

#[test]
fn nothing_obsolete_without_leave() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let known = token.module.mechanisms(token.slot).expect("C_GetMechanismList");
        let mut tally = Tally::new("without legacy");
        for &mechanism in OBSOLETE {
            tally.check(format!("{mechanism:#x}"), !known.contains(&mechanism), "is listed");
            tally.row(format!("{mechanism:#x}"), token.module.mechanism_info(token.slot, mechanism), &[CKR_MECHANISM_INVALID]);
        }
        let des3 = session.key_of(CKK_DES3, &[0x0b; 24]);
        let refusals = &[CKR_MECHANISM_INVALID];
        tally.row("MD5", session.digest(&Mechanism::bare(CKM_MD5), b"abc"), refusals);
        tally.row("DES3_ECB", session.encrypt(&Mechanism::bare(CKM_DES3_ECB), des3, &[0; 8]), refusals);
        tally.row("DES3_CMAC", session.sign(&Mechanism::bare(CKM_DES3_CMAC), des3, b"abc"), refusals);
        let template = secret_template(CKK_DES3);
        tally.row("DES3_KEY_GEN", session.generate(&Mechanism::bare(CKM_DES3_KEY_GEN), &template), refusals);
    });
}

#[test]
fn all_of_it_with_leave() {
    isolated(|home| {
        let token = home.legacy_token();
        let known = token.module.mechanisms(token.slot).expect("C_GetMechanismList");
        let mut tally = Tally::new("with legacy");
        for &mechanism in OBSOLETE {
            tally.check(format!("{mechanism:#x}"), known.contains(&mechanism), "is not listed");
            tally.row(format!("{mechanism:#x}"), token.module.mechanism_info(token.slot, mechanism), &[CKR_OK]);
        }
    });
}

/// DES and Triple DES share their code and must not share their keys.
#[test]
fn des_keys_are_not_triple_des_keys() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let (single, triple) = (session.key_of(CKK_DES, &[0x0b; 8]), session.key_of(CKK_DES3, &[0x0b; 24]));
        let iv = |kind| Mechanism::bytes(kind, &[1; 8]);
        let mut tally = Tally::new("DES and Triple DES");
        for (des, des3) in [
            (Mechanism::bare(CKM_DES_ECB), Mechanism::bare(CKM_DES3_ECB)),
            (iv(CKM_DES_CBC), iv(CKM_DES3_CBC)),
            (iv(CKM_DES_CBC_PAD), iv(CKM_DES3_CBC_PAD)),
        ] {
            tally.row("DES with a long key", session.begin(Begin::Encrypt, &des, triple), &[CKR_KEY_TYPE_INCONSISTENT]);
            tally.row("DES3 with a short key", session.begin(Begin::Encrypt, &des3, single), &[CKR_KEY_TYPE_INCONSISTENT]);
            // Three times the same key is DES.
            let both = [(&des, single), (&des3, triple)].map(|(mechanism, key)| session.encrypt(mechanism, key, &[7; 16]));
            tally.equal("the same key thrice", both[0].clone(), both[1].clone());
        }
    });
}

/// 6.17: the derived key is the beginning of the ciphertext.
#[test]
fn keys_derived_by_encrypting() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let data = [0x5a; 16];
        let string = |kind| Mechanism::structure(kind, Layout::new().bytes(&data));
        let cbc = |kind| Mechanism::structure(kind, Layout::new().word(0x0807_0605_0403_0201_usize).bytes(&data));
        let iv = |kind| Mechanism::bytes(kind, &[1, 2, 3, 4, 5, 6, 7, 8]);
        let mut tally = Tally::new("6.17 with DES");
        for (name, key_type, len, mechanism, cipher) in [
            ("DES ECB", CKK_DES, 8, string(CKM_DES_ECB_ENCRYPT_DATA), Mechanism::bare(CKM_DES_ECB)),
            ("DES CBC", CKK_DES, 8, cbc(CKM_DES_CBC_ENCRYPT_DATA), iv(CKM_DES_CBC)),
            ("DES3 ECB", CKK_DES3, 24, string(CKM_DES3_ECB_ENCRYPT_DATA), Mechanism::bare(CKM_DES3_ECB)),
            ("DES3 CBC", CKK_DES3, 24, cbc(CKM_DES3_CBC_ENCRYPT_DATA), iv(CKM_DES3_CBC)),
            ("Camellia ECB", CKK_CAMELLIA, 24, string(CKM_CAMELLIA_ECB_ENCRYPT_DATA), Mechanism::bare(CKM_CAMELLIA_ECB)),
            ("SEED ECB", CKK_SEED, 16, string(CKM_SEED_ECB_ENCRYPT_DATA), Mechanism::bare(CKM_SEED_ECB)),
            (
                "SEED CBC",
                CKK_SEED,
                16,
                Mechanism::structure(CKM_SEED_CBC_ENCRYPT_DATA, Layout::new().word(1_usize).word(2_usize).bytes(&data)),
                Mechanism::bytes(CKM_SEED_CBC, &[&1_usize.to_ne_bytes()[..], &2_usize.to_ne_bytes()].concat()),
            ),
            (
                "Camellia CBC",
                CKK_CAMELLIA,
                16,
                Mechanism::structure(CKM_CAMELLIA_CBC_ENCRYPT_DATA, Layout::new().word(1_usize).word(2_usize).bytes(&data)),
                Mechanism::bytes(CKM_CAMELLIA_CBC, &[&1_usize.to_ne_bytes()[..], &2_usize.to_ne_bytes()].concat()),
            ),
        ] {
            let key = session.key_of(key_type, &[0x0d; 24][..len]);
            let template = Template::shown().ulong(CKA_CLASS, CKO_SECRET_KEY).ulong(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
            let derived = session.derive(&mechanism, key, &template.ulong(CKA_VALUE_LEN, 13));
            let value = derived.and_then(|key| session.attribute(key, CKA_VALUE));
            let ciphertext = session.encrypt(&cipher, key, &data).expect("C_Encrypt");
            tally.equal(name, value, Ok(ciphertext[..13].to_vec()));
        }
    });
}

/// RFC 8017, 9.2: hashing first is signing the DigestInfo of the hash.
#[test]
fn md2_and_md5_with_rsa() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let pair = session.rsa(2048);
        for (digest, prefix, hashing) in [
            (CKM_MD2, "3020300c06082a864886f70d020205000410", CKM_MD2_RSA_PKCS),
            (CKM_MD5, "3020300c06082a864886f70d020505000410", CKM_MD5_RSA_PKCS),
        ] {
            let hash = session.digest(&Mechanism::bare(digest), b"message").expect("C_Digest");
            let info = [hex(prefix), hash].concat();
            let bare = session.sign(&Mechanism::bare(CKM_RSA_PKCS), pair.private, &info).expect("C_Sign");
            let hashing = Mechanism::bare(hashing);
            assert_eq!(session.sign(&hashing, pair.private, b"message"), Ok(bare.clone()));
            assert_eq!(session.verify(&hashing, pair.public, b"message", &bare), Ok(()));
            assert_eq!(session.verify(&hashing, pair.public, b"massage", &bare), refused(CKR_SIGNATURE_INVALID));
        }
    });
}

/// HMAC counts its keys in bits, generation of keys for it in bytes (6.22.4), and so does the configuration.
#[test]
fn smallest_keys_in_bits_and_bytes() {
    isolated(|home| {
        let file = std::fs::read_to_string(home.configuration()).expect("the configuration");
        let limits = "[mechanisms.min_key_size]\nCKM_SHA256_KEY_GEN = 24\nCKM_SHA256_HMAC = 256\n";
        home.write("module.conf", format!("{file}{limits}").as_bytes());
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("min_key_size of HMAC");
        for (len, generates, signs) in
            [(23, CKR_KEY_SIZE_RANGE, CKR_KEY_SIZE_RANGE), (31, CKR_OK, CKR_KEY_SIZE_RANGE), (32, CKR_OK, CKR_OK)]
        {
            let template = secret_template(CKK_SHA256_HMAC);
            let generated = session.generate(&Mechanism::bare(CKM_SHA256_KEY_GEN), &template.ulong(CKA_VALUE_LEN, len));
            tally.row(format!("{len} bytes: generated"), generated, &[generates]);
            let key = session.key_of(CKK_SHA256_HMAC, &vec![1; len as usize]);
            tally.row(format!("{len} bytes: HMAC"), session.sign(&Mechanism::bare(CKM_SHA256_HMAC), key, b"data"), &[signs]);
        }
    });
}
