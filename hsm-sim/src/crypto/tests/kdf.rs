//! Derivations over pseudo random functions, on both engines where an engine matters.

use std::sync::Arc;

use super::{hex, on_every_engine};
use crate::crypto::{
    AesKey, Error, Hash, HmacKey,
    kdf::{Prf, expand, extract, pbkdf2, tls_prf},
};

/// RFC 5869, A.1 and A.4.
#[test]
fn hkdf_matches_the_rfc() {
    for (hash, secret, prk, okm) in [
        (
            Hash::Sha256,
            [0x0b; 22].as_slice(),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            Hash::Sha1,
            &[0x0b; 11],
            "9b6c18c432a7bf8f0e71c8eb88f4b30baa2ba243",
            "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3f896",
        ),
    ] {
        let found = extract(hash, &hex("000102030405060708090a0b0c"), secret).expect("a key");
        assert_eq!(found.expose(), hex(prk));
        on_every_engine(|engine| {
            let prf = Prf::Hmac(Box::new(HmacKey::with_engine(engine, hash, found.expose())));
            let okm_found = expand(&prf, &hex("f0f1f2f3f4f5f6f7f8f9"), 42).expect("42 bytes");
            assert_eq!(okm_found.expose(), hex(okm));
            assert_eq!(expand(&prf, b"", 255 * prf.len() + 1).err(), Some(Error::InvalidLength));
            assert_eq!(expand(&prf, b"", 255 * prf.len()).map(|okm| okm.len()).ok(), Some(255 * prf.len()));
        });
    }
}

/// RFC 6070; RFC 7914, §11.
#[test]
fn pbkdf2_matches_the_rfcs() {
    on_every_engine(|engine| {
        for (hash, password, salt, iterations, expected) in [
            (Hash::Sha1, "password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
            (Hash::Sha1, "password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
            (
                Hash::Sha1,
                "passwordPASSWORDpassword",
                "saltSALTsaltSALTsaltSALTsaltSALTsalt",
                4096,
                "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
            ),
            (
                Hash::Sha256,
                "passwd",
                "salt",
                1,
                "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
            ),
        ] {
            let expected = hex(expected);
            let mut output = vec![0; expected.len()];
            pbkdf2(&HmacKey::with_engine(engine, hash, password.as_bytes()), salt.as_bytes(), iterations, &mut output);
            assert_eq!(output, expected, "{hash:?} {password} {iterations}");
        }
    });
}

/// SP 800-38B, appendix D.1, as in RFC 4493, §4.
#[test]
fn cmac_matches_the_rfc() {
    let message = hex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    );
    on_every_engine(|engine| {
        let key = AesKey::with_engine(engine, &hex("2b7e151628aed2a6abf7158809cf4f3c")).expect("a key");
        let prf = Prf::cmac(Arc::new(key));
        for (len, expected) in [
            (0, "bb1d6929e95937287fa37d129b756746"),
            (16, "070a16b46b4d4144f79bdd9dd04a287c"),
            (40, "dfa66747de9ae63030ca32611497c827"),
            (64, "51f0bebf7e3b9d92fc49741779363cfe"),
        ] {
            let (head, tail) = message[..len].split_at(len / 3);
            assert_eq!(prf.of(&[head, tail]).expect("a code").expose(), hex(expected), "{len} bytes");
        }
    });
}

/// The vector for P_SHA256 that the TLS working group's list gave (mailarchive.ietf.org, "TLS 1.2 PRF test vectors").
#[test]
fn tls_prf_matches_the_known_value() {
    on_every_engine(|engine| {
        let secret = hex("9bbe436ba940f017b17652849a71db35");
        let secret = Prf::Hmac(Box::new(HmacKey::with_engine(engine, Hash::Sha256, &secret)));
        let seed = hex("a0ba9f936cda311827a6f796ffd5198c");
        let output = tls_prf(&secret, &[b"test label", &seed], 100).expect("100 bytes");
        let expected = "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a\
                        6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab\
                        4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701\
                        87347b66";
        assert_eq!(output.expose(), hex(expected));
    });
}
