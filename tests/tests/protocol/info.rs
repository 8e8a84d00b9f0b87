//! 3.2, 5.4.3, 5.5: what the information functions tell.

use hsm_tests::*;

/// "Padded with the blank character, should not be null-terminated."
#[test]
fn strings_are_blank_padded() {
    isolated(|home| {
        let token = home.token();
        let (info, token_info) = (token.module.info().expect("C_GetInfo"), token.info());
        let slot_info = token.module.slot_info(token.slot).expect("C_GetSlotInfo");
        let mut tally = Tally::new("3.2: padded strings");
        let strings: [(&str, &[u8]); 8] = [
            ("manufacturerID", &info.manufacturerID),
            ("libraryDescription", &info.libraryDescription),
            ("slotDescription", &slot_info.slotDescription),
            ("slot manufacturerID", &slot_info.manufacturerID),
            ("label", &token_info.label),
            ("token manufacturerID", &token_info.manufacturerID),
            ("model", &token_info.model),
            ("serialNumber", &token_info.serialNumber),
        ];
        for (name, bytes) in strings {
            tally.check(name, !bytes.contains(&0), "has a NUL");
            tally.check(name, std::str::from_utf8(bytes).is_ok(), "is not UTF-8");
            tally.check(name, bytes.iter().any(|b| *b != b' '), "is empty");
        }
        tally.equal("label", token_info.label.as_slice(), format!("{LABEL:32}").as_bytes());
        tally.check("CK_INFO flags", info.flags == 0, "must be 0");
        tally.check("version", info.cryptokiVersion.major >= 2, format_args!("{:?}", info.cryptokiVersion));
    });
}

/// 3.2 CK_TOKEN_INFO: flags and numbers of a token with a user PIN.
#[test]
fn token_info_tells_the_truth() {
    isolated(|home| {
        let token = home.token();
        let info = token.info();
        let mut tally = Tally::new("3.2 CK_TOKEN_INFO");
        for (name, flag, want) in [
            ("RNG", CKF_RNG, true),
            ("LOGIN_REQUIRED", CKF_LOGIN_REQUIRED, true),
            ("USER_PIN_INITIALIZED", CKF_USER_PIN_INITIALIZED, true),
            ("TOKEN_INITIALIZED", CKF_TOKEN_INITIALIZED, true),
            ("WRITE_PROTECTED", CKF_WRITE_PROTECTED, false),
            ("PROTECTED_AUTHENTICATION_PATH", CKF_PROTECTED_AUTHENTICATION_PATH, false),
            ("USER_PIN_COUNT_LOW", CKF_USER_PIN_COUNT_LOW, false),
            ("USER_PIN_LOCKED", CKF_USER_PIN_LOCKED, false),
            ("SO_PIN_LOCKED", CKF_SO_PIN_LOCKED, false),
            ("ERROR_STATE", CKF_ERROR_STATE, false),
        ] {
            tally.equal(name, info.flags & flag != 0, want);
        }
        tally.equal("ulMinPinLen", info.ulMinPinLen, 4);
        tally.equal("ulMaxPinLen", info.ulMaxPinLen, 255);
        tally.equal("ulSessionCount", info.ulSessionCount, 0);
    });
}

/// DESIGN 4.11: tokens first, one uninitialised spare last; identifiers fit a signed 32-bit integer.
#[test]
fn the_spare_slot_comes_last() {
    isolated(|home| {
        let token = home.token();
        token.another("second");
        let slots = token.module.slots(false).expect("C_GetSlotList");
        assert_eq!(token.module.slots(true), Ok(slots.clone()));
        assert_eq!(slots.len(), 3);
        let flags = |slot: &CK_SLOT_ID| token.module.token_info(*slot).expect("C_GetTokenInfo").flags;
        let initialised: Vec<bool> = slots.iter().map(|s| flags(s) & CKF_TOKEN_INITIALIZED != 0).collect();
        assert_eq!(initialised, [true, true, false]);
        assert!(slots.iter().all(|s| *s < 1 << 31), "{slots:x?}");
        for slot in &slots {
            let info = token.module.slot_info(*slot).expect("C_GetSlotInfo");
            assert_ne!(info.flags & CKF_TOKEN_PRESENT, 0);
        }
    });
}

