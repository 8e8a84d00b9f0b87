//! The same random input to every engine, and to code by others: all must agree.

use std::sync::Arc;

use aes_kw::{KeyInit, KwAes128, KwAes192, KwAes256, KwpAes128, KwpAes192, KwpAes256};
use blake2::digest::consts::{U20, U48};
use hmac::{Mac, SimpleHmac};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{digest, filled};
use crate::crypto::{
    AesKey, Cbc, CbcMac, ChaCha20Poly1305, Ctr, Curve, Direction, EcPrivateKey, Ecb, EdPrivateKey, EdVariant, Engine, Error,
    Feedback, FeedbackMode, Hash, HmacKey, Result,
};

/// Runs `compute` on every engine; all outcomes must be equal, and that one is returned.
#[track_caller]
fn agreed<T: PartialEq + std::fmt::Debug>(compute: impl Fn(Engine) -> T) -> T {
    let first = compute(Engine::ALL[0]);
    for engine in &Engine::ALL[1..] {
        assert_eq!(compute(*engine), first, "{engine:?}");
    }
    first
}

fn keys() -> impl Strategy<Value = Vec<u8>> {
    select(vec![16, 24, 32]).prop_flat_map(|len| vec(any::<u8>(), len))
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=most)
}

fn whole_blocks() -> impl Strategy<Value = Vec<u8>> {
    (0usize..40).prop_flat_map(|blocks| vec(any::<u8>(), 16 * blocks))
}

fn hashes() -> impl Strategy<Value = Hash> {
    select(Hash::ALL.to_vec())
}

fn aes(engine: Engine, key: &[u8]) -> Arc<AesKey> {
    Arc::new(AesKey::with_engine(engine, key).expect("a valid length"))
}

/// Feeds `input` to `process` in parts of the given length.
fn in_parts(part: usize, input: &[u8], mut process: impl FnMut(&[u8], &mut [u8]) -> Result<()>) -> Result<Vec<u8>> {
    let mut output = vec![0; input.len()];
    for (input, output) in input.chunks(part).zip(output.chunks_mut(part)) {
        process(input, output)?;
    }
    Ok(output)
}

