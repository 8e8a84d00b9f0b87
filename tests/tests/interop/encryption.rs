//! RSA-OAEP, RSA PKCS#1 and AES-CBC both ways.

use crate::{openssl, path, words};
use hsm_tests::*;

const SECRET: &[u8] = b"what only the other side reads";

/// openssl encrypts to a key of the module, with each padding that both sides have.
#[test]
fn we_open_what_openssl_encrypts() {
    on_each(|home| {
        let Some(openssl) = openssl() else { return };
        let token = home.token();
        let session = token.user();
        let pair = session.rsa(2048);
        let info = session.public_key_info(pair.public).expect("attributes");
        let public = home.write("public.der", &info).display().to_string();
        let (plain, cipher) = (home.write("plain", SECRET).display().to_string(), path(home, "cipher"));
        let mut tally = Tally::new("openssl encrypts, the module decrypts");
        for (name, mechanism, options) in paddings(home) {
            let line = format!("pkeyutl -encrypt -pubin -keyform DER -inkey {public} -in {plain} -out {cipher} {options}");
            openssl.succeed(&words(&line), b"");
            let cipher = std::fs::read(&cipher).expect("a ciphertext");
            tally.equal(name, session.decrypt(&mechanism, pair.private, &cipher), Ok(SECRET.to_vec()));
        }
    });
}

/// The module encrypts to a key of openssl.
#[test]
fn openssl_opens_what_we_encrypt() {
    on_each(|home| {
        let Some(openssl) = openssl() else { return };
        let token = home.token();
        let session = token.user();
        let (key, cipher) = (path(home, "key.pem"), path(home, "cipher"));
        openssl.succeed(&words(&format!("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out {key}")), b"");
        let modulus = openssl.succeed(&words(&format!("rsa -in {key} -noout -modulus")), b"");
        let modulus = String::from_utf8(modulus).expect("ASCII");
        let modulus = hex(modulus.trim().strip_prefix("Modulus=").expect("a modulus"));
        let template = Template::key(CKO_PUBLIC_KEY, CKK_RSA)
            .bool(CKA_ENCRYPT, true)
            .bytes(CKA_MODULUS, &modulus)
            .bytes(CKA_PUBLIC_EXPONENT, &[1, 0, 1]);
        let public = session.create(&template).expect("a public key");
        for (name, mechanism, options) in paddings(home) {
            let sealed = session.encrypt(&mechanism, public, SECRET).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            std::fs::write(&cipher, sealed).expect("a file");
            let opened = openssl.succeed(&words(&format!("pkeyutl -decrypt -inkey {key} -in {cipher} {options}")), b"");
            assert_eq!(opened, SECRET, "{name}");
        }
    });
}

/// SoftHSMv2 has OAEP with SHA-1 only.
fn paddings(home: &Home) -> Vec<(&'static str, Mechanism, &'static str)> {
    let mut all = vec![
        ("PKCS#1", Mechanism::bare(CKM_RSA_PKCS), "-pkeyopt rsa_padding_mode:pkcs1"),
        ("OAEP SHA-1", Mechanism::oaep(CKM_SHA_1, CKG_MGF1_SHA1, b""), "-pkeyopt rsa_padding_mode:oaep"),
    ];
    if !home.subject().is_softhsm() {
        all.push((
            "OAEP SHA-256",
            Mechanism::oaep(CKM_SHA256, CKG_MGF1_SHA256, b""),
            "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256",
        ));
        all.push((
            "OAEP SHA-512, MGF SHA-1, label",
            Mechanism::oaep(CKM_SHA512, CKG_MGF1_SHA1, b"label"),
            "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha512 -pkeyopt rsa_mgf1_md:sha1 -pkeyopt rsa_oaep_label:6c6162656c",
        ));
    }
    all
}

#[test]
fn aes_cbc_both_ways() {
    on_each(|home| {
        let Some(openssl) = openssl() else { return };
        let token = home.token();
        let session = token.user();
        let iv = [0x24; 16];
        for (length, cipher) in [(16, "-aes-128-cbc"), (24, "-aes-192-cbc"), (32, "-aes-256-cbc")] {
            let value = vec![0x42; length];
            let key = session.aes_of(&value);
            let mechanism = Mechanism::bytes(CKM_AES_CBC_PAD, &iv);
            let text = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
            let options = format!("enc {cipher} -K {} -iv {}", text(&value), text(&iv));
            let theirs = openssl.succeed(&words(&options), SECRET);
            assert_eq!(session.decrypt(&mechanism, key, &theirs), Ok(SECRET.to_vec()), "{cipher}");
            assert_eq!(session.encrypt(&mechanism, key, SECRET), Ok(theirs.clone()), "{cipher}");
            assert_eq!(openssl.succeed(&words(&format!("{options} -d")), &theirs), SECRET, "{cipher}");
        }
    });
}
