//! SP 800-38A's modes, RFC 3394 and 5649 key wrap, and padding.

use std::sync::Arc;

use super::{filled, hex, on_every_engine};
use crate::crypto::{AesKey, Cbc, Ctr, Direction, Ecb, Engine, Error, unpad};

/// SP 800-38A, F.1 to F.5: key, and two blocks of plaintext.
const KEY: &str = "2b7e151628aed2a6abf7158809cf4f3c";
const TEXT: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";

fn key(engine: Engine, bytes: &str) -> Arc<AesKey> {
    Arc::new(AesKey::with_engine(engine, &hex(bytes)).expect("a valid length"))
}

fn block(text: &str) -> [u8; 16] {
    hex(text).try_into().expect("sixteen bytes")
}

#[test]
fn ecb_matches_sp_800_38a() {
    on_every_engine(|engine| {
        let expected = hex("3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf");
        let mut out = [0; 32];
        let mut ecb = Ecb::new(key(engine, KEY), Direction::Encrypt);
        ecb.process(&hex(TEXT), &mut out).expect("whole blocks");
        assert_eq!(out.as_slice(), expected);
        let mut ecb = Ecb::new(key(engine, KEY), Direction::Decrypt);
        ecb.process(&expected, &mut out).expect("whole blocks");
        assert_eq!(out.as_slice(), hex(TEXT));
    });
}

#[test]
fn cbc_matches_sp_800_38a_block_by_block() {
    on_every_engine(|engine| {
        let iv = block("000102030405060708090a0b0c0d0e0f");
        let expected = hex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2");
        for (direction, input, expected) in
            [(Direction::Encrypt, hex(TEXT), &expected), (Direction::Decrypt, expected.clone(), &hex(TEXT))]
        {
            let mut cbc = Cbc::new(key(engine, KEY), direction, &iv);
            let mut out = [0; 32];
            for (input, out) in input.chunks(16).zip(out.chunks_mut(16)) {
                cbc.process(input, out).expect("whole blocks");
            }
            assert_eq!(out.as_slice(), expected, "{direction:?}");
        }
    });
}

#[test]
fn ctr_matches_sp_800_38a_in_odd_pieces() {
    on_every_engine(|engine| {
        let counter = block("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
        let expected = hex("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
        let mut ctr = Ctr::new(key(engine, KEY), &counter, 128).expect("allowed");
        let mut out = [0; 32];
        for (input, out) in hex(TEXT).chunks(5).zip(out.chunks_mut(5)) {
            ctr.process(input, out).expect("far from the end");
        }
        assert_eq!(out.as_slice(), expected);
    });
}

/// The carry of an 8-bit counter stays in its byte: block 2 is the encryption of ff...ff00.
#[test]
fn ctr_wraps_inside_its_bits() {
    on_every_engine(|engine| {
        let mut ctr = Ctr::new(key(engine, KEY), &[0xff; 16], 8).expect("allowed");
        let mut stream = [0; 48];
        ctr.process(&[0; 48], &mut stream).expect("three of 256 blocks");
        let mut expected = [0; 48];
        let mut blocks = [0xff; 48];
        blocks[31] = 0;
        blocks[47] = 1;
        let mut ecb = Ecb::new(key(engine, KEY), Direction::Encrypt);
        ecb.process(&blocks, &mut expected).expect("whole blocks");
        assert_eq!(stream, expected);
    });
}

#[test]
fn ctr_stops_before_a_block_repeats() {
    on_every_engine(|engine| {
        let mut ctr = Ctr::new(key(engine, KEY), &[7; 16], 2).expect("allowed");
        let mut out = [0x55; 65];
        assert_eq!(ctr.process(&[0; 65], &mut out), Err(Error::InvalidLength));
        assert_eq!(out, [0x55; 65], "nothing was written");
        ctr.process(&[0; 64], &mut out).expect("four blocks");
        assert_eq!(ctr.process(&[0; 1], &mut out), Err(Error::InvalidLength));
    });
    for bits in [0, 129] {
        let outcome = Ctr::new(key(Engine::Portable, KEY), &[0; 16], bits).map(|_| ());
        assert_eq!(outcome, Err(Error::InvalidParameter));
    }
}

#[test]
fn broken_blocks_are_refused() {
    on_every_engine(|engine| {
        let mut out = [0; 32];
        let mut ecb = Ecb::new(key(engine, KEY), Direction::Encrypt);
        assert_eq!(ecb.process(&[0; 17], &mut out), Err(Error::InvalidLength));
        let mut cbc = Cbc::new(key(engine, KEY), Direction::Encrypt, &[0; 16]);
        assert_eq!(cbc.process(&[0; 48], &mut out), Err(Error::InvalidLength));
        assert_eq!(cbc.process(&[], &mut out), Ok(()));
    });
    let outcome = AesKey::new(&[0; 17]).map(|_| ());
    assert_eq!(outcome, Err(Error::InvalidKey));
}

/// RFC 3394, 4.1 and 4.6.
#[test]
fn key_wrap_matches_the_rfc() {
    let long_kek = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let data = "00112233445566778899aabbccddeeff";
    let long_data = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f";
    let cases = [
        ("000102030405060708090a0b0c0d0e0f", data, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"),
        (long_kek, long_data, "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"),
    ];
    on_every_engine(|engine| {
        for (kek, data, wrapped) in cases {
            let kek = key(engine, kek);
            let made = filled(48, |out| kek.kw_wrap(None, &hex(data), out));
            assert_eq!(made, Ok(hex(wrapped)));
            let found = filled(32, |out| kek.kw_unwrap(None, &hex(wrapped), out));
            assert_eq!(found, Ok(hex(data)));
            let wrong = filled(32, |out| kek.kw_unwrap(Some(&[1; 8]), &hex(wrapped), out));
            assert_eq!(wrong, Err(Error::Rejected));
        }
    });
}

/// RFC 5649, 6.
#[test]
fn padded_key_wrap_matches_the_rfc() {
    let cases = [
        ("c37b7e6492584340bed12207808941155068f738", "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a"),
        ("466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f"),
    ];
    on_every_engine(|engine| {
        let kek = key(engine, "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8");
        for (data, wrapped) in cases {
            let made = filled(32, |out| kek.kwp_wrap(None, &hex(data), out));
            assert_eq!(made, Ok(hex(wrapped)));
            let found = filled(24, |out| kek.kwp_unwrap(None, &hex(wrapped), out));
            assert_eq!(found, Ok(hex(data)));
            let wrong = filled(24, |out| kek.kwp_unwrap(Some(&[1; 4]), &hex(wrapped), out));
            assert_eq!(wrong, Err(Error::Rejected));
        }
    });
}

#[test]
fn unpadding_takes_pkcs7_and_nothing_else() {
    for pad in 1..=16u8 {
        let mut block = [0xee; 16];
        block[16 - usize::from(pad)..].fill(pad);
        assert_eq!(unpad(&block), Ok(16 - usize::from(pad)));
        if pad > 1 {
            block[16 - usize::from(pad)] ^= 1;
            assert_eq!(unpad(&block), Err(Error::Rejected));
        }
    }
    for last in [0, 17, 255] {
        assert_eq!(unpad(&[last; 16]), Err(Error::Rejected));
    }
}
