//! What each right of a named user allows, and what its lack forbids: one row per right and call (hsm-sim/USERS.md).

use hsm_tests::users::{CREATE, DESTROY, ROTATE, USE};
use hsm_tests::*;

const PIN: &str = "their PIN";
const RIGHTS: [(&str, CK_FLAGS); 5] = [("none", 0), ("create", CREATE), ("use", USE), ("rotate", ROTATE), ("destroy", DESTROY)];

/// A token with a user for each right.
fn token(home: &Home) -> Token {
    let token = home.token();
    let session = token.user();
    for (name, rights) in RIGHTS {
        Users::of(&token.module).add(session, name, PIN, rights).expect("Users_Add");
    }
    session.close().expect("C_CloseSession");
    token
}

/// The private token key "old", made by the standard user, and nothing else in the token; nobody is logged in.
fn old_key(session: Session<'_>) {
    session.login(CKU_USER, USER_PIN).expect("C_Login");
    for object in session.find(&Template::new()).expect("C_FindObjects") {
        session.destroy(object).expect("C_DestroyObject");
    }
    session.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &key("old")).expect("C_GenerateKey");
    session.logout().expect("C_Logout");
}

fn key(label: &str) -> Template {
    let open = Template::new().bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true);
    open.ulong(CKA_VALUE_LEN, 32).bytes(CKA_LABEL, label.as_bytes()).bool(CKA_TOKEN, true)
}

/// Does it as each of the users, with the key "old" as it was; who may is told `CKR_OK`, the rest `refusal`.
fn each(token: &Token, what: &'static str, may: &[&str], refusal: CK_RV, act: impl Fn(Session<'_>, Object) -> Answer) {
    let mut tally = Tally::new(what);
    for (name, _) in RIGHTS {
        let session = token.open(true);
        old_key(session);
        session.login_user(CKU_USER, PIN, name).expect("C_LoginUser");
        let old = session.find(&Template::new().bytes(CKA_LABEL, b"old")).expect("C_FindObjects")[0];
        let expected = if may.contains(&name) { CKR_OK } else { refusal };
        tally.row(name, act(session, old), &[expected]);
        session.close().expect("C_CloseSession");
    }
}

fn cbc() -> Mechanism {
    Mechanism::bytes(CKM_AES_CBC, &[0; 16])
}

#[test]
fn who_may_create() {
    isolated(|home| {
        let token = token(home);
        let aes = Mechanism::bare(CKM_AES_KEY_GEN);
        let new = |session: Session<'_>, _: Object| session.generate(&aes, &key("new")).map(|_| ());
        each(&token, "a new token key", &["create"], CKR_USER_NOT_LOGGED_IN, new);
    });
}

#[test]
fn who_may_copy_to_the_token() {
    isolated(|home| {
        let token = token(home);
        let copy = |session: Session<'_>, old| session.copy(old, &Template::new().bool(CKA_TOKEN, true)).map(|_| ());
        each(&token, "a copy in the token", &["create"], CKR_USER_NOT_LOGGED_IN, copy);
    });
}

#[test]
fn everybody_may_make_session_objects() {
    isolated(|home| {
        let token = token(home);
        let everybody = RIGHTS.map(|(name, _)| name);
        let data = |session: Session<'_>, _| {
            let object = session.create(&Template::of(CKO_DATA).bool(CKA_TOKEN, false).bool(CKA_PRIVATE, true))?;
            session.set(object, &Template::new().bytes(CKA_VALUE, b"x"))?;
            session.destroy(object)
        };
        each(&token, "a session object", &everybody, CKR_OK, data);
    });
}

#[test]
fn who_may_use() {
    isolated(|home| {
        let token = token(home);
        let encrypt = |session: Session<'_>, old| session.begin(Begin::Encrypt, &cbc(), old);
        each(&token, "C_EncryptInit", &["use"], CKR_KEY_FUNCTION_NOT_PERMITTED, encrypt);
    });
}

