//! 6.x: mechanism parameters that are wrong: CKR_MECHANISM_PARAM_INVALID at the Init call (5.1.6), and never a crash.

use hsm_tests::*;

const BAD: &[CK_RV] = &[CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD];

/// A pointer that is not NULL, to 64 bytes.
fn somewhere() -> usize {
    static BYTES: [u8; 64] = [0; 64];
    BYTES.as_ptr() as usize
}

#[test]
fn of_ciphers() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        let mut tally = Tally::new("6.10 to 6.13: parameters of AES");
        let gcm = |words: [usize; 6]| Mechanism::words(CKM_AES_GCM, &words);
        let p = somewhere();
        let mut cases = vec![
            ("CBC without IV", Mechanism::bare(CKM_AES_CBC)),
            ("CBC, short IV", Mechanism::bytes(CKM_AES_CBC, &[0; 15])),
            ("CBC, long IV", Mechanism::bytes(CKM_AES_CBC, &[0; 17])),
            ("CBC_PAD, empty IV", Mechanism::bytes(CKM_AES_CBC_PAD, &[])),
            ("CTR without parameter", Mechanism::bare(CKM_AES_CTR)),
            ("CTR of 0 bits", Mechanism::ctr(0, [0; 16])),
            ("CTR of 129 bits", Mechanism::ctr(129, [0; 16])),
            ("CTR, a short structure", Mechanism::words(CKM_AES_CTR, &[128])),
            ("GCM without parameter", Mechanism::bare(CKM_AES_GCM)),
            ("GCM, a short structure", Mechanism::words(CKM_AES_GCM, &[p, 12, 96])),
            ("GCM, IV NULL", gcm([0, 12, 96, p, 4, 128])),
            ("GCM, IV empty", gcm([p, 0, 0, p, 4, 128])),
            ("GCM, AAD NULL", gcm([p, 12, 96, 0, 4, 128])),
        ];
        cases.extend([0, 8, 31, 33, 100, 127, 129, 256, usize::MAX].map(|bits| ("GCM, tag bits", gcm([p, 12, 96, p, 4, bits]))));
        for (name, mechanism) in cases {
            for begin in [Begin::Encrypt, Begin::Decrypt] {
                tally.row(format!("{name}: {begin:?}"), session.begin(begin, &mechanism, key), BAD);
            }
        }
        for bits in [32, 64, 96, 104, 112, 120, 128] {
            let got = session.encrypt(&Mechanism::gcm(&[1; 12], b"", bits), key, b"data");
            tally.equal(format!("GCM, {bits} tag bits"), got.map(|c| c.len()), Ok(4 + bits as usize / 8));
        }
    });
}

#[test]
fn of_rsa() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let rsa = session.rsa(2048);
        let mut tally = Tally::new("6.1: parameters of RSA");
        let oaep = |words: [usize; 5]| Mechanism::words(CKM_RSA_PKCS_OAEP, &words);
        let (sha256, mgf, given) = (CKM_SHA256 as usize, CKG_MGF1_SHA256 as usize, CKZ_DATA_SPECIFIED as usize);
        for (name, mechanism) in [
            ("OAEP without parameter", Mechanism::bare(CKM_RSA_PKCS_OAEP)),
            ("OAEP, a short structure", Mechanism::words(CKM_RSA_PKCS_OAEP, &[sha256, mgf])),
            ("OAEP, no such hash", oaep([CKM_AES_CBC as usize, mgf, given, 0, 0])),
            ("OAEP, MD5", oaep([CKM_MD5 as usize, mgf, given, 0, 0])),
            ("OAEP, no such MGF", oaep([sha256, 99, given, 0, 0])),
            ("OAEP, no such source", oaep([sha256, mgf, 99, 0, 0])),
            ("OAEP, label NULL", oaep([sha256, mgf, given, 0, 5])),
        ] {
            tally.row(name, session.begin(Begin::Encrypt, &mechanism, rsa.public), BAD);
        }
        let pss = Mechanism::pss;
        for (name, mechanism) in [
            ("PSS without parameter", Mechanism::bare(CKM_RSA_PKCS_PSS)),
            ("PSS, a short structure", Mechanism::words(CKM_RSA_PKCS_PSS, &[sha256])),
            ("PSS, no such hash", pss(CKM_RSA_PKCS_PSS, CKM_AES_CBC, CKG_MGF1_SHA256, 32)),
            ("PSS, MD5", pss(CKM_RSA_PKCS_PSS, CKM_MD5, CKG_MGF1_SHA256, 16)),
            ("PSS, no such MGF", pss(CKM_RSA_PKCS_PSS, CKM_SHA256, 99, 32)),
            ("PSS, another hash than the mechanism's", pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA512, CKG_MGF1_SHA256, 32)),
        ] {
            tally.row(name, session.begin(Begin::Sign, &mechanism, rsa.private), BAD);
        }
    });
}

