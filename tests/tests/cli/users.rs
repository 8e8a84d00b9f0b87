//! Users with names: what each may do with `hsm`, and what is told to whom may not.

use crate::Hsm;
use hsm_tests::*;

/// A token with keys, and the user "ops" of these rights, whose PIN is in the file "ops-pin".
fn with_ops<'h>(home: &'h Home, rights: &[&str]) -> Option<Hsm<'h>> {
    let hsm = Hsm::with_keys(home)?;
    hsm.write("ops-pin", b"ops's PIN");
    let rights: Vec<_> = rights.iter().flat_map(|right| ["--right", right]).collect();
    hsm.ok(&[&["token", "user", "add", "ops", "--new-pin-source", "file:ops-pin"][..], &rights].concat());
    Some(hsm)
}

const OPS: [&str; 4] = ["--user", "ops", "--pin-source", "file:ops-pin"];

fn as_ops<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&OPS[..], arguments].concat()
}

#[test]
fn requirement_16_who_may_use_encrypts_and_makes_no_key() {
    isolated(|home| {
        let Some(hsm) = with_ops(home, &["use"]) else { return };
        hsm.write("plain", b"text");
        hsm.ok(&as_ops(&["encrypt", "--dek", "data", "plain", "-o", "sealed"]));
        hsm.ok(&as_ops(&["decrypt", "sealed", "-o", "opened"]));
        assert_eq!(hsm.read("opened"), b"text");
        let refused = hsm.run(&as_ops(&["mek", "create", "--label", "second"]));
        assert_ne!(refused.status.code(), Some(0));
        hsm.ends(6, &["--user", "nobody", "--pin-source", "file:ops-pin", "mek", "list"]);
        hsm.ends(6, &["--user", "ops", "mek", "list"]);
        hsm.ends(2, &as_ops(&["recovery", "deal", "--custodian", "a", "--custodian", "b", "--threshold", "2", "-o", "m"]));
        hsm.ends(2, &as_ops(&["token", "user", "list"]));
    });
}

#[test]
fn users_are_listed_changed_and_removed() {
    isolated(|home| {
        let Some(hsm) = with_ops(home, &["create", "rotate"]) else { return };
        hsm.ends(8, &["token", "user", "add", "ops", "--new-pin-source", "file:ops-pin"]);
        hsm.ends(3, &["token", "user", "remove", "nobody"]);
        hsm.ends(2, &["token", "user", "rights", "ops", "--right", "everything"]);
        let list = || -> Value { serde_json::from_slice(&hsm.ok(&["--json", "token", "user", "list"])).expect("JSON") };
        let user = json!({ "name": "ops", "rights": ["create", "rotate"], "tries_left": 10 });
        assert_eq!(list()["users"], json!([user]));
        hsm.ends(6, &as_ops(&["encrypt", "--dek", "data", "ops-pin", "-o", "x"]));
        hsm.ok(&["token", "user", "rights", "ops", "--right", "use"]);
        hsm.ok(&as_ops(&["encrypt", "--dek", "data", "ops-pin", "-o", "sealed"]));

        hsm.write("new-pin", b"a new PIN");
        hsm.ok(&as_ops(&["token", "set-pin", "--new-pin-source", "file:new-pin"]));
        hsm.ends(6, &as_ops(&["mek", "list"]));
        hsm.ok(&["--user", "ops", "--pin-source", "file:new-pin", "mek", "list"]);
        hsm.ok(&["token", "user", "pin", "ops", "--new-pin-source", "file:ops-pin"]);
        hsm.ok(&as_ops(&["mek", "list"]));

        hsm.ok(&["token", "user", "remove", "ops"]);
        hsm.ends(6, &as_ops(&["mek", "list"]));
        assert_eq!(list()["users"], json!([]));

        hsm.ok(&["token", "user", "add", "a", "--new-pin-source", "file:ops-pin"]);
        hsm.ends(2, &["token", "user", "remove"]);
        hsm.ends(2, &["token", "user", "remove", "a", "--all"]);
        hsm.ok(&["token", "user", "remove", "--all"]);
        assert_eq!(list()["users"], json!([]));
    });
}

/// The standard user's own PIN, with any module.
#[test]
fn ones_own_pin_is_changed() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("new-pin", b"a new PIN");
        let wrong = hsm.run_with("wrong-pin", &["token", "set-pin", "--new-pin-source", "file:new-pin"]);
        assert_eq!(wrong.status.code(), Some(6));
        hsm.ok(&["token", "set-pin", "--new-pin-source", "file:new-pin"]);
        hsm.ends(6, &["mek", "list"]);
        hsm.ok(&["--pin-source", "file:new-pin", "mek", "list"]);
        if home.subject().is_softhsm() {
            let told = hsm.ends(1, &["--pin-source", "file:new-pin", "token", "user", "list"]).stderr;
            assert!(String::from_utf8_lossy(&told).contains("no users with names"));
        }
    });
}

/// Who makes keys, who uses them, who rotates and who destroys them are four people: each can do theirs, and not the others'.
#[test]
fn requirement_16_duties_are_separate() {
    isolated(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", b"text");
        hsm.ok(&["key", "create", "--label", "sig", "--type", "ec"]);
        let people = ["create", "use", "rotate", "destroy"];
        for right in people {
            hsm.write(&format!("{right}-pin"), format!("the PIN of {right}").as_bytes());
            let source = format!("file:{right}-pin");
            hsm.ok(&["token", "user", "add", right, "--new-pin-source", &source, "--right", right]);
        }
        let may = |who: &str, line: &[&str]| {
            let source = format!("file:{who}-pin");
            hsm.run(&[&["--user", who, "--pin-source", &source][..], line].concat()).status.success()
        };
        let who_may = |line: &[&str]| people.into_iter().filter(|who| may(who, line)).collect::<Vec<_>>();
        assert_eq!(who_may(&["decrypt", "nothing", "-o", "none"]), [""; 0]);
        assert_eq!(who_may(&["encrypt", "--dek", "data", "plain", "-o", "sealed"]), ["use"]);
        assert_eq!(who_may(&["jwt", "sign", "--key", "sig"]), ["use"]);
        assert_eq!(who_may(&["mek", "create", "--label", "other"]), ["create"]);
        assert!(may("rotate", &["mek", "rotate", "--label", "main"]) && !may("use", &["mek", "rotate", "--label", "main"]));
        assert!(may("rotate", &["key", "rotate", "--label", "sig", "--publish-for", "0s"]));
        hsm.ok(&["key", "revoke", "--key", "sig"]);
        assert_eq!(who_may(&["key", "purge"]), ["destroy"]);
        // Each is in the journal by name, once logged in.
        let told = String::from_utf8(hsm.ok(&["journal", "show"])).expect("text");
        assert!(told.contains("as create") && told.contains("as rotate"), "{told}");
    });
}
