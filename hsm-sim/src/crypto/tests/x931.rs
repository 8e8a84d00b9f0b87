//! RSA signatures by ANSI X9.31, against one by `openssl pkeyutl -sign -pkeyopt rsa_padding_mode:x931` 3.0.

use super::{filled, hex, on_every_engine};
use crate::crypto::{Engine, Error, RsaParts, RsaPrivateKey};

const N: &str = "c751288076607e4d9b1dedb2d0eabc3039034e79f9f381245676213d1ff8c24179f1364e2524e66b34ee966bea5fc7f5
                 6303cea0720f4ab8c5f4041eba6a9009506751bc77a5f7df374bbe6f791d84ce1016fc6167793595ec62a3c994446e35
                 cc53f52eb77fefc0263b46f7b1306c58abe74fec5f07276a9d4e072808606ed9";
const D: &str = "84e0c5aaf995a9891213f3cc8b47282026023451514d00c2e44ec0d36aa5d6d6514b79896e18999ccdf46447f1952ff8
                 ecad346af6b4dc7b2ea2ad69d19c600507327703bb2017d7c30b025b8a30e3b42c76dd8cfc2287d180ed743dcf465a84
                 fd69dd5535e9c8bee53b70c7115d34c9bc2d9fb3ab5636d0fbf0b6849a874923";
const P: &str = "f72c214ed57a2ec5ca6ea5b4114c26d5f1a8aa32a31a1303a66bd290271575cbfa76c32707896648f0a704ca954db2c6
                 6af6cbfaf782c7e626bb57ecb54ae5ff";
const Q: &str = "ce6f7de8097ba555c84c953218880869dbbc05db4a2b56d80492a2dcb64570a255be6607df17dc58ddbb190281d6ea63
                 a6ac1463e6830d4afca99d746b4a9b27";
/// Of the SHA-1 digest of "abc".
const SIGNATURE: &str = "09b20ef1ce5b40eb4472edd9ddd63a056c66d8dd59ac2035dcd4273fd904d68a2a374405b681004fa9f7a311b6e07e46
                 c50236830538f8846a7d5e22b690f8ba406b706b1ac63b44d3a9ce933e4611b46f1e59b34b82676ce996b0019f1bc4dd
                 20ebeed4aab4c86db26ded3519f3a25673e586efb64f8ce2e4cb230c29ea2ea6";
const DATA: &str = "a9993e364706816aba3e25717850c26c9cd0d89d33cc";

fn key(engine: Engine) -> RsaPrivateKey {
    let [n, d, p, q] = [N, D, P, Q].map(hex);
    let parts = RsaParts { n: &n, e: Some(&[3]), d: &d, p: Some(&p), q: Some(&q), ..RsaParts::default() };
    RsaPrivateKey::with_engine(engine, parts).expect("consistent")
}

#[test]
fn signatures_are_those_of_others() {
    on_every_engine(|engine| {
        let signature = filled(128, |out| key(engine).sign_x931(&hex(DATA), out));
        assert_eq!(signature, Ok(hex(SIGNATURE)));
    });
}

/// Half of all powers are above n / 2: there the negative is the signature.
#[test]
fn both_halves_verify_and_nothing_else_does() {
    on_every_engine(|engine| {
        let key = key(engine);
        for first in 0..16 {
            let data = [&[first], &hex(DATA)[1..]].concat();
            let mut signature = filled(128, |out| key.sign_x931(&data, out)).expect("room");
            let verify = |signature: &[u8]| key.public().verify_x931(&data, signature);
            assert_eq!(verify(&signature), Ok(()));
            assert_eq!(verify(&signature[1..]), Err(Error::InvalidLength));
            assert_eq!(verify(&negative(&signature)), Err(Error::Rejected), "the greater of the two");
            signature[77] ^= 1;
            assert_eq!(verify(&signature), Err(Error::Rejected));
        }
    });
}

#[test]
fn data_is_checked() {
    on_every_engine(|engine| {
        let key = key(engine);
        let longest = [vec![1; 125], vec![0xcc]].concat();
        let signature = filled(128, |out| key.sign_x931(&longest, out)).expect("it fits");
        assert_eq!(key.public().verify_x931(&longest, &signature), Ok(()));
        let sign = |data: &[u8]| filled(128, |out| key.sign_x931(data, out));
        assert_eq!(sign(&[&[1], &longest[..]].concat()), Err(Error::InvalidLength));
        assert_eq!(sign(&[1, 2, 3]), Err(Error::InvalidParameter), "no trailer");
        assert_eq!(sign(&[]), Err(Error::InvalidParameter), "no trailer");
    });
}

/// n - s, digit by digit.
fn negative(signature: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let digits = hex(N)
        .iter()
        .zip(signature)
        .rev()
        .map(|(n, s)| {
            let difference = i16::from(*n) - i16::from(*s) - borrow;
            borrow = i16::from(difference < 0);
            difference as u8
        })
        .collect::<Vec<u8>>();
    digits.into_iter().rev().collect()
}
