//! Taking out the beginning of the log, once it is kept elsewhere.

use crate::{database, key, since};
use hsm_tests::*;

/// A token with some lines, and the SO logged in: session, number and hash of the last line.
fn prepare(token: &Token) -> (Session<'_>, u64, String) {
    let session = token.user();
    (0..3).for_each(|_| _ = session.create(&key("k")).expect("a key"));
    session.logout().expect("C_Logout");
    session.login(CKU_SO, SO_PIN).expect("C_Login");
    let (last, hash, _) = Audit::of(&token.module).verify(session).expect("an unbroken log");
    (session, last, hash)
}

#[test]
fn the_log_goes_on_without_what_was_cut() {
    isolated(|home| {
        let mut token = home.token();
        let last = {
            let (session, last, hash) = prepare(&token);
            let audit = Audit::of(&token.module);
            assert_eq!(audit.cut(session, last, &hash), Ok(json!({ "cut": last })));
            let so = |event: &str| ("so".to_owned(), event.to_owned());
            assert_eq!(since(&audit, session, 0), [so("log-cut")], "Read begins where the log does");
            assert_eq!((audit.begins_after(session), audit.broken(session)), (Ok(last), Ok(vec![])));
            last
        };
        token.restart();
        let session = token.user();
        let audit = Audit::of(&token.module);
        session.create(&key("later")).expect("a key");
        let events: Vec<_> = audit.all(session).iter().map(|line| line["event"].clone()).collect();
        assert_eq!(events, ["log-cut", "login", "object-created"]);
        assert_eq!(audit.all(session)[0]["number"], last + 1);
        // A second cut, a token made anew, and still one chain.
        session.logout().expect("C_Logout");
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        let (last, hash, _) = audit.verify(session).expect("an unbroken log");
        audit.cut(session, last, &hash).expect("Cut");
        session.close().expect("C_CloseSession");
        token.module.init_token(token.slot, SO_PIN, LABEL).expect("C_InitToken");
        let session = token.so();
        assert_eq!((audit.begins_after(session), audit.broken(session)), (Ok(last), Ok(vec![])));
        token.module.finalize().expect("C_Finalize");
        let rows = "SELECT min(number) FROM audit";
        assert_eq!(database(home).query_row(rows, [], |row| row.get::<_, u64>(0)).expect("a number"), last + 1, "they are gone");
    });
}

#[test]
fn some_lines_may_stay() {
    isolated(|home| {
        let token = home.token();
        let (session, last, _) = prepare(&token);
        let audit = Audit::of(&token.module);
        let lines = audit.all(session);
        // The hash of a line is what the next one says it is.
        let before = lines[lines.len() - 1]["before"].as_str().expect("a hash");
        audit.cut(session, last - 1, before).expect("Cut");
        let left: Vec<_> = audit.all(session).iter().map(|line| line["number"].as_u64()).collect();
        assert_eq!(left, [Some(last), Some(last + 1)]);
        assert!(audit.verify(session).is_ok());
    });
}

#[test]
fn only_by_the_so_and_of_what_was_read() {
    isolated(|home| {
        let token = home.token();
        let (session, last, hash) = prepare(&token);
        let audit = Audit::of(&token.module);
        let mut tally = Tally::new("AUDIT.md: Cut");
        let other = "0".repeat(64);
        for (name, last, hash) in [
            ("another hash", last, &other[..]),
            ("another number", last - 1, &hash),
            ("none", 0, &other),
            ("beyond the end", last + 1, &hash),
            ("beyond all numbers", u64::MAX, &hash),
            ("no hash", last, "hash"),
            ("a short one", last, "00"),
        ] {
            tally.row(name, audit.cut(session, last, hash).map(drop), &[CKR_DATA_INVALID]);
        }
        session.logout().expect("C_Logout");
        tally.row("nobody", audit.cut(session, last, &hash).map(drop), &[CKR_USER_NOT_LOGGED_IN]);
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        tally.row("the user", audit.cut(session, last, &hash).map(drop), &[CKR_USER_NOT_LOGGED_IN]);
        tally.equal("nothing was taken out", audit.begins_after(session), Ok(0));
    });
}

/// Where nothing is told, nothing would tell of it.
#[test]
fn not_while_audit_is_off() {
    isolated(|home| {
        let mut token = home.token();
        let (last, hash) = {
            let (_, last, hash) = prepare(&token);
            (last, hash)
        };
        home.configure("audit = \"off\"");
        token.restart();
        assert_eq!(Audit::of(&token.module).cut(token.so(), last, &hash).map(drop), refused(CKR_ACTION_PROHIBITED));
    });
}