/// A value that can be read is as good as a use.
#[test]
fn who_may_read_the_value() {
    isolated(|home| {
        let token = token(home);
        let read = |session: Session<'_>, old| session.attribute(old, CKA_VALUE).map(|_| ());
        each(&token, "CKA_VALUE of a key that is not sensitive", &["use"], CKR_ATTRIBUTE_SENSITIVE, read);
        let digest = |session: Session<'_>, old| {
            session.begin(Begin::Digest, &Mechanism::bare(CKM_SHA256), Object(0)).expect("C_DigestInit");
            session.digest_key(old)
        };
        each(&token, "C_DigestKey", &["use"], CKR_KEY_FUNCTION_NOT_PERMITTED, digest);
    });
}

#[test]
fn who_may_rotate() {
    isolated(|home| {
        let token = token(home);
        let set = |session: Session<'_>, old| session.set(old, &Template::new().bool(CKA_ENCRYPT, false));
        each(&token, "C_SetAttributeValue", &["rotate"], CKR_ACTION_PROHIBITED, set);
        let aes = Mechanism::bare(CKM_AES_KEY_GEN);
        let next = |session: Session<'_>, _: Object| session.generate(&aes, &key("old")).map(|_| ());
        each(&token, "a key of a label that is there", &["create", "rotate"], CKR_USER_NOT_LOGGED_IN, next);
        let other = Mechanism::bare(CKM_GENERIC_SECRET_KEY_GEN);
        let strange = |session: Session<'_>, _: Object| session.generate(&other, &key("old")).map(|_| ());
        each(&token, "a key of another type", &["create"], CKR_USER_NOT_LOGGED_IN, strange);
    });
}

#[test]
fn who_may_destroy() {
    isolated(|home| {
        let token = token(home);
        let destroy = |session: Session<'_>, old| session.destroy(old);
        each(&token, "C_DestroyObject", &["destroy"], CKR_ACTION_PROHIBITED, destroy);
    });
}

#[test]
fn other_rights_hold_from_the_next_login_on() {
    isolated(|home| {
        let token = token(home);
        let session = token.open(true);
        old_key(session);
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        Users::of(&token.module).set_rights(session, "use", DESTROY).expect("Users_SetRights");
        session.logout().expect("C_Logout");
        session.login_user(CKU_USER, PIN, "use").expect("C_LoginUser");
        let old = session.find(&Template::new().bytes(CKA_LABEL, b"old")).expect("C_FindObjects")[0];
        assert_eq!(session.begin(Begin::Encrypt, &cbc(), old), refused(CKR_KEY_FUNCTION_NOT_PERMITTED));
        session.destroy(old).expect("C_DestroyObject");
    });
}

/// 5.6.8: the context-specific login repeats the PIN of whoever is logged in.
#[test]
fn the_context_specific_login_is_ones_own() {
    isolated(|home| {
        let token = token(home);
        let session = token.user();
        let always = Template::new().bool(CKA_ALWAYS_AUTHENTICATE, true).bool(CKA_TOKEN, true).bytes(CKA_LABEL, b"asks");
        let public = Template::new().bytes(CKA_EC_PARAMS, oid::P256);
        session.generate_pair(&Mechanism::bare(CKM_EC_KEY_PAIR_GEN), &public, &always).expect("an EC pair");
        session.logout().expect("C_Logout");
        session.login_user(CKU_USER, PIN, "use").expect("C_LoginUser");
        let key = session.find(&Template::new().bytes(CKA_LABEL, b"asks")).expect("C_FindObjects")[0];
        let mechanism = Mechanism::bare(CKM_ECDSA);
        session.begin(Begin::Sign, &mechanism, key).expect("C_SignInit");
        assert_eq!(session.login(CKU_CONTEXT_SPECIFIC, USER_PIN), refused(CKR_PIN_INCORRECT));
        let another = session.login_user(CKU_CONTEXT_SPECIFIC, PIN, "none");
        assert_eq!(another, refused(CKR_USER_ANOTHER_ALREADY_LOGGED_IN));
        session.login_user(CKU_CONTEXT_SPECIFIC, PIN, "use").expect("C_LoginUser");
        session.run(Step::Sign, &[7; 32]).expect("C_Sign");
    });
}
