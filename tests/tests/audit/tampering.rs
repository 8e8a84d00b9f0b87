//! Whoever edits the log in the token file is noticed: lines cut, edited, moved, put back, added; the head and the key as well.

use crate::{database, key};
use hsm_tests::*;
use rusqlite::Connection;

/// Eight lines and more: a token, two keys, a wrong PIN, a login, two keys.
fn prepare(home: &Home) -> Token {
    let token = home.token();
    let session = token.user();
    (0..2).for_each(|_| _ = session.create(&key("k")).expect("a key"));
    session.logout().expect("C_Logout");
    session.login(CKU_USER, "wrong PIN").expect_err("a wrong PIN");
    session.login(CKU_USER, USER_PIN).expect("C_Login");
    (0..2).for_each(|_| _ = session.create(&key("k")).expect("a key"));
    assert_eq!(Audit::of(&token.module).all(session).len(), 10);
    token.module.finalize().expect("C_Finalize");
    token
}

fn sql(database: &Connection, statement: &str) {
    database.execute_batch(statement).expect("an edit");
}

/// Edits, and the entry that is named for each; entry 7 is the wrong PIN, in clear.
const EDITS: [(&str, &str); 14] = [
    (
        "a sealed line edited",
        "UPDATE audit SET bytes = CAST(substr(bytes, 1, 20) || x'00' || substr(bytes, 22) AS BLOB) WHERE number = 5",
    ),
    (
        "a clear line edited",
        "UPDATE audit SET bytes = CAST(replace(CAST(bytes AS TEXT), 'pin-wrong', 'pin-right') AS BLOB) WHERE number = 7",
    ),
    ("its hash edited", "UPDATE audit SET hash = zeroblob(32) WHERE number = 6"),
    ("a line cut out", "DELETE FROM audit WHERE number = 6"),
    ("a wrong PIN cut out", "DELETE FROM audit WHERE number = 7"),
    ("cut out and closed up", "DELETE FROM audit WHERE number = 7; UPDATE audit SET number = number - 1 WHERE number > 7"),
    ("the first line cut", "DELETE FROM audit WHERE number = 1"),
    ("the end cut off", "DELETE FROM audit WHERE number > 8"),
    (
        "two lines swapped",
        "UPDATE audit SET number = 99 WHERE number = 5; UPDATE audit SET number = 5 WHERE number = 6; UPDATE audit SET number = 6 WHERE number = 99",
    ),
    ("a line said twice", "INSERT INTO audit SELECT 11, hash, bytes FROM audit WHERE number = 10"),
    ("a form that is none", "UPDATE audit SET bytes = x'09' WHERE number = 5"),
    ("an empty line", "UPDATE audit SET bytes = x'' WHERE number = 5"),
    ("no head", "DELETE FROM record WHERE name = 'audit-head'"),
    ("another head", "UPDATE record SET bytes = zeroblob(72) WHERE name = 'audit-head'"),
];

#[test]
fn every_edit_is_noticed() {
    isolated(|home| {
        prepare(home);
        let file = database(home).path().expect("a file").to_owned();
        let good = std::fs::read(&file).expect("the token file");
        let mut tally = Tally::new("DESIGN 4.9");
        for (name, statement) in EDITS {
            std::fs::write(&file, &good).expect("the token file");
            sql(&database(home), statement);
            let token = home.shared_token();
            let session = token.open(true);
            session.login(CKU_USER, USER_PIN).expect("a login goes on");
            let audit = Audit::of(&token.module);
            // The login just now went on with the log: it is refused, or tells of the break itself.
            let verdict = audit.broken(session);
            let noticed = verdict == refused(CKR_DEVICE_ERROR) || verdict.as_ref().is_ok_and(|broken| !broken.is_empty());
            tally.check(name, noticed, format_args!("{verdict:?}"));
            token.module.finalize().expect("C_Finalize");
        }
    });
}

/// An untouched log has no such line, or the table above would show nothing.
#[test]
fn no_edit_no_notice() {
    isolated(|home| {
        prepare(home);
        let token = home.shared_token();
        assert_eq!(Audit::of(&token.module).broken(token.user()), Ok(vec![]));
    });
}

/// Cutting off the end and filling up with lines in clear, which need no key.
#[test]
fn an_end_that_was_replaced_is_told() {
    isolated(|home| {
        prepare(home);
        let edits = "DELETE FROM audit WHERE number > 8;
            INSERT INTO audit SELECT 9, zeroblob(32), bytes FROM audit WHERE number = 7;
            INSERT INTO audit SELECT 10, zeroblob(32), bytes FROM audit WHERE number = 7";
        sql(&database(home), edits);
        let token = home.shared_token();
        let session = token.user();
        assert_eq!(Audit::of(&token.module).verify(session).map(drop), refused(CKR_DEVICE_ERROR));
        let row = "SELECT count(*) FROM audit WHERE number > 10";
        let lines: u64 = database(home).query_row(row, [], |row| row.get(0)).expect("a number");
        assert_eq!(lines, 2, "the break, and the login");
    });
}

