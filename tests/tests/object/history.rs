//! 4.8, 4.10, 4.11: CKA_LOCAL, KEY_GEN_MECHANISM, ALWAYS_SENSITIVE and NEVER_EXTRACTABLE tell where a key came from.

use crate::{aes_template, key_wrap};
use hsm_tests::*;

struct Past {
    local: bool,
    made_by: CK_MECHANISM_TYPE,
    always_sensitive: bool,
    never_extractable: bool,
}

const OUTSIDE: Past =
    Past { local: false, made_by: CK_UNAVAILABLE_INFORMATION, always_sensitive: false, never_extractable: false };

fn generated(made_by: CK_MECHANISM_TYPE, safe: bool) -> Past {
    Past { local: true, made_by, always_sensitive: safe, never_extractable: safe }
}

#[test]
fn keys_tell_their_past() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("where keys come from");
        let safe = |yes: bool| Template::new().bool(CKA_SENSITIVE, yes).bool(CKA_EXTRACTABLE, !yes);
        for yes in [true, false] {
            let template = Template::new().ulong(CKA_VALUE_LEN, 16).with(&safe(yes));
            let key = session.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &template).expect("a key");
            check(session, key, &generated(CKM_AES_KEY_GEN, yes), &mut tally, "generated");
            let copy = session.copy(key, &Template::new()).expect("C_CopyObject");
            check(session, copy, &generated(CKM_AES_KEY_GEN, yes), &mut tally, "copied");
            session.set(key, &safe(true)).expect("C_SetAttributeValue");
            check(session, key, &generated(CKM_AES_KEY_GEN, yes), &mut tally, "made safe later");
        }
        let imported = session.create(&aes_template().with(&safe(true))).expect("a key");
        check(session, imported, &OUTSIDE, &mut tally, "imported");
        let (with, key) = (session.aes(32), session.aes(32));
        let wrapped = session.wrap(&key_wrap(), with, key).expect("C_WrapKey");
        let template = Template::key(CKO_SECRET_KEY, CKK_AES).with(&safe(true));
        let unwrapped = session.unwrap(&key_wrap(), with, &wrapped, &template).expect("C_UnwrapKey");
        check(session, unwrapped, &OUTSIDE, &mut tally, "unwrapped");
    });
}

#[test]
fn private_keys_too() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("where key pairs come from");
        let safe = Template::new().bool(CKA_SENSITIVE, true).bool(CKA_EXTRACTABLE, false);
        let rsa = Template::new().ulong(CKA_MODULUS_BITS, 1024);
        for (mechanism, public) in [
            (CKM_EC_KEY_PAIR_GEN, Template::new().bytes(CKA_EC_PARAMS, oid::P256)),
            (CKM_EC_EDWARDS_KEY_PAIR_GEN, Template::new().bytes(CKA_EC_PARAMS, oid::ED25519)),
            (CKM_RSA_PKCS_KEY_PAIR_GEN, rsa),
        ] {
            let made = session.generate_pair(&Mechanism::bare(mechanism), &public, &safe);
            let (public, private) = made.expect("a pair");
            let name = format!("pair by {mechanism:#x}");
            check(session, private, &generated(mechanism, true), &mut tally, &name);
            tally.equal(format!("{name}: public LOCAL"), session.flag(public, CKA_LOCAL), Ok(true));
        }
    });
}

fn check(session: Session<'_>, key: Object, want: &Past, tally: &mut Tally, name: &str) {
    tally.equal(format!("{name}: LOCAL"), session.flag(key, CKA_LOCAL), Ok(want.local));
    let made_by = session.number(key, CKA_KEY_GEN_MECHANISM);
    tally.equal(format!("{name}: KEY_GEN_MECHANISM"), made_by, Ok(want.made_by));
    let sensitive = session.flag(key, CKA_ALWAYS_SENSITIVE);
    tally.equal(format!("{name}: ALWAYS_SENSITIVE"), sensitive, Ok(want.always_sensitive));
    let extractable = session.flag(key, CKA_NEVER_EXTRACTABLE);
    tally.equal(format!("{name}: NEVER_EXTRACTABLE"), extractable, Ok(want.never_extractable));
}
