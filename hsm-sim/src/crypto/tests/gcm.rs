//! SP 800-38D.

use std::sync::Arc;

use super::{filled, hex, on_every_engine};
use crate::crypto::{AesKey, Engine, Error};

/// McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 4 and 5: 12 and 8 bytes of nonce.
const KEY: &str = "feffe9928665731c6d6a8f9467308308";
const AAD: &str = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
const TEXT: &str = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
                    1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
const CASES: [(&str, &str); 2] = [
    (
        "cafebabefacedbaddecaf888",
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
         21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091
         5bc94fbc3221a5db94fae95ae7121a47",
    ),
    (
        "cafebabefacedbad",
        "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c7423
         73806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598
         3612d2e79e3b0785561be14aaca2fccb",
    ),
];

fn key(engine: Engine) -> Arc<AesKey> {
    Arc::new(AesKey::with_engine(engine, &hex(KEY)).expect("sixteen bytes"))
}

#[test]
fn seals_and_opens_the_published_cases() {
    on_every_engine(|engine| {
        let key = key(engine);
        for (iv, sealed) in CASES {
            let (iv, aad, text, sealed) = (hex(iv), hex(AAD), hex(TEXT), hex(sealed));
            let made = filled(76, |out| key.gcm_seal(&iv, &aad, 16, &text, out));
            assert_eq!(made.as_ref(), Ok(&sealed));
            let found = filled(60, |out| key.gcm_open(&iv, &aad, 16, &sealed, out));
            assert_eq!(found, Ok(text));
        }
    });
}

#[test]
fn a_short_tag_is_the_long_one_cut() {
    on_every_engine(|engine| {
        let key = key(engine);
        for (iv, sealed) in CASES {
            let (iv, aad, text, sealed) = (hex(iv), hex(AAD), hex(TEXT), hex(sealed));
            for tag_len in [4, 8, 12, 13, 14, 15] {
                let cut = &sealed[..60 + tag_len];
                let made = filled(76, |out| key.gcm_seal(&iv, &aad, tag_len, &text, out));
                assert_eq!(made.as_deref(), Ok(cut));
                let found = filled(60, |out| key.gcm_open(&iv, &aad, tag_len, cut, out));
                assert_eq!(found.as_ref(), Ok(&text));
            }
        }
    });
}

#[test]
fn sealing_in_parts_gives_the_same() {
    on_every_engine(|engine| {
        for (iv, sealed) in CASES {
            for part in [1, 7, 16, 17, 60] {
                let mut stream = key(engine).gcm_encryptor(&hex(iv), &hex(AAD), 16).expect("allowed");
                let mut out = Vec::new();
                for part in hex(TEXT).chunks(part) {
                    out.extend(filled(part.len(), |out| stream.update(part, out)).expect("room"));
                }
                out.extend(filled(16, |out| stream.finish(out)).expect("room"));
                assert_eq!(out, hex(sealed));
            }
        }
    });
}

/// A forged message is refused, whatever was changed, and no plaintext stays behind.
#[test]
fn nothing_forged_opens() {
    on_every_engine(|engine| {
        let key = key(engine);
        let (iv, sealed) = (hex(CASES[0].0), hex(CASES[0].1));
        for tag_len in [4, 12, 16] {
            for position in 0..60 + tag_len {
                let mut forged = sealed[..60 + tag_len].to_vec();
                forged[position] ^= 0x40;
                let mut out = [0xee; 60];
                let outcome = key.gcm_open(&iv, &hex(AAD), tag_len, &forged, &mut out);
                assert_eq!(outcome, Err(Error::Rejected));
                assert_eq!(out, [0; 60]);
            }
        }
        let outcome = filled(60, |out| key.gcm_open(&iv, b"", 16, &sealed, out));
        assert_eq!(outcome, Err(Error::Rejected));
    });
}

#[test]
fn parameters_are_checked() {
    on_every_engine(|engine| {
        let key = key(engine);
        let mut out = [0; 64];
        for tag_len in [0, 1, 5, 11, 17] {
            let outcome = key.gcm_seal(&[1; 12], b"", tag_len, b"text", &mut out);
            assert_eq!(outcome, Err(Error::InvalidParameter), "{tag_len}");
        }
        let outcome = key.gcm_seal(b"", b"", 16, b"text", &mut out);
        assert_eq!(outcome, Err(Error::InvalidParameter));
        let outcome = key.gcm_seal(&[1; 12], b"", 16, &[0; 49], &mut out);
        assert_eq!(outcome, Err(Error::InvalidLength));
        let outcome = key.gcm_open(&[1; 12], b"", 16, &[0; 15], &mut out);
        assert_eq!(outcome, Err(Error::InvalidLength));
    });
}

/// Long enough for the engines' widest loops. Counters that wrap are among Wycheproof's cases.
#[test]
fn a_long_message_survives() {
    on_every_engine(|engine| {
        let key = key(engine);
        let text = vec![0x5a; 100_000];
        for iv in [&[1u8; 12][..], &[2; 16], &[3; 1], &[4; 300]] {
            let sealed = filled(100_016, |out| key.gcm_seal(iv, b"", 16, &text, out)).expect("room");
            let found = filled(100_000, |out| key.gcm_open(iv, b"", 16, &sealed, out));
            assert_eq!(found.as_ref(), Ok(&text));
        }
    });
}
