//! 4.1.3 and 5.7.2: C_CopyObject.

use crate::aes_template;
use hsm_tests::*;

#[test]
fn a_copy_is_the_same_and_its_own() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.create(&aes_template().bytes(CKA_LABEL, b"first").bool(CKA_ENCRYPT, true)).expect("a key");
        let copy = session.copy(key, &Template::new().bytes(CKA_LABEL, b"second")).expect("C_CopyObject");
        assert_eq!(session.attribute(copy, CKA_LABEL), Ok(b"second".to_vec()));
        assert_eq!(session.attribute(key, CKA_LABEL), Ok(b"first".to_vec()));
        assert_eq!(session.attribute(copy, CKA_VALUE), Ok(vec![0x42; 32]));
        assert_ne!(session.attribute(copy, CKA_UNIQUE_ID), session.attribute(key, CKA_UNIQUE_ID));
        session.destroy(key).expect("C_DestroyObject");
        let cipher = session.encrypt(&crate::cbc(), copy, &[0; 16]);
        assert!(cipher.is_ok(), "the copy lives on: {cipher:?}");
    });
}

/// "The attributes which are modifiable, plus TOKEN, PRIVATE, MODIFIABLE and DESTROYABLE."
#[test]
fn what_a_copy_may_change() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let refusals: &[CK_RV] = &[CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID];
        let t = Template::new;
        let mut tally = Tally::new("4.1.3 C_CopyObject");
        for (name, change, allowed) in [
            ("nothing", t(), &[CKR_OK][..]),
            ("TOKEN", t().bool(CKA_TOKEN, true), &[CKR_OK]),
            ("PRIVATE", t().bool(CKA_PRIVATE, true), &[CKR_OK]),
            ("MODIFIABLE", t().bool(CKA_MODIFIABLE, false), &[CKR_OK]),
            ("DESTROYABLE", t().bool(CKA_DESTROYABLE, false), &[CKR_OK]),
            ("LABEL", t().bytes(CKA_LABEL, b"new"), &[CKR_OK]),
            ("SENSITIVE", t().bool(CKA_SENSITIVE, true), &[CKR_OK]),
            ("EXTRACTABLE", t().bool(CKA_EXTRACTABLE, false), &[CKR_OK]),
            ("CLASS", Template::of(CKO_DATA), refusals),
            ("KEY_TYPE", t().ulong(CKA_KEY_TYPE, CKK_RSA), refusals),
            ("VALUE", t().bytes(CKA_VALUE, &[1; 32]), refusals),
            ("LOCAL", t().bool(CKA_LOCAL, true), refusals),
            ("NEVER_EXTRACTABLE", t().bool(CKA_NEVER_EXTRACTABLE, true), refusals),
            ("UNIQUE_ID", t().bytes(CKA_UNIQUE_ID, b"mine"), refusals),
        ] {
            let key = session.create(&aes_template().bool(CKA_PRIVATE, false)).expect("a key");
            tally.row(name, session.copy(key, &change), allowed);
        }
    });
}

/// 5.7.2: the rights of the session apply to the copy.
#[test]
fn a_copy_needs_the_rights_of_a_creation() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(false);
        let data = session.create(&Template::of(CKO_DATA).bool(CKA_PRIVATE, false)).expect("C_CreateObject");
        let to_token = session.copy(data, &Template::new().bool(CKA_TOKEN, true));
        assert_eq!(to_token, refused(CKR_SESSION_READ_ONLY));
        let to_private = session.copy(data, &Template::new().bool(CKA_PRIVATE, true));
        assert_eq!(to_private, refused(CKR_USER_NOT_LOGGED_IN));
    });
}
