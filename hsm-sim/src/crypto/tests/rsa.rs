//! RSA keys and paddings.

use std::sync::LazyLock;

use super::{filled, on_every_engine};
use crate::crypto::{Engine, Error, Hash, Oaep, OwnedRsaParts, Pss, RsaParts, RsaPrivateKey, RsaPublicKey};

/// One key for all tests of this file.
static PARTS: LazyLock<OwnedRsaParts> = LazyLock::new(|| RsaPrivateKey::generate(1030, &[1, 0, 1]).expect("randomness").parts());

/// 1030 bits: the first byte of the modulus has six, so that bits and bytes cannot be mixed up.
const LEN: usize = 129;

pub(super) fn borrowed(parts: &OwnedRsaParts) -> RsaParts<'_> {
    RsaParts {
        n: &parts.n,
        e: Some(&parts.e),
        d: parts.d.expose(),
        p: Some(parts.p.expose()),
        q: Some(parts.q.expose()),
        dp: Some(parts.dp.expose()),
        dq: Some(parts.dq.expose()),
        qinv: Some(parts.qinv.expose()),
    }
}

fn keys(engine: Engine) -> (RsaPrivateKey, RsaPublicKey) {
    let private = RsaPrivateKey::with_engine(engine, borrowed(&PARTS)).expect("consistent");
    let public = RsaPublicKey::with_engine(engine, &PARTS.n, &PARTS.e).expect("valid");
    (private, public)
}

#[test]
fn signatures_verify_and_others_do_not() {
    let message = [0x11; 20];
    let pss = Pss { hash: Hash::Sha1, mgf: Hash::Sha512, salt_len: 13 };
    on_every_engine(|engine| {
        let (private, public) = keys(engine);
        let mut by_pkcs1 = filled(LEN, |out| private.sign_pkcs1(Some(Hash::Sha1), &message, out)).expect("room");
        let mut by_pss = filled(LEN, |out| private.sign_pss(&pss, &message, out)).expect("room");
        let pkcs1 = |signature: &[u8]| public.verify_pkcs1(Some(Hash::Sha1), &message, signature);
        let pss = |signature: &[u8]| public.verify_pss(&pss, &message, signature);
        assert_eq!(pkcs1(&by_pkcs1), Ok(()));
        assert_eq!(pss(&by_pss), Ok(()));
        assert_eq!(pkcs1(&by_pss), Err(Error::Rejected));
        assert_eq!(pss(&by_pkcs1), Err(Error::Rejected));
        by_pkcs1[60] ^= 1;
        by_pss[60] ^= 1;
        assert_eq!(pkcs1(&by_pkcs1), Err(Error::Rejected));
        assert_eq!(pss(&by_pss), Err(Error::Rejected));
        assert_eq!(pss(&by_pss[1..]), Err(Error::InvalidLength));
        assert_eq!(pss(&[0xff; LEN]), Err(Error::Rejected));
    });
}

#[test]
fn payloads_without_a_hash_are_signed_as_they_are() {
    on_every_engine(|engine| {
        let (private, public) = keys(engine);
        for len in [0, 1, LEN - 11] {
            let payload = vec![0x42; len];
            let signature = filled(LEN, |out| private.sign_pkcs1(None, &payload, out)).expect("room");
            assert_eq!(public.verify_pkcs1(None, &payload, &signature), Ok(()));
        }
        let outcome = filled(LEN, |out| private.sign_pkcs1(None, &[0; LEN - 10], out));
        assert_eq!(outcome, Err(Error::InvalidLength));
        let outcome = filled(LEN, |out| private.sign_pkcs1(Some(Hash::Sha256), &[0; 31], out));
        assert_eq!(outcome, Err(Error::InvalidLength));
    });
}

