//! 4.9 to 4.11: the usage flags; 5.1.6 CKR_KEY_FUNCTION_NOT_PERMITTED and CKR_KEY_TYPE_INCONSISTENT.

use crate::{aes_template, cbc, key_wrap};
use hsm_tests::*;

const NO: &[CK_RV] = &[CKR_KEY_FUNCTION_NOT_PERMITTED];

#[test]
fn a_flag_for_each_use() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let hmac = Mechanism::bare(CKM_SHA256_HMAC);
        let generic = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).bytes(CKA_VALUE, &[1; 32]);
        let mut tally = Tally::new("CKR_KEY_FUNCTION_NOT_PERMITTED");
        for (begin, mechanism, template, flag) in [
            (Begin::Encrypt, cbc(), aes_template(), CKA_ENCRYPT),
            (Begin::Decrypt, cbc(), aes_template(), CKA_DECRYPT),
            (Begin::Sign, hmac.clone(), generic.clone(), CKA_SIGN),
            (Begin::Verify, hmac, generic, CKA_VERIFY),
        ] {
            let others = [CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_VERIFY, CKA_WRAP, CKA_UNWRAP];
            let all = others.iter().fold(template, |t, f| t.bool(*f, *f != flag));
            let key = session.create(&all).expect("a key");
            tally.row(format!("{begin:?} without its flag"), session.begin(begin, &mechanism, key), NO);
            session.set(key, &Template::new().bool(flag, true)).expect("C_SetAttributeValue");
            tally.row(format!("{begin:?} with its flag"), session.begin(begin, &mechanism, key), &[CKR_OK]);
            session.begin_null(begin, key).expect("cancel");
        }
    });
}

#[test]
fn wrapping_flags() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        let usable = |wrap, unwrap| {
            let template = aes_template().bool(CKA_WRAP, wrap).bool(CKA_UNWRAP, unwrap);
            let encrypts = template.bool(CKA_ENCRYPT, true).bool(CKA_DECRYPT, true);
            session.create(&encrypts).expect("a key")
        };
        let wrapped = session.wrap(&key_wrap(), usable(true, false), key).expect("C_WrapKey");
        assert_eq!(session.wrap(&key_wrap(), usable(false, true), key), refused(CKR_KEY_FUNCTION_NOT_PERMITTED));
        let template = Template::key(CKO_SECRET_KEY, CKK_AES);
        let refusal = session.unwrap(&key_wrap(), usable(true, false), &wrapped, &template);
        assert_eq!(refusal, refused(CKR_KEY_FUNCTION_NOT_PERMITTED));
        assert!(session.unwrap(&key_wrap(), usable(false, true), &wrapped, &template).is_ok());
    });
}

#[test]
fn pairs() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let flags = |names: &[CK_ATTRIBUTE_TYPE], yes| names.iter().fold(Template::new(), |t, f| t.bool(*f, yes));
        let public = flags(&[CKA_ENCRYPT, CKA_VERIFY, CKA_WRAP], false).ulong(CKA_MODULUS_BITS, 1024);
        let private = flags(&[CKA_DECRYPT, CKA_SIGN, CKA_UNWRAP], false);
        let rsa = Mechanism::bare(CKM_RSA_PKCS);
        let generate = Mechanism::bare(CKM_RSA_PKCS_KEY_PAIR_GEN);
        let (public, private) = session.generate_pair(&generate, &public, &private).expect("a pair");
        let mut tally = Tally::new("flags of a pair");
        tally.row("encrypt", session.begin(Begin::Encrypt, &rsa, public), NO);
        tally.row("verify", session.begin(Begin::Verify, &rsa, public), NO);
        tally.row("decrypt", session.begin(Begin::Decrypt, &rsa, private), NO);
        tally.row("sign", session.begin(Begin::Sign, &rsa, private), NO);
        let key = session.aes(16);
        tally.row("wrap", session.wrap(&rsa, public, key), NO);
        let template = Template::key(CKO_SECRET_KEY, CKK_AES);
        tally.row("unwrap", session.unwrap(&rsa, private, &[0; 128], &template), NO);
    });
}

/// The wrong kind of key has its own code, of higher priority than the flags.
#[test]
fn key_types() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (aes, rsa, ec, ed, secret) =
            (session.aes(32), session.rsa(1024), session.ec(oid::P256), session.ed25519(), session.secret_of(&[1; 16]));
        let wrong: &[CK_RV] = &[CKR_KEY_TYPE_INCONSISTENT];
        // The wrong half of a pair is a key that may not, or the wrong class of key.
        let half: &[CK_RV] = &[CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_KEY_TYPE_INCONSISTENT];
        let mut tally = Tally::new("CKR_KEY_TYPE_INCONSISTENT");
        let bare = Mechanism::bare;
        let gcm = Mechanism::gcm(&[1; 12], b"", 128);
        for (name, begin, mechanism, key, allowed) in [
            ("AES-CBC with a generic secret", Begin::Encrypt, cbc(), secret, wrong),
            ("AES-GCM with RSA", Begin::Encrypt, gcm.clone(), rsa.public, wrong),
            ("AES-GCM with an RSA private key", Begin::Decrypt, gcm, rsa.private, wrong),
            ("RSA with AES", Begin::Encrypt, bare(CKM_RSA_PKCS), aes, wrong),
            ("RSA with EC", Begin::Sign, bare(CKM_SHA256_RSA_PKCS), ec.private, wrong),
            ("ECDSA with RSA", Begin::Sign, bare(CKM_ECDSA), rsa.private, wrong),
            ("ECDSA with Ed25519", Begin::Sign, bare(CKM_ECDSA), ed.private, wrong),
            ("EDDSA with EC", Begin::Sign, bare(CKM_EDDSA), ec.private, wrong),
            ("HMAC with RSA", Begin::Sign, bare(CKM_SHA256_HMAC), rsa.private, wrong),
            ("ECDSA verify with AES", Begin::Verify, bare(CKM_ECDSA), aes, wrong),
            ("RSA decrypt with the public key", Begin::Decrypt, bare(CKM_RSA_PKCS), rsa.public, half),
            ("RSA encrypt with the private key", Begin::Encrypt, bare(CKM_RSA_PKCS), rsa.private, half),
            ("ECDSA sign with the public key", Begin::Sign, bare(CKM_ECDSA), ec.public, half),
            ("ECDSA verify with the private key", Begin::Verify, bare(CKM_ECDSA), ec.private, half),
        ] {
            tally.row(name, session.begin(begin, &mechanism, key), allowed);
        }
    });
}

/// A mechanism that exists but not for this, and one that does not exist.
#[test]
fn mechanisms_for_the_wrong_use() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        let mut tally = Tally::new("CKR_MECHANISM_INVALID");
        for begin in [Begin::Encrypt, Begin::Decrypt, Begin::Digest, Begin::Sign, Begin::Verify] {
            for mechanism in [CKM_AES_KEY_GEN, CKM_VENDOR_DEFINED | 0x77, CKM_RC4] {
                let got = session.begin(begin, &Mechanism::bare(mechanism), key);
                tally.row(format!("{begin:?} by {mechanism:#x}"), got, &[CKR_MECHANISM_INVALID]);
            }
        }
        tally.row(
            "encrypt by a digest",
            session.begin(Begin::Encrypt, &Mechanism::bare(CKM_SHA256), key),
            &[CKR_MECHANISM_INVALID],
        );
        tally.row("digest by a cipher", session.begin(Begin::Digest, &cbc(), key), &[CKR_MECHANISM_INVALID]);
    });
}
