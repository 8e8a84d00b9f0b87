//! Diffie-Hellman modulo a prime: the RFCs' numbers, and what nobody honest sends.

use std::sync::Arc;

use proptest::prelude::*;

use super::{digest, hex, on_every_engine};
use crate::crypto::ffc::{is_named, is_prime, known};
use crate::crypto::{DhPrivateKey, DhPublicKey, Engine, Error, Group, GroupKind, Hash, Result, SafePrime};
use crate::secret::Secret;

/// RFC 5114, 2.1: p, q and g.
const GROUP: [&str; 3] = [
    "b10b8f96a080e01dde92de5eae5d54ec52c99fbcfb06a3c69a6a9dca52d23b616073e28675a23d189838ef1e2ee652c0\
     13ecb4aea906112324975c3cd49b83bfaccbdd7d90c4bd7098488e9c219a73724effd6fae5644738faa31a4ff55bccc0\
     a151af5f0dc8b4bd45bf37df365c1a65e68cfda76d4da708df1fb2bc2e4a4371",
    "f518aa8781a8df278aba4e7d64b7cb9d49462353",
    "a4d1cbd5c3fd34126765a442efb99905f8104dd258ac507fd6406cff14266d31266fea1e5c41564b777e690f5504f213\
     160217b4b01b886a5e91547f9e2749f4d7fbd7d3b9a92ee1909d0d2263f80a76a6a24c087a091f531dbf0a0169b6a28a\
     d662a4d18e73afa32d779d5918d08bc8858f4dcef97c2a24855e6eeb22b3b2e5",
];

/// RFC 5114, A.1: x and y of A, x and y of B, and what they agree on.
const AGREED: [&str; 5] = [
    "b9a3b3ae8fefc1a2930496507086f8455d48943e",
    "2a853b3d92197501b9015b2deb3ed84f5e021dcc3e52f109d3273d2b7521281cbabe0e76ff5727fa8acce26956ba9a1f\
     ca26f20228d8693feb10841d84a7360054ece5a7f5b7a61ad3dfb3c60d2e43106d8727da37df9cce95b478755d06bcea\
     8f9d45965f75a5f3d1df3701165fc9e50c4279ceb07f989540ae96d5d88ed776",
    "9392c9f9eb6a7a6a9022f7d83e7223c6835bbdda",
    "717a6cb053371ff4a3b932941c1e5663f861a1d6ad34ae66576dfb98f6c6cbf9ddd5a56c7833f6bcfdff095582ad868e\
     440e8d09fd769e3ceccdc3d3b1e4cfa057776caaf9739b6a9fee8e7411f8d6dac09d6a4edb46cc2b5d5203090eae6126\
     311e53fd2c14b574e6a3109a3da1be41bdceaa186f5ce06716a2b6a07b3c33fe",
    "5c804f454d30d9c4df85271f93528c91df6b48ab5f80b3b59caac1b28f8acba9cd3e39f3cb614525d9521d2e644c53b8\
     07b810f340062f257d7d6fbfe8d5e8f072e9b6e9afda9413eafb2e8b0699b1fb5a0caceddeaead7e9cfbb36ae2b42083\
     5bd83a19fb0b5e96bf8fa4d09e345525167ecd9155416f46f408ed31b63c6e6d",
];

/// RFC 7919, A.1 to A.5, by their SHA-256: bits, and the digest of the prime as `openssl` 3.0 has it.
const NAMED: [(u32, &str); 5] = [
    (2048, "9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966"),
    (3072, "0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17"),
    (4096, "4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e"),
    (6144, "227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7"),
    (8192, "770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833"),
];

/// RFC 3526, 2 to 7, likewise.
const OLDER: [(u32, &str); 6] = [
    (1536, "64fcc83ec403930bf18393dbc883ccaa1fbb08ac876f77f7aa99748ca945019b"),
    (2048, "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e"),
    (3072, "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c"),
    (4096, "4ee95187682bcb230ad26a95205f6920e84708f6251b3894329b09ec23919e33"),
    (6144, "d1bfe6d0925ce7e4da262b62861514a7755e35831e429f343e7b864848657efd"),
    (8192, "39ab4feab950a3128fb71accb9fc3965d857012e081998a85996e3ea8b3c3bcf"),
];

