//! The list of named users and their rights: edited, exchanged, put back or taken away, nobody logs in by it.

use hsm_tests::users::{DESTROY, USE};
use hsm_tests::*;

use crate::database;

const PIN: &str = "their PIN";

/// A token with the users Alice, who may destroy, and Bob, who may use; the module is closed.
fn prepare(home: &Home) {
    let token = home.token();
    let session = token.user();
    let users = Users::of(&token.module);
    users.add(session, "alice", PIN, DESTROY).expect("Users_Add");
    users.add(session, "bob", PIN, USE).expect("Users_Add");
    session.close().expect("C_CloseSession");
    token.module.finalize().expect("C_Finalize");
}

fn login(home: &Home, name: &str) -> Answer {
    let token = home.shared_token();
    let answer = token.open(true).login_user(CKU_USER, PIN, name);
    let standard = token.open(true);
    if answer.is_err() {
        standard.login(CKU_USER, USER_PIN).expect("the standard user is not concerned");
    }
    token.module.finalize().expect("C_Finalize");
    answer
}

/// Replaces text in the list and leaves its tag as it is.
fn edit(home: &Home, replaced: &[(&str, &str)]) {
    let list = list(home);
    let (number, rest) = list.split_at(8);
    let (json, tag) = rest.split_at(rest.len() - 32);
    let mut json = String::from_utf8(json.to_vec()).expect("JSON between number and tag");
    for (from, to) in replaced {
        assert!(json.contains(from), "{from} in {json}");
        json = json.replace(from, to);
    }
    put(home, &[number, json.as_bytes(), tag].concat());
}

fn list(home: &Home) -> Vec<u8> {
    database(home).query_row("SELECT bytes FROM record WHERE name = 'users'", (), |row| row.get(0)).expect("the list")
}

fn put(home: &Home, list: &[u8]) {
    let changed = database(home).execute("UPDATE record SET bytes = ? WHERE name = 'users'", [list]);
    assert_eq!(changed, Ok(1));
}

#[test]
fn rights_edited() {
    isolated(|home| {
        prepare(home);
        edit(home, &[("\"rights\":2", "\"rights\":15")]);
        assert_eq!(login(home, "bob"), refused(CKR_DEVICE_ERROR));
    });
}

#[test]
fn names_exchanged() {
    isolated(|home| {
        prepare(home);
        edit(home, &[("alice", "@"), ("bob", "alice"), ("@", "bob")]);
        assert_eq!(login(home, "alice"), refused(CKR_DEVICE_ERROR));
    });
}

/// Bob had all rights once. Whoever kept that list puts it back, with the revision it is at now.
#[test]
fn an_older_list_put_back() {
    isolated(|home| {
        prepare(home);
        let before = list(home);
        let token = home.shared_token();
        let session = token.user();
        Users::of(&token.module).set_rights(session, "bob", 0).expect("Users_SetRights");
        session.close().expect("C_CloseSession");
        token.module.finalize().expect("C_Finalize");
        assert_eq!(login(home, "bob"), Ok(()));
        put(home, &before);
        assert_eq!(login(home, "bob"), refused(CKR_DEVICE_ERROR));
        assert_eq!(database(home).execute("UPDATE record SET revision = revision - 1 WHERE name = 'users'", ()), Ok(1));
        assert_eq!(login(home, "bob"), refused(CKR_DEVICE_ERROR), "with the revision it had");
    });
}

/// Without the list there are no users; the standard user learns that it is gone as soon as they look.
#[test]
fn the_list_deleted() {
    isolated(|home| {
        prepare(home);
        assert_eq!(database(home).execute("DELETE FROM record WHERE name = 'users'", ()), Ok(1));
        assert_eq!(login(home, "bob"), refused(CKR_PIN_INCORRECT));
        let token = home.shared_token();
        let session = token.user();
        assert_eq!(Users::of(&token.module).list(session), Err(Rv(CKR_DEVICE_ERROR)));
        let users = Users::of(&token.module);
        assert_eq!(users.add(session, "eve", PIN, USE), refused(CKR_DEVICE_ERROR));
        users.remove_all(session).expect("the list is whole again");
        users.add(session, "eve", PIN, USE).expect("Users_Add");
    });
}

/// One user's keys under another's name do not open: the PIN's record is bound to whose it is.
#[test]
fn the_records_of_two_users_exchanged() {
    isolated(|home| {
        prepare(home);
        let ids: Vec<String> = {
            let database = database(home);
            let mut select = database.prepare("SELECT name FROM record WHERE name LIKE 'user-%' ORDER BY name").expect("SQL");
            select.query_map((), |row| row.get(0)).expect("SQL").map(|name| name.expect("a name")).collect()
        };
        let [one, other] = &ids[..] else { panic!("two users: {ids:?}") };
        for (from, to) in [(one.as_str(), "x"), (other, one), ("x", other)] {
            assert_eq!(database(home).execute("UPDATE record SET name = ?2 WHERE name = ?1", (from, to)), Ok(1));
        }
        assert_eq!(login(home, "alice"), refused(CKR_PIN_INCORRECT));
        assert_eq!(login(home, "bob"), refused(CKR_PIN_INCORRECT));
    });
}

/// Removing all users began to count where the edited record stood: a list of before came back with the number it had.
#[test]
fn users_that_were_all_removed_do_not_come_back() {
    isolated(|home| {
        prepare(home);
        let rows = |home: &Home| -> Vec<(String, i64, Vec<u8>)> {
            let database = database(home);
            let mut select = database.prepare("SELECT name, revision, bytes FROM record WHERE name LIKE 'user%'").expect("SQL");
            let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            select.query_map((), row).expect("SQL").collect::<Result<_, _>>().expect("rows")
        };
        let before: Vec<_> = rows(home).into_iter().filter(|(name, ..)| name == "users" || name.starts_with("user-")).collect();
        assert_eq!(before.len(), 3);
        assert_eq!(database(home).execute("UPDATE record SET revision = 1, bytes = x'00' WHERE name = 'users'", ()), Ok(1));
        let token = home.shared_token();
        let session = token.user();
        Users::of(&token.module).remove_all(session).expect("Users_RemoveAll");
        token.module.finalize().expect("C_Finalize");
        drop(token);
        assert!(rows(home).iter().all(|(name, _, bytes)| !name.starts_with("user-") || bytes.is_empty()), "keys stay behind");
        for (name, revision, bytes) in before {
            let changed =
                database(home).execute("UPDATE record SET revision = ?, bytes = ? WHERE name = ?", (revision, bytes, name));
            assert_eq!(changed, Ok(1));
        }
        assert_eq!(login(home, "alice"), refused(CKR_DEVICE_ERROR));
    });
}
