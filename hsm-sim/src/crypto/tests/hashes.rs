//! FIPS 180-4 and FIPS 198-1.

use super::{digest, filled, hex, on_every_engine};
use crate::crypto::{Digest, Engine, Hash, HmacKey};

/// NIST's example "abc" for each hash.
const ABC: [(Hash, &str); 5] = [
    (Hash::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (Hash::Sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
    (Hash::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        Hash::Sha384,
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed\
         8086072ba1e7cc2358baeca134c825a7",
    ),
    (
        Hash::Sha512,
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
         2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ),
];

fn hmac(engine: Engine, hash: Hash, key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut code = HmacKey::with_engine(engine, hash, key).start();
    code.update(data);
    filled(64, |out| Ok(code.finish(out))).expect("cannot fail")
}

#[test]
fn abc_hashes_to_nists_examples() {
    on_every_engine(|engine| {
        for (hash, expected) in ABC {
            assert_eq!(digest(engine, hash, b"abc"), hex(expected), "{hash:?}");
        }
    });
}

#[test]
fn a_copied_state_goes_its_own_way() {
    on_every_engine(|engine| {
        for (hash, expected) in ABC {
            let mut first = Digest::with_engine(engine, hash);
            first.update(b"a");
            let mut second = first.clone();
            first.update(b"something else, longer than a block of either size".repeat(9).as_slice());
            second.update(b"b");
            second.update(b"c");
            let second = filled(64, |out| Ok(second.finish(out))).expect("cannot fail");
            assert_eq!(second, hex(expected), "{hash:?}");
        }
    });
}

#[test]
fn a_short_buffer_takes_the_leading_bytes() {
    on_every_engine(|engine| {
        let mut digest = Digest::with_engine(engine, Hash::Sha256);
        digest.update(b"abc");
        let mut out = [0; 5];
        assert_eq!(digest.finish(&mut out), 5);
        assert_eq!(out.as_slice(), &hex(ABC[2].1)[..5]);
    });
}

/// RFC 4231, test case 2; RFC 2202 for SHA-1.
#[test]
fn hmac_with_a_short_key() {
    let expected = [
        (Hash::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (Hash::Sha224, "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"),
        (Hash::Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    ];
    on_every_engine(|engine| {
        for (hash, expected) in expected {
            let code = hmac(engine, hash, b"Jefe", b"what do ya want for nothing?");
            assert_eq!(code, hex(expected), "{hash:?}");
        }
    });
}

/// RFC 4231, test case 6: the key is longer than the block.
#[test]
fn hmac_with_a_long_key() {
    on_every_engine(|engine| {
        let code = hmac(engine, Hash::Sha256, &[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        let expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        assert_eq!(code, hex(expected));
    });
}