fn x9_42(engine: Engine) -> Arc<Group> {
    let [p, q, g] = GROUP.map(hex);
    Arc::new(Group::with_engine(engine, GroupKind::X942, &p, Some(&q), &g).expect("a group"))
}

fn pkcs_3(engine: Engine) -> Arc<Group> {
    let [p, _, g] = GROUP.map(hex);
    Arc::new(Group::with_engine(engine, GroupKind::Dh, &p, None, &g).expect("a group"))
}

fn exposed(secret: Result<Secret>) -> Result<Vec<u8>> {
    secret.map(|secret| secret.expose().to_vec())
}

#[test]
fn rfc_5114() {
    on_every_engine(|engine| {
        let [xa, ya, xb, yb, z] = AGREED.map(hex);
        for group in [x9_42(engine), pkcs_3(engine)] {
            let a = DhPrivateKey::new(Arc::clone(&group), &xa).expect("a key");
            let b = DhPrivateKey::new(Arc::clone(&group), &xb).expect("a key");
            assert_eq!((a.public().value(), b.public().value()), (&ya[..], &yb[..]));
            assert_eq!((exposed(a.agree(&yb)), exposed(b.agree(&ya))), (Ok(z.clone()), Ok(z.clone())));
            assert_eq!(exposed(a.agree(&[&[0, 0], &yb[..]].concat())), Ok(z.clone()), "leading zeros");
            assert_eq!((group.validate(), a.public().validate(), a.bits()), (Ok(()), Ok(()), 160));
        }
    });
}

#[test]
fn rfc_7919() {
    for (bits, expected) in NAMED {
        let SafePrime { p: prime, g: base } = SafePrime::generate(bits).expect("a group");
        assert_eq!((digest(Engine::Portable, Hash::Sha256, &prime), &base[..]), (hex(expected), &[2][..]), "{bits}");
        let group = Group::new(GroupKind::Dh, &prime, None, &base).expect("a group");
        assert_eq!(group.validate(), Ok(()));
    }
}

#[test]
fn rfc_3526_and_rfc_2409() {
    for (bits, expected) in OLDER {
        let found: Vec<_> = known(bits).map(|prime| digest(Engine::Portable, Hash::Sha256, &prime)).collect();
        assert!(found.contains(&hex(expected)), "{bits}");
    }
    // Nothing at hand has the groups of RFC 2409, but that they are primes of that form is no accident.
    for bits in [768, 1024] {
        let primes: Vec<_> = known(bits).collect();
        assert_eq!((primes.len(), is_prime(&primes[0]), is_named(&primes[0])), (1, Ok(true), true));
    }
    assert!(!is_named(&hex(GROUP[0])) && !is_named(&[]) && !is_named(&[7]));
}

#[test]
fn safe_primes_are_found() {
    let SafePrime { p: prime, g: base } = SafePrime::generate(512).expect("a group");
    let group = Group::new(GroupKind::Dh, &prime, None, &base).expect("a group");
    assert_eq!((group.bits(), group.validate()), (512, Ok(())));
    let mut half = prime.to_vec();
    half.iter_mut().fold(0, |carry, byte| {
        let next = *byte << 7;
        *byte = carry | *byte >> 1;
        next
    });
    // As if X9.42 could be so small: (p - 1) / 2 is the order of the base.
    assert_eq!(group.power(&base, &half).map(|power| power.expose().to_vec()), Ok([vec![0; 63], vec![1]].concat()));
    for bits in [513, 640, 777] {
        let SafePrime { p, g } = SafePrime::generate(bits).expect("a group");
        let group = Group::new(GroupKind::Dh, &p, None, &g).expect("a group");
        assert_eq!((group.bits(), group.validate()), (bits as usize, Ok(())));
    }
    for bits in [0, 1, 64, 511, 2047, 2560, 16384] {
        assert_eq!(SafePrime::generate(bits).err(), Some(Error::InvalidParameter), "{bits}");
    }
}

/// A secret with leading zeros keeps them.
#[test]
fn secrets_are_as_long_as_the_prime() {
    on_every_engine(|engine| {
        let key = DhPrivateKey::new(pkcs_3(engine), &[3]).expect("a key");
        assert_eq!(exposed(key.agree(&[2])), Ok([vec![0; 127], vec![8]].concat()));
    });
}