proptest! {
    #[test]
    fn digests(hash in hashes(), data in bytes(1000), cut in 0usize..1000) {
        agreed(|engine| digest(engine, hash, &data));
        agreed(|engine| {
            let (head, tail) = data.split_at(cut.min(data.len()));
            let mut digest = crate::crypto::Digest::with_engine(engine, hash);
            digest.update(head);
            digest.clone().update(b"lost");
            digest.update(tail);
            filled(64, |out| Ok(digest.finish(out)))
        }).expect("cannot fail");
    }

    #[test]
    fn hmacs(hash in hashes(), key in bytes(200), data in bytes(500)) {
        let code = agreed(|engine| {
            let mut code = HmacKey::with_engine(engine, hash, &key).start();
            code.update(&data);
            filled(64, |out| Ok(code.finish(out))).expect("cannot fail")
        });
        prop_assert_eq!(code, other_hmac(hash, &key, &data));
    }

    #[test]
    fn gcm(
        key in keys(),
        iv in vec(any::<u8>(), 1..=200),
        common in any::<bool>(),
        aad in bytes(100),
        text in bytes(1000),
        tag_len in select(vec![4usize, 8, 12, 13, 14, 15, 16]),
        part in 1usize..100,
    ) {
        let iv = if common { [iv.as_slice(), &[0; 12]].concat()[..12].to_vec() } else { iv };
        let room = text.len() + tag_len;
        let sealed = agreed(|engine| {
            filled(room, |out| aes(engine, &key).gcm_seal(&iv, &aad, tag_len, &text, out))
        }).expect("allowed");
        let found = agreed(|engine| {
            filled(text.len(), |out| aes(engine, &key).gcm_open(&iv, &aad, tag_len, &sealed, out))
        });
        prop_assert_eq!(found.as_ref(), Ok(&text));
        let in_parts = agreed(|engine| {
            let mut stream = aes(engine, &key).gcm_encryptor(&iv, &aad, tag_len)?;
            let mut made = in_parts(part, &text, |input, out| stream.update(input, out).map(drop))?;
            made.extend(filled(tag_len, |out| stream.finish(out))?);
            Ok::<_, Error>(made)
        });
        prop_assert_eq!(in_parts, Ok(sealed));
    }

    #[test]
    fn blocks(key in keys(), iv in any::<[u8; 16]>(), text in whole_blocks(), part in 1usize..10) {
        for direction in [Direction::Encrypt, Direction::Decrypt] {
            agreed(|engine| {
                let mut ecb = Ecb::new(aes(engine, &key), direction);
                in_parts(16 * part, &text, |input, out| ecb.process(input, out))
            }).expect("whole blocks");
            agreed(|engine| {
                let mut cbc = Cbc::new(aes(engine, &key), direction, &iv);
                in_parts(16 * part, &text, |input, out| cbc.process(input, out))
            }).expect("whole blocks");
        }
    }

    #[test]
    fn counters(
        key in keys(),
        prefix in any::<[u8; 16]>(),
        before_end in 0u128..40,
        bits in 1u32..=128,
        text in bytes(1000),
        part in 1usize..100,
    ) {
        let mask = u128::MAX >> (128 - bits);
        let counter = (u128::from_be_bytes(prefix) & !mask) | mask.saturating_sub(before_end);
        let found = agreed(|engine| {
            let mut ctr = Ctr::new(aes(engine, &key), &counter.to_be_bytes(), bits)?;
            in_parts(part, &text, |input, out| ctr.process(input, out))
        });
        let blocks = text.len().div_ceil(16) as u128;
        prop_assert_eq!(found.is_ok(), blocks <= mask.saturating_add(1));
        if let Ok(found) = found {
            prop_assert_eq!(found, one_block_at_a_time(&key, counter, mask, &text));
        }
    }

    #[test]
    fn other_modes(key in keys(), iv in any::<[u8; 16]>(), text in bytes(200), part in 1usize..40) {
        for mode in [FeedbackMode::Output, FeedbackMode::Cipher8, FeedbackMode::Cipher128] {
            let run = |engine, direction, input: &[u8]| {
                let mut stream = Feedback::new(aes(engine, &key), mode, direction, &iv);
                in_parts(part, input, |input, out| stream.process(input, out))
            };
            let made = agreed(|engine| run(engine, Direction::Encrypt, &text)).expect("room");
            let found = agreed(|engine| run(engine, Direction::Decrypt, &made));
            prop_assert_eq!(found.as_ref(), Ok(&text));
        }
        let run = |engine, direction, input: &[u8]| {
            filled(input.len(), |out| aes(engine, &key).cts(direction, &iv, input, out).map(|()| input.len()))
        };
        let made = agreed(|engine| run(engine, Direction::Encrypt, &text));
        prop_assert_eq!(made.is_ok(), text.len() >= 16);
        if let Ok(made) = made {
            let found = agreed(|engine| run(engine, Direction::Decrypt, &made));
            prop_assert_eq!(found.as_ref(), Ok(&text));
        }
        agreed(|engine| {
            let mut mac = CbcMac::new(aes(engine, &key));
            text.chunks(part).try_for_each(|part| mac.update(part))?;
            mac.finish()
        }).expect("any length");
    }

    #[test]
    fn ccm(
        key in keys(),
        nonce in vec(any::<u8>(), 7..=13),
        aad in bytes(70_000),
        text in bytes(300),
        tag_len in select(vec![4usize, 6, 8, 10, 12, 14, 16]),
    ) {
        let room = text.len() + tag_len;
        let sealed = agreed(|engine| filled(room, |out| aes(engine, &key).ccm_seal(&nonce, &aad, tag_len, &text, out)));
        let sealed = sealed.expect("allowed");
        let open = |sealed: &[u8]| {
            agreed(|engine| filled(text.len(), |out| aes(engine, &key).ccm_open(&nonce, &aad, tag_len, sealed, out)))
        };
        let found = open(&sealed);
        prop_assert_eq!(found.as_ref(), Ok(&text));
        let mut forged = sealed;
        forged[0] ^= 1;
        prop_assert_eq!(open(&forged), Err(Error::Rejected));
    }

    #[test]
    fn chacha20_poly1305(
        key in any::<[u8; 32]>(),
        nonce in any::<[u8; 24]>(),
        long in any::<bool>(),
        aad in bytes(100),
        text in bytes(1000),
    ) {
        let nonce = if long { &nonce[..] } else { &nonce[..12] };
        let made = |engine| ChaCha20Poly1305::with_engine(engine, &key, nonce.len()).expect("allowed");
        let sealed = agreed(|engine| filled(text.len() + 16, |out| made(engine).seal(nonce, &aad, &text, out)));
        let sealed = sealed.expect("allowed");
        let found = agreed(|engine| filled(text.len(), |out| made(engine).open(nonce, &aad, &sealed, out)));
        prop_assert_eq!(found.as_ref(), Ok(&text));
    }

    #[test]
    fn key_wraps(
        key in keys(),
        data in vec(any::<u8>(), 1..=80),
        kw_iv in any::<Option<[u8; 8]>>(),
        kwp_iv in any::<Option<[u8; 4]>>(),
    ) {
        let wrapped = agreed(|engine| {
            filled(96, |out| aes(engine, &key).kwp_wrap(kwp_iv.as_ref(), &data, out))
        }).expect("allowed");
        let found = agreed(|engine| {
            filled(88, |out| aes(engine, &key).kwp_unwrap(kwp_iv.as_ref(), &wrapped, out))
        });
        prop_assert_eq!(found.as_ref(), Ok(&data));
        if kwp_iv.is_none() {
            prop_assert_eq!(wrapped, other_kwp(&key, &data));
        }
        let data = [data.as_slice(), &[0; 16]].concat();
        let data = &data[..data.len() / 8 * 8];
        let wrapped = agreed(|engine| {
            filled(104, |out| aes(engine, &key).kw_wrap(kw_iv.as_ref(), data, out))
        }).expect("allowed");
        let found = agreed(|engine| {
            filled(96, |out| aes(engine, &key).kw_unwrap(kw_iv.as_ref(), &wrapped, out))
        });
        prop_assert_eq!(found.as_deref(), Ok(data));
        if kw_iv.is_none() {
            prop_assert_eq!(wrapped, other_kw(&key, data));
        }
    }

    #[test]
    fn ed25519(seed in any::<[u8; 32]>(), message in bytes(200), context in vec(any::<u8>(), 1..=255)) {
        let variants = [
            EdVariant::Pure,
            EdVariant::Context(&context),
            EdVariant::Prehashed(&context),
            EdVariant::Prehashed(b""),
        ];
        for variant in variants {
            let (public, signature) = agreed(|engine| {
                let key = EdPrivateKey::with_engine(engine, &seed).expect("32 bytes");
                let signature = filled(64, |out| key.sign(variant, &message, out)).expect("room");
                (*key.public().bytes(), signature)
            });
            let key = crate::crypto::EdPublicKey::new(&public).expect("a point");
            prop_assert_eq!(key.verify(variant, &message, &signature), Ok(()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn ecdsa(
        curve in select(Curve::ALL.into_iter().filter(|curve| Engine::ALL.iter().all(|engine| engine.has(*curve))).collect::<Vec<_>>()),
        scalar in vec(any::<u8>(), 1..28),
        digest in vec(any::<u8>(), 1..=80),
    ) {
        prop_assume!(scalar.iter().any(|byte| *byte != 0));
        let key = |engine| EcPrivateKey::with_engine(engine, curve, &scalar).expect("below the order");
        agreed(|engine| key(engine).public().point().to_vec());
        for signer in Engine::ALL {
            let signature = filled(132, |out| key(*signer).sign(&digest, out)).expect("room");
            let outcome = agreed(|engine| key(engine).public().verify(&digest, &signature));
            prop_assert_eq!(outcome, Ok(()));
            let other = [digest.as_slice(), &[1]].concat();
            let outcome = agreed(|engine| key(engine).public().verify(&other, &signature));
            // A digest longer than the order is cut, so that the byte at its end does not count.
            prop_assert_eq!(outcome.is_ok(), digest.len() >= curve.field_len());
        }
    }
}

/// Counter mode by the book: each block's counter computed on its own.
fn one_block_at_a_time(key: &[u8], counter: u128, mask: u128, text: &[u8]) -> Vec<u8> {
    let mut ecb = Ecb::new(aes(Engine::Portable, key), Direction::Encrypt);
    let mut output = Vec::new();
    for (index, block) in (0u128..).zip(text.chunks(16)) {
        let counter = (counter & !mask) | (counter.wrapping_add(index) & mask);
        let mut stream = [0; 16];
        ecb.process(&counter.to_be_bytes(), &mut stream).expect("a block");
        output.extend(block.iter().zip(stream).map(|(byte, mask)| byte ^ mask));
    }
    output
}

/// HMAC with MD2 as NSS has it, in the words of RFC 2104: the crate would pad the key to MD2's own 16 bytes.
fn padded_to_64(key: &[u8], data: &[u8]) -> Vec<u8> {
    use md2::{Digest, Md2};
    let mut block = if key.len() > 64 { Md2::digest(key).to_vec() } else { key.to_vec() };
    block.resize(64, 0);
    let pad = |mask: u8| block.iter().map(|byte| byte ^ mask).collect::<Vec<_>>();
    let inner = Md2::digest([&pad(0x36), data].concat());
    Md2::digest([&pad(0x5c)[..], &inner].concat()).to_vec()
}

fn other_hmac(hash: Hash, key: &[u8], data: &[u8]) -> Vec<u8> {
    fn run<M: Mac + hmac::KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
        let mut mac = <M as hmac::KeyInit>::new_from_slice(key).expect("any length");
        mac.update(data);
        mac.finalize().into_bytes().to_vec()
    }
    match hash {
        Hash::Md2 => padded_to_64(key, data),
        Hash::Md5 => run::<SimpleHmac<md5::Md5>>(key, data),
        Hash::Sha1 => run::<SimpleHmac<sha1::Sha1>>(key, data),
        Hash::Sha224 => run::<SimpleHmac<sha2::Sha224>>(key, data),
        Hash::Sha256 => run::<SimpleHmac<sha2::Sha256>>(key, data),
        Hash::Sha384 => run::<SimpleHmac<sha2::Sha384>>(key, data),
        Hash::Sha512 => run::<SimpleHmac<sha2::Sha512>>(key, data),
        Hash::Sha512_224 => run::<SimpleHmac<sha2::Sha512_224>>(key, data),
        Hash::Sha512_256 => run::<SimpleHmac<sha2::Sha512_256>>(key, data),
        Hash::Sha3_224 => run::<SimpleHmac<sha3::Sha3_224>>(key, data),
        Hash::Sha3_256 => run::<SimpleHmac<sha3::Sha3_256>>(key, data),
        Hash::Sha3_384 => run::<SimpleHmac<sha3::Sha3_384>>(key, data),
        Hash::Sha3_512 => run::<SimpleHmac<sha3::Sha3_512>>(key, data),
        Hash::Blake2b160 => run::<SimpleHmac<blake2::Blake2b<U20>>>(key, data),
        Hash::Blake2b256 => run::<SimpleHmac<blake2::Blake2b256>>(key, data),
        Hash::Blake2b384 => run::<SimpleHmac<blake2::Blake2b<U48>>>(key, data),
        Hash::Blake2b512 => run::<SimpleHmac<blake2::Blake2b512>>(key, data),
    }
}

fn other_kw(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut out = vec![0; data.len() + 8];
    let wrapped = match key.len() {
        16 => KwAes128::new_from_slice(key).expect("16").wrap_key(data, &mut out).map(<[u8]>::to_vec),
        24 => KwAes192::new_from_slice(key).expect("24").wrap_key(data, &mut out).map(<[u8]>::to_vec),
        _ => KwAes256::new_from_slice(key).expect("32").wrap_key(data, &mut out).map(<[u8]>::to_vec),
    };
    wrapped.expect("whole half blocks")
}

fn other_kwp(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut out = vec![0; data.len().next_multiple_of(8) + 8];
    let wrapped = match key.len() {
        16 => KwpAes128::new_from_slice(key).expect("16").wrap_key(data, &mut out).map(<[u8]>::to_vec),
        24 => KwpAes192::new_from_slice(key).expect("24").wrap_key(data, &mut out).map(<[u8]>::to_vec),
        _ => KwpAes256::new_from_slice(key).expect("32").wrap_key(data, &mut out).map(<[u8]>::to_vec),
    };
    wrapped.expect("not empty")
}