/// Lines in clear need no key, so anybody could make one up: once they passed for whatever they said, "token-initialised" by the SO among
/// others, and the next login vouched for them.
#[test]
fn nothing_but_a_wrong_pin_stands_in_clear() {
    isolated(|home| {
        prepare(home);
        let edit =
            "UPDATE audit SET bytes = CAST(replace(CAST(bytes AS TEXT), 'pin-wrong', 'user-pin-set') AS BLOB) WHERE number = 7";
        sql(&database(home), edit);
        let token = home.shared_token();
        assert_eq!(Audit::of(&token.module).verify(token.user()).map(drop), refused(CKR_DEVICE_ERROR));
    });
}

/// A log that is emptied, but for its key, once began again as if nothing had been.
#[test]
fn an_emptied_log_is_told() {
    isolated(|home| {
        prepare(home);
        sql(&database(home), "DELETE FROM audit; DELETE FROM record WHERE name = 'audit-head'");
        let token = home.shared_token();
        assert_eq!(Audit::of(&token.module).broken(token.user()), Ok(vec![1]));
    });
}

/// The key of the log: without it nothing can be told, and so nothing is done.
#[test]
fn without_its_key_nothing_is_told_and_nothing_done() {
    isolated(|home| {
        prepare(home);
        sql(&database(home), "UPDATE record SET bytes = zeroblob(60) WHERE name = 'audit-key'");
        let token = home.shared_token();
        let session = token.open(true);
        // More often than the PIN may be wrong: it is right, and once was locked for what the log lacked.
        for _ in 0..12 {
            assert_eq!(session.login(CKU_USER, USER_PIN), refused(CKR_DEVICE_ERROR));
        }
        assert_eq!(session.state(), CKS_RW_PUBLIC_SESSION);
        session.close().expect("C_CloseSession");
        token.module.init_token(token.slot, SO_PIN, LABEL).expect("the SO can begin anew");
        // The log goes on under another key; once nothing of it could be read any more, since its first lines cannot.
        let (audit, so) = (Audit::of(&token.module), token.so());
        let events: Vec<_> = audit.all(so).iter().map(|line| line["event"].clone()).collect();
        assert_eq!(events, ["log-begun", "token-initialised", "login"]);
        let begun = audit.all(so)[0]["number"].as_u64().expect("a number");
        assert_eq!((begun > 10, audit.broken(so)), (true, Ok(vec![begun])), "that is told");
        assert_eq!(audit.read(so, begun, 1).map(|lines| lines[0]["number"].clone()), Ok(json!(begun + 1)));
    });
}

/// What begins a log anew is a sealed line; that the first ones were edited is told as ever.
#[test]
fn the_first_lines_are_not_taken_for_those_of_a_lost_key() {
    isolated(|home| {
        prepare(home);
        sql(&database(home), "UPDATE audit SET bytes = zeroblob(80) WHERE number < 4");
        let token = home.shared_token();
        let session = token.user();
        assert_eq!(Audit::of(&token.module).verify(session).map(drop), refused(CKR_DEVICE_ERROR));
    });
}

/// Somebody who takes all of it away leaves a log that begins again, and says so; a head that was noted elsewhere tells the rest.
#[test]
fn a_log_taken_away_begins_again() {
    isolated(|home| {
        prepare(home);
        sql(&database(home), "DELETE FROM audit; DELETE FROM record WHERE name IN ('audit-key', 'audit-head')");
        let token = home.shared_token();
        let session = token.user();
        let lines = Audit::of(&token.module).all(session);
        assert_eq!((&lines[0]["event"], &lines[0]["number"]), (&json!("log-begun"), &json!(1)));
        session.close().expect("C_CloseSession");
        token.module.finalize().expect("C_Finalize");
        sql(&database(home), "DELETE FROM record WHERE name IN ('audit-key', 'audit-head')");
        let token = home.shared_token();
        let audit = Audit::of(&token.module);
        let session = token.open(true);
        assert_eq!(session.login(CKU_USER, USER_PIN), Ok(()), "a new key, and lines that it does not open");
        let begun = audit.all(session)[0].clone();
        assert_eq!((&begun["event"], begun["number"].as_u64()), (&json!("log-begun"), Some(3)), "{begun}");
        assert_eq!(audit.broken(session), Ok(vec![3]), "what stands before it cannot be read");
    });
}

/// What the file shows of the log: times and names of wrong PINs; not what was done, nor with which key.
#[test]
fn what_is_sealed_is_not_in_the_file() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        session.create(&key("distinctive label")).expect("a key");
        token.module.finalize().expect("C_Finalize");
        for entry in std::fs::read_dir(home.token_dir()).expect("the token directory") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
            for word in ["distinctive", "object-created", "token-initialised"] {
                assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
            }
        }
    });
}
