//! AES in OFB, CFB, CTS, XTS and CBC-MAC; SP 800-38A and its addendum, RFC 3962, IEEE 1619.

use std::sync::Arc;

use super::{filled, hex, on_every_engine};
use crate::crypto::{AesKey, CbcMac, Direction, Engine, Error, Feedback, FeedbackMode, XtsKey};

/// SP 800-38A, F.3 and F.4: key, vector, and two blocks of plaintext.
const KEY: &str = "2b7e151628aed2a6abf7158809cf4f3c";
const IV: &str = "000102030405060708090a0b0c0d0e0f";
const TEXT: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";

fn key(engine: Engine, bytes: &str) -> Arc<AesKey> {
    Arc::new(AesKey::with_engine(engine, &hex(bytes)).expect("a valid length"))
}

fn block(text: &str) -> [u8; 16] {
    hex(text).try_into().expect("sixteen bytes")
}

/// F.4.1, F.3.13, and F.3.7 for its 18 bytes; the rest of CFB8 by `openssl enc -aes-128-cfb8`.
#[test]
fn feedback_matches_sp_800_38a_in_odd_pieces() {
    let cases = [
        (FeedbackMode::Output, "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825"),
        (FeedbackMode::Cipher8, "3b79424c9c0dd436bace9e0ed4586a4f32b9ded50ae3ba69d472e88267fb5052"),
        (FeedbackMode::Cipher128, "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"),
    ];
    on_every_engine(|engine| {
        for (mode, expected) in cases {
            for (direction, input, expected) in [(Direction::Encrypt, TEXT, expected), (Direction::Decrypt, expected, TEXT)] {
                for part in [1, 5, 16, 17, 32] {
                    let mut stream = Feedback::new(key(engine, KEY), mode, direction, &block(IV));
                    let mut out = [0; 32];
                    for (input, out) in hex(input).chunks(part).zip(out.chunks_mut(part)) {
                        stream.process(input, out).expect("room");
                    }
                    assert_eq!(out.as_slice(), hex(expected), "{mode:?} {direction:?} {part}");
                }
            }
        }
    });
}

/// RFC 3962, appendix B, has CBC-CS3; CS1 puts the last two pieces in the other order, and whole blocks as CBC does.
#[test]
fn stealing_matches_the_rfc() {
    let text = "4920776f756c64206c696b65207468652047656e6572616c20476175277320436869636b656e2c20706c656173652c";
    let cases = [
        (17, "c6353568f2bf8cb4d8a580362da7ff7f97"),
        (31, "fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5"),
        (32, "39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584"),
        (47, "97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e39312523a78662d5be7fcbcc98ebf5"),
    ];
    on_every_engine(|engine| {
        let key = key(engine, "636869636b656e207465726979616b69");
        for (len, cs3) in cases {
            let (text, cs3) = (&hex(text)[..len], hex(cs3));
            let (before, stolen) = ((len - 1) / 16 * 16 - 16, (len - 1) % 16 + 1);
            let cs1 = [&cs3[..before], &cs3[before + 16..], &cs3[before..before + 16]].concat();
            assert_eq!(cs1.len() - before - 16, stolen);
            let process = |direction, input: &[u8]| filled(len, |out| key.cts(direction, &[0; 16], input, out).map(|()| len));
            assert_eq!(process(Direction::Encrypt, text), Ok(cs1.clone()), "{len}");
            assert_eq!(process(Direction::Decrypt, &cs1), Ok(text.to_vec()), "{len}");
        }
        let short = key.cts(Direction::Encrypt, &[0; 16], &[0; 15], &mut [0; 15]);
        assert_eq!(short, Err(Error::InvalidLength));
    });
}

