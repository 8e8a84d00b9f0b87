//! Ways around the rights of named users, each of which once led past them.

use hsm_tests::users::{CREATE, ROTATE, USE};
use hsm_tests::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const PIN: &str = "their PIN";
const VALUE: [u8; 32] = [0x5a; 32];

/// A token with these users, and the extractable key "target" that the standard user made.
fn token(home: &Home, users: &[(&str, CK_FLAGS)], target: &Template) -> Token {
    let token = home.token();
    let session = token.user();
    for (name, rights) in users {
        Users::of(&token.module).add(session, name, PIN, *rights).expect("Users_Add");
    }
    session.create(target).expect("the key");
    session.close().expect("C_CloseSession");
    token
}

fn target(sensitive: bool) -> Template {
    let open = Template::key(CKO_SECRET_KEY, CKK_AES).bool(CKA_TOKEN, true).bool(CKA_EXTRACTABLE, true);
    open.bool(CKA_SENSITIVE, sensitive).bytes(CKA_LABEL, b"target").bytes(CKA_VALUE, &VALUE)
}

fn login<'t>(token: &'t Token, name: &str) -> (Session<'t>, Object) {
    let session = token.open(true);
    session.login_user(CKU_USER, PIN, name).expect("C_LoginUser");
    let found = session.find(&Template::new().bytes(CKA_LABEL, b"target")).expect("C_FindObjects");
    (session, found[0])
}

/// Only the key that wraps was asked for: a session key of known value led every extractable key out.
#[test]
fn wrapping_is_a_use_of_what_is_wrapped() {
    isolated(|home| {
        let token = token(home, &[("none", 0)], &target(true));
        let (session, target) = login(&token, "none");
        let known = Template::key(CKO_SECRET_KEY, CKK_AES).bool(CKA_TOKEN, false).bool(CKA_PRIVATE, false);
        let known = session.create(&known.bool(CKA_WRAP, true).bytes(CKA_VALUE, &[1; 32])).expect("a public session key");
        let wrapped = session.wrap(&Mechanism::bytes(CKM_AES_CBC_PAD, &[0; 16]), known, target);
        assert_eq!(wrapped, refused(CKR_KEY_FUNCTION_NOT_PERMITTED));
        let mut gcm = GcmMessage::given(&[7; 12]);
        let wrapped = session.wrap_authenticated(&mut gcm, known, target, b"", Some(64)).0;
        assert_eq!(wrapped, Rv(CKR_KEY_FUNCTION_NOT_PERMITTED));
    });
}

/// Whoever was logged out while a call was under way had all rights for the rest of it.
#[test]
fn a_logout_gives_no_rights() {
    isolated(|home| {
        let token = token(home, &[("none", 0)], &target(false));
        for _ in 0..4 {
            let (session, target) = login(&token, "none");
            let slots = vec![Slot::Room(CKA_VALUE, 32); 1024];
            let started = AtomicBool::new(false);
            let read = || {
                loop {
                    let got = session.attributes(target, &slots);
                    started.store(true, Ordering::SeqCst);
                    if got.rv != Rv(CKR_ATTRIBUTE_SENSITIVE) || got.values.iter().any(|value| *value == VALUE) {
                        return got.values.iter().filter(|value| **value == VALUE).count();
                    }
                }
            };
            thread::scope(|scope| {
                let reader = scope.spawn(read);
                while !started.load(Ordering::SeqCst) {
                    thread::yield_now();
                }
                session.logout().expect("C_Logout");
                assert_eq!(reader.join().expect("the reader"), 0, "values told after the logout");
            });
        }
    });
}

/// A login that ends because a PIN was locked is a logout: what was begun ends, and no other user goes on with it.
#[test]
fn a_login_that_is_cut_ends_its_operations() {
    isolated(|home| {
        let token = token(home, &[("none", 0)], &target(true));
        let (one, other) = (token.user(), token.open(true));
        let public = Template::new().bytes(CKA_EC_PARAMS, oid::P256);
        let asks = Template::new().bool(CKA_SIGN, true).bool(CKA_ALWAYS_AUTHENTICATE, true);
        let generation = Mechanism::bare(CKM_EC_KEY_PAIR_GEN);
        let (_, asks) = one.generate_pair(&generation, &public, &asks).expect("a pair");
        let token_key = Template::new().bool(CKA_SIGN, true).bool(CKA_TOKEN, true);
        let (_, private) = one.generate_pair(&generation, &public, &token_key).expect("a pair");
        one.signed_message_init(false, Some(&Mechanism::bare(CKM_ECDSA_SHA256)), private).expect("C_MessageSignInit");
        one.begin(Begin::Sign, &Mechanism::bare(CKM_ECDSA_SHA256), private).expect("C_SignInit");
        other.begin(Begin::Sign, &Mechanism::bare(CKM_ECDSA), asks).expect("C_SignInit");
        while other.state() != CKS_RW_PUBLIC_SESSION {
            assert!(other.login(CKU_CONTEXT_SPECIFIC, "wrong").is_err());
        }
        assert_eq!(one.sign_message(b"data", Some(200)).0, Rv(CKR_OPERATION_NOT_INITIALIZED));
        other.login_user(CKU_USER, PIN, "none").expect("C_LoginUser");
        assert_eq!(one.run(Step::Sign, b"data"), refused(CKR_OPERATION_NOT_INITIALIZED));
    });
}

