//! v2.40: keys of passwords by PKCS #5 v1.5 and PKCS #12, with their initialization vectors.

use crate::value;
use hsm_tests::*;

/// CK_PBE_PARAMS.
fn pbe(kind: CK_MECHANISM_TYPE, iv: usize, password: &[u8], salt: &[u8], iterations: usize) -> Mechanism {
    Mechanism::structure(kind, Layout::new().word(iv).bytes(password).bytes(salt).word(iterations))
}

/// A BMPString that ends in two zeros.
fn bmp(password: &str) -> Vec<u8> {
    password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect()
}

/// The bytes with the parity of DES keys.
fn odd(key: &[u8]) -> Vec<u8> {
    key.iter().map(|byte| byte & 0xfe | u8::from((byte & 0xfe).count_ones() % 2 == 0)).collect()
}

/// The OpenSSL PKCS#12 Program FAQ's test.txt, as in the tests of OpenSSL, GnuTLS and Bouncy Castle; MAC keys are told for other salts.
#[test]
fn by_pkcs12() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("PKCS #12, appendix B");
        for (password, salt, iterations, key, vector) in [
            ("smeg", "0a58cf64530d823f", 1, "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3", "79993dfe048d3b76"),
            ("smeg", "642b99ab44fb4b1f", 1, "f3a95fec48d7711e985cfe67908c5ab79fa3d7c5caa5d966", "c0a38d64a79bea1d"),
            ("queeg", "05dec959acff72f7", 1000, "ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4", "11dedad7758d4860"),
        ] {
            let (password, salt, key) = (bmp(password), hex(salt), hex(key));
            for (kind, key_type, expected, has_iv) in [
                (CKM_PBE_SHA1_DES3_EDE_CBC, CKK_DES3, odd(&key), true),
                (CKM_PBE_SHA1_DES2_EDE_CBC, CKK_DES2, odd(&key[..16]), true),
                (CKM_PBE_SHA1_RC2_128_CBC, CKK_RC2, key[..16].to_vec(), true),
                (CKM_PBE_SHA1_RC2_40_CBC, CKK_RC2, key[..5].to_vec(), true),
                (CKM_PBE_SHA1_RC4_128, CKK_RC4, key[..16].to_vec(), false),
                (CKM_PBE_SHA1_RC4_40, CKK_RC4, key[..5].to_vec(), false),
            ] {
                let mut iv = [0u8; 8];
                let made =
                    session.generate(&pbe(kind, iv.as_mut_ptr() as usize, &password, &salt, iterations), &Template::shown());
                tally.equal(format!("{kind:#x}: key"), value(session, made), Ok(expected));
                let expected = if has_iv { hex(vector) } else { vec![0; 8] };
                tally.equal(format!("{kind:#x}: vector"), iv.to_vec(), expected);
                let Ok(made) = made else { continue };
                tally.equal(format!("{kind:#x}: type"), session.number(made, CKA_KEY_TYPE), Ok(key_type));
                tally.equal(format!("{kind:#x}: by"), session.number(made, CKA_KEY_GEN_MECHANISM), Ok(kind));
            }
        }
        for (password, salt, iterations, key) in [
            ("smeg", "3d83c0e4546ac140", 1, "8d967d88f6caa9d714800ab3d48051d63f73a312"),
            ("queeg", "263216fcc2fab31c", 1000, "5ec4c7a80df652294c3925b6489a7ab857c83476"),
        ] {
            let mechanism = pbe(CKM_PBA_SHA1_WITH_SHA1_HMAC, 0, &bmp(password), &hex(salt), iterations);
            tally.equal("MAC key", value(session, session.generate(&mechanism, &Template::shown())), Ok(hex(key)));
        }
    });
}

/// NSS 3.87; the vector for MD5 is in the next test too.
#[test]
fn by_pkcs5() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("PKCS #5 v1.5");
        for (kind, key, vector) in [
            (CKM_PBE_MD2_DES_CBC, "b0cd15916e4068e9", "ac199229d3cff161"),
            (CKM_PBE_MD5_DES_CBC, "51f4070b854ca44f", "70a8ee6e9778c79b"),
        ] {
            let mut iv = [0u8; 8];
            let made = session.generate(&pbe(kind, iv.as_mut_ptr() as usize, b"password", b"saltSALT", 5), &Template::shown());
            tally.equal(format!("{kind:#x}: key"), value(session, made), Ok(hex(key)));
            tally.equal(format!("{kind:#x}: vector"), iv.to_vec(), hex(vector));
            tally.equal(format!("{kind:#x}: type"), made.and_then(|key| session.number(key, CKA_KEY_TYPE)), Ok(CKK_DES));
        }
    });
}

