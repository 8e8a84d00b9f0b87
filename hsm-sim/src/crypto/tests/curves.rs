//! ECDSA and Ed25519.

use super::{digest, engines_with, filled, hex, on_every_engine};
use crate::crypto::{Curve, EcPrivateKey, EcPublicKey, EdPrivateKey, EdPublicKey, EdVariant, Engine, Error, Hash};

/// RFC 6979, A.2.5: P-256.
const SCALAR: &str = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const X: &str = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
const Y: &str = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
/// Signatures of "sample"; SHA-512's digest is longer than the order.
const SAMPLE: [(Hash, &str); 2] = [
    (
        Hash::Sha256,
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716
         f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    ),
    (
        Hash::Sha512,
        "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00
         2362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe",
    ),
];

#[test]
fn ecdsa_verifies_the_rfcs_signatures() {
    on_every_engine(|engine| {
        let key = EcPrivateKey::with_engine(engine, Curve::P256, &hex(SCALAR)).expect("in range");
        let point = [vec![4], hex(X), hex(Y)].concat();
        assert_eq!(key.public().point(), point);
        for (hash, signature) in SAMPLE {
            let digest = digest(engine, hash, b"sample");
            let mut signature = hex(signature);
            assert_eq!(key.public().verify(&digest, &signature), Ok(()));
            signature[40] ^= 1;
            let outcome = key.public().verify(&digest, &signature);
            assert_eq!(outcome, Err(Error::Rejected));
            let outcome = key.public().verify(&digest, &signature[1..]);
            assert_eq!(outcome, Err(Error::InvalidLength));
        }
    });
}

#[test]
fn points_come_compressed_or_not_and_are_checked() {
    on_every_engine(|engine| {
        let point = [vec![4], hex(X), hex(Y)].concat();
        let compressed = [vec![3], hex(X)].concat();
        let key = EcPublicKey::with_engine(engine, Curve::P256, &compressed).expect("a point");
        assert_eq!(key.point(), point);
        let mut off_curve = point.clone();
        off_curve[64] ^= 1;
        let mut hybrid = point.clone();
        hybrid[0] = 7;
        for bad in [&off_curve[..], &hybrid, &point[1..], &[0], &[]] {
            let outcome = EcPublicKey::with_engine(engine, Curve::P256, bad).map(|_| ());
            assert_eq!(outcome, Err(Error::InvalidKey));
        }
    });
}

#[test]
fn scalars_are_checked() {
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    on_every_engine(|engine| {
        for bad in [hex(order), vec![0; 32], vec![], [vec![1], vec![0; 32]].concat()] {
            let outcome = EcPrivateKey::with_engine(engine, Curve::P256, &bad).map(|_| ());
            assert_eq!(outcome, Err(Error::InvalidKey));
        }
        let long = [vec![0; 9], hex(SCALAR)].concat();
        let key = EcPrivateKey::with_engine(engine, Curve::P256, &long).expect("leading zeros");
        assert_eq!(key.scalar().expose(), hex(SCALAR));
        let one = EcPrivateKey::with_engine(engine, Curve::P521, &[1]).expect("one");
        assert_eq!(one.scalar().len(), 66);
    });
}

#[test]
fn generated_keys_sign_digests_of_any_length() {
    for curve in Curve::ALL {
        let generated = EcPrivateKey::generate(curve).expect("randomness");
        for engine in engines_with(curve) {
            let scalar = generated.scalar();
            let key = EcPrivateKey::with_engine(engine, curve, scalar.expose()).expect("in range");
            assert_eq!(key.public().point(), generated.public().point());
            for len in [1, 20, 32, 48, 64, 66, 100] {
                let digest = vec![0xc3; len];
                let signature = filled(132, |out| key.sign(&digest, out)).expect("room");
                assert_eq!(signature.len(), 2 * curve.field_len());
                assert_eq!(generated.public().verify(&digest, &signature), Ok(()));
            }
            let outcome = filled(132, |out| key.sign(&[], out));
            assert_eq!(outcome, Err(Error::InvalidLength));
            let outcome = key.public().verify(&[], &[1; 132][..2 * curve.field_len()]);
            assert_eq!(outcome, Err(Error::InvalidLength));
        }
    }
}

/// Both s and -s verify; the crate k256 alone would take only the lesser.
#[test]
fn either_s_verifies() {
    for curve in Curve::ALL {
        let key = EcPrivateKey::generate(curve).expect("randomness");
        let with = |engine| EcPrivateKey::with_engine(engine, curve, key.scalar().expose()).expect("in range");
        for (signer, verifier) in engines_with(curve).flat_map(|one| engines_with(curve).map(move |other| (one, other))) {
            let (signer, verifier) = (with(signer), with(verifier));
            // Of sixteen signatures by an engine that does not choose, some have the greater s but for one time in 2^16.
            for first in 0..16 {
                let signature = filled(132, |out| signer.sign(&[first; 28], out)).expect("room");
                assert_eq!(verifier.public().verify(&[first; 28], &signature), Ok(()), "{curve:?}");
            }
        }
    }
}

