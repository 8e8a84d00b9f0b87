//! SLH-DSA: NIST's keys, signatures checked against another implementation, and what must be refused.

use super::{digest, hex};
use crate::crypto::{Engine, Error, Hash, Hedge, PreHash, SlhDsaPrivateKey, SlhDsaPublicKey, SlhDsaSet, message_prefix};

/// Parameter set, SK.seed || SK.prf || PK.seed || PK.root from NIST's ACVP vectors (usnistgov/ACVP-Server,
/// SLH-DSA-keyGen-FIPS205), and SHA-256 of the deterministic signature of "message" with the context "context", made with the Python
/// package SLH-DSA 0.2.5.
const FAST: [(SlhDsaSet, &str, &str); 6] = [
    (
        SlhDsaSet::Sha2_128f,
        "e2bdaa37c8cffe5e8d5676c23267890c31441758f573285881cdc82ab911dd8472dc8d26df6ef708f4c41af9fd04b65a8927927229891d47a60d67ecef3d2c17",
        "217fd43f263dfd8547c8b505d2c901b61931b1321058db1db675d544280f6f56",
    ),
    (
        SlhDsaSet::Shake128f,
        "bbc74306f75dc2daf7372b3c9841a4d6852c17b459f1692b8e9a1a0dace5ba26380c99304a0ddd32f344b95144e1fdef60bbc2340e08770fb41a80a76cb08e34",
        "fa990cd1550ebebe4f1167b2ffccca23dad80c0c9cc4c0ac86413290a26d4b91",
    ),
    (
        SlhDsaSet::Sha2_192f,
        "942dd588b0e0636060b1023baf1df36002b9d3c7256904f948596f0f2f17505585f022423433b3a3ef50977b98b01e8e3e1d7dcf880c2ea3c8872122a996d5d6233bdfbd57fa641fad3c81bbe6778b1f788195131b3fca91854ff3b075bf0009",
        "6c8abb8b0393cf2f87b8bfaaf06e633b0399b6b362c6de98a45055eece139bf6",
    ),
    (
        SlhDsaSet::Shake192f,
        "c122b5097188b62ece65a2c6cfa9fed83b987999534ecea0143ba4d27b1dd352bf430d4a9f1e6fa8bf235ab6ebcf6bca2183c5845627e9da7e85acaa2e888caceb266a142a1cb0c86437e04887977882b597d9ea74e435d77962b0d0cfe1760d",
        "d63efc59a7ca9c1c70b1972351d4c10883d85b6c6eecd77d83113e3d9ded72e8",
    ),
    (
        SlhDsaSet::Sha2_256f,
        "a15d8300b7f610971f278f22dd603d17eeb9863aa4fa92f07dc7e73b231120026d7c0ff12a8bf1f8720c3534dc7d1a04d0d7f899088210ccbbfe627315a522c1bdcad4d6821d32168c6d8105e6b226399f861e0d1110a53eb47aa3e118e2593409a049ce3b61c4a6fd6ca1613a4b47281585e92de822bf798429b2e9257a2e60",
        "7c7cdc30b466ec26581e86002f75f8112252f335f62ce5c03cc87a4f920ebce8",
    ),
    (
        SlhDsaSet::Shake256f,
        "d50f77713cf59193fe5f10b8aaf1876b0d3e7e4181ed3fae346876269801758436c22b81940403157446d44f04c09fd28df72c6d4021b271544055783081b7c046d2ac50751a0c71ec850bb7d16a679a66901eee05389d4615940efd89c0182fdebcfbf3527cc768c5ec6cb5b6cc10a674390745d8612d0920187df658d3b7ef",
        "7e670abc0c2a235503c32a727a951b272c1c0b69d0cd25e6e0b708db17e3029d",
    ),
];