/// A salt that does not fit the modulus: 2048 bits hold at most 256 - 32 - 2 bytes of it. Init or Sign may say so.
#[test]
fn a_salt_too_long() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let rsa = session.rsa(2048);
        for (salt, fits) in [(0, true), (222, true), (223, false), (100_000, false), (usize::MAX, false)] {
            let mechanism = Mechanism::pss(CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, salt);
            let got = session.sign(&mechanism, rsa.private, &[1; 32]);
            assert_eq!(got.is_ok(), fits, "{salt} bytes of salt: {got:?}");
            if let Ok(signature) = got {
                assert_eq!(session.verify(&mechanism, rsa.public, &[1; 32], &signature), Ok(()));
            }
        }
    });
}

#[test]
fn of_eddsa() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let ed = session.ed25519();
        let mut tally = Tally::new("6.3: CK_EDDSA_PARAMS");
        for (name, mechanism) in [
            ("a short structure", Mechanism::words(CKM_EDDSA, &[0])),
            ("context NULL", Mechanism::words(CKM_EDDSA, &[0, 5, 0])),
            ("a context of 256 bytes", Mechanism::eddsa(false, &[1; 256])),
        ] {
            tally.row(name, session.begin(Begin::Sign, &mechanism, ed.private), BAD);
        }
        for (name, mechanism) in [
            ("a context of 255 bytes", Mechanism::eddsa(false, &[1; 255])),
            ("prehashed, no context", Mechanism::eddsa(true, b"")),
            ("prehashed, a context", Mechanism::eddsa(true, b"context")),
        ] {
            let signature = session.sign(&mechanism, ed.private, b"data").unwrap_or_default();
            tally.row(name, session.verify(&mechanism, ed.public, b"data", &signature), &[CKR_OK]);
            let pure = session.verify(&Mechanism::bare(CKM_EDDSA), ed.public, b"data", &signature);
            tally.row(format!("{name}, verified without"), pure, &[CKR_SIGNATURE_INVALID]);
        }
    });
}

/// 6.3.17 and 6.3.18, and 5.1.6 for the point: what is refused, and that the wrong key is the wrong key.
#[test]
fn of_ecdh() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.3.17: CK_ECDH1_DERIVE_PARAMS");
        let p256 = session.ec_private(CKK_EC, oid::P256, &[7]);
        let x25519 = session.ec_private(CKK_EC_MONTGOMERY, oid::X25519, &[7; 32]);
        let mut own = session.attribute(session.ec(oid::P256).public, CKA_EC_POINT).expect("CKA_EC_POINT");
        own.drain(..2);
        let derive = |mechanism: &Mechanism, key| session.derive(mechanism, key, &Template::new());
        let (null, sha256) = (CKD_NULL as usize, CKD_SHA256_KDF as usize);
        let words = |words: [usize; 5]| Mechanism::words(CKM_ECDH1_DERIVE, &words);
        for (name, mechanism) in [
            ("no parameter", Mechanism::bare(CKM_ECDH1_DERIVE)),
            ("a short structure", Mechanism::words(CKM_ECDH1_DERIVE, &[null, 0, 0])),
            ("no such function", Mechanism::ecdh(CKM_ECDH1_DERIVE, 0x7777, &[], &own)),
            ("CKD_NULL with info", Mechanism::ecdh(CKM_ECDH1_DERIVE, CKD_NULL, b"info", &own)),
            ("info NULL", words([sha256, 5, 0, 65, somewhere()])),
            ("point NULL", words([null, 0, 0, 65, 0])),
        ] {
            tally.row(name, derive(&mechanism, p256), BAD);
            tally.row(format!("{name}: X25519"), derive(&mechanism, x25519), BAD);
        }
        let point = |point: &[u8]| Mechanism::ecdh(CKM_ECDH1_DERIVE, CKD_NULL, &[], point);
        let mut off_the_curve = own.clone();
        off_the_curve[64] ^= 1;
        let bad = [CKR_PUBLIC_KEY_INVALID, CKR_MECHANISM_PARAM_INVALID];
        for (name, bytes) in [
            ("no point", &[][..]),
            ("infinity", &[0]),
            ("off the curve", &off_the_curve),
            ("half a point", &own[..33]),
            ("a point of P-384", &[4; 97]),
        ] {
            tally.row(name, derive(&point(bytes), p256), &bad);
        }
        tally.row("X25519: zero", derive(&point(&[0; 32]), x25519), &bad);
        tally.row("X25519: short", derive(&point(&[9; 31]), x25519), &bad);
        tally.row("P-256", derive(&point(&own), p256), &[CKR_OK]);
        tally.row("X25519", derive(&point(&[9; 32]), x25519), &[CKR_OK]);
        let cofactor = Mechanism::ecdh(CKM_ECDH1_COFACTOR_DERIVE, CKD_NULL, &[], &[9; 32]);
        tally.row("X25519 with cofactor", derive(&cofactor, x25519), &[CKR_KEY_TYPE_INCONSISTENT]);
        let secret = session.secret_of(&[1; 32]);
        session.set(secret, &Template::new().bool(CKA_DERIVE, true)).expect("CKA_DERIVE");
        tally.row("a secret key", derive(&point(&own), secret), &[CKR_KEY_TYPE_INCONSISTENT]);
        tally.row("a key that must not", derive(&point(&own), session.ec(oid::P256).private), &[CKR_KEY_FUNCTION_NOT_PERMITTED]);
    });
}