#[test]
fn salts_of_any_length_that_fits() {
    on_every_engine(|engine| {
        let (private, public) = keys(engine);
        let longest = LEN - 32 - 2;
        for salt_len in [0, 1, 32, longest] {
            let pss = Pss { hash: Hash::Sha256, mgf: Hash::Sha256, salt_len };
            let signature = filled(LEN, |out| private.sign_pss(&pss, &[7; 32], out)).expect("it fits");
            assert_eq!(public.verify_pss(&pss, &[7; 32], &signature), Ok(()));
            let other = Pss { salt_len: salt_len.abs_diff(1), ..pss };
            let outcome = public.verify_pss(&other, &[7; 32], &signature);
            assert_eq!(outcome, Err(Error::Rejected));
        }
        let pss = Pss { hash: Hash::Sha256, mgf: Hash::Sha256, salt_len: longest + 1 };
        let outcome = filled(LEN, |out| private.sign_pss(&pss, &[7; 32], out));
        assert_eq!(outcome, Err(Error::InvalidParameter));
    });
}

#[test]
fn messages_of_any_length_that_fits_come_back() {
    let oaep = Oaep { hash: Hash::Sha1, mgf: Hash::Sha256, label: b"label" };
    on_every_engine(|engine| {
        let (private, public) = keys(engine);
        for len in [0, 1, LEN - 42] {
            let message = vec![0; len];
            let sent = filled(LEN, |out| public.encrypt_oaep(&oaep, &message, out)).expect("fits");
            let found = filled(LEN, |out| private.decrypt_oaep(&oaep, &sent, out));
            assert_eq!(found.as_ref(), Ok(&message));
            let other = Oaep { label: b"", ..oaep };
            let found = filled(LEN, |out| private.decrypt_oaep(&other, &sent, out));
            assert_eq!(found, Err(Error::Rejected));
        }
        for len in [0, 1, LEN - 11] {
            let message = vec![0; len];
            let sent = filled(LEN, |out| public.encrypt_pkcs1(&message, out)).expect("it fits");
            let found = filled(LEN, |out| private.decrypt_pkcs1(&sent, out));
            assert_eq!(found.as_ref(), Ok(&message));
        }
        let outcome = filled(LEN, |out| public.encrypt_oaep(&oaep, &[0; LEN - 41], out));
        assert_eq!(outcome, Err(Error::InvalidLength));
        let outcome = filled(LEN, |out| public.encrypt_pkcs1(&[0; LEN - 10], out));
        assert_eq!(outcome, Err(Error::InvalidLength));
    });
}

/// AWS-LC refuses these numbers; CKM_RSA_X_509 may not.
#[test]
fn fixed_points_are_numbers_like_others() {
    let mut last = PARTS.n.to_vec();
    last[LEN - 1] ^= 1;
    on_every_engine(|engine| {
        let (private, public) = keys(engine);
        for number in [&[][..], &[0], &[1], &last] {
            let padded = [vec![0; LEN - number.len()], number.to_vec()].concat();
            assert_eq!(filled(LEN, |out| private.raw(number, out)).as_ref(), Ok(&padded));
            assert_eq!(filled(LEN, |out| public.raw(number, out)).as_ref(), Ok(&padded));
        }
        let outcome = filled(LEN, |out| private.raw(&PARTS.n, out));
        assert_eq!(outcome, Err(Error::InvalidParameter));
        let outcome = filled(LEN, |out| public.raw(&[0; LEN + 1], out));
        assert_eq!(outcome, Err(Error::InvalidLength));
    });
}