/// 5.5.6: every mechanism listed has information, and only those.
#[test]
fn mechanisms_have_information() {
    isolated(|home| {
        let token = home.token();
        let all = token.module.mechanisms(token.slot).expect("C_GetMechanismList");
        let mut tally = Tally::new("5.5.6 C_GetMechanismInfo");
        for mechanism in &all {
            let info = token.module.mechanism_info(token.slot, *mechanism);
            tally.row(format!("{mechanism:#x}"), info, &[CKR_OK]);
            let sane = info.is_ok_and(|i| i.ulMinKeySize <= i.ulMaxKeySize && i.flags != 0);
            tally.check(format!("{mechanism:#x}"), sane, "key sizes or flags");
        }
        tally.equal("no mechanism twice", dedup(&all), all.len());
        let unknown = token.module.mechanism_info(token.slot, CKM_VENDOR_DEFINED + 0x7777);
        tally.row("unknown", unknown, &[CKR_MECHANISM_INVALID]);
    });
}

fn dedup(all: &[CK_MECHANISM_TYPE]) -> usize {
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}

/// Issues 2 and 5: the mechanisms promised, with the flags of what they do.
#[test]
fn promised_mechanisms_are_listed() {
    isolated(|home| {
        let token = home.token();
        let cipher = CKF_ENCRYPT | CKF_DECRYPT;
        let wrap = CKF_WRAP | CKF_UNWRAP;
        let sign = CKF_SIGN | CKF_VERIFY;
        let mut tally = Tally::new("promised mechanisms");
        let promised: &[(CK_MECHANISM_TYPE, CK_FLAGS)] = &[
            (CKM_AES_KEY_GEN, CKF_GENERATE),
            (CKM_AES_GCM, cipher | wrap),
            (CKM_AES_CBC, cipher),
            (CKM_AES_CBC_PAD, cipher),
            (CKM_AES_ECB, cipher),
            (CKM_AES_CTR, cipher),
            (CKM_AES_KEY_WRAP, wrap),
            (CKM_AES_KEY_WRAP_KWP, wrap),
            (CKM_AES_KEY_WRAP_PAD, wrap),
            (CKM_GENERIC_SECRET_KEY_GEN, CKF_GENERATE),
            (CKM_SHA_1, CKF_DIGEST),
            (CKM_SHA224, CKF_DIGEST),
            (CKM_SHA256, CKF_DIGEST),
            (CKM_SHA384, CKF_DIGEST),
            (CKM_SHA512, CKF_DIGEST),
            (CKM_SHA_1_HMAC, sign),
            (CKM_SHA224_HMAC, sign),
            (CKM_SHA256_HMAC, sign),
            (CKM_SHA384_HMAC, sign),
            (CKM_SHA512_HMAC, sign),
            (CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR),
            (CKM_RSA_PKCS, sign | cipher),
            (CKM_SHA1_RSA_PKCS, sign),
            (CKM_SHA224_RSA_PKCS, sign),
            (CKM_SHA256_RSA_PKCS, sign),
            (CKM_SHA384_RSA_PKCS, sign),
            (CKM_SHA512_RSA_PKCS, sign),
            (CKM_RSA_PKCS_PSS, sign),
            (CKM_SHA1_RSA_PKCS_PSS, sign),
            (CKM_SHA256_RSA_PKCS_PSS, sign),
            (CKM_SHA384_RSA_PKCS_PSS, sign),
            (CKM_SHA512_RSA_PKCS_PSS, sign),
            (CKM_RSA_PKCS_OAEP, cipher | wrap),
            (CKM_RSA_X_509, cipher | sign),
            (CKM_EC_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR),
            (CKM_ECDSA, sign),
            (CKM_ECDSA_SHA1, sign),
            (CKM_ECDSA_SHA224, sign),
            (CKM_ECDSA_SHA256, sign),
            (CKM_ECDSA_SHA384, sign),
            (CKM_ECDSA_SHA512, sign),
            (CKM_EC_EDWARDS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR),
            (CKM_EDDSA, sign),
            // Issue 5.
            (CKM_SHA512_224, CKF_DIGEST),
            (CKM_SHA3_256, CKF_DIGEST),
            (CKM_BLAKE2B_512, CKF_DIGEST),
            (CKM_SHA3_512_HMAC, sign),
            (CKM_SHA3_224_RSA_PKCS, sign),
            (CKM_SHA3_224_RSA_PKCS_PSS, sign),
            (CKM_ECDSA_SHA3_224, sign),
            (CKM_SHA3_256_RSA_PKCS, sign),
            (CKM_SHA3_256_RSA_PKCS_PSS, sign),
            (CKM_ECDSA_SHA3_256, sign),
            (CKM_SHA3_384_RSA_PKCS, sign),
            (CKM_SHA3_384_RSA_PKCS_PSS, sign),
            (CKM_ECDSA_SHA3_384, sign),
            (CKM_SHA3_512_RSA_PKCS, sign),
            (CKM_SHA3_512_RSA_PKCS_PSS, sign),
            (CKM_ECDSA_SHA3_512, sign),
            (CKM_BLAKE2B_256_HMAC_GENERAL, sign),
            (CKM_SHA256_KEY_GEN, CKF_GENERATE),
            (CKM_BLAKE2B_160_KEY_GEN, CKF_GENERATE),
            (CKM_AES_CCM, cipher | wrap),
            (CKM_AES_CTS, cipher),
            (CKM_AES_OFB, cipher),
            (CKM_AES_CFB8, cipher),
            (CKM_AES_CFB128, cipher),
            (CKM_AES_XTS, cipher),
            (CKM_AES_XTS_KEY_GEN, CKF_GENERATE),
            (CKM_AES_CMAC, sign),
            (CKM_AES_CMAC_GENERAL, sign),
            (CKM_AES_GMAC, sign),
            (CKM_AES_MAC, sign),
            (CKM_AES_XCBC_MAC, sign),
            (CKM_CAMELLIA_KEY_GEN, CKF_GENERATE),
            (CKM_CAMELLIA_CBC, cipher),
            (CKM_CAMELLIA_CBC_PAD, cipher | wrap),
            (CKM_CAMELLIA_MAC, sign),
            (CKM_CAMELLIA_ECB_ENCRYPT_DATA, CKF_DERIVE),
            (CKM_AES_ECB_ENCRYPT_DATA, CKF_DERIVE),
            (CKM_AES_CBC_ENCRYPT_DATA, CKF_DERIVE),
            (CKM_CHACHA20, cipher),
            (CKM_CHACHA20_KEY_GEN, CKF_GENERATE),
            (CKM_CHACHA20_POLY1305, cipher | wrap),
            (CKM_POLY1305, sign),
            (CKM_POLY1305_KEY_GEN, CKF_GENERATE),
            (CKM_EC_MONTGOMERY_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR),
            (CKM_ECDH1_DERIVE, CKF_DERIVE),
            (CKM_ECDH1_COFACTOR_DERIVE, CKF_DERIVE),
            (CKM_ECDH_AES_KEY_WRAP, wrap),
            (CKM_ECDH_COF_AES_KEY_WRAP, wrap),
            (CKM_ECDH_X_AES_KEY_WRAP, wrap),
            (CKM_RSA_AES_KEY_WRAP, wrap),
            (CKM_RSA_X9_31, sign),
            (CKM_SHA1_RSA_X9_31, sign),
        ];
        for (mechanism, flags) in promised {
            let info = token.module.mechanism_info(token.slot, *mechanism);
            tally.row(format!("{mechanism:#x}"), info, &[CKR_OK]);
            let got = info.map_or(0, |i| i.flags);
            tally.check(format!("{mechanism:#x}"), got & flags == *flags, format_args!("flags {got:#x}, want {flags:#x}"));
        }
    });
}

/// 5.5.4: without blocking and without events.
#[test]
fn no_slot_event() {
    isolated(|home| {
        let token = home.token();
        let got = Rv::from(token.module.slot_event());
        assert!([Rv(CKR_NO_EVENT), Rv(CKR_FUNCTION_NOT_SUPPORTED)].contains(&got), "{got:?}");
    });
}
