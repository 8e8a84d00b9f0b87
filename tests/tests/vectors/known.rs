//! The examples that the standards give of themselves.

use hsm_tests::*;

/// FIPS 180-4, of "abc".
#[test]
fn digests() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(false);
        let mut tally = Tally::new("FIPS 180-4 examples");
        for (mechanism, digest) in [
            (CKM_SHA_1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (CKM_SHA224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            (CKM_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (CKM_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"),
            (
                CKM_SHA512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                 2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
        ] {
            let got = session.digest(&Mechanism::bare(mechanism), b"abc");
            tally.equal(format!("{mechanism:#x}"), got, Ok(hex(digest)));
        }
    });
}

/// SP 800-38A, F.1.5, F.2.5 and F.5.5: the first block under AES-256.
#[test]
fn block_modes() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes_of(&hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"));
        let plain = hex("6bc1bee22e409f96e93d7e117393172a");
        let iv: Vec<u8> = (0..16).collect();
        let counter = std::array::from_fn(|i| 0xf0 + i as u8);
        let mut tally = Tally::new("SP 800-38A examples");
        for (name, mechanism, cipher) in [
            ("ECB", Mechanism::bare(CKM_AES_ECB), "f3eed1bdb5d2a03c064b5a7e3db181f8"),
            ("CBC", Mechanism::bytes(CKM_AES_CBC, &iv), "f58c4c04d6e5f1ba779eabfb5f7bfbd6"),
            ("CTR", Mechanism::ctr(128, counter), "601ec313775789a5b7a7f504bbf3d228"),
        ] {
            tally.equal(name, session.encrypt(&mechanism, key, &plain), Ok(hex(cipher)));
            tally.equal(name, session.decrypt(&mechanism, key, &hex(cipher)), Ok(plain.clone()));
        }
    });
}

/// RFC 3394 section 4.6, RFC 5649 section 6.
#[test]
fn key_wraps() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let kek: Vec<u8> = (0..32).collect();
        let kwp = "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8";
        let mut tally = Tally::new("RFC 3394 and RFC 5649 examples");
        for (mechanism, kek, key, wrapped) in [
            (
                CKM_AES_KEY_WRAP,
                kek,
                "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
                "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
            ),
            (
                CKM_AES_KEY_WRAP_KWP,
                hex(kwp),
                "c37b7e6492584340bed12207808941155068f738",
                "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
            ),
            (CKM_AES_KEY_WRAP_KWP, hex(kwp), "466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f"),
        ] {
            let (with, key) = (session.aes_of(&kek), session.secret_of(&hex(key)));
            let got = session.wrap(&Mechanism::bare(mechanism), with, key);
            tally.equal(format!("{mechanism:#x}"), got, Ok(hex(wrapped)));
        }
    });
}

/// RFC 4231 section 4.3.
#[test]
fn hmac() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.secret_of(b"Jefe");
        let mac = session.sign(&Mechanism::bare(CKM_SHA256_HMAC), key, b"what do ya want for nothing?");
        assert_eq!(mac, Ok(hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")));
    });
}

/// RFC 8032 section 7: Ed25519 of nothing, Ed25519ctx of "foo", Ed25519ph of "abc".
#[test]
fn ed25519() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("RFC 8032 examples");
        for (name, mechanism, seed, message, signature) in [
            (
                "Ed25519",
                Mechanism::bare(CKM_EDDSA),
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
                 5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "Ed25519ctx",
                Mechanism::eddsa(false, b"foo"),
                "0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6",
                "f726936d19c800494e3fdaff20b276a8",
                "55a4cc2f70a54e04288c5f4cd1e45a7bb520b36292911876cada7323198dd87a\
                 8b36950b95130022907a7fb7c4e9b2d5f6cca685a587b4b21f4b888e4e7edb0d",
            ),
            (
                "Ed25519ph",
                Mechanism::eddsa(true, b""),
                "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
                "616263",
                "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
                 31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
            ),
        ] {
            let template = Template::key(CKO_PRIVATE_KEY, CKK_EC_EDWARDS)
                .bool(CKA_SIGN, true)
                .bytes(CKA_EC_PARAMS, oid::ED25519)
                .bytes(CKA_VALUE, &hex(seed));
            let key = session.create(&template).expect("a private key");
            tally.equal(name, session.sign(&mechanism, key, &hex(message)), Ok(hex(signature)));
        }
    });
}