#[test]
fn absent_parts_are_recovered() {
    let whole = borrowed(&PARTS);
    let no_primes = RsaParts { p: None, q: None, dp: None, dq: None, qinv: None, ..whole };
    let incomplete = [RsaParts { e: None, ..whole }, no_primes, RsaParts { e: None, ..no_primes }];
    on_every_engine(|engine| {
        for parts in incomplete {
            let key = RsaPrivateKey::with_engine(engine, parts).expect("recoverable");
            let found = key.parts();
            assert_eq!(found.e, PARTS.e);
            let swapped = found.p == PARTS.q && found.q == PARTS.p;
            assert!(swapped || (found.p == PARTS.p && found.q == PARTS.q));
            let mut out = [0; LEN];
            key.raw(&[2], &mut out).expect("a working key");
        }
    });
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let whole = borrowed(&PARTS);
    let even = [&PARTS.n[..LEN - 1], &[0]].concat();
    let huge = [1; 10_000];
    let wrong = [
        RsaParts { e: Some(&huge), p: None, q: None, ..whole },
        RsaParts { p: Some(&huge), e: None, ..whole },
        RsaParts { qinv: Some(&huge), ..whole },
        RsaParts { e: Some(&[3]), ..whole },
        RsaParts { e: Some(&[4]), ..whole },
        RsaParts { e: Some(&[1]), ..whole },
        RsaParts { e: Some(&[]), ..whole },
        RsaParts { d: &[], ..whole },
        RsaParts { d: &[1], ..whole },
        RsaParts { d: &PARTS.n, ..whole },
        RsaParts { p: None, ..whole },
        RsaParts { p: whole.q, ..whole },
        RsaParts { p: Some(&[]), ..whole },
        RsaParts { p: Some(&[1]), q: Some(&PARTS.n), ..whole },
        RsaParts { dp: whole.dq, ..whole },
        RsaParts { qinv: Some(&[]), ..whole },
        RsaParts { n: &even, ..whole },
        RsaParts { n: &[], ..whole },
        RsaParts { n: &PARTS.n[..64], ..whole },
        RsaParts { d: &[5], p: None, q: None, ..whole },
        RsaParts { d: &[5], p: None, q: None, e: None, ..whole },
    ];
    on_every_engine(|engine| {
        for (index, parts) in wrong.iter().enumerate() {
            let outcome = RsaPrivateKey::with_engine(engine, *parts).map(|_| ());
            assert_eq!(outcome, Err(Error::InvalidKey), "case {index}");
        }
        for (n, e) in [
            (&PARTS.n[..], &[2][..]),
            (&PARTS.n, &[1]),
            (&PARTS.n, &[]),
            (&PARTS.n, &PARTS.n),
            (&even, &[3]),
            (&PARTS.n[..100], &[3]),
            (&[0xff; 2049], &[3]),
            (&[], &[3]),
        ] {
            let outcome = RsaPublicKey::with_engine(engine, n, e).map(|_| ());
            assert_eq!(outcome, Err(Error::InvalidKey));
        }
    });
}

#[test]
fn generation_refuses_what_it_cannot_do() {
    // FIPS 186-5, A.1.1: below 2^256.
    let too_large = [1; 33];
    for (bits, e) in [(1023, &[3][..]), (16385, &[3]), (2048, &[]), (2048, &[1]), (2048, &[4]), (2048, &too_large)] {
        let outcome = RsaPrivateKey::generate(bits, e).map(|_| ());
        assert_eq!(outcome, Err(Error::InvalidParameter));
    }
}

#[test]
fn exponents_may_be_small_or_large() {
    let small = RsaPrivateKey::generate(1024, &[3]).expect("randomness").parts();
    let large_e = [[0xa5; 64].as_slice(), &[1]].concat();
    on_every_engine(|engine| {
        let key = RsaPrivateKey::with_engine(engine, borrowed(&small)).expect("consistent");
        assert_eq!(key.public().bits(), 1024);
        filled(128, |out| key.raw(&[2], out)).expect("a working key");
        let public = RsaPublicKey::with_engine(engine, &small.n, &large_e).expect("odd");
        filled(128, |out| public.raw(&[2], out)).expect("a working key");
        let without_primes = RsaParts { p: None, q: None, dp: None, dq: None, qinv: None, ..borrowed(&small) };
        RsaPrivateKey::with_engine(engine, without_primes).expect("recoverable");
        // The two exponents may change places.
        let swapped = RsaParts { e: Some(small.d.expose()), d: &[3], dp: None, dq: None, ..borrowed(&small) };
        let key = RsaPrivateKey::with_engine(engine, swapped).expect("consistent");
        filled(128, |out| key.raw(&[2], out)).expect("a working key");
    });
}

/// One key serves many threads: the engines keep blinding factors and reduction constants in it.
#[test]
fn threads_share_a_key() {
    on_every_engine(|engine| {
        let (private, public) = keys(engine);
        std::thread::scope(|scope| {
            for thread in 0..4u8 {
                let (private, public) = (&private, &public);
                scope.spawn(move || {
                    for round in 0..20 {
                        let payload = [thread, round];
                        let signature = filled(LEN, |out| private.sign_pkcs1(None, &payload, out)).expect("room");
                        assert_eq!(public.verify_pkcs1(None, &payload, &signature), Ok(()));
                    }
                });
            }
        });
    });
}
