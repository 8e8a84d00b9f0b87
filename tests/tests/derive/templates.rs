//! CKA_DERIVE, CKA_DERIVE_TEMPLATE (4.10), CKA_ALLOWED_MECHANISMS, and where derived keys may be written.

use crate::with_data;
use hsm_tests::*;

#[test]
fn the_base_key_decides() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mechanism = with_data(CKM_CONCATENATE_BASE_AND_DATA, b"data");
        let plain = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).with(&Template::shown()).bytes(CKA_VALUE, &[1; 16]);
        let deriving = plain.clone().bool(CKA_DERIVE, true);
        let prescribing = deriving.clone().nested(CKA_DERIVE_TEMPLATE, Template::new().bytes(CKA_LABEL, b"prescribed"));
        let labelled = |label: &[u8]| Template::new().bytes(CKA_LABEL, label);
        let allowed = |list: &[CK_MECHANISM_TYPE]| deriving.clone().mechanisms(CKA_ALLOWED_MECHANISMS, list);
        let mut tally = Tally::new("4.10 and 4.8: CKA_DERIVE, CKA_DERIVE_TEMPLATE, CKA_ALLOWED_MECHANISMS");
        for (name, base, template, rv) in [
            ("nothing said", plain.clone(), Template::new(), CKR_KEY_FUNCTION_NOT_PERMITTED),
            ("DERIVE false", plain.bool(CKA_DERIVE, false), Template::new(), CKR_KEY_FUNCTION_NOT_PERMITTED),
            ("DERIVE true", deriving.clone(), Template::new(), CKR_OK),
            ("a template, left open", prescribing.clone(), Template::new(), CKR_OK),
            ("a template, repeated", prescribing.clone(), labelled(b"prescribed"), CKR_OK),
            ("a template, contradicted", prescribing.clone(), labelled(b"another"), CKR_TEMPLATE_INCONSISTENT),
            ("the mechanism allowed", allowed(&[CKM_CONCATENATE_BASE_AND_DATA]), Template::new(), CKR_OK),
            ("another allowed", allowed(&[CKM_HKDF_DERIVE]), Template::new(), CKR_MECHANISM_INVALID),
        ] {
            let base = session.create(&base).expect("a base key");
            tally.row(name, session.derive(&mechanism, base, &template), &[rv]);
        }
        let base = session.create(&prescribing).expect("a base key");
        let key = session.derive(&mechanism, base, &Template::new()).expect("a key");
        tally.equal("the label", session.attribute(key, CKA_LABEL), Ok(b"prescribed".to_vec()));
    });
}

#[test]
fn the_second_key_must_derive_too() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (base, mute) = (session.base_of(b"base"), session.secret_of(b"mute"));
        let mechanism = |key: Object| Mechanism::structure(CKM_CONCATENATE_BASE_AND_KEY, Layout::new().word(key));
        let got = session.derive(&mechanism(mute), base, &Template::new());
        assert_eq!(got.err(), Some(Rv(CKR_KEY_FUNCTION_NOT_PERMITTED)));
        let got = session.derive(&mechanism(Object(CK_INVALID_HANDLE)), base, &Template::new());
        assert_eq!(got.err(), Some(Rv(CKR_KEY_HANDLE_INVALID)));
    });
}

#[test]
fn read_only_sessions_write_no_token_keys() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let base = session.base_of(b"base");
        let mechanism = with_data(CKM_CONCATENATE_BASE_AND_DATA, b"data");
        let reader = token.open(false);
        let got = reader.derive(&mechanism, base, &Template::new().bool(CKA_TOKEN, true));
        assert_eq!(got.err(), Some(Rv(CKR_SESSION_READ_ONLY)));
        assert!(reader.derive(&mechanism, base, &Template::new()).is_ok());
        assert!(session.derive(&mechanism, base, &Template::new().bool(CKA_TOKEN, true)).is_ok());
    });
}
