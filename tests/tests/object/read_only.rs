//! Tables of 4.4, 4.8, 4.10, 4.11, footnotes 2, 4, 6, 8: attributes that only the token sets.

use crate::aes_template;
use hsm_tests::*;

const REFUSED: &[CK_RV] = &[CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID];

/// Attributes of every secret key that no application sets (footnotes 2, 4 and 6).
fn of_the_token() -> Vec<(&'static str, Template)> {
    let t = Template::new;
    vec![
        ("ALWAYS_SENSITIVE true", t().bool(CKA_ALWAYS_SENSITIVE, true)),
        ("ALWAYS_SENSITIVE false", t().bool(CKA_ALWAYS_SENSITIVE, false)),
        ("NEVER_EXTRACTABLE true", t().bool(CKA_NEVER_EXTRACTABLE, true)),
        ("LOCAL true", t().bool(CKA_LOCAL, true)),
        ("LOCAL false", t().bool(CKA_LOCAL, false)),
        ("KEY_GEN_MECHANISM", t().ulong(CKA_KEY_GEN_MECHANISM, CKM_AES_KEY_GEN)),
        ("UNIQUE_ID", t().bytes(CKA_UNIQUE_ID, b"mine")),
    ]
}

#[test]
fn not_when_created_generated_or_unwrapped() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (wrapping, key) = (session.aes(32), session.aes(32));
        let wrapped = session.wrap(&crate::key_wrap(), wrapping, key).expect("C_WrapKey");
        let generate = Mechanism::bare(CKM_AES_KEY_GEN);
        let mut tally = Tally::new("footnotes 2, 4, 6");
        for (name, extra) in of_the_token() {
            tally.row(format!("create with {name}"), session.create(&aes_template().with(&extra)), REFUSED);
            let template = Template::new().ulong(CKA_VALUE_LEN, 32).with(&extra);
            tally.row(format!("generate with {name}"), session.generate(&generate, &template), REFUSED);
            let template = Template::key(CKO_SECRET_KEY, CKK_AES).with(&extra);
            let unwrapped = session.unwrap(&crate::key_wrap(), wrapping, &wrapped, &template);
            tally.row(format!("unwrap with {name}"), unwrapped, REFUSED);
        }
    });
}

#[test]
fn not_later_either() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("footnote 8: only some attributes may be modified");
        let fixed = [
            ("CLASS", Template::of(CKO_DATA)),
            ("KEY_TYPE", Template::new().ulong(CKA_KEY_TYPE, CKK_RSA)),
            ("VALUE", Template::new().bytes(CKA_VALUE, &[1; 32])),
            ("VALUE_LEN", Template::new().ulong(CKA_VALUE_LEN, 16)),
            ("TOKEN", Template::new().bool(CKA_TOKEN, true)),
            ("PRIVATE", Template::new().bool(CKA_PRIVATE, false)),
            ("DESTROYABLE", Template::new().bool(CKA_DESTROYABLE, false)),
            ("MODIFIABLE", Template::new().bool(CKA_MODIFIABLE, false)),
        ];
        for (name, change) in of_the_token().into_iter().chain(fixed) {
            let key = session.create(&aes_template()).expect("a key");
            tally.row(
                format!("set {name}"),
                session.set(key, &change),
                &[CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_TYPE_INVALID],
            );
        }
        let key = session.create(&aes_template()).expect("a key");
        let unknown = Template::new().bytes(0x7fff_1234, b"x");
        tally.row("set an attribute of no class", session.set(key, &unknown), &[CKR_ATTRIBUTE_TYPE_INVALID]);
        let foreign = Template::new().bytes(CKA_MODULUS, &[1; 128]);
        let refusals = [CKR_ATTRIBUTE_TYPE_INVALID, CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_READ_ONLY];
        tally.row("set an attribute of another class", session.set(key, &foreign), &refusals);
    });
}

/// Each of a key's own attributes that may be changed is.
#[test]
fn the_others_may_change() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.create(&aes_template()).expect("a key");
        let mut tally = Tally::new("footnote 8: modifiable attributes");
        for attribute in [CKA_LABEL, CKA_ID] {
            for value in [b"new".as_slice(), b""] {
                let changed = session.set(key, &Template::new().bytes(attribute, value));
                tally.row(format!("set {attribute:#x}"), changed, &[CKR_OK]);
                tally.equal(format!("read {attribute:#x}"), session.attribute(key, attribute), Ok(value.to_vec()));
            }
        }
        for attribute in [CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_VERIFY, CKA_WRAP, CKA_UNWRAP, CKA_DERIVE] {
            for value in [true, false] {
                let changed = session.set(key, &Template::new().bool(attribute, value));
                tally.row(format!("set {attribute:#x} {value}"), changed, &[CKR_OK]);
                tally.equal(format!("read {attribute:#x}"), session.flag(key, attribute), Ok(value));
            }
        }
        let mixed = Template::new().bytes(CKA_LABEL, b"half").bool(CKA_LOCAL, true);
        tally.row("a good and a bad change", session.set(key, &mixed), &[CKR_ATTRIBUTE_READ_ONLY]);
        tally.equal("neither happened", session.attribute(key, CKA_LABEL), Ok(vec![]));
    });
}
