//! Edits of the object table.

use crate::{database, prepare, reopened, working};
use hsm_tests::*;
use rusqlite::{Connection, types::Value};

const COUNT: u8 = 4;

/// The blob columns of the object table.
fn blobs(database: &Connection) -> Vec<String> {
    let mut query =
        database.prepare("SELECT name FROM pragma_table_info('object') WHERE type = 'BLOB'").expect("a table `object`");
    let rows = query.query_map([], |row| row.get(0)).expect("its columns");
    rows.map(|r| r.expect("a name")).collect()
}

/// The other columns that describe an object, its key apart.
fn numbers(database: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM pragma_table_info('object') WHERE type = 'INTEGER' AND pk = 0";
    let mut query = database.prepare(sql).expect("a table `object`");
    let rows = query.query_map([], |row| row.get(0)).expect("its columns");
    rows.map(|r| r.expect("a name")).collect()
}

fn ids(database: &Connection) -> Vec<i64> {
    let mut query = database.prepare("SELECT rowid FROM object ORDER BY rowid").expect("a table `object`");
    let rows = query.query_map([], |row| row.get(0)).expect("its rows");
    rows.map(|r| r.expect("a number")).collect()
}

fn read(database: &Connection, column: &str, id: i64) -> Value {
    let sql = format!("SELECT {column} FROM object WHERE rowid = ?1");
    database.query_row(&sql, [id], |row| row.get(0)).expect("a value")
}

fn write(database: &Connection, column: &str, id: i64, value: &Value) {
    let sql = format!("UPDATE object SET {column} = ?1 WHERE rowid = ?2");
    assert_eq!(database.execute(&sql, (value, id)), Ok(1));
}

#[test]
fn nothing_edited() {
    isolated(|home| {
        prepare(home, COUNT);
        let token = reopened(home);
        assert_eq!(working(token.open(true), COUNT), [0, 1, 2, 3]);
    });
}

/// One flipped bit, in the first, a middle and the last byte.
#[test]
fn a_flipped_bit() {
    isolated(|home| {
        prepare(home, COUNT);
        let database = database(home);
        let rows = ids(&database);
        let column = &blobs(&database)[0];
        for (place, id) in [(0.0, rows[0]), (0.5, rows[1]), (1.0, rows[3])] {
            let Value::Blob(mut bytes) = read(&database, column, id) else { panic!("a blob") };
            let at = ((bytes.len() - 1) as f64 * place) as usize;
            bytes[at] ^= 1;
            write(&database, column, id, &Value::Blob(bytes));
        }
        drop(database);
        let token = reopened(home);
        assert_eq!(working(token.open(true), COUNT), [2], "only the untouched key");
    });
}

/// Issue 2: "refuse with a logged reason": on standard error, naming the object.
#[test]
fn the_reason_is_told() {
    isolated(|home| {
        if home.role().is_some() {
            let token = reopened(home);
            assert_eq!(working(token.open(true), COUNT), [1, 2, 3]);
            return;
        }
        prepare(home, COUNT);
        let database = database(home);
        let (id, column) = (ids(&database)[0], blobs(&database)[0].clone());
        write(&database, &column, id, &Value::Blob(vec![0x5a; 300]));
        drop(database);
        let log = home.file("log");
        let file = std::fs::File::create(&log).expect("a file");
        let mut reader = home.spawn("reads", |command| {
            command.stderr(file);
        });
        assert!(reader.wait().expect("its end").success());
        let log = std::fs::read_to_string(&log).expect("a log");
        let named = log.lines().any(|line| line.contains("object") && line.contains(&id.to_string()));
        assert!(named, "no reason was told: {log:?}");
    });
}

/// Two objects exchanged: neither is what its row says.
#[test]
fn two_rows_swapped() {
    isolated(|home| {
        prepare(home, COUNT);
        let database = database(home);
        let rows = ids(&database);
        for column in blobs(&database) {
            let (a, b) = (read(&database, &column, rows[1]), read(&database, &column, rows[2]));
            write(&database, &column, rows[1], &b);
            write(&database, &column, rows[2], &a);
        }
        drop(database);
        let token = reopened(home);
        assert_eq!(working(token.open(true), COUNT), [0, 3]);
    });
}

/// Everything of two rows exchanged but their numbers.
#[test]
fn two_whole_rows_swapped() {
    isolated(|home| {
        prepare(home, COUNT);
        let database = database(home);
        let rows = ids(&database);
        for column in blobs(&database).into_iter().chain(numbers(&database)) {
            let (a, b) = (read(&database, &column, rows[1]), read(&database, &column, rows[2]));
            write(&database, &column, rows[1], &b);
            write(&database, &column, rows[2], &a);
        }
        drop(database);
        let token = reopened(home);
        assert_eq!(working(token.open(true), COUNT), [0, 3]);
    });
}

