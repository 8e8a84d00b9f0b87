//! 5.18.8 and 5.18.9: C_EncapsulateKey and C_DecapsulateKey with CKM_ML_KEM.

use crate::{imported, pair, readable};
use hsm_tests::*;

fn ml_kem() -> Mechanism {
    Mechanism::bare(CKM_ML_KEM)
}

/// An AES key of the shared secret, readable.
fn aes() -> Template {
    Template::key(CKO_SECRET_KEY, CKK_AES).with(&readable())
}

#[test]
fn both_sides_share_a_key() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        for (set, length) in [(CKP_ML_KEM_512, 768), (CKP_ML_KEM_768, 1088), (CKP_ML_KEM_1024, 1568)] {
            let pair = pair(session, CKM_ML_KEM_KEY_PAIR_GEN, set);
            let (ciphertext, ours) = session.encapsulate(&ml_kem(), pair.public, &aes()).expect("C_EncapsulateKey");
            assert_eq!(ciphertext.len(), length);
            let theirs = session.decapsulate(&ml_kem(), pair.private, &ciphertext, &aes()).expect("C_DecapsulateKey");
            let value = session.attribute(ours, CKA_VALUE).expect("a value");
            assert_eq!((value.len(), session.attribute(theirs, CKA_VALUE)), (32, Ok(value.clone())));
            for key in [ours, theirs] {
                for (attribute, want) in
                    [(CKA_LOCAL, false), (CKA_ALWAYS_SENSITIVE, false), (CKA_NEVER_EXTRACTABLE, false), (CKA_EXTRACTABLE, true)]
                {
                    assert_eq!(session.flag(key, attribute), Ok(want), "{attribute:#x}");
                }
            }
            let short = aes().ulong(CKA_VALUE_LEN, 16);
            let cut = session.decapsulate(&ml_kem(), pair.private, &ciphertext, &short).expect("a shorter key");
            assert_eq!(session.attribute(cut, CKA_VALUE).as_deref(), Ok(&value[..16]));
        }
    });
}

/// A key imported from the seed alone or the value alone opens what was made for the pair.
#[test]
fn imported_keys_decapsulate() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = pair(session, CKM_ML_KEM_KEY_PAIR_GEN, CKP_ML_KEM_768);
        let (ciphertext, shared) = session.encapsulate(&ml_kem(), pair.public, &aes()).expect("C_EncapsulateKey");
        for attribute in [CKA_SEED, CKA_VALUE] {
            let material = session.attribute(pair.private, attribute).expect("material");
            let key = session.create(&imported(CKK_ML_KEM, CKP_ML_KEM_768, &[(attribute, &material)])).expect("a key");
            let opened = session.decapsulate(&ml_kem(), key, &ciphertext, &aes()).expect("C_DecapsulateKey");
            assert_eq!(session.attribute(opened, CKA_VALUE), session.attribute(shared, CKA_VALUE));
        }
    });
}

/// FIPS 203, algorithm 18: a ciphertext that was tampered with gives a key, always the same, that nobody else has.
#[test]
fn rejection_is_implicit() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = pair(session, CKM_ML_KEM_KEY_PAIR_GEN, CKP_ML_KEM_512);
        let (mut ciphertext, shared) = session.encapsulate(&ml_kem(), pair.public, &aes()).expect("C_EncapsulateKey");
        ciphertext[100] ^= 4;
        let opened = || {
            let key = session.decapsulate(&ml_kem(), pair.private, &ciphertext, &aes()).expect("a key all the same");
            session.attribute(key, CKA_VALUE).expect("a value")
        };
        assert_eq!(opened(), opened());
        assert_ne!(Ok(opened()), session.attribute(shared, CKA_VALUE));
        for length in [0, 767, 769] {
            let ciphertext = vec![7; length];
            let got = session.decapsulate(&ml_kem(), pair.private, &ciphertext, &aes());
            assert_eq!(got, refused(CKR_WRAPPED_KEY_LEN_RANGE), "{length} bytes");
        }
    });
}

/// 5.2: a query or a short buffer makes no key.
#[test]
fn a_short_buffer_makes_no_key() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = pair(session, CKM_ML_KEM_KEY_PAIR_GEN, CKP_ML_KEM_768);
        let secrets = || session.find(&Template::of(CKO_SECRET_KEY)).expect("C_FindObjects").len();
        for (room, rv) in [(None, CKR_OK), (Some(0), CKR_BUFFER_TOO_SMALL), (Some(1087), CKR_BUFFER_TOO_SMALL)] {
            let (got, length, _, made) = session.encapsulate_into(&ml_kem(), pair.public, &aes(), room);
            assert_eq!((got, length, made), (Rv(rv), 1088, CK_INVALID_HANDLE), "{room:?}");
            assert_eq!(secrets(), 0, "{room:?}");
        }
        let (got, length, ciphertext, _) = session.encapsulate_into(&ml_kem(), pair.public, &aes(), Some(2000));
        assert_eq!((got, length, ciphertext.len(), secrets()), (Rv(CKR_OK), 1088, 1088, 1));
    });
}

