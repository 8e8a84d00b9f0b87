//! Issue 5: obsolete mechanisms are offered only with `legacy = true` in the configuration.

use hsm_tests::*;

const OBSOLETE: [CK_MECHANISM_TYPE; 30] = [
    CKM_MD5,
    CKM_MD5_HMAC,
    CKM_MD5_HMAC_GENERAL,
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
        for mechanism in OBSOLETE {
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
        for mechanism in OBSOLETE {
            tally.check(format!("{mechanism:#x}"), known.contains(&mechanism), "is not listed");
            tally.row(format!("{mechanism:#x}"), token.module.mechanism_info(token.slot, mechanism), &[CKR_OK]);
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