#[test]
fn what_nobody_honest_sends() {
    let p = hex(GROUP[0]);
    let less = [&p[..127], &[p[127] - 1]].concat();
    let more = [&p[..127], &[p[127] + 1]].concat();
    on_every_engine(|engine| {
        for group in [x9_42(engine), pkcs_3(engine)] {
            let key = DhPrivateKey::new(Arc::clone(&group), &hex(AGREED[0])).expect("a key");
            for bad in [&[][..], &[0], &[0; 300], &[1], &[0, 1], &less, &p, &more, &[0xff; 129]] {
                assert_eq!(exposed(key.agree(bad)), Err(Error::InvalidKey), "{bad:?}");
                assert_eq!(DhPublicKey::new(Arc::clone(&group), bad).err(), Some(Error::InvalidKey));
            }
        }
        // A number that is not of the subgroup's order would tell some bits of x.
        let key = DhPrivateKey::new(x9_42(engine), &hex(AGREED[0])).expect("a key");
        assert_eq!(exposed(key.agree(&[2])), Err(Error::InvalidKey));
        for scalar in [&[][..], &[0], &less, &p, &more, &[0xff; 200]] {
            assert_eq!(DhPrivateKey::new(pkcs_3(engine), scalar).err(), Some(Error::InvalidKey));
            assert_eq!(DhPrivateKey::new(x9_42(engine), scalar).err(), Some(Error::InvalidKey));
        }
        assert_eq!(DhPrivateKey::new(x9_42(engine), &hex(GROUP[1])).err(), Some(Error::InvalidKey));
    });
}

/// A composite of two primes, a Carmichael number's like, and a prime that is larger than anybody should ask for.
#[test]
fn groups_that_are_none() {
    let [p, q, g] = GROUP.map(hex);
    let sophie = hex(AGREED[4]);
    let composite = [&sophie[..127], &[sophie[127] | 1]].concat();
    on_every_engine(|engine| {
        let dh = |p: &[u8], g: &[u8]| Group::with_engine(engine, GroupKind::Dh, p, None, g);
        assert_eq!(dh(&composite, &[2]).and_then(|group| group.validate()), Err(Error::InvalidKey));
        for bad in [&[][..], &[7], &[0xff; 63], &[0xff; 1025], &[0xff; 100_000], &[[0xff; 127].as_slice(), &[0xfe]].concat()] {
            assert_eq!(dh(bad, &[2]).err(), Some(Error::InvalidKey), "{} bytes", bad.len());
        }
        let x9_42 = |q: &[u8], g: &[u8]| Group::with_engine(engine, GroupKind::X942, &p, Some(q), g);
        assert_eq!(x9_42(&q, &[2]).and_then(|group| group.validate()), Err(Error::InvalidKey));
        for bad in [&[][..], &[1], &[3], &p, &q[1..]] {
            assert_eq!(x9_42(bad, &g).err(), Some(Error::InvalidKey));
        }
    });
}

#[test]
fn generated_keys_have_the_length_that_is_asked_for() {
    on_every_engine(|engine| {
        let generate = |bits| DhPrivateKey::generate(pkcs_3(engine), bits);
        for (asked, bits) in [(None, 1023), (Some(1023), 1023), (Some(225), 225), (Some(160), 160)] {
            assert_eq!(generate(asked).map(|key| key.bits()), Ok(bits));
        }
        for asked in [0, 1, 159, 1024, u64::MAX] {
            assert_eq!(generate(Some(asked)).err(), Some(Error::InvalidParameter), "{asked}");
        }
        let [a, b] = [(); 2].map(|()| DhPrivateKey::generate(x9_42(engine), None).expect("a key"));
        assert_eq!(exposed(a.agree(b.public().value())), exposed(b.agree(a.public().value())));
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// The engines agree on every secret.
    #[test]
    fn engines_agree(scalar in prop::collection::vec(any::<u8>(), 1..128), peer in prop::collection::vec(any::<u8>(), 1..128)) {
        let secrets: Vec<_> = Engine::ALL.iter().map(|engine| {
            DhPrivateKey::new(pkcs_3(*engine), &scalar).and_then(|key| exposed(key.agree(&peer)))
        }).collect();
        prop_assert!(secrets.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
