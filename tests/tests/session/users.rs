//! Named users (5.6.9 C_LoginUser and hsm-sim/USERS.md): their PINs, counters and logins.

use hsm_tests::users::{CREATE, USE};
use hsm_tests::*;

const ALICE: &str = "alice";
const PIN: &str = "alice's PIN";

/// A token with the user Alice, and nobody logged in.
fn with_alice(home: &Home, rights: CK_FLAGS) -> Token {
    let token = home.token();
    let session = token.user();
    Users::of(&token.module).add(session, ALICE, PIN, rights).expect("Users_Add");
    session.close().expect("C_CloseSession");
    token
}

#[test]
fn a_named_user_logs_in_with_a_pin_of_her_own() {
    isolated(|home| {
        let token = with_alice(home, USE);
        let session = token.open(true);
        let mut tally = Tally::new("5.6.9 C_LoginUser");
        for (name, user, pin, who, code) in [
            ("a wrong PIN", CKU_USER, USER_PIN, ALICE, CKR_PIN_INCORRECT),
            ("nobody of that name", CKU_USER, PIN, "bob", CKR_PIN_INCORRECT),
            ("an SO with a name", CKU_SO, SO_PIN, ALICE, CKR_USER_TYPE_INVALID),
            ("no such type of user", 77, PIN, ALICE, CKR_USER_TYPE_INVALID),
            ("herself", CKU_USER, PIN, ALICE, CKR_OK),
            ("herself again", CKU_USER, PIN, ALICE, CKR_USER_ALREADY_LOGGED_IN),
            ("somebody else", CKU_USER, PIN, "bob", CKR_USER_ANOTHER_ALREADY_LOGGED_IN),
            ("the standard user", CKU_USER, USER_PIN, "", CKR_USER_ANOTHER_ALREADY_LOGGED_IN),
            ("the SO", CKU_SO, SO_PIN, "", CKR_USER_ANOTHER_ALREADY_LOGGED_IN),
        ] {
            tally.row(name, session.login_user(user, pin, who), &[code]);
        }
        tally.equal("the state is a user's", session.state(), CKS_RW_USER_FUNCTIONS);
        session.logout().expect("C_Logout");
        tally.row("no name is C_Login", session.login_user(CKU_USER, USER_PIN, ""), &[CKR_OK]);
        tally.row("not both at once", session.login_user(CKU_USER, PIN, ALICE), &[CKR_USER_ANOTHER_ALREADY_LOGGED_IN]);
    });
}

#[test]
fn she_changes_her_pin_and_nobody_elses() {
    isolated(|home| {
        let mut token = with_alice(home, USE);
        let session = token.open(true);
        session.login_user(CKU_USER, PIN, ALICE).expect("C_LoginUser");
        assert_eq!(session.set_pin(USER_PIN, "stolen"), refused(CKR_PIN_INCORRECT));
        session.set_pin(PIN, "another PIN").expect("C_SetPIN");
        token.restart();
        let session = token.open(true);
        assert_eq!(session.login_user(CKU_USER, PIN, ALICE), refused(CKR_PIN_INCORRECT));
        session.login_user(CKU_USER, "another PIN", ALICE).expect("the new PIN");
        session.logout().expect("C_Logout");
        session.login(CKU_USER, USER_PIN).expect("the standard user's PIN is as it was");
    });
}

/// Her lock is hers alone, and a new PIN from the standard user opens it.
#[test]
fn wrong_pins_lock_one_user() {
    isolated(|home| {
        let mut token = with_alice(home, USE);
        let session = token.open(true);
        for _ in 0..10 {
            assert_eq!(session.login_user(CKU_USER, "wrong", ALICE), refused(CKR_PIN_INCORRECT));
        }
        token.restart();
        let session = token.open(true);
        assert_eq!(session.login_user(CKU_USER, PIN, ALICE), refused(CKR_PIN_LOCKED));
        assert_eq!(token.info().flags & (CKF_USER_PIN_LOCKED | CKF_USER_PIN_COUNT_LOW), 0, "the standard user is not concerned");
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        let users = Users::of(&token.module);
        assert_eq!(users.list(session).expect("Users_List")[0]["tries_left"], 0);
        users.set_pin(session, ALICE, "fresh PIN").expect("Users_SetPIN");
        assert_eq!(users.list(session).expect("Users_List")[0]["tries_left"], 10);
        session.logout().expect("C_Logout");
        session.login_user(CKU_USER, "fresh PIN", ALICE).expect("C_LoginUser");
    });
}