/// What `openssl pkcs8 -topk8 -v1 ... -iter 5` of OpenSSL 3.0.19 made of one key, made for this, with the password "password".
#[test]
fn what_openssl_encrypted() {
    const KEY: &str = "302e020100300506032b657004220420fb50b0d096b851e6868352ad9fc7023d5f890407550a87314fae8e0da50edf18";
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("openssl pkcs8 -v1");
        let des = |kind, iv: &[u8; 8]| Mechanism::bytes(kind, iv);
        let rc2 = |iv: &[u8; 8]| Mechanism::words(CKM_RC2_CBC_PAD, &[40, usize::from_ne_bytes(*iv)]);
        for (kind, password, salt, sealed) in [
            (
                CKM_PBE_MD5_DES_CBC,
                b"password".to_vec(),
                "58a9392b7498d3a5",
                "528c305e3fae20279539f7d46476f24b3b3878b027cc5ff003f88b060b21fb13e174df889e68af58cd10970839004882cda25f09c436b52e",
            ),
            (
                CKM_PBE_SHA1_RC2_40_CBC,
                bmp("password"),
                "5b20d4742dbcd32a",
                "d79b6b58fa84e977caf8cbcf1de9caccecf0e1b80a7ad7b1cbba49e9ee3be62f15a711fdef09b1d7b489967233aaafc346e25bd306c8d20e",
            ),
            (
                CKM_PBE_SHA1_DES2_EDE_CBC,
                bmp("password"),
                "5fee63153d17d237",
                "695f6e16358fa9d573092b239b20b409e14c8eede4f672d2ed3dbd4f086163479210963070e72798c409a4f426c86b10ae8dbb435bf37522",
            ),
        ] {
            let mut iv = [0u8; 8];
            let mechanism = pbe(kind, iv.as_mut_ptr() as usize, &password, &hex(salt), 5);
            let key = session.generate(&mechanism, &Template::shown().bool(CKA_DECRYPT, true)).expect("C_GenerateKey");
            let cipher = match kind {
                CKM_PBE_MD5_DES_CBC => des(CKM_DES_CBC_PAD, &iv),
                CKM_PBE_SHA1_RC2_40_CBC => rc2(&iv),
                _ => des(CKM_DES3_CBC_PAD, &iv),
            };
            tally.equal(format!("{kind:#x}"), session.decrypt(&cipher, key, &hex(sealed)), Ok(hex(KEY)));
        }
    });
}

#[test]
fn refuses_what_cannot_be() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("CK_PBE_PARAMS");
        let bad = CKR_MECHANISM_PARAM_INVALID;
        for kind in [CKM_PBE_MD5_DES_CBC, CKM_PBE_SHA1_RC2_40_CBC, CKM_PBA_SHA1_WITH_SHA1_HMAC] {
            let null = |at: usize| {
                let words = (0..6).map(|word| [0, 0, 8, 0, 8, 1][word] + usize::from(word == at) * somewhere());
                Mechanism::structure(kind, words.fold(Layout::new(), Layout::word))
            };
            for (name, mechanism, rv) in [
                ("no vector wanted", pbe(kind, 0, b"password", b"salt", 1), CKR_OK),
                ("neither password nor salt", pbe(kind, 0, b"", b"", 1), CKR_OK),
                ("no iterations", pbe(kind, 0, b"password", b"salt", 0), bad),
                ("iterations without end", pbe(kind, 0, b"password", b"salt", usize::MAX), bad),
                ("a NULL salt", null(1), bad),
                ("a NULL password", null(3), bad),
                ("no parameter", Mechanism::bare(kind), bad),
                ("NULL with a length", Mechanism::null(kind, 48), bad),
                ("a short structure", Mechanism::words(kind, &[0, 0, 0, 0, 0]), bad),
            ] {
                tally.row(format!("{kind:#x}: {name}"), session.generate(&mechanism, &Template::shown()), &[rv]);
            }
            let other = Template::shown().ulong(CKA_KEY_TYPE, CKK_AES);
            tally.row("another type", session.generate(&pbe(kind, 0, b"p", b"s", 1), &other), &[CKR_TEMPLATE_INCONSISTENT]);
        }
        let short = Template::shown().ulong(CKA_VALUE_LEN, 15);
        let made = session.generate(&pbe(CKM_PBE_SHA1_RC4_128, 0, b"p", b"s", 1), &short);
        tally.row("another length", made, &[CKR_TEMPLATE_INCONSISTENT]);
    });
}

/// A pointer that is not NULL, to eight bytes.
fn somewhere() -> usize {
    static BYTES: [u8; 8] = [7; 8];
    BYTES.as_ptr().expose_provenance()
}