/// A beginning that was cut off by hand is no cut: the record that would say so needs the key.
#[test]
fn a_cut_by_hand_is_noticed() {
    isolated(|home| {
        let token = home.token();
        let (session, last, hash) = prepare(&token);
        Audit::of(&token.module).cut(session, last - 2, &by_hash(&token, session, last - 2)).expect("Cut");
        token.module.finalize().expect("C_Finalize");
        let file = database(home).path().expect("a file").to_owned();
        let good = std::fs::read(&file).expect("the token file");
        let mut tally = Tally::new("AUDIT.md: what is noticed");
        for (name, edit) in [
            ("a line more", format!("DELETE FROM audit WHERE number <= {last}")),
            ("the record gone", "DELETE FROM record WHERE name = 'audit-begin'".to_owned()),
            ("the record edited", "UPDATE record SET bytes = zeroblob(72) WHERE name = 'audit-begin'".to_owned()),
            (
                "the head in its place",
                "UPDATE record SET bytes = (SELECT bytes FROM record WHERE name = 'audit-head') WHERE name = 'audit-begin'"
                    .to_owned(),
            ),
        ] {
            std::fs::write(&file, &good).expect("the token file");
            database(home).execute_batch(&edit).expect("an edit");
            let token = home.shared_token();
            let session = token.user();
            let verdict = Audit::of(&token.module).broken(session);
            let noticed = verdict == refused(CKR_DEVICE_ERROR) || verdict.as_ref().is_ok_and(|broken| !broken.is_empty());
            tally.check(name, noticed, format_args!("{verdict:?} {hash}"));
            token.module.finalize().expect("C_Finalize");
        }
    });
}

/// The hash of a line, from the one after it.
fn by_hash(token: &Token, session: Session<'_>, number: u64) -> String {
    let next = Audit::of(&token.module).read(session, number, 1).expect("the log");
    next[0]["before"].as_str().expect("a hash").to_owned()
}

/// With no line left, numbers once began at 1 again, below where the log begins: nothing of that was ever read.
#[test]
fn a_log_that_was_emptied_after_a_cut_goes_on_and_tells() {
    isolated(|home| {
        let token = home.token();
        let (session, last, hash) = prepare(&token);
        Audit::of(&token.module).cut(session, last, &hash).expect("Cut");
        token.module.finalize().expect("C_Finalize");
        database(home).execute_batch("DELETE FROM audit").expect("an edit");
        let token = home.shared_token();
        let session = token.open(true);
        assert_eq!(session.login(CKU_USER, "wrong PIN"), refused(CKR_PIN_INCORRECT));
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        let audit = Audit::of(&token.module);
        let wanted = [("user", "pin-wrong"), ("token", "log-broken"), ("user", "login")];
        assert_eq!(since(&audit, session, 0), wanted.map(|(by, event)| (by.to_owned(), event.to_owned())));
        assert_eq!(audit.broken(session), Ok(vec![last + 2]));
    });
}

/// The head of the moment before the cut, and a row that has its number and hash: what was told since would be gone unnoticed.
#[test]
fn a_head_from_before_the_cut_is_noticed() {
    isolated(|home| {
        let token = home.token();
        let (session, last, hash) = prepare(&token);
        let head: Vec<u8> = {
            let older = home.file("older.db");
            database_copy(home, &older);
            let row = "SELECT bytes FROM record WHERE name = 'audit-head'";
            rusqlite::Connection::open(older).expect("a copy").query_row(row, [], |row| row.get(0)).expect("the head")
        };
        Audit::of(&token.module).cut(session, last, &hash).expect("Cut");
        token.module.finalize().expect("C_Finalize");
        let database = database(home);
        database.execute("UPDATE record SET bytes = ? WHERE name = 'audit-head'", [head]).expect("an edit");
        database.execute_batch("DELETE FROM audit").expect("an edit");
        let fake = format!("INSERT INTO audit VALUES ({last}, x'{hash}', x'00')");
        database.execute_batch(&fake).expect("an edit");
        drop(database);
        let token = home.shared_token();
        let session = token.user();
        let verdict = Audit::of(&token.module).broken(session);
        assert!(verdict == refused(CKR_DEVICE_ERROR) || verdict == Ok(vec![last + 1]), "{verdict:?}");
    });
}

/// A copy of the token file and its log, without touching either.
fn database_copy(home: &Home, to: &std::path::Path) {
    for entry in std::fs::read_dir(home.token_dir()).expect("the token directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        for (end, copy) in [(".db", String::new()), (".db-wal", "-wal".to_owned())] {
            if name.ends_with(end) {
                std::fs::copy(&path, format!("{}{copy}", to.display())).expect("a copy");
            }
        }
    }
}

/// Lines of a key that was lost were read by nobody, and so they stay: the key may be found.
#[test]
fn lines_that_cannot_be_read_stay() {
    isolated(|home| {
        let token = home.token();
        prepare(&token);
        token.module.finalize().expect("C_Finalize");
        database(home).execute_batch("DELETE FROM record WHERE name = 'audit-key'").expect("an edit");
        let token = home.shared_token();
        let session = token.so();
        let audit = Audit::of(&token.module);
        let begun = audit.all(session)[0]["number"].as_u64().expect("a number");
        let (last, hash, _) = audit.verify(session).expect("a log");
        audit.cut(session, last, &hash).expect("Cut");
        token.module.finalize().expect("C_Finalize");
        let numbers = "SELECT group_concat(number) FROM (SELECT number FROM audit ORDER BY number)";
        let left: String = database(home).query_row(numbers, [], |row| row.get(0)).expect("numbers");
        let wanted: Vec<_> = (1..begun).chain([last + 1]).map(|number| number.to_string()).collect();
        assert_eq!(left, wanted.join(","));
    });
}
