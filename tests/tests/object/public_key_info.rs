//! 4.9 and 4.10: CKA_PUBLIC_KEY_INFO is derived from the key, for both halves of a pair.

use hsm_tests::*;

/// What `openssl` says of it must be what it would write itself.
#[test]
fn both_halves_tell_what_openssl_writes() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let Some(openssl) = Tool::on_path("openssl") else { return };
        let mut tally = Tally::new("4.9 CKA_PUBLIC_KEY_INFO");
        for (name, pair) in [
            ("RSA", session.rsa(2048)),
            ("P-256", session.ec(oid::P256)),
            ("P-521", session.ec(oid::P521)),
            ("Ed25519", session.ed25519()),
        ] {
            let info = session.attribute(pair.public, CKA_PUBLIC_KEY_INFO).expect("CKA_PUBLIC_KEY_INFO");
            tally.equal(format!("{name}: private"), session.attribute(pair.private, CKA_PUBLIC_KEY_INFO), Ok(info.clone()));
            let told = openssl.run(&["pkey", "-pubin", "-inform", "DER", "-outform", "DER"], &info);
            tally.equal(format!("{name}: openssl"), told.stdout, info);
        }
    });
}

#[test]
fn a_template_may_repeat_it_and_not_contradict() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (one, other) = (session.ec(oid::P256), session.ec(oid::P256));
        let part = |object, kind| session.attribute(object, kind).expect("an attribute");
        let template = Template::key(CKO_PUBLIC_KEY, CKK_EC)
            .bytes(CKA_EC_PARAMS, oid::P256)
            .bytes(CKA_EC_POINT, &part(one.public, CKA_EC_POINT));
        let mut tally = Tally::new("4.9 CKA_PUBLIC_KEY_INFO in a template");
        for (name, info, code) in [
            ("its own", part(one.public, CKA_PUBLIC_KEY_INFO), CKR_OK),
            ("empty", vec![], CKR_OK),
            ("another key's", part(other.public, CKA_PUBLIC_KEY_INFO), CKR_ATTRIBUTE_VALUE_INVALID),
            ("rubbish", vec![1, 2, 3], CKR_ATTRIBUTE_VALUE_INVALID),
        ] {
            tally.row(name, session.create(&template.clone().bytes(CKA_PUBLIC_KEY_INFO, &info)), &[code]);
        }
        let changed = session.set(one.public, &Template::new().bytes(CKA_PUBLIC_KEY_INFO, b"x"));
        tally.row("set", changed, &[CKR_ATTRIBUTE_READ_ONLY]);
        let secret = session.attribute(session.aes(32), CKA_PUBLIC_KEY_INFO);
        tally.row("of a secret key", secret, &[CKR_ATTRIBUTE_TYPE_INVALID]);
    });
}

/// 4.15: a module that nobody has validated says so of each key.
#[test]
fn keys_claim_no_validation() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        assert_eq!(session.number(session.aes(32), CKA_OBJECT_VALIDATION_FLAGS), Ok(0));
    });
}
