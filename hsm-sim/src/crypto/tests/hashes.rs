//! FIPS 180-4, FIPS 202, RFC 7693, RFC 1319, RFC 1321 and FIPS 198-1.

use super::{digest, filled, hex, on_every_engine};
use crate::crypto::{Digest, Engine, Hash, HmacKey};

/// "abc" for each hash: NIST's examples, RFC 1319's, RFC 1321's, RFC 7693's (appendix A) and, for the shorter BLAKE2b, Python's hashlib.
const ABC: [(Hash, &str); 17] = [
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
    (Hash::Md2, "da853b0d3f88d99b30283a69e6ded6bb"),
    (Hash::Md5, "900150983cd24fb0d6963f7d28e17f72"),
    (Hash::Sha512_224, "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa"),
    (Hash::Sha512_256, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"),
    (Hash::Sha3_224, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"),
    (Hash::Sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
    (
        Hash::Sha3_384,
        "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b2\
         98d88cea927ac7f539f1edf228376d25",
    ),
    (
        Hash::Sha3_512,
        "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e\
         10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
    ),
    (Hash::Blake2b160, "384264f676f39536840523f284921cdc68b6846b"),
    (Hash::Blake2b256, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"),
    (
        Hash::Blake2b384,
        "6f56a82c8e7ef526dfe182eb5212f7db9df1317e57815dbda46083fc30f54ee6\
         c66ba83be64b302d7cba6ce15bb556f4",
    ),
    (
        Hash::Blake2b512,
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1\
         7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    ),
];

fn hmac(engine: Engine, hash: Hash, key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut code = HmacKey::with_engine(engine, hash, key).start();
    code.update(data);
    filled(64, |out| Ok(code.finish(out))).expect("cannot fail")
}

#[test]
fn abc_hashes_to_the_published_examples() {
    assert!(Hash::ALL.iter().all(|hash| ABC.iter().any(|(known, _)| known == hash)));
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

/// RFC 4231, test case 2; RFC 2202 for MD5 and SHA-1; Python's hmac for BLAKE2b, of which nobody publishes values; NSS 3.x for MD2.
#[test]
fn hmac_with_a_short_key() {
    let expected = [
        (Hash::Md2, "076f10bf543369f815d3aa31c24ad53c"),
        (Hash::Md5, "750c783e6ab0b503eaa86e310a5db738"),
        (Hash::Blake2b160, "c4728ccc2f7600f89d9a480514910b9f5daf3dd6"),
        (Hash::Blake2b256, "3cf096eeeb2202a250db168c4823a44ef4618ebabb225789386fed316131e3a0"),
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
