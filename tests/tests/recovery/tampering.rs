//! Whoever edits the token file is noticed before anything is decided on it.

use crate::*;
use rusqlite::Connection;

pub fn database(home: &Home) -> Connection {
    let files = std::fs::read_dir(home.token_dir()).expect("the token directory");
    let paths = files.map(|file| file.expect("an entry").path());
    let found = paths.into_iter().find(|path| std::fs::read(path).is_ok_and(|b| b.starts_with(b"SQLite format 3\0")));
    Connection::open(found.expect("an SQLite file")).expect("the database")
}

/// A token with a set in force and a log, closed.
fn dealt(home: &Home) {
    let (token, _) = with_master_key(home);
    let recovery = Recovery::of(&token.module);
    let so = token.so();
    let (shares, _) = deal(&recovery, so);
    begin(&recovery, so, "verify");
    hand_in(&recovery, so, &shares[..3]);
    recovery.must(so, Call::Finish, &json!({}));
    token.module.finalize().expect("C_Finalize");
}

#[test]
fn each_edit_is_noticed() {
    isolated(|home| {
        dealt(home);
        let record = |name: &str| -> Vec<u8> {
            let sql = "SELECT bytes FROM record WHERE name = ?";
            database(home).query_row(sql, [name], |row| row.get(0)).expect("the record")
        };
        let put = |name: &str, bytes: &[u8]| {
            let changed = database(home).execute("UPDATE record SET bytes = ?2 WHERE name = ?1", rusqlite::params![name, bytes]);
            assert_eq!(changed.expect("an update"), 1);
        };
        for name in ["recovery", "recovery-log-00000001", "recovery-log-00000003"] {
            let honest = record(name);
            for at in [0, honest.len() / 2, honest.len() - 1] {
                let mut edited = honest.clone();
                edited[at] ^= 1;
                put(name, &edited);
                assert_eq!(asked(home), Rv(CKR_DEVICE_ERROR), "byte {at} of {name}");
            }
            put(name, &honest);
            assert_eq!(asked(home), Rv(CKR_OK), "{name} as it was");
        }
    });
}

/// An older record of ceremonies would bring back a set that was retired, or do away with its approvers. Its tag once did not cover the
/// revision: with the revision that the row is at now, old bytes passed.
#[test]
fn an_older_record_does_not_pass_for_the_current_one() {
    isolated(|home| {
        dealt(home);
        let sql = "SELECT bytes, revision FROM record WHERE name = 'recovery'";
        let old: (Vec<u8>, i64) = database(home).query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("the record");
        let token = home.shared_token();
        let so = token.so();
        let recovery = Recovery::of(&token.module);
        recovery.must(so, Call::Begin, &json!({ "kind": "rehearse", "policy": policy() }));
        recovery.must(so, Call::Cancel, &json!({}));
        token.module.finalize().expect("C_Finalize");
        let sql = "UPDATE record SET bytes = ?1 WHERE name = 'recovery'";
        assert_eq!(database(home).execute(sql, rusqlite::params![old.0]).expect("an update"), 1);
        assert_eq!(asked(home), Rv(CKR_DEVICE_ERROR), "with the revision of now");
        let sql = "UPDATE record SET bytes = ?1, revision = ?2 WHERE name = 'recovery'";
        assert_eq!(database(home).execute(sql, rusqlite::params![old.0, old.1]).expect("an update"), 1);
        assert_eq!(asked(home), Rv(CKR_DEVICE_ERROR));
        assert_eq!(database(home).execute("DELETE FROM record WHERE name = 'recovery'", []).expect("a deletion"), 1);
        assert_eq!(asked(home), Rv(CKR_DEVICE_ERROR), "no record at all");
    });
}

/// The record's first revision once had no mark, and could be taken away unseen.
#[test]
fn the_very_first_record_is_missed_too() {
    isolated(|home| {
        let token = home.token();
        let so = token.so();
        Recovery::of(&token.module).must(so, Call::Begin, &json!({ "kind": "rehearse", "policy": policy() }));
        token.module.finalize().expect("C_Finalize");
        assert_eq!(database(home).execute("DELETE FROM record WHERE name = 'recovery'", []).expect("a deletion"), 1);
        assert_eq!(asked(home), Rv(CKR_DEVICE_ERROR));
    });
}

/// Status with the log, by a process of its own.
fn asked(home: &Home) -> Rv {
    let token = home.shared_token();
    let so = token.so();
    let rv = Recovery::of(&token.module).ask(so, Call::Status, &json!({ "log": true })).0;
    token.module.finalize().expect("C_Finalize");
    rv
}
