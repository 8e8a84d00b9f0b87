//! The `openssl` command and Python's hashlib compute what the module computes, on data of no standard's choosing.

use crate::{openssl, words};
use hsm_tests::*;

const TEXT: &[u8] = b"Neither standard nor vector chose these bytes, and they do not fill a whole number of blocks.";
const KEY: &str = "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f";
const IV: &str = "f0e0d0c0b0a090807060504030201000";

#[test]
fn ciphers() {
    isolated(|home| {
        let Some(openssl) = openssl() else { return };
        let token = home.legacy_token();
        let session = token.user();
        let aes = session.key_of(CKK_AES, &hex(KEY));
        let des3 = session.key_of(CKK_DES3, &hex("0123456789abcdef23456789abcdef01456789abcdef0123"));
        let chacha = session.key_of(CKK_CHACHA20, &hex(KEY));
        let camellia = session.key_of(CKK_CAMELLIA, &hex(KEY));
        let iv = hex(IV);
        let des = "0123456789abcdef23456789abcdef01456789abcdef0123";
        let mut tally = Tally::new("openssl enc");
        for (name, mechanism, key, bytes, vector) in [
            ("aes-256-ofb", Mechanism::bytes(CKM_AES_OFB, &iv), aes, KEY, IV),
            ("aes-256-cfb8", Mechanism::bytes(CKM_AES_CFB8, &iv), aes, KEY, IV),
            ("aes-256-cfb", Mechanism::bytes(CKM_AES_CFB128, &iv), aes, KEY, IV),
            ("camellia-256-cbc", Mechanism::bytes(CKM_CAMELLIA_CBC_PAD, &iv), camellia, KEY, IV),
            ("des-ede3-cbc", Mechanism::bytes(CKM_DES3_CBC_PAD, &iv[..8]), des3, des, &IV[..16]),
            // openssl's vector is the counter, 32 bits, and the nonce, 96.
            ("chacha20", Mechanism::chacha20(&iv[..4], &iv[4..]), chacha, KEY, IV),
        ] {
            let theirs = openssl.succeed(&words(&format!("enc -{name} -K {bytes} -iv {vector}")), TEXT);
            tally.equal(name, session.encrypt(&mechanism, key, TEXT), Ok(theirs.clone()));
            tally.equal(name, session.decrypt(&mechanism, key, &theirs), Ok(TEXT.to_vec()));
        }
    });
}

#[test]
fn digests_and_macs() {
    isolated(|home| {
        let Some(openssl) = openssl() else { return };
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("openssl dgst and mac");
        for (name, mechanism) in [
            ("md5", CKM_MD5),
            ("sha512-224", CKM_SHA512_224),
            ("sha512-256", CKM_SHA512_256),
            ("sha3-224", CKM_SHA3_224),
            ("sha3-256", CKM_SHA3_256),
            ("sha3-384", CKM_SHA3_384),
            ("sha3-512", CKM_SHA3_512),
            ("blake2b512", CKM_BLAKE2B_512),
        ] {
            let theirs = openssl.succeed(&words(&format!("dgst -binary -{name}")), TEXT);
            tally.equal(name, session.digest(&Mechanism::bare(mechanism), TEXT), Ok(theirs));
        }
        let (aes, secret) = (session.key_of(CKK_AES, &hex(KEY)), session.secret_of(&hex(KEY)));
        for (name, mechanism, key) in [
            ("-cipher AES-256-CBC -macopt hexkey:K CMAC", Mechanism::bare(CKM_AES_CMAC), aes),
            (
                "-cipher AES-256-GCM -macopt hexiv:f0e0d0c0b0a090807060504030 -macopt hexkey:K GMAC",
                Mechanism::gmac(&hex(IV)[..13], 128),
                aes,
            ),
            ("-digest SHA3-384 -macopt hexkey:K HMAC", Mechanism::bare(CKM_SHA3_384_HMAC), secret),
            ("-digest SHA512-224 -macopt hexkey:K HMAC", Mechanism::bare(CKM_SHA512_224_HMAC), secret),
            ("-digest BLAKE2B-512 -macopt hexkey:K HMAC", Mechanism::bare(CKM_BLAKE2B_512_HMAC), secret),
        ] {
            let theirs = openssl.succeed(&words(&format!("mac -binary {}", name.replace("key:K", &format!("key:{KEY}")))), TEXT);
            tally.equal(name, session.sign(&mechanism, key, TEXT), Ok(theirs));
        }
    });
}

/// openssl has BLAKE2b of 512 bits alone.
#[test]
fn blake2b() {
    isolated(|home| {
        let Some(python) = Tool::on_path("python3") else { return };
        let token = home.token();
        let session = token.user();
        let key = session.secret_of(&hex(KEY));
        let mut tally = Tally::new("Python's hashlib");
        for (len, digest, hmac) in [
            (20, CKM_BLAKE2B_160, CKM_BLAKE2B_160_HMAC),
            (32, CKM_BLAKE2B_256, CKM_BLAKE2B_256_HMAC),
            (48, CKM_BLAKE2B_384, CKM_BLAKE2B_384_HMAC),
        ] {
            let program = format!(
                "import hashlib, hmac, sys\n\
                 text, hash = sys.stdin.buffer.read(), lambda data=b'': hashlib.blake2b(data, digest_size={len})\n\
                 print(hash(text).hexdigest(), hmac.new(bytes.fromhex('{KEY}'), text, hash).hexdigest())"
            );
            let theirs = python.succeed(&["-c", &program], TEXT);
            let theirs = String::from_utf8(theirs).expect("ASCII");
            let (hashed, authenticated) = theirs.trim().split_once(' ').expect("two numbers");
            tally.equal(format!("BLAKE2b of {len}"), session.digest(&Mechanism::bare(digest), TEXT), Ok(hex(hashed)));
            tally.equal(format!("HMAC of {len}"), session.sign(&Mechanism::bare(hmac), key, TEXT), Ok(hex(authenticated)));
        }
    });
}