/// One block is the bare cipher, two are CBC's last block (SP 800-38A, F.2.1), and what lacks is zeros.
#[test]
fn cbc_mac_is_the_last_block_of_cbc() {
    on_every_engine(|engine| {
        let mac = |parts: &[&[u8]]| {
            let mut mac = CbcMac::new(key(engine, KEY));
            parts.iter().for_each(|part| mac.update(part).expect("any length"));
            mac.finish().expect("any length")
        };
        let text = hex(TEXT);
        assert_eq!(mac(&[&text[..16]]), block("3ad77bb40d7a3660a89ecaf32466ef97"));
        let mut first = block("3ad77bb40d7a3660a89ecaf32466ef97");
        first.iter_mut().zip(&text[16..]).for_each(|(byte, text)| *byte ^= text);
        let both = mac(&[&first]);
        assert_eq!(mac(&[&text]), both);
        assert_eq!(mac(&[&text[..1], &text[1..20], &[], &text[20..]]), both);
        assert_eq!(mac(&[&text[..5]]), mac(&[&text[..5], &[0; 11]]));
    });
}

/// IEEE 1619, appendix B: vectors 1 (which has equal halves, refused here), 2 and 15.
#[test]
fn xts_matches_the_standard() {
    assert_eq!(XtsKey::new(&[0; 32]).map(|_| ()), Err(Error::InvalidKey));
    let cases = [
        (
            "1111111111111111111111111111111122222222222222222222222222222222",
            "33333333330000000000000000000000",
            "44".repeat(32),
            "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0",
        ),
        (
            "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0",
            "9a785634120000000000000000000000",
            "000102030405060708090a0b0c0d0e0f10".to_owned(),
            "6c1625db4671522d3d7599601de7ca09ed",
        ),
    ];
    for (key, tweak, text, expected) in cases {
        let key = XtsKey::new(&hex(key)).expect("two keys");
        assert_eq!(key.len(), 32);
        let (text, expected) = (hex(&text), hex(expected));
        let process = |direction, input: &[u8]| {
            filled(input.len(), |out| key.process(direction, &block(tweak), input, out).map(|()| input.len()))
        };
        assert_eq!(process(Direction::Encrypt, &text), Ok(expected.clone()));
        assert_eq!(process(Direction::Decrypt, &expected), Ok(text));
        assert_eq!(process(Direction::Encrypt, &[0; 15]), Err(Error::InvalidLength));
    }
    for len in [0, 16, 31, 33, 48, 65] {
        assert_eq!(XtsKey::new(&vec![1; len]).map(|_| ()), Err(Error::InvalidKey));
    }
}

/// SP 800-38C, C.4: 65536 bytes of additional data, whose length takes the longer encoding; and what is not allowed.
#[test]
fn ccm_matches_sp_800_38c() {
    let aad: Vec<u8> = (0..=255).cycle().take(65536).collect();
    let (nonce, text): (Vec<u8>, Vec<u8>) = ((0x10..=0x1c).collect(), (0x20..=0x3f).collect());
    let expected = hex("69915dad1e84c6376a68c2967e4dab615ae0fd1faec44cc484828529463ccf72b4ac6bec93e8598e7f0dadbcea5b");
    on_every_engine(|engine| {
        let key = key(engine, "404142434445464748494a4b4c4d4e4f");
        let sealed = filled(46, |out| key.ccm_seal(&nonce, &aad, 14, &text, out));
        assert_eq!(sealed.as_ref(), Ok(&expected));
        let mut forged = expected.clone();
        forged[45] ^= 1;
        let mut out = [0xee; 32];
        assert_eq!(key.ccm_open(&nonce, &aad, 14, &forged, &mut out), Err(Error::Rejected));
        assert_eq!(out, [0; 32]);
        for (nonce_len, tag_len) in [(6, 16), (14, 16), (12, 2), (12, 5), (12, 18)] {
            let outcome = key.ccm_seal(&vec![1; nonce_len], b"", tag_len, b"text", &mut [0; 64]);
            assert_eq!(outcome, Err(Error::InvalidParameter), "{nonce_len} {tag_len}");
        }
        // Thirteen bytes of nonce leave two for the length.
        assert_eq!(key.ccm_seal(&[1; 13], b"", 16, &[0; 65536], &mut [0; 65552]), Err(Error::InvalidLength));
        assert_eq!(key.ccm_seal(&[1; 13], b"", 16, &[0; 65535], &mut [0; 65552]), Ok(65551));
        assert_eq!(key.ccm_open(&[1; 13], b"", 16, &[0; 15], &mut [0; 16]), Err(Error::InvalidLength));
    });
}