/// The small parameter sets, whose signatures are slow to make: ACVP's keys, as above.
const SMALL: [(SlhDsaSet, &str); 6] = [
    (
        SlhDsaSet::Sha2_128s,
        "aa9cc7dca491fc86bcb15a709a15e9b3905c800b6e2fb9b54b6b050ee5e4de9afa5464d1c661fed38b2a51ca3eae71bacae3d1865215e3d3850e8c1b8292bf42",
    ),
    (
        SlhDsaSet::Shake128s,
        "ecd0a05696c2ec6bfe85b8b1b2022486bfd8732b1a42cea236e9822aa9e724e637d664792198176c12e8121ccf69e684fcf6ffe2a04243dc3e8ed3ee6e44cdef",
    ),
    (
        SlhDsaSet::Sha2_192s,
        "8f47a75b4d9182bafc37bbd86079529e58292d471894f2ce5ab65dd57c790eb56de69e06b9495b02a8ab2f7a5008fddb1bf57e717c5dd1a66eddd8254a3c05aa272cc6944d06444a3dbb42b5d34afe6e3304a9a9b4d39f9f18566787c0b849ce",
    ),
    (
        SlhDsaSet::Shake192s,
        "2d5748b1acda8299e2e905545d2e66dfcec02461bc3673dd9d830416b1b82a665dd435a3f3a8e2124df59a0e2bc2ec73633ff65c724ae17045c094617549081c940f2ef4d4a10e7559c7503fe1e96fb67b0e32acdcf712fbef610f8d21daac86",
    ),
    (
        SlhDsaSet::Sha2_256s,
        "ae6ca8664ec0b9179d4e33c4defe01fcd589f60ba4502fe7416f2acd96e139f13fda2069147f44eabd5bbf29c74a20cb0f0cc2a12bab5834b773530af504900a134d5ed3c60b46344a84a45d4683b1ac55fb22886ba9478ea9ca93f27b9aa2c27c5c9908f086e57956f85de84b438ef1f082cd176dff3c5b8be710bc8699a143",
    ),
    (
        SlhDsaSet::Shake256s,
        "a653918fa557b5250d11e96a74f5d8c62b5ff67152acf227aaf4bf5211aa600e961b4e679ceb9d4e24df86ed22f405d8ede5623672f4737fc2fb65f8bf3b556c315a5e795b701676e6b8309c89cc6ad0c3d69ff4f7f432dc61329fbb1be6069f0887b1a8f1b3a8b9770a0871630e46dd0479c5bd123e8eeb6be70f2999c466a1",
    ),
];

#[test]
fn keys_of_the_fast_sets() {
    for (set, key, _) in FAST {
        check_key(set, key);
    }
}

#[test]
fn a_signature_of_either_hash_family() {
    check_signature(&FAST[0]);
    check_signature(&FAST[1]);
}

#[test]
#[ignore = "minutes in an unoptimised build: cargo test --release -p hsm-sim --lib -- --ignored slh_dsa"]
fn all_signatures_of_the_fast_sets() {
    FAST.iter().for_each(check_signature);
}

#[test]
#[ignore = "minutes in an unoptimised build: cargo test --release -p hsm-sim --lib -- --ignored slh_dsa"]
fn keys_of_the_small_sets() {
    for (set, key) in SMALL {
        check_key(set, key);
    }
}

fn check_key(set: SlhDsaSet, key: &str) {
    let key = hex(key);
    let made = SlhDsaPrivateKey::from_seeds(set, &key[..3 * set.n()]).expect("seeds make a key");
    assert_eq!(made.value().expose(), key, "{set:?}");
    assert_eq!(made.public().value(), &key[2 * set.n()..], "{set:?}");
}

fn check_signature((set, key, expected): &(SlhDsaSet, &str, &str)) {
    let key = SlhDsaPrivateKey::new(*set, &hex(key)).expect("a key");
    let prefix = message_prefix(None, b"context").expect("a short context");
    let mut signature = vec![0; set.signature_len()];
    key.sign(&prefix, b"message", Hedge::Deterministic, &mut signature).expect("room enough");
    assert_eq!(digest(Engine::Portable, Hash::Sha256, &signature), hex(expected), "{set:?}");
    assert_eq!(key.public().verify(&prefix, b"message", &signature), Ok(()), "{set:?}");
}