/// Nobody sees them before a login: so a secret key of the token needs the right, CKA_PRIVATE or not.
#[test]
fn secret_keys_that_are_not_private() {
    isolated(|home| {
        let public = target(false).bool(CKA_PRIVATE, false).bool(CKA_ENCRYPT, true);
        let token = token(home, &[("none", 0)], &public);
        let (session, target) = login(&token, "none");
        let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
        assert_eq!(session.begin(Begin::Encrypt, &cbc, target), refused(CKR_KEY_FUNCTION_NOT_PERMITTED));
        assert_eq!(session.attribute(target, CKA_VALUE), refused(CKR_ATTRIBUTE_SENSITIVE));
    });
}

/// A successor that everybody could read, or one of chosen value, or a key renamed to be followed: that would be the right to create.
#[test]
fn rotating_is_not_creating() {
    isolated(|home| {
        let token = token(home, &[("rotate", ROTATE)], &target(true));
        let (session, target) = login(&token, "rotate");
        let next = || Template::new().bool(CKA_TOKEN, true).ulong(CKA_VALUE_LEN, 32).bytes(CKA_LABEL, b"target");
        let aes = Mechanism::bare(CKM_AES_KEY_GEN);
        let mut tally = Tally::new("what a successor must not be");
        for (name, template) in [
            ("readable", next().bool(CKA_EXTRACTABLE, true).bool(CKA_SENSITIVE, false)),
            ("public", next().bool(CKA_EXTRACTABLE, true).bool(CKA_PRIVATE, false)),
            ("of another label", next().without(CKA_LABEL).bytes(CKA_LABEL, b"other")),
        ] {
            tally.row(name, session.generate(&aes, &template), &[CKR_USER_NOT_LOGGED_IN]);
        }
        tally.row("better protected", session.generate(&aes, &next()), &[CKR_OK]);
        let renamed = session.set(target, &Template::new().bytes(CKA_LABEL, b"other"));
        tally.row("a key renamed", renamed, &[CKR_ACTION_PROHIBITED]);
        let changed = session.set(target, &Template::new().bytes(CKA_ID, b"retired"));
        tally.row("a key given another id", changed, &[CKR_OK]);
    });
}

/// A right guess was no change, and so allowed; a wrong one was: whoever may not read a value could still try values.
#[test]
fn guesses_at_values_are_not_confirmed() {
    isolated(|home| {
        let token = token(home, &[("none", 0), ("rotate", ROTATE)], &target(false));
        let (session, target) = login(&token, "none");
        let guess = |value: [u8; 32]| Template::new().bytes(CKA_VALUE, &value);
        let mut tally = Tally::new("guesses at values");
        for value in [VALUE, [0x5b; 32]] {
            let copy = session.copy(target, &guess(value).bool(CKA_TOKEN, false));
            tally.row("copying", copy, &[CKR_ATTRIBUTE_READ_ONLY]);
            tally.equal("searching", session.find(&guess(value)), Ok(vec![]));
        }
        session.logout().expect("C_Logout");
        let (session, target) = login(&token, "rotate");
        for value in [VALUE, [0x5b; 32]] {
            tally.row("setting", session.set(target, &guess(value)), &[CKR_ATTRIBUTE_READ_ONLY]);
        }
    });
}

/// The list and its mark are read one after the other; in between another process changed both, and the token seemed edited.
#[test]
fn changes_elsewhere_are_no_tampering() {
    isolated(|home| {
        let until = |seconds| Instant::now() + Duration::from_secs(seconds);
        if home.role().is_some() {
            let token = home.shared_token();
            let (session, users) = (token.user(), Users::of(&token.module));
            let end = until(3);
            for number in 0.. {
                users.set_rights(session, "alice", number % 16).expect("Users_SetRights");
                if Instant::now() > end {
                    return;
                }
            }
        }
        let token = token(home, &[("alice", USE | CREATE)], &target(true));
        let mut elsewhere = home.spawn("elsewhere", |_| {});
        let session = token.open(true);
        session.login_user(CKU_USER, PIN, "alice").expect("C_LoginUser");
        while elsewhere.try_wait().expect("the other process").is_none() {
            Users::of(&token.module).list(session).expect("Users_List");
        }
        assert!(elsewhere.wait().expect("the other process").success());
    });
}

/// A copy that is neither private nor of the token is anybody's to use: it led past the right to use the key.
#[test]
fn a_copy_for_everybody_is_a_use() {
    isolated(|home| {
        let token = token(home, &[("none", 0), ("maker", CREATE)], &target(false).bool(CKA_PRIVATE, false));
        for name in ["none", "maker"] {
            let (session, target) = login(&token, name);
            let copy = |token: bool, private: bool| {
                session.copy(target, &Template::new().bool(CKA_TOKEN, token).bool(CKA_PRIVATE, private))
            };
            assert_eq!(copy(false, false), refused(CKR_KEY_FUNCTION_NOT_PERMITTED), "{name}");
            let private = copy(false, true).expect("a private copy");
            assert_eq!(session.attribute(private, CKA_VALUE), refused(CKR_ATTRIBUTE_SENSITIVE), "{name}");
            session.close().expect("C_CloseSession");
        }
    });
}
