//! 4.9, 4.10, 4.11: CKA_WRAP_TEMPLATE "matches against the key to be wrapped", CKA_UNWRAP_TEMPLATE "applies to any
//! keys unwrapped".

use crate::{aes_template, key_wrap};
use hsm_tests::*;

#[test]
fn wrap_template_selects_what_may_be_wrapped() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let only = Template::new().ulong(CKA_KEY_TYPE, CKK_AES).bytes(CKA_ID, b"exportable");
        let with = aes_template().bool(CKA_WRAP, true).nested(CKA_WRAP_TEMPLATE, only);
        let with = session.create(&with).expect("a wrapping key");
        let key = |id: &[u8]| session.create(&aes_template().bytes(CKA_ID, id)).expect("a key");
        let mut tally = Tally::new("CKA_WRAP_TEMPLATE");
        tally.row("a key that matches", session.wrap(&key_wrap(), with, key(b"exportable")), &[CKR_OK]);
        let no = &[CKR_KEY_HANDLE_INVALID, CKR_KEY_NOT_WRAPPABLE];
        tally.row("a key that does not", session.wrap(&key_wrap(), with, key(b"other")), no);
    });
}

#[test]
fn unwrap_template_is_applied() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let value = [9; 32];
        let forced = Template::new().bool(CKA_SENSITIVE, true).bool(CKA_EXTRACTABLE, false);
        let with = aes_template().bytes(CKA_VALUE, &value).bool(CKA_UNWRAP, true);
        let with = session.create(&with.nested(CKA_UNWRAP_TEMPLATE, forced)).expect("an unwrapping key");
        let wrapping = session.aes_of(&value);
        let wrapped = session.wrap(&key_wrap(), wrapping, session.aes(16)).expect("C_WrapKey");
        let template = Template::key(CKO_SECRET_KEY, CKK_AES);
        let key = session.unwrap(&key_wrap(), with, &wrapped, &template).expect("C_UnwrapKey");
        assert_eq!(session.flag(key, CKA_SENSITIVE), Ok(true));
        assert_eq!(session.flag(key, CKA_EXTRACTABLE), Ok(false));
        let against = template.bool(CKA_EXTRACTABLE, true);
        assert_eq!(session.unwrap(&key_wrap(), with, &wrapped, &against), refused(CKR_TEMPLATE_INCONSISTENT));
    });
}

/// 5.7.5: a template attribute is read like any other: its length first.
#[test]
fn templates_can_be_read() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let only = Template::new().bool(CKA_TOKEN, true).bytes(CKA_LABEL, b"label");
        let key = session.create(&aes_template().nested(CKA_WRAP_TEMPLATE, only)).expect("a key");
        let got = session.attributes(key, &[Slot::Length(CKA_WRAP_TEMPLATE)]);
        assert_eq!(got.rv, Rv(CKR_OK));
        assert_eq!(got.lengths[0] as usize, 2 * size_of::<CK_ATTRIBUTE>());
    });
}

/// DESIGN 4.11: templates inside templates inside templates must not exhaust the stack.
#[test]
fn deep_nesting_is_refused() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let deep =
            (0..200).fold(Template::new().bool(CKA_TOKEN, true), |inner, _| Template::new().nested(CKA_WRAP_TEMPLATE, inner));
        let got = Rv::from(session.create(&aes_template().with(&deep)));
        let refusals =
            [CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT, CKR_ARGUMENTS_BAD, CKR_ATTRIBUTE_TYPE_INVALID].map(Rv);
        assert!(refusals.contains(&got), "{got:?}");
    });
}

/// A template that contains itself has no end: it was followed until the stack was.
#[test]
fn a_template_in_itself_is_refused() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        for attribute in [CKA_WRAP_TEMPLATE, CKA_UNWRAP_TEMPLATE, CKA_DERIVE_TEMPLATE] {
            let got = Rv::from(session.create(&aes_template().itself(attribute)));
            assert_eq!(got, Rv(CKR_ATTRIBUTE_VALUE_INVALID), "{attribute:#x}");
        }
    });
}

/// What a key hides, a wrapping template must not tell: a mismatch and a hidden value look the same.
#[test]
fn a_wrap_template_is_no_oracle() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let only = Template::new().bytes(CKA_VALUE, &[0x42; 32]);
        let with = aes_template().bool(CKA_WRAP, true).nested(CKA_WRAP_TEMPLATE, only);
        let with = session.create(&with).expect("a wrapping key");
        let hidden = session.create(&aes_template().bool(CKA_SENSITIVE, true)).expect("a sensitive key");
        assert_eq!(session.wrap(&key_wrap(), with, hidden), refused(CKR_KEY_HANDLE_INVALID));
    });
}