#[test]
fn what_is_broken_is_refused() {
    let key = SlhDsaPrivateKey::new(SlhDsaSet::Sha2_128f, &hex(FAST[0].1)).expect("a key");
    let mut signature = vec![0; SlhDsaSet::Sha2_128f.signature_len()];
    key.sign(b"prefix", b"message", Hedge::Hedged, &mut signature).expect("room enough");
    assert_eq!(key.public().verify(b"prefix", b"message", &signature), Ok(()));
    assert_eq!(key.public().verify(b"prefixm", b"essage", &signature), Ok(()), "M' is what is signed");
    assert_eq!(key.public().verify(b"prefix", b"massage", &signature), Err(Error::Rejected));
    assert_eq!(key.public().verify(b"prefix", b"message", &signature[1..]), Err(Error::InvalidLength));
    for at in [0, 20, 3000, signature.len() - 1] {
        let mut torn = signature.clone();
        torn[at] ^= 1;
        assert_eq!(key.public().verify(b"prefix", b"message", &torn), Err(Error::Rejected), "{at}");
    }
    let mut again = signature.clone();
    key.sign(b"prefix", b"message", Hedge::Hedged, &mut again).expect("room enough");
    assert_ne!(again, signature, "hedged");
    assert_eq!(key.sign(b"", b"", Hedge::Hedged, &mut [0; 100]), Err(Error::InvalidLength));
    for set in SlhDsaSet::ALL {
        for len in [0, 4 * set.n() - 1, 4 * set.n() + 1] {
            assert_eq!(SlhDsaPrivateKey::new(set, &vec![1; len]).err(), Some(Error::InvalidKey), "{set:?} {len}");
        }
        assert_eq!(SlhDsaPublicKey::new(set, &vec![1; 2 * set.n() + 1]).err(), Some(Error::InvalidKey), "{set:?}");
    }
}

/// Digests of "abc": FIPS 180-4 and FIPS 202 examples, by their first bytes; and lengths (FIPS 204, 5.4).
#[test]
fn prehashes() {
    for (hash, len, start) in [
        (PreHash::Sha224, 28, "23097d22"),
        (PreHash::Sha256, 32, "ba7816bf"),
        (PreHash::Sha384, 48, "cb00753f"),
        (PreHash::Sha512, 64, "ddaf35a1"),
        (PreHash::Sha3_224, 28, "e642824c"),
        (PreHash::Sha3_256, 32, "3a985da7"),
        (PreHash::Sha3_384, 48, "ec014982"),
        (PreHash::Sha3_512, 64, "b751850b"),
        (PreHash::Shake128, 32, "5881092d"),
        (PreHash::Shake256, 64, "483366"),
    ] {
        let mut state = hash.start();
        state.update(b"a");
        state.update(b"bc");
        let mut out = [0; 64];
        assert_eq!((state.finish(&mut out), hash.output_len()), (len, len), "{hash:?}");
        assert!(out.starts_with(&hex(start)), "{hash:?}");
    }
    assert_eq!(PreHash::ALL.len(), 10);
}

/// FIPS 204, algorithms 2 and 4.
#[test]
fn prefixes() {
    assert_eq!(message_prefix(None, b""), Ok(vec![0, 0]));
    assert_eq!(message_prefix(None, b"ab"), Ok(vec![0, 2, b'a', b'b']));
    let oid = hex("0609608648016503040203");
    assert_eq!(message_prefix(Some(PreHash::Sha512), b"a"), Ok([&[1, 1, b'a'], &oid[..]].concat()));
    assert!(message_prefix(None, &[0; 255]).is_ok());
    assert_eq!(message_prefix(None, &[0; 256]), Err(Error::InvalidParameter));
}
