//! What one process does to the token, the other sees.

use crate::{Other, data, pause, say};
use hsm_tests::*;

/// Objects made, changed and destroyed; a cached key that is gone must not be used on.
#[test]
fn objects_are_shared() {
    isolated(|home| {
        if home.role().is_some() {
            return change_objects(home);
        }
        let token = home.token();
        let session = token.user();
        let count = |label: &str| session.find(&data(label)).expect("C_FindObjects").len();
        let mut other = Other::start(home, "changes");
        assert_eq!(other.hear().as_deref(), Some("made"));
        assert_eq!(count("made there"), 1);
        let mine = session.create(&data("made here")).expect("data");
        other.go_on();
        assert_eq!(other.hear().as_deref(), Some("renamed"));
        assert_eq!(session.attribute(mine, CKA_LABEL), Ok(b"renamed there".to_vec()));
        assert_eq!((count("made here"), count("renamed there")), (0, 1));
        other.go_on();
        assert_eq!(other.hear().as_deref(), Some("destroyed"));
        assert_eq!(count("renamed there"), 0);
        assert_eq!(session.attribute(mine, CKA_LABEL), refused(CKR_OBJECT_HANDLE_INVALID));
        other.go_on();
        other.finish();
    });
}

fn change_objects(home: &Home) {
    let token = home.shared_token();
    let session = token.user();
    session.create(&data("made there")).expect("data");
    pause("made");
    let found = session.find(&data("made here")).expect("C_FindObjects")[0];
    session.set(found, &Template::new().bytes(CKA_LABEL, b"renamed there")).expect("C_SetAttributeValue");
    pause("renamed");
    session.destroy(found).expect("C_DestroyObject");
    pause("destroyed");
}

/// Keys of the other process work, and a key destroyed there stops working here at the next Init.
#[test]
fn keys_are_shared() {
    isolated(|home| {
        let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
        let key = Template::key(CKO_SECRET_KEY, CKK_AES).bool(CKA_TOKEN, true).bytes(CKA_LABEL, b"shared");
        let by_label = Template::new().bytes(CKA_LABEL, b"shared");
        if home.role().is_some() {
            let token = home.shared_token();
            let session = token.user();
            let found = session.find(&by_label).expect("C_FindObjects")[0];
            let cipher = session.encrypt(&cbc, found, &[1; 16]).expect("C_Encrypt");
            pause(&format!("{cipher:?}"));
            session.destroy(found).expect("C_DestroyObject");
            return say("destroyed");
        }
        let token = home.token();
        let session = token.user();
        let usable = key.bytes(CKA_VALUE, &[3; 32]).bool(CKA_ENCRYPT, true);
        let key = session.create(&usable).expect("a key");
        let mine = session.encrypt(&cbc, key, &[1; 16]).expect("C_Encrypt");
        let mut other = Other::start(home, "uses");
        assert_eq!(other.hear(), Some(format!("{mine:?}")));
        other.go_on();
        assert_eq!(other.hear().as_deref(), Some("destroyed"));
        assert_eq!(session.begin(Begin::Encrypt, &cbc, key), refused(CKR_KEY_HANDLE_INVALID));
        other.finish();
    });
}

/// DESIGN 4.11: "the old PIN still accepted by a second process after a change" is how others fail.
#[test]
fn a_changed_pin_is_changed_everywhere() {
    isolated(|home| {
        const NEW: &str = "the new pin";
        if home.role().is_some() {
            let token = home.shared_token();
            token.user().set_pin(USER_PIN, NEW).expect("C_SetPIN");
            return say("changed");
        }
        let token = home.token();
        let session = token.user();
        session.create(&data("private").bool(CKA_PRIVATE, true)).expect("data");
        session.logout().expect("C_Logout");
        let mut other = Other::start(home, "changes the PIN");
        assert_eq!(other.hear().as_deref(), Some("changed"));
        other.finish();
        assert_eq!(session.login(CKU_USER, USER_PIN), refused(CKR_PIN_INCORRECT));
        assert_eq!(session.login(CKU_USER, NEW), Ok(()));
        assert_eq!(session.find(&data("private")).map(|f| f.len()), Ok(1));
    });
}

/// Wrong PINs of all processes count together.
#[test]
fn wrong_pins_count_together() {
    isolated(|home| {
        let guess = |token: &Token| token.open(true).login(CKU_USER, "wrong-pin");
        if home.role().is_some() {
            let token = home.shared_token();
            (0..5).for_each(|_| assert_eq!(guess(&token), refused(CKR_PIN_INCORRECT)));
            return say("guessed");
        }
        let token = home.token();
        (0..4).for_each(|_| assert_eq!(guess(&token), refused(CKR_PIN_INCORRECT)));
        let mut other = Other::start(home, "guesses");
        assert_eq!(other.hear().as_deref(), Some("guessed"));
        other.finish();
        assert_ne!(token.info().flags & CKF_USER_PIN_FINAL_TRY, 0);
        guess(&token).expect_err("the tenth");
        assert_eq!(token.open(true).login(CKU_USER, USER_PIN), refused(CKR_PIN_LOCKED));
    });
}

/// A login belongs to its process.
#[test]
fn logins_are_not_shared() {
    isolated(|home| {
        if home.role().is_some() {
            let token = home.shared_token();
            assert_eq!(token.open(true).state(), CKS_RW_PUBLIC_SESSION);
            return say("public");
        }
        let token = home.token();
        token.user();
        let mut other = Other::start(home, "looks");
        assert_eq!(other.hear().as_deref(), Some("public"));
        other.finish();
    });
}