#[test]
fn the_standard_user_alone_manages_users() {
    isolated(|home| {
        let token = with_alice(home, CREATE | USE | 4 | 8);
        let users = Users::of(&token.module);
        let session = token.open(true);
        let mut tally = Tally::new("who manages users");
        let mut all = |who: &str, expected: CK_RV| {
            tally.row(format!("{who} adds"), users.add(session, "bob", PIN, USE), &[expected]);
            tally.row(format!("{who} gives rights"), users.set_rights(session, ALICE, USE), &[expected]);
            tally.row(format!("{who} sets a PIN"), users.set_pin(session, ALICE, PIN), &[expected]);
        };
        all("nobody", CKR_USER_NOT_LOGGED_IN);
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        all("the SO", CKR_USER_NOT_LOGGED_IN);
        session.logout().expect("C_Logout");
        session.login_user(CKU_USER, PIN, ALICE).expect("C_LoginUser");
        all("a named user", CKR_USER_NOT_LOGGED_IN);
        tally.row("a named user removes", users.remove(session, ALICE), &[CKR_USER_NOT_LOGGED_IN]);
        tally.equal("a named user may look", users.list(session).map(|list| list[0]["name"].clone()), Ok(json!(ALICE)));
        session.logout().expect("C_Logout");
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        let only_read = token.open(false);
        for (name, answer, code) in [
            ("read-only session", users.add(only_read, "bob", PIN, USE), CKR_SESSION_READ_ONLY),
            ("taken name", users.add(session, ALICE, PIN, USE), CKR_ACTION_PROHIBITED),
            ("no name at all", users.add(session, "", PIN, USE), CKR_ARGUMENTS_BAD),
            ("a name with a newline", users.add(session, "a\nb", PIN, USE), CKR_ARGUMENTS_BAD),
            ("a name that is not seen", users.add(session, "\u{200b}", PIN, USE), CKR_ARGUMENTS_BAD),
            ("a name that turns the line", users.add(session, "a\u{202e}b", PIN, USE), CKR_ARGUMENTS_BAD),
            ("a name that is too long", users.add(session, &"x".repeat(65), PIN, USE), CKR_ARGUMENTS_BAD),
            ("a short PIN", users.add(session, "bob", "123", USE), CKR_PIN_LEN_RANGE),
            ("no such right", users.add(session, "bob", PIN, 16), CKR_ARGUMENTS_BAD),
            ("rights of nobody", users.set_rights(session, "bob", USE), CKR_USER_TYPE_INVALID),
            ("PIN of nobody", users.set_pin(session, "bob", PIN), CKR_USER_TYPE_INVALID),
            ("nobody removed", users.remove(session, "bob"), CKR_USER_TYPE_INVALID),
            ("added", users.add(session, "bob", "bob's PIN", USE | CREATE), CKR_OK),
        ] {
            tally.row(name, answer, &[code]);
        }
        let list = users.list(session).expect("Users_List");
        tally.equal("listed", list[1].clone(), json!({ "name": "bob", "rights": ["create", "use"], "tries_left": 10 }));
    });
}

#[test]
fn who_was_removed_stays_out() {
    isolated(|home| {
        let mut token = with_alice(home, USE);
        let session = token.user();
        let users = Users::of(&token.module);
        users.remove(session, ALICE).expect("Users_Remove");
        assert_eq!(users.list(session), Ok(json!([])));
        session.logout().expect("C_Logout");
        assert_eq!(session.login_user(CKU_USER, PIN, ALICE), refused(CKR_PIN_INCORRECT));
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        users.add(session, ALICE, "second PIN", USE).expect("the name is free again");
        token.restart();
        let session = token.open(true);
        assert_eq!(session.login_user(CKU_USER, PIN, ALICE), refused(CKR_PIN_INCORRECT));
        session.login_user(CKU_USER, "second PIN", ALICE).expect("C_LoginUser");
    });
}

/// What one makes, the other finds: they share the token's private objects.
#[test]
fn users_see_the_same_private_objects() {
    isolated(|home| {
        let mut token = with_alice(home, USE | CREATE);
        let session = token.open(true);
        session.login_user(CKU_USER, PIN, ALICE).expect("C_LoginUser");
        let template = Template::new().ulong(CKA_VALUE_LEN, 32).bytes(CKA_LABEL, b"hers").bool(CKA_TOKEN, true);
        session.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &template).expect("C_GenerateKey");
        token.restart();
        let session = token.user();
        assert_eq!(session.find(&Template::new().bytes(CKA_LABEL, b"hers")).expect("C_FindObjects").len(), 1);
    });
}
