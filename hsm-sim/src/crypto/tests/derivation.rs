//! HKDF and Argon2id.

use super::hex;
use crate::crypto::{Argon2Cost, Error, derive, hkdf_sha256};

/// RFC 5869, A.1; the info in two parts.
#[test]
fn hkdf_matches_the_rfc() {
    let salt = hex("000102030405060708090a0b0c");
    let mut out = [0; 42];
    let info = [hex("f0f1f2f3"), hex("f4f5f6f7f8f9")];
    hkdf_sha256(&[0x0b; 22], &salt, &[&info[0], &info[1]], &mut out).expect("short enough");
    let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(out.as_slice(), hex(expected));
}

#[test]
fn hkdf_refuses_more_than_it_can_give() {
    let mut out = vec![0; 255 * 32 + 1];
    assert_eq!(hkdf_sha256(b"secret", b"", &[], &mut out), Err(Error::InvalidLength));
}

/// From the test suite of the reference implementation (github.com/P-H-C/phc-winner-argon2, src/test.c).
#[test]
fn argon2id_matches_the_reference() {
    let cost = Argon2Cost { memory_kib: 65_536, passes: 2, lanes: 1 };
    let mut out = [0; 32];
    derive(cost, b"password", b"somesalt", &mut out).expect("allowed");
    let expected = "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7";
    assert_eq!(out.as_slice(), hex(expected));
}

#[test]
fn argon2id_refuses_nonsense() {
    let mut out = [0; 32];
    let cheap = Argon2Cost { memory_kib: 1, passes: 0, lanes: 0 };
    let outcome = derive(cheap, b"1234", b"saltsalt", &mut out);
    assert_eq!(outcome, Err(Error::InvalidParameter));
    let outcome = derive(Argon2Cost::DEFAULT, b"1234", b"salt", &mut out);
    assert_eq!(outcome, Err(Error::InvalidParameter));
}
