//! Every column of every row of every table edited, rows taken away, exchanged and put back, the schema changed. Each edit either has no
//! effect, or a call refuses or the log tells; or it stands in the one list of what cannot be noticed.

use crate::{database, ecb, key, label};
use hsm_tests::users::USE;
use hsm_tests::*;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What cannot be noticed without a counter outside of the file, and why; SECURITY.md says the same in words.
const UNNOTICED: &[(&str, &str)] = &[
    ("object 1 deleted", "the lists hold objects that were changed, not all: they would be rewritten with each new one"),
    ("object 2 deleted", "as above; its number stays in the list when it is destroyed"),
    ("object 3 deleted", "as above"),
    ("object 4 deleted", "as above"),
    ("object 5 deleted", "as above"),
    ("a destroyed object put back", "nothing tells of objects that are no more"),
    ("an older PIN put back", "whoever has the older record and its PIN could open a copy of the file as well"),
    ("an older file put back", "all of it is genuine"),
    ("counter so: value - 1", "whoever writes the file can copy it and guess there, without any counter"),
    ("counter so: name", "as for a lower value"),
    ("counter so deleted", "as for a lower value"),
];

/// What a token shows: each observation with its answer.
type Shown = BTreeMap<String, Answer<String>>;

const PIN: &str = "their PIN";
const OLD_PIN: &str = "a PIN of before";
const OLDER: &str = "the older PIN";

/// Alice, objects 1 to 5 (the second changed once), one wrong PIN of the SO. Leaves copies of what was replaced meanwhile.
fn prepared(home: &Home) -> Vec<(&'static str, String)> {
    let token = home.token();
    let session = token.user();
    Users::of(&token.module).add(session, "alice", PIN, USE).expect("Users_Add");
    let made: Vec<Object> = (0..3).map(|number| session.create(&key(number)).expect("a key")).collect();
    let data = Template::of(CKO_DATA).bool(CKA_TOKEN, true).bool(CKA_PRIVATE, false).bytes(CKA_LABEL, b"public");
    session.create(&data.bytes(CKA_VALUE, b"a value")).expect("data");
    session.create(&key(4)).expect("a key");
    let gone = session.create(&key(5)).expect("a key");
    session.set_pin(USER_PIN, OLD_PIN).expect("C_SetPIN");
    token.module.finalize().expect("C_Finalize");
    drop(token);
    let kept = keep(home);
    let token = home.shared_token();
    let session = token.open(true);
    session.login(CKU_SO, "wrong-pin").expect_err("a wrong PIN");
    session.login(CKU_USER, OLD_PIN).expect("C_Login");
    session.set_pin(OLD_PIN, USER_PIN).expect("C_SetPIN");
    let [_, second, _] = made[..] else { panic!("three keys") };
    let second = session.find(&Template::new().bytes(CKA_LABEL, label(1).as_bytes())).map_or(second, |found| found[0]);
    session.set(second, &Template::new().bytes(CKA_ID, b"changed")).expect("C_SetAttributeValue");
    let gone = session.find(&Template::new().bytes(CKA_LABEL, label(5).as_bytes())).map_or(gone, |found| found[0]);
    session.destroy(gone).expect("C_DestroyObject");
    token.module.finalize().expect("C_Finalize");
    kept
}

/// The older file as a database beside the token, and what puts parts of it back.
fn keep(home: &Home) -> Vec<(&'static str, String)> {
    let older = home.file("older.db");
    std::fs::copy(path(home), &older).expect("a copy");
    let attach = format!("ATTACH '{}' AS older; ", older.display());
    let back = |sql: &str| attach.clone() + sql;
    vec![
        ("a destroyed object put back", back("INSERT INTO object SELECT * FROM older.object WHERE id = 6")),
        ("an older PIN put back", back("REPLACE INTO record SELECT * FROM older.record WHERE name = 'user'")),
        ("an older row put back", back("REPLACE INTO object SELECT * FROM older.object WHERE id = 2")),
        (
            "an older row put back as it would be now",
            back("UPDATE object SET sealed = (SELECT sealed FROM older.object WHERE id = 2) WHERE id = 2"),
        ),
        ("an older list put back", back("REPLACE INTO record SELECT * FROM older.record WHERE name LIKE 'revisions%'")),
        ("a header of another token", "UPDATE record SET bytes = CAST(replace(CAST(bytes AS TEXT), 'made\":\"', 'made\":\"0') AS BLOB) WHERE name = 'header'".into()),
    ]
}

fn path(home: &Home) -> PathBuf {
    let entries = std::fs::read_dir(home.token_dir()).expect("the token directory");
    let mut paths = entries.map(|entry| entry.expect("an entry").path());
    paths.find(|path| path.extension().is_some_and(|ending| ending == "db")).expect("the database")
}

