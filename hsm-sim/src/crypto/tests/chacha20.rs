//! ChaCha20, Poly1305 and both together (RFC 8439, draft-irtf-cfrg-xchacha).

use super::{filled, hex, on_every_engine};
use crate::crypto::{ChaCha20, ChaCha20Poly1305, Error, poly1305};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const SUNSCREEN: &[u8] =
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen \
would be it.";

fn encrypted(nonce: &[u8], block: u64, text: &[u8], part: usize) -> Vec<u8> {
    let mut stream = ChaCha20::new(&hex(KEY), nonce, block).expect("allowed");
    let mut out = vec![0; text.len()];
    for (input, out) in text.chunks(part).zip(out.chunks_mut(part)) {
        stream.process(input, out).expect("far from the end");
    }
    out
}

/// RFC 8439, 2.4.2.
#[test]
fn chacha20_matches_the_rfc_in_odd_pieces() {
    let expected = hex("6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b
                        f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8
                        07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736
                        5af90bbf74a35be6b40b8eedf2785e42874d");
    for part in [1, 7, 64, 65, 200] {
        assert_eq!(encrypted(&hex("000000000000004a00000000"), 1, SUNSCREEN, part), expected);
    }
}

/// The original differs only in where the counter ends and the nonce begins: 32 bits of nonce that are 0 are counter too.
#[test]
fn chacha20_counts_in_64_bits_under_a_nonce_of_64() {
    let (short, long) = (hex("0000004a00000000"), hex("000000000000004a00000000"));
    assert_eq!(encrypted(&short, 1, SUNSCREEN, 64), encrypted(&long, 1, SUNSCREEN, 64));
    let after = encrypted(&short, 1 << 32, &[0; 64], 64);
    assert_eq!(after, encrypted(&hex("010000000000004a00000000"), 0, &[0; 64], 64));
}

#[test]
fn chacha20_stops_before_the_key_stream_repeats() {
    let mut stream = ChaCha20::new(&hex(KEY), &[0; 12], u64::from(u32::MAX) - 1).expect("the last block but one");
    let mut out = [0x55; 65];
    assert_eq!(stream.process(&[0; 65], &mut out), Err(Error::InvalidLength));
    assert_eq!(out, [0x55; 65], "nothing was written");
    assert_eq!(stream.process(&[0; 64], &mut out), Ok(()));
    assert_eq!(stream.process(&[0; 1], &mut out), Err(Error::InvalidLength));
    for bad in [0, 7, 11, 13, 16, 32] {
        assert_eq!(ChaCha20::new(&hex(KEY), &vec![0; bad], 0).map(|_| ()), Err(Error::InvalidParameter));
    }
    assert_eq!(ChaCha20::new(&hex(KEY), &[0; 12], 1 << 32).map(|_| ()), Err(Error::InvalidParameter));
    assert_eq!(ChaCha20::new(&[0; 31], &[0; 12], 0).map(|_| ()), Err(Error::InvalidKey));
}

/// RFC 8439, 2.5.2.
#[test]
fn poly1305_matches_the_rfc() {
    let key = hex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
    let tag = poly1305(&key, b"Cryptographic Forum Research Group").expect("32 bytes");
    assert_eq!(tag.as_slice(), hex("a8061dc1305136c6c22b8baf0c0127a9"));
    assert_eq!(poly1305(&[0; 31], b""), Err(Error::InvalidKey));
}

/// RFC 8439, 2.8.2, and draft-irtf-cfrg-xchacha-03, A.3.1.
#[test]
fn aead_matches_the_rfc_and_forgeries_are_refused() {
    let key = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    let aad = hex("50515253c0c1c2c3c4c5c6c7");
    let cases = [
        ("070000004041424344454647", "1ae10b594f09e26a7e902ecbd0600691"),
        ("404142434445464748494a4b4c4d4e4f5051525354555657", "c0875924c1c7987947deafd8780acf49"),
    ];
    on_every_engine(|engine| {
        for (nonce, tag) in cases {
            let nonce = hex(nonce);
            let key = ChaCha20Poly1305::with_engine(engine, &key, nonce.len()).expect("allowed");
            let sealed = filled(130, |out| key.seal(&nonce, &aad, SUNSCREEN, out)).expect("room");
            assert_eq!(sealed[114..], hex(tag));
            let opened = filled(114, |out| key.open(&nonce, &aad, &sealed, out));
            assert_eq!(opened.as_deref(), Ok(SUNSCREEN));
            for position in [0, 113, 114, 129] {
                let mut forged = sealed.clone();
                forged[position] ^= 0x40;
                let mut out = [0xee; 114];
                assert_eq!(key.open(&nonce, &aad, &forged, &mut out), Err(Error::Rejected));
                assert_eq!(out, [0; 114]);
            }
            assert_eq!(key.open(&nonce, &aad, &sealed[..15], &mut [0; 200]), Err(Error::InvalidLength));
            assert_eq!(key.seal(&nonce, &aad, SUNSCREEN, &mut [0; 129]), Err(Error::InvalidLength));
        }
        for (len, nonce_len, error) in [(31, 12, Error::InvalidKey), (32, 8, Error::InvalidParameter)] {
            let outcome = ChaCha20Poly1305::with_engine(engine, &vec![0; len], nonce_len).map(|_| ());
            assert_eq!(outcome, Err(error));
        }
    });
}