/// An old state of an object put back: here a key that was made unusable for encryption.
#[test]
fn an_old_row_replayed() {
    isolated(|home| {
        prepare(home, COUNT);
        let before = database(home);
        let rows = ids(&before);
        let columns: Vec<String> = blobs(&before).into_iter().chain(numbers(&before)).collect();
        let old: Vec<Value> = columns.iter().map(|c| read(&before, c, rows[0])).collect();
        drop(before);
        let token = reopened(home);
        let session = token.open(true);
        let key = session.find(&Template::new().bytes(CKA_LABEL, b"key-0")).expect("C_FindObjects")[0];
        session.set(key, &Template::new().bool(CKA_ENCRYPT, false)).expect("C_SetAttributeValue");
        token.module.finalize().expect("C_Finalize");
        drop(token);
        let database = database(home);
        columns.iter().zip(&old).for_each(|(c, v)| write(&database, c, rows[0], v));
        drop(database);
        let token = reopened(home);
        assert_eq!(working(token.open(true), COUNT), [1, 2, 3], "the old row must not come back to life");
    });
}

/// A row copied under a new number, and one deleted: no copy works, the rest does.
#[test]
fn a_row_duplicated_and_one_deleted() {
    isolated(|home| {
        prepare(home, COUNT);
        let database = database(home);
        let rows = ids(&database);
        let columns: Vec<String> = blobs(&database).into_iter().chain(numbers(&database)).collect();
        let list = columns.join(", ");
        let sql = format!("INSERT INTO object ({list}) SELECT {list} FROM object WHERE rowid = ?1");
        assert_eq!(database.execute(&sql, [rows[0]]), Ok(1));
        assert_eq!(database.execute("DELETE FROM object WHERE rowid = ?1", [rows[3]]), Ok(1));
        drop(database);
        let token = reopened(home);
        let session = token.open(true);
        assert_eq!(working(session, COUNT), [0, 1, 2]);
        let found = session.find(&Template::new().bytes(CKA_LABEL, b"key-0")).expect("C_FindObjects");
        let usable = found.iter().filter(|o| session.encrypt(&crate::ecb(), **o, &[0; 16]).is_ok());
        assert_eq!(usable.count(), 1, "the copy must not work");
    });
}

/// Search columns that lie: an object may be missed, but never given under a name that is not its own.
#[test]
fn search_columns_that_lie() {
    isolated(|home| {
        prepare(home, COUNT);
        let database = database(home);
        let rows = ids(&database);
        for column in numbers(&database) {
            let value = read(&database, &column, rows[1]);
            write(&database, &column, rows[2], &value);
        }
        drop(database);
        let token = reopened(home);
        let session = token.open(true);
        for number in 0..COUNT {
            let label = crate::label(number);
            let found = session.find(&Template::new().bytes(CKA_LABEL, label.as_bytes())).expect("C_FindObjects");
            for object in found {
                let got = session.attribute(object, CKA_LABEL);
                assert!(got == Ok(label.as_bytes().to_vec()) || got.is_err(), "{label}: {got:?}");
            }
        }
        let works = working(session, COUNT);
        assert!(works.contains(&0) && works.contains(&3), "{works:?}");
    });
}

/// Public objects are read before login; once somebody logged in they are checked too.
#[test]
fn public_objects_too() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let data = Template::of(CKO_DATA).bool(CKA_TOKEN, true).bool(CKA_PRIVATE, false);
        session.create(&data.bytes(CKA_LABEL, b"public").bytes(CKA_VALUE, b"original value")).expect("data");
        token.module.finalize().expect("C_Finalize");
        drop(token);
        let database = database(home);
        let (id, column) = (ids(&database)[0], blobs(&database)[0].clone());
        let Value::Blob(bytes) = read(&database, &column, id) else { panic!("a blob") };
        let at = bytes.windows(8).position(|w| w == b"original").unwrap_or(bytes.len() / 2);
        let mut edited = bytes;
        edited[at] ^= 0x20;
        write(&database, &column, id, &Value::Blob(edited));
        drop(database);
        let token = reopened(home);
        let session = token.open(true);
        let found = session.find(&Template::of(CKO_DATA)).unwrap_or_default();
        let values: Vec<_> = found.iter().map(|o| session.attribute(*o, CKA_VALUE)).collect();
        assert!(values.iter().all(|v| v.is_err()), "an edited value was given after login: {values:?}");
    });
}