#[test]
fn engines_without_a_curve_say_so() {
    for engine in Engine::ALL {
        for curve in Curve::ALL.into_iter().filter(|curve| !engine.has(*curve)) {
            let outcome = EcPrivateKey::with_engine(*engine, curve, &[1]).map(|_| ());
            assert_eq!(outcome, Err(Error::Unsupported), "{curve:?}");
        }
    }
}

#[test]
fn curves_have_names_and_identifiers() {
    for curve in Curve::ALL {
        assert_eq!(Curve::from_name(curve.name()), Some(curve));
        assert_eq!(Curve::from_oid_der(curve.oid_der()), Some(curve));
    }
    assert_eq!(Curve::from_name("prime256v1"), Some(Curve::P256));
    assert_eq!(Curve::from_name("secp192r1"), None);
}

/// RFC 8032, 7.1 (test 1), 7.2 ("foo") and 7.3: seed, public key, variant, message, signature.
fn rfc_8032() -> [(&'static str, &'static str, EdVariant<'static>, Vec<u8>, &'static str); 3] {
    [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            EdVariant::Pure,
            vec![],
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155
             5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6",
            "dfc9425e4f968f7f0c29f0259cf5f9aed6851c2bb4ad8bfb860cfee0ab248292",
            EdVariant::Context(b"foo"),
            hex("f726936d19c800494e3fdaff20b276a8"),
            "55a4cc2f70a54e04288c5f4cd1e45a7bb520b36292911876cada7323198dd87a
             8b36950b95130022907a7fb7c4e9b2d5f6cca685a587b4b21f4b888e4e7edb0d",
        ),
        (
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            EdVariant::Prehashed(b""),
            b"abc".to_vec(),
            "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41
             31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
        ),
    ]
}

#[test]
fn ed25519_matches_the_rfc() {
    on_every_engine(|engine| {
        for (seed, public, variant, message, expected) in rfc_8032() {
            let key = EdPrivateKey::with_engine(engine, &hex(seed)).expect("32 bytes");
            assert_eq!(key.public().bytes().as_slice(), hex(public));
            let mut signature = filled(64, |out| key.sign(variant, &message, out)).expect("room");
            assert_eq!(signature, hex(expected), "{variant:?}");
            let verify = |signature: &[u8]| key.public().verify(variant, &message, signature);
            assert_eq!(verify(&signature), Ok(()));
            for position in [0, 31, 32, 63] {
                signature[position] ^= 1;
                assert_eq!(verify(&signature), Err(Error::Rejected), "{variant:?}");
                signature[position] ^= 1;
            }
        }
    });
}

/// One key, one message: no variant's signature is good for another.
#[test]
fn ed25519_variants_are_apart() {
    let key = EdPrivateKey::generate().expect("randomness");
    let variants = [
        EdVariant::Pure,
        EdVariant::Context(b"a"),
        EdVariant::Context(b"b"),
        EdVariant::Prehashed(b""),
        EdVariant::Prehashed(b"a"),
    ];
    for signed in variants {
        let signature = filled(64, |out| key.sign(signed, b"message", out)).expect("room");
        for claimed in variants {
            let outcome = key.public().verify(claimed, b"message", &signature);
            assert_eq!(outcome.is_ok(), signed == claimed, "{signed:?} as {claimed:?}");
        }
    }
}

#[test]
fn ed25519_contexts_are_checked() {
    let long = [0; 256];
    on_every_engine(|engine| {
        let key = EdPrivateKey::with_engine(engine, &[7; 32]).expect("32 bytes");
        for bad in [EdVariant::Context(b""), EdVariant::Context(&long), EdVariant::Prehashed(&long)] {
            let outcome = filled(64, |out| key.sign(bad, b"", out));
            assert_eq!(outcome, Err(Error::InvalidParameter));
            let outcome = key.public().verify(bad, b"", &[0; 64]);
            assert_eq!(outcome, Err(Error::InvalidParameter));
        }
    });
}

/// Points under which one signature verifies for every message, and second encodings (Chalkias et al., "Taming the many
/// EdDSAs", tables 1 and 2).
#[test]
fn ed25519_refuses_weak_and_ambiguous_points() {
    let zero = "0000000000000000000000000000000000000000000000000000000000000000";
    let one = "0100000000000000000000000000000000000000000000000000000000000000";
    let minus_one = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
    let order_eight = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
    let p = "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
    let one_again = "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
    let all_ones = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    for bad in [zero, one, minus_one, order_eight, p, one_again, all_ones] {
        let outcome = EdPublicKey::new(&hex(bad)).map(|_| ());
        assert_eq!(outcome, Err(Error::InvalidKey), "{bad}");
    }
}