/// All that the token shows to whoever uses it; only `every` account if it is asked for, since a login takes its time.
fn shown(home: &Home, module: &Module, every: bool) -> Shown {
    let mut shown = Shown::new();
    if let Err(rv) = module.initialize() {
        return BTreeMap::from([("C_Initialize".into(), Err(rv))]);
    }
    let slot = module.slots(true).expect("C_GetSlotList")[0];
    let flags = module.token_info(slot).map(|info| format!("{:x}", info.flags));
    shown.insert("C_GetTokenInfo".into(), flags);
    if let Ok(session) = module.open(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION) {
        if every {
            accounts(session, &mut shown);
        }
        objects_of(session, &mut shown);
    }
    module.finalize().expect("C_Finalize");
    let told = std::fs::read_to_string(home.file("output")).unwrap_or_default();
    let warned = told.contains(", object ") || told.contains("is left out");
    shown.insert("log".into(), if warned { refused(CKR_DEVICE_ERROR) } else { Ok(String::new()) });
    shown
}

fn accounts(session: Session<'_>, shown: &mut Shown) {
    let mut login = |who: &str, answer: Answer| {
        shown.insert(who.into(), answer.map(|()| "opens".into()));
        let _ = session.logout();
    };
    login("the SO", session.login(CKU_SO, SO_PIN));
    login("alice", session.login_user(CKU_USER, PIN, "alice"));
    let older = session.login(CKU_USER, OLD_PIN).is_ok();
    let _ = session.logout();
    shown.insert(OLDER.into(), Ok(if older { "opens" } else { "is refused" }.into()));
}

fn objects_of(session: Session<'_>, shown: &mut Shown) {
    shown.insert("the user".into(), session.login(CKU_USER, USER_PIN).map(|()| "opens".into()));
    shown.insert("all".into(), session.find(&Template::new().bool(CKA_TOKEN, true)).map(|all| all.len().to_string()));
    for name in (0..6).map(label).chain(["public".into()]) {
        let found = session.find(&Template::new().bytes(CKA_LABEL, name.as_bytes()));
        let described = found.map(|found| found.iter().map(|object| describe(session, *object)).collect::<Vec<_>>().join("; "));
        shown.insert(name, described);
    }
    let users = Users::of(session.module()).list(session).map(|users| users.to_string());
    shown.insert("users".into(), users);
    let made = session.create(&key(9)).and_then(|made| session.attribute(made, CKA_LABEL).and_then(|_| session.destroy(made)));
    shown.insert("another".into(), made.map(|()| String::new()));
}

fn describe(session: Session<'_>, object: Object) -> String {
    let flag = |kind| format!("{:?}", session.flag(object, kind));
    let value = session.encrypt(&ecb(), object, &[0; 16]).or_else(|_| session.attribute(object, CKA_VALUE));
    format!("{value:?} {} {} {:?}", flag(CKA_SENSITIVE), flag(CKA_EXTRACTABLE), session.attribute(object, CKA_ID))
}

/// The edits of each column of each row of a table, by what its key is called.
fn of_columns(database: &Connection, table: &str, key: &str) -> Vec<(String, String)> {
    let list = |sql: &str| -> Vec<(String, String)> {
        let mut query = database.prepare(sql).expect("SQL");
        let rows = query.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).expect("SQL");
        rows.map(|row| row.expect("a row")).collect()
    };
    let columns = list(&format!("SELECT name, type FROM pragma_table_info('{table}')"));
    let rows = list(&format!("SELECT quote({key}), CAST({key} AS TEXT) FROM {table}"));
    let mut edits = Vec::new();
    for (quoted, name) in &rows {
        let at = format!("{key} = {quoted}");
        edits.push((format!("{table} {name} deleted"), format!("DELETE FROM {table} WHERE {at}")));
        for (column, kind) in &columns {
            let changes = match kind.as_str() {
                "BLOB" => vec![(String::new(), format!("CAST(substr({column}, 1, length({column}) - 1) || x'5a' AS BLOB)"))],
                "INTEGER" if column.ends_with("_tag") => vec![(" + 1".into(), format!("{column} + 1"))],
                "INTEGER" => vec![(" + 1".into(), format!("{column} + 1")), (" - 1".into(), format!("{column} - 1"))],
                _ => vec![(String::new(), format!("{column} || 'x'"))],
            };
            let edit = |(what, to): (String, String)| {
                (format!("{table} {name}: {column}{what}"), format!("UPDATE OR IGNORE {table} SET {column} = {to} WHERE {at}"))
            };
            edits.extend(changes.into_iter().map(edit));
        }
    }
    edits
}

/// Two rows exchange all but their keys.
fn exchanged(table: &str, key: &str, columns: &str, one: &str, other: &str) -> (String, String) {
    let values = |from: &str| format!("(SELECT {columns} FROM before WHERE {key} = {from})");
    let put = |at: &str, from: &str| format!("UPDATE {table} SET ({columns}) = {} WHERE {key} = {at}; ", values(from));
    let sql = format!("CREATE TEMP TABLE before AS SELECT * FROM {table}; {}{}", put(one, other), put(other, one));
    (format!("{table} {one} and {other} exchanged"), sql)
}