#[test]
fn templates_of_the_new_key() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = pair(session, CKM_ML_KEM_KEY_PAIR_GEN, CKP_ML_KEM_512);
        let mut tally = Tally::new("5.18.8 templates");
        for (name, template, allowed) in [
            ("nothing", Template::new(), &[CKR_OK][..]),
            ("a generic secret", Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET), &[CKR_OK]),
            ("an AES key", aes(), &[CKR_OK]),
            ("an AES key of no length of AES", aes().ulong(CKA_VALUE_LEN, 20), &[CKR_ATTRIBUTE_VALUE_INVALID]),
            ("more than there is", Template::new().ulong(CKA_VALUE_LEN, 33), &[CKR_KEY_SIZE_RANGE]),
            ("a value", aes().bytes(CKA_VALUE, &[1; 32]), &[CKR_TEMPLATE_INCONSISTENT]),
            ("a private key", Template::key(CKO_PRIVATE_KEY, CKK_ML_KEM), &[CKR_TEMPLATE_INCONSISTENT]),
            ("an attribute of other keys", aes().bytes(CKA_MODULUS, &[1]), &[CKR_TEMPLATE_INCONSISTENT]),
        ] {
            let before = session.find(&Template::new()).expect("C_FindObjects").len();
            let got = session.encapsulate(&ml_kem(), pair.public, &template);
            let made = usize::from(got.is_ok());
            tally.row(name, got, allowed);
            tally.equal(name, session.find(&Template::new()).map(|all| all.len()), Ok(before + made));
        }
    });
}

/// 4.9, 4.10: CKA_ENCAPSULATE_TEMPLATE and CKA_DECAPSULATE_TEMPLATE are prescribed, and may not be contradicted.
#[test]
fn prescribed_templates() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let hidden = || Template::new().bool(CKA_SENSITIVE, true).bool(CKA_EXTRACTABLE, false);
        let public = Template::new().ulong(CKA_PARAMETER_SET, CKP_ML_KEM_512).nested(CKA_ENCAPSULATE_TEMPLATE, hidden());
        let private = Template::new().nested(CKA_DECAPSULATE_TEMPLATE, hidden());
        let made = session.generate_pair(&Mechanism::bare(CKM_ML_KEM_KEY_PAIR_GEN), &public, &private);
        let (public, private) = made.expect("a pair");
        let bare = Template::key(CKO_SECRET_KEY, CKK_AES);
        let (ciphertext, ours) = session.encapsulate(&ml_kem(), public, &bare).expect("C_EncapsulateKey");
        let theirs = session.decapsulate(&ml_kem(), private, &ciphertext, &bare).expect("C_DecapsulateKey");
        for key in [ours, theirs] {
            assert_eq!((session.flag(key, CKA_SENSITIVE), session.flag(key, CKA_EXTRACTABLE)), (Ok(true), Ok(false)));
        }
        assert_eq!(session.encapsulate(&ml_kem(), public, &aes()), refused(CKR_TEMPLATE_INCONSISTENT));
        let got = session.decapsulate(&ml_kem(), private, &ciphertext, &aes());
        assert_eq!(got, refused(CKR_TEMPLATE_INCONSISTENT));
    });
}

#[test]
fn permissions() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = pair(session, CKM_ML_KEM_KEY_PAIR_GEN, CKP_ML_KEM_512);
        let (ciphertext, _) = session.encapsulate(&ml_kem(), pair.public, &aes()).expect("C_EncapsulateKey");
        let mut tally = Tally::new("5.18.8 permissions");
        let none = Mechanism::bytes(CKM_ML_KEM, &[1]);
        tally.row("a parameter", session.encapsulate(&none, pair.public, &aes()), &[CKR_MECHANISM_PARAM_INVALID]);
        tally.row("the private key", session.encapsulate(&ml_kem(), pair.private, &aes()), &[CKR_KEY_TYPE_INCONSISTENT]);
        let rsa = session.rsa(1024);
        tally.row("an RSA key", session.encapsulate(&ml_kem(), rsa.public, &aes()), &[CKR_KEY_TYPE_INCONSISTENT]);
        tally.row("no key", session.encapsulate(&ml_kem(), Object(0), &aes()), &[CKR_KEY_HANDLE_INVALID]);
        let wrong = session.decapsulate(&ml_kem(), Object(0), &ciphertext, &aes());
        tally.row("no private key", wrong, &[CKR_UNWRAPPING_KEY_HANDLE_INVALID]);
        let rsa = Mechanism::bare(CKM_RSA_PKCS);
        tally.row("no KEM", session.encapsulate(&rsa, pair.public, &aes()), &[CKR_MECHANISM_INVALID]);
        tally.row("a signature", session.begin(Begin::Sign, &ml_kem(), pair.private), &[CKR_MECHANISM_INVALID]);
        session.set(pair.public, &Template::new().bool(CKA_ENCAPSULATE, false)).expect("C_SetAttributeValue");
        session.set(pair.private, &Template::new().bool(CKA_DECAPSULATE, false)).expect("C_SetAttributeValue");
        let no = &[CKR_KEY_FUNCTION_NOT_PERMITTED];
        tally.row("without CKA_ENCAPSULATE", session.encapsulate(&ml_kem(), pair.public, &aes()), no);
        let got = session.decapsulate(&ml_kem(), pair.private, &ciphertext, &aes());
        tally.row("without CKA_DECAPSULATE", got, no);
    });
}
