//! 4.8: CKA_START_DATE and CKA_END_DATE: CK_DATE or empty, "for reference only": a key outside them still works, unless the
//! configuration says `enforce_dates`.

use crate::{aes_template, cbc};
use hsm_tests::*;

#[test]
fn forms() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let bad: &[CK_RV] = &[CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT];
        let mut tally = Tally::new("3.1 CK_DATE");
        for (value, allowed) in [
            (b"".as_slice(), &[CKR_OK][..]),
            (b"20260101", &[CKR_OK]),
            (b"2026010", bad),
            (b"202601011", bad),
            (b"2026ab01", bad),
            (b"20261301", bad),
            (b"20260132", bad),
        ] {
            for attribute in [CKA_START_DATE, CKA_END_DATE] {
                let name = format!("{attribute:#x} {:?}", String::from_utf8_lossy(value));
                let made = session.create(&aes_template().bytes(attribute, value));
                tally.row(&name, made, allowed);
                if let Ok(key) = made {
                    tally.equal(name, session.attribute(key, attribute), Ok(value.to_vec()));
                }
            }
        }
    });
}

/// "Cryptoki does not attach any special meaning to them. In particular, it does not restrict usage of a key according
/// to the dates; doing this is up to the application."
#[test]
fn they_restrict_nothing() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        for (attribute, date) in [(CKA_END_DATE, b"19990101"), (CKA_START_DATE, b"29990101")] {
            let key = aes_template().bool(CKA_ENCRYPT, true).bytes(attribute, date);
            let key = session.create(&key).expect("a key");
            assert!(session.encrypt(&cbc(), key, &[0; 16]).is_ok());
        }
    });
}

/// NIST SP 800-57 part 1, 5.3.5: after its last day a key protects nothing more, and still opens what it protected.
#[test]
fn enforced_they_restrict() {
    isolated(|home| {
        home.configure("enforce_dates = true");
        let token = home.token();
        let session = token.user();
        let sealed = session.encrypt(&cbc(), session.aes_of(&[0x42; 32]), &[0; 16]).expect("C_Encrypt");
        let mut tally = Tally::new("enforce_dates");
        for (name, attribute, date, encrypts, decrypts) in [
            ("no dates", CKA_END_DATE, b"".as_slice(), CKR_OK, CKR_OK),
            ("long over", CKA_END_DATE, b"19990101", CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_OK),
            ("not over for long", CKA_END_DATE, b"29990101", CKR_OK, CKR_OK),
            ("begun long ago", CKA_START_DATE, b"19990101", CKR_OK, CKR_OK),
            ("still to come", CKA_START_DATE, b"29990101", CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_KEY_FUNCTION_NOT_PERMITTED),
        ] {
            let key = session.create(&aes_template().bytes(attribute, date)).expect("a key");
            tally.row(name, session.encrypt(&cbc(), key, &[0; 16]).map(drop), &[encrypts]);
            tally.row(name, session.decrypt(&cbc(), key, &sealed).map(drop), &[decrypts]);
        }
    });
}