/// What a schema can be made into.
const SCHEMA: &[(&str, &str)] = &[
    ("an index dropped", "DROP INDEX object_label"),
    ("an index of nothing", "DROP INDEX object_label; CREATE INDEX object_label ON object (label_tag) WHERE id > 100"),
    ("a trigger added", "CREATE TRIGGER t AFTER UPDATE ON counter BEGIN DELETE FROM counter; END"),
    ("a trigger that hides", "CREATE TRIGGER t BEFORE INSERT ON object BEGIN SELECT RAISE(IGNORE); END"),
    ("a table added", "CREATE TABLE other (name TEXT)"),
    ("a view for a table", "ALTER TABLE object RENAME TO hidden; CREATE VIEW object AS SELECT * FROM hidden WHERE id > 2"),
    ("a table dropped", "DROP TABLE object"),
    ("a table without rows", "ALTER TABLE record RENAME TO hidden; CREATE TABLE record AS SELECT * FROM hidden WHERE 0"),
    ("a column added", "ALTER TABLE object ADD COLUMN more INTEGER"),
    ("a table for another", "DROP TABLE counter; CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER CHECK (value < 1))"),
    ("a version", "PRAGMA user_version = 7"),
];

/// Does each edit to the honest file and compares. Returns how many were not noticed.
fn edited_one_by_one(home: &Home, edits: Vec<(String, String)>, every: bool) -> usize {
    let path = path(home);
    let honest = std::fs::read(&path).expect("the database");
    let module = home.module();
    let as_it_was = shown(home, &module, every);
    assert!(as_it_was.values().all(|answer| answer.is_ok()), "{as_it_was:#?}");
    let mut tally = Tally::new("edits of the token file");
    let mut unnoticed = 0;
    for (name, sql) in edits {
        put_back(home, &path, &honest);
        database(home).execute_batch(&sql).unwrap_or_else(|e| panic!("{name}: {e}"));
        let now = shown(home, &module, every);
        let refuses = now.iter().any(|(what, answer)| answer.is_err() && as_it_was.get(what) != Some(answer));
        let differs = as_it_was.iter().find(|(what, answer)| now.get(*what) != Some(answer));
        let opens = now.get(OLDER).is_some_and(|answer| *answer == Ok("opens".into()));
        let silent = differs.is_some() && (opens || !refuses);
        let listed = UNNOTICED.iter().any(|(edit, _)| *edit == name);
        tally.check(
            &name,
            silent == listed,
            format_args!("silent: {silent}, {differs:?} is now {:?}", differs.map(|(w, _)| now.get(w))),
        );
        unnoticed += usize::from(silent);
    }
    put_back(home, &path, &honest);
    assert_eq!(shown(home, &module, every), as_it_was, "the honest file");
    unnoticed
}

/// The honest file alone, and an empty log.
fn put_back(home: &Home, path: &PathBuf, honest: &[u8]) {
    for entry in std::fs::read_dir(home.token_dir()).expect("the token directory") {
        std::fs::remove_file(entry.expect("an entry").path()).expect("removed");
    }
    std::fs::write(path, honest).expect("the database");
    let output = std::fs::File::options().write(true).open(home.file("output"));
    output.and_then(|file| file.set_len(0)).expect("an empty log");
}

#[test]
fn objects() {
    isolated(|home| {
        prepared(home);
        let columns = "revision, private, class_tag, id_tag, label_tag, sealed";
        let mut edits = of_columns(&database(home), "object", "id");
        edits.push(exchanged("object", "id", columns, "1", "3"));
        edits.push(exchanged("object", "id", columns, "1", "4"));
        edits.push((
            "object 1 copied".into(),
            format!("INSERT INTO object ({columns}) SELECT {columns} FROM object WHERE id = 1"),
        ));
        assert_eq!(edited_one_by_one(home, edits, false), 5);
    });
}

#[test]
fn records() {
    isolated(|home| {
        prepared(home);
        let mut edits = of_columns(&database(home), "record", "name");
        let names = ["'so'", "'user'", "'header'", "'users'", "'revisions-public'", "'revisions-private'"];
        edits.extend((1..names.len()).map(|at| exchanged("record", "name", "revision, bytes", names[at - 1], names[at])));
        assert_eq!(edited_one_by_one(home, edits, true), 0);
    });
}

#[test]
fn counters_sequence_and_schema() {
    isolated(|home| {
        prepared(home);
        let mut edits = of_columns(&database(home), "counter", "name");
        edits.extend(of_columns(&database(home), "sqlite_sequence", "name"));
        edits.extend(SCHEMA.iter().map(|(name, sql)| ((*name).to_owned(), (*sql).to_owned())));
        assert_eq!(edited_one_by_one(home, edits, false), 3);
    });
}

/// Parts of an older file and all of it; and none of these stands in the list without being unnoticed.
#[test]
fn what_was_before() {
    isolated(|home| {
        let mut edits: Vec<(String, String)> = prepared(home).into_iter().map(|(name, sql)| (name.into(), sql)).collect();
        let tables = ["record", "counter", "object"];
        let replace = tables.map(|table| format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM older.{table}; "));
        let attach = format!("ATTACH '{}' AS older; ", home.file("older.db").display());
        edits.push(("an older file put back".into(), attach + &replace.concat()));
        assert_eq!(edited_one_by_one(home, edits, true), 3);
    });
}
