//! Key agreement: ECDH, X25519, and the derivations of what was agreed on.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{engines_with, hex, on_every_engine};
use crate::crypto::{AgreedKdf, Curve, EcPrivateKey, Engine, Error, Hash, Result, XPrivateKey, XPublicKey, derive_x9_42};
use crate::secret::Secret;

/// RFC 5903, 8.1 to 8.3: our scalar, their x and y, the shared x-coordinate.
const RFC_5903: [(Curve, &str, &str, &str, &str); 2] = [
    (
        Curve::P256,
        "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
        "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63",
        "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
        "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
    ),
    (
        Curve::P384,
        "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783ab194",
        "e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def96fda41d0774a3571",
        "dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209dff5eaad96db9e6386c",
        "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d09cf5d4a270f59746",
    ),
];

#[test]
fn ecdh_matches_the_rfc() {
    on_every_engine(|engine| {
        for (curve, scalar, x, y, shared) in RFC_5903 {
            let key = EcPrivateKey::with_engine(engine, curve, &hex(scalar)).expect("in range");
            let point = [vec![4], hex(x), hex(y)].concat();
            assert_eq!(exposed(key.agree(&point)), Ok(hex(shared)));
            let compressed = [vec![2 | point[point.len() - 1] & 1], hex(x)].concat();
            assert_eq!(exposed(key.agree(&compressed)), Ok(hex(shared)));
        }
    });
}

/// A point of another curve or of none would give the key away, a bit or more at each answer.
#[test]
fn ecdh_refuses_what_is_no_point_of_the_curve() {
    for curve in Curve::ALL {
        for engine in engines_with(curve) {
            let key = EcPrivateKey::with_engine(engine, curve, &[5]).expect("in range");
            let mut point = key.public().point().to_vec();
            *point.last_mut().expect("a byte") ^= 1;
            for bad in [&point[..], &point[1..], &[0], &[], &[4]] {
                assert_eq!(exposed(key.agree(bad)), Err(Error::InvalidKey), "{curve:?}");
            }
        }
    }
}

/// RFC 7748, 5.2 and 6.1.
#[test]
fn x25519_matches_the_rfc() {
    on_every_engine(|engine| {
        let key = |scalar: &str| XPrivateKey::with_engine(engine, &hex(scalar)).expect("32 bytes");
        let shared = exposed(
            key("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
                .agree(&hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")),
        );
        assert_eq!(shared, Ok(hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")));
        let bob = key("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        assert_eq!(bob.public().bytes()[..], hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
        let alice = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        let shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assert_eq!(exposed(bob.agree(&alice)), Ok(shared));
    });
}

/// Points of small order, and lengths (RFC 7748, 6.1; Bernstein, "Curve25519", validating public keys).
#[test]
fn x25519_refuses_a_secret_of_zeros() {
    let order_eight = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
    let p_plus_one = "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
    on_every_engine(|engine| {
        let key = XPrivateKey::with_engine(engine, &[7; 32]).expect("32 bytes");
        for bad in [vec![0; 32], hex(order_eight), hex(p_plus_one), vec![9; 31], vec![9; 33], vec![]] {
            assert_eq!(exposed(key.agree(&bad)), Err(Error::InvalidKey));
        }
        assert!(XPrivateKey::with_engine(engine, &[7; 31]).is_err());
    });
    assert!(XPublicKey::new(&[7; 33]).is_err());
}

/// The first from NIST's CAVS 12.0 (ANSI X9.63, SHA-256), the others by `openssl kdf` 3.0 (X963KDF and SSKDF).
#[test]
fn derivations_match_others() {
    let secret = Secret::copy(&hex("96c05619d56c328ab95fe84b18264b08725b85e33fd34f08"));
    for (form, hash, info, expected) in [
        (AgreedKdf::X963, Hash::Sha256, "", "443024c3dae66b95e6f5670601558f71"),
        (
            AgreedKdf::X963,
            Hash::Sha1,
            "01020304",
            "15959d5e0d4fd9f42d892eb13edc08fa03f1f903a4276cad177afe953ff426a3f3dc412926cb88f1",
        ),
        (
            AgreedKdf::Sp800,
            Hash::Sha256,
            "01020304",
            "6b824891e1374627ba82c92d93e0272eb1bcbdf2985c78d0af884393dc4b3802c04db6f1a0b690aa",
        ),
        (AgreedKdf::Sp800, Hash::Sha512, "", "aa8ec35b7e40a611a52102597559d2117819690c"),
    ] {
        let expected = hex(expected);
        assert_eq!(exposed(form.derive(hash, &secret, &hex(info), expected.len())), Ok(expected), "{form:?}");
    }
    for len in [0, 1 << 17, usize::MAX] {
        let outcome = exposed(AgreedKdf::X963.derive(Hash::Sha256, &secret, &[], len));
        assert_eq!(outcome, Err(Error::InvalidLength));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn engines_agree_on_secrets(
        curve in select(Curve::ALL.to_vec()),
        ours in vec(any::<u8>(), 1..24),
        theirs in vec(any::<u8>(), 1..24),
    ) {
        prop_assume!(ours.iter().any(|byte| *byte != 0) && theirs.iter().any(|byte| *byte != 0));
        let key = |engine, scalar: &[u8]| EcPrivateKey::with_engine(engine, curve, scalar).expect("below the order");
        let portable = exposed(key(Engine::Portable, &ours).agree(key(Engine::Portable, &theirs).public().point()));
        for engine in engines_with(curve) {
            let mirrored = exposed(key(engine, &theirs).agree(key(engine, &ours).public().point()));
            prop_assert_eq!(&mirrored, &portable, "{:?}", engine);
        }
        prop_assert_eq!(portable.map(|secret| secret.len()), Ok(curve.field_len()));
    }

    #[test]
    fn engines_agree_on_curve25519(scalar in any::<[u8; 32]>(), point in any::<[u8; 32]>()) {
        let key = |engine| XPrivateKey::with_engine(engine, &scalar).expect("32 bytes");
        for engine in Engine::ALL {
            prop_assert_eq!(*key(*engine).public().bytes(), *key(Engine::Portable).public().bytes());
            prop_assert_eq!(exposed(key(*engine).agree(&point)), exposed(key(Engine::Portable).agree(&point)));
        }
    }
}

/// A secret that a test may print.
pub(super) fn exposed(secret: Result<Secret>) -> Result<Vec<u8>> {
    secret.map(|secret| secret.expose().to_vec())
}

/// RFC 2631, 2.1.6, first example: the key of a Triple DES key wrap.
#[test]
fn x9_42_matches_the_rfc() {
    let secret = Secret::copy(&std::array::from_fn::<u8, 20, _>(|i| i as u8));
    let (before, after) = (hex("301d3013060b2a864886f70d01091003060404"), hex("a2060404000000c0"));
    let key = derive_x9_42(Hash::Sha1, &secret, &before, &after, 24);
    assert_eq!(exposed(key), Ok(hex("a09661392376f7044d9052a397883246b67f5f1ef63eb5fb")));
    for len in [0, 65537] {
        assert_eq!(exposed(derive_x9_42(Hash::Sha1, &secret, &before, &after, len)), Err(Error::InvalidLength));
    }
}
