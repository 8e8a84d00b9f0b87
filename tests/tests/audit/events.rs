//! What is told at the level `changes`, which is the usual one.

use crate::{key, last, since};
use hsm_tests::users::USE;
use hsm_tests::*;

#[test]
fn each_change_is_a_line() {
    isolated(|home| {
        let token = home.token();
        let audit = Audit::of(&token.module);
        let session = token.user();
        let mut tally = Tally::new("DESIGN 4.9");
        let mut row = |what: &str, wanted: &[(&str, &str)], act: &mut dyn FnMut()| {
            let before = last(&audit, session);
            act();
            let wanted: Vec<_> = wanted.iter().map(|(by, event)| ((*by).to_owned(), (*event).to_owned())).collect();
            tally.equal(what, since(&audit, session, before), wanted);
        };
        let made = std::cell::Cell::new(Object(0));
        row("an object", &[("user", "object-created")], &mut || made.set(session.create(&key("a")).expect("a key")));
        let renamed = Template::new().bytes(CKA_LABEL, b"b");
        row("a change", &[("user", "object-changed")], &mut || session.set(made.get(), &renamed).expect("a label"));
        row("a copy", &[("user", "object-created")], &mut || made.set(session.copy(made.get(), &renamed).expect("a copy")));
        row("its end", &[("user", "object-destroyed")], &mut || session.destroy(made.get()).expect("gone"));
        let short = key("c").bool(CKA_TOKEN, false);
        row("a session object", &[], &mut || _ = session.create(&short).expect("a key"));
        row("a user", &[("user", "user-added")], &mut || {
            Users::of(&token.module).add(session, "alice", "alice's PIN", USE).expect("Users_Add");
        });
        row("rights", &[("user", "user-rights")], &mut || {
            Users::of(&token.module).set_rights(session, "alice", 0).expect("Users_SetRights");
        });
        row("a PIN", &[("user", "user-pin-set")], &mut || {
            Users::of(&token.module).set_pin(session, "alice", "another PIN").expect("Users_SetPIN");
        });
        row("a logout and a login", &[("user", "login")], &mut || {
            session.logout().expect("C_Logout");
            session.login(CKU_USER, USER_PIN).expect("C_Login");
        });
        row(
            "wrong PINs",
            &[("user", "pin-wrong"), ("user alice", "pin-wrong"), ("user alice", "login"), ("so", "login"), ("user", "login")],
            &mut || {
                session.logout().expect("C_Logout");
                session.login(CKU_USER, "wrong PIN").expect_err("a wrong PIN");
                session.login_user(CKU_USER, "wrong PIN", "alice").expect_err("a wrong PIN");
                session.login_user(CKU_USER, "another PIN", "alice").expect("C_LoginUser");
                session.logout().expect("C_Logout");
                session.login(CKU_SO, SO_PIN).expect("C_Login");
                session.logout().expect("C_Logout");
                session.login(CKU_USER, USER_PIN).expect("C_Login");
            },
        );
        row("a new PIN", &[("user", "pin-wrong"), ("user", "pin-changed")], &mut || {
            session.set_pin("wrong PIN", "any PIN").expect_err("a wrong PIN");
            session.set_pin(USER_PIN, "any PIN").expect("C_SetPIN");
        });
        row("no user any more", &[("user", "user-removed"), ("user", "users-removed")], &mut || {
            Users::of(&token.module).remove(session, "alice").expect("Users_Remove");
            Users::of(&token.module).remove_all(session).expect("Users_RemoveAll");
        });
        row("what was refused", &[], &mut || {
            session.create(&Template::of(CKO_SECRET_KEY)).expect_err("no key type");
            session.destroy(made.get()).expect_err("gone");
        });
    });
}

/// The log outlives the token, or whoever may make it anew could clean up behind themselves.
#[test]
fn a_token_made_anew_goes_on_with_its_log() {
    isolated(|home| {
        let token = home.token();
        let audit = Audit::of(&token.module);
        let session = token.so();
        let first = audit.all(session);
        let events: Vec<_> = first.iter().map(|line| line["event"].as_str().expect("an event")).collect();
        assert_eq!(events, ["token-initialised", "login", "user-pin-set", "login"]);
        session.close().expect("C_CloseSession");
        assert_eq!(token.module.init_token(token.slot, "wrong PIN", LABEL), refused(CKR_PIN_INCORRECT));
        token.module.init_token(token.slot, SO_PIN, LABEL).expect("C_InitToken");
        let session = token.so();
        let all = audit.all(session);
        assert_eq!(all[..4], first[..]);
        let since: Vec<_> = all[4..].iter().map(|line| line["event"].as_str().expect("an event")).collect();
        assert_eq!(since, ["pin-wrong", "token-initialised", "login"]);
        audit.verify(session).expect("an unbroken log");
    });
}

#[test]
fn a_line_names_the_object_and_the_process_and_holds_no_material() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let made = session.create(&key("named").bytes(CKA_ID, &[0xab, 0xcd])).expect("a key");
        let lines = Audit::of(&token.module).all(session);
        let line = lines.last().expect("a line");
        let unique = String::from_utf8(session.attribute(made, CKA_UNIQUE_ID).expect("an id")).expect("text");
        let subject = json!({ "unique_id": unique, "class": "secret-key", "key_type": "0x1f", "label": "named", "id": "abcd" });
        assert_eq!(line["subject"], subject);
        assert_eq!(line["process"]["pid"], std::process::id());
        let own = std::env::current_exe().expect("this program");
        assert_eq!(line["process"]["program"], own.display().to_string());
        let text = serde_json_text(&lines);
        for secret in ["07070707", USER_PIN, SO_PIN] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    });
}

fn serde_json_text(lines: &[Value]) -> String {
    lines.iter().map(Value::to_string).collect()
}
