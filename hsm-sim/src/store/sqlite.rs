//! A token in one SQLite file.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, params, params_from_iter, types::Value};

use super::{
    BEGIN, Change, Found, Guard, HEAD, LASTING, Line, MakeRow, ObjectId, Query, Record, RecordChange, Row, RowChange, Tags, Tell,
    TokenStore,
    connections::{Connections, failed},
    generation::Generation,
    log,
};
use crate::error::{Result, Rv};

pub const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS record (
        name TEXT PRIMARY KEY, revision INTEGER NOT NULL, bytes BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS counter (
        name TEXT PRIMARY KEY, value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS object (
        id INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL, private INTEGER NOT NULL,
        class_tag INTEGER NOT NULL, id_tag INTEGER NOT NULL, label_tag INTEGER NOT NULL, sealed BLOB NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS object_class ON object (class_tag, private);
    CREATE INDEX IF NOT EXISTS object_id ON object (id_tag, private);
    CREATE INDEX IF NOT EXISTS object_label ON object (label_tag, private);
";

/// The store.
pub struct SqliteStore {
    connections: Connections,
    generation: Generation,
}

impl SqliteStore {
    /// Opens the file, which must exist unless `create`.
    pub fn open(path: &Path, create: bool) -> Result<Self> {
        let connections = Connections::open(path, create)?;
        if create {
            connections.execute_batch(&format!("BEGIN IMMEDIATE; {SCHEMA} COMMIT;"))?;
        }
        let generation = Generation::open(&path.with_extension("generation"))
            .map_err(|e| Rv::DeviceError.because(format!("{}: {e}", path.display())))?;
        Ok(Self { connections, generation })
    }

    /// What makes it die, for tests.
    #[cfg(test)]
    pub fn fault(&self) -> std::sync::Arc<super::fault::Fault> {
        self.connections.presence.fault.clone()
    }

    fn transact<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<Option<T>>) -> Result<Option<T>> {
        self.connections.write(change, |transaction| {
            let trouble = |e| Rv::DeviceError.because(format!("the token's generation file: {e}"));
            let _writing = self.generation.writing().map_err(trouble)?;
            transaction.commit().map_err(failed)
        })
    }
}

impl TokenStore for SqliteStore {
    fn record(&self, name: &str) -> Result<Option<Record>> {
        self.connections.read(|connection| {
            let mut select = connection.prepare_cached("SELECT revision, bytes FROM record WHERE name = ?")?;
            select.query_row([name], |row| Ok(Record { revision: row.get(0)?, bytes: row.get(1)? })).optional()
        })
    }

    fn names(&self, beginning: &str) -> Result<Vec<String>> {
        self.connections.read(|connection| {
            let sql = "SELECT name FROM record WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name";
            connection.prepare_cached(sql)?.query_map([beginning], |row| row.get(0))?.collect()
        })
    }

    fn write(&self, change: Change<'_>) -> Result<Option<Vec<ObjectId>>> {
        self.transact(|transaction| {
            change.guard.map_or(Ok(()), |guard| check(transaction, guard))?;
            // First, of the log as it is before the change; what is not done is not told either.
            change.told.map_or(Ok(()), |told| log::append(transaction, told))?;
            let done = apply(transaction, change.records)?
                && replace(transaction, change.replaced)?
                && remove(transaction, change.removed)?;
            if !done {
                return Ok(None);
            }
            clear(transaction, change.cleared)?;
            log::cut(transaction, change.cut)?;
            insert(transaction, change.added, change.make).map(Some)
        })
    }

    fn reset(&self, records: &[(&str, &[u8])], told: Option<&dyn Tell>) -> Result<()> {
        let done = self.transact(|transaction| {
            transaction.execute("DELETE FROM object", []).map_err(failed)?;
            transaction.execute("DELETE FROM counter WHERE name <> ?", [LASTING]).map_err(failed)?;
            let mut upsert = transaction
                .prepare_cached(
                    "INSERT INTO record VALUES (?1, 1, ?2) ON CONFLICT DO UPDATE SET revision = revision + 1, bytes = ?2",
                )
                .map_err(failed)?;
            for (name, bytes) in records {
                upsert.execute(params![name, bytes]).map_err(failed)?;
            }
            let kept = records.iter().map(|(name, _)| *name).chain([HEAD, BEGIN]);
            let names = serde_json::to_string(&kept.collect::<Vec<_>>()).unwrap_or_default();
            let gone = "DELETE FROM record WHERE name NOT IN (SELECT value FROM json_each(?))";
            transaction.execute(gone, [names]).map_err(failed)?;
            told.map_or(Ok(()), |told| log::append(transaction, told)).map(Some)
        })?;
        done.map(|_| ()).ok_or(Rv::FunctionFailed.because("the token was not reset"))
    }

    fn raise(&self, counter: &str) -> Result<u64> {
        // Not announced to other processes: what they keep of the store does not depend on counters.
        let raised = self.connections.write(
            |transaction| {
                let sql = "INSERT INTO counter VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value";
                let mut raise = transaction.prepare_cached(sql).map_err(failed)?;
                raise.query_row([counter], |row| row.get(0)).map(Some).map_err(failed)
            },
            |transaction| transaction.commit().map_err(failed),
        )?;
        raised.ok_or(Rv::FunctionFailed.because("the counter was not raised"))
    }

    fn counter(&self, counter: &str) -> Result<u64> {
        self.connections.read(|connection| {
            let mut select = connection.prepare_cached("SELECT value FROM counter WHERE name = ?")?;
            Ok(select.query_row([counter], |row| row.get(0)).optional()?.unwrap_or(0))
        })
    }

    fn append(&self, guard: Option<Guard<'_>>, told: &dyn Tell) -> Result<()> {
        let write = |transaction: &Transaction<'_>| {
            guard.map_or(Ok(()), |guard| check(transaction, guard))?;
            log::append(transaction, told).map(Some)
        };
        self.connections.write(write, |transaction| transaction.commit().map_err(failed)).map(|_| ())
    }

    fn lines(&self, after: u64, most: usize) -> Result<Vec<Line>> {
        self.connections.read(|connection| log::lines(connection, after, most))
    }

    fn object(&self, id: ObjectId) -> Result<Option<Row>> {
        self.connections.read(|connection| {
            let sql = "SELECT revision, private, class_tag, id_tag, label_tag, sealed FROM object WHERE id = ?";
            let mut select = connection.prepare_cached(sql)?;
            let row = select.query_row([id], |row| {
                let tags = Tags { class: row.get(2)?, id: row.get(3)?, label: row.get(4)? };
                Ok(Row { revision: row.get(0)?, private: row.get(1)?, tags, sealed: row.get(5)? })
            });
            row.optional()
        })
    }

    fn find(&self, query: &Query) -> Result<Vec<Found>> {
        let (sql, arguments) = select(query);
        self.connections.read(|connection| {
            let mut select = connection.prepare_cached(&sql)?;
            let found = |row: &rusqlite::Row<'_>| Ok(Found { id: row.get(0)?, private: row.get(1)? });
            select.query_map(params_from_iter(arguments), found)?.collect()
        })
    }

    fn generation(&self) -> Result<u64> {
        match self.generation.settled(|| self.connections.is_there()) {
            Some(version) => Ok(version),
            None => self.connections.read_as_writer(|connection| {
                let looked = self.generation.look();
                let version = connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
                self.generation.learn(looked, version);
                Ok(version)
            }),
        }
    }

    fn snapshot(&self) -> Result<Vec<u8>> {
        self.connections.snapshot()
    }

    fn ailments(&self) -> Result<Vec<String>> {
        self.connections.read(ailments)
    }

    fn is_idle(&self) -> bool {
        self.connections.is_idle()
    }

    fn let_go(&self) -> Result<()> {
        self.connections.let_go()
    }
}

/// What SQLite finds wrong with a file.
pub fn ailments(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = connection.prepare("PRAGMA integrity_check(20)")?;
    let found = check.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(found.into_iter().filter(|line| line != "ok").collect())
}

fn check(transaction: &Transaction<'_>, guard: Guard<'_>) -> Result<()> {
    let mut select = transaction.prepare_cached("SELECT revision FROM record WHERE name = ?").map_err(failed)?;
    let now: Option<u64> = select.query_row([guard.name], |row| row.get(0)).optional().map_err(failed)?;
    if now == Some(guard.revision) { Ok(()) } else { Err(guard.failed()) }
}

/// The id after the greatest ever given: SQLite keeps it, so that a removed object's id does not come back.
fn next_id(transaction: &Transaction<'_>) -> Result<ObjectId> {
    let sql = "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'object'";
    let mut select = transaction.prepare_cached(sql).map_err(failed)?;
    let next = select.query_row([], |row| row.get(0)).optional().map_err(failed)?.unwrap_or(1);
    if (1..super::MOST_ID).contains(&next) {
        Ok(next)
    } else {
        Rv::DeviceError.err("the token file's object numbers were edited")
    }
}

fn clear(transaction: &Transaction<'_>, counters: &[&str]) -> Result<()> {
    for counter in counters {
        let mut delete = transaction.prepare_cached("DELETE FROM counter WHERE name = ?").map_err(failed)?;
        delete.execute([counter]).map_err(failed)?;
    }
    Ok(())
}

/// The columns a query restricts; the most selective index is SQLite's to choose.
fn select(query: &Query) -> (String, Vec<Value>) {
    let mut sql = String::from("SELECT id, private FROM object WHERE 1");
    let mut arguments = Vec::new();
    for (column, tags) in [("id_tag", query.id), ("label_tag", query.label), ("class_tag", query.class)] {
        let Some(tags) = tags else { continue };
        sql.push_str(&format!(" AND {column} IN (?, ?)"));
        arguments.extend(tags.map(Value::Integer));
    }
    if query.public_only {
        sql.push_str(" AND private = 0");
    }
    sql.push_str(" ORDER BY id");
    (sql, arguments)
}

/// Compare-and-set on each record; false when one is not at the revision expected.
fn apply(transaction: &Transaction<'_>, changes: &[RecordChange<'_>]) -> Result<bool> {
    for change in changes {
        let Some(revision) = change.expected.checked_add(1) else { return Ok(false) };
        let changed = if change.expected == 0 {
            transaction
                .prepare_cached("INSERT INTO record VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
                .and_then(|mut insert| insert.execute(params![change.name, revision, change.bytes]))
        } else {
            transaction
                .prepare_cached("UPDATE record SET revision = ?, bytes = ? WHERE name = ? AND revision = ?")
                .and_then(|mut update| update.execute(params![revision, change.bytes, change.name, change.expected]))
        };
        if changed.map_err(failed)? != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Compare-and-set on each object.
fn replace(transaction: &Transaction<'_>, rows: &[RowChange<'_>]) -> Result<bool> {
    for RowChange { id, expected, row } in rows {
        let sql = "UPDATE object SET revision = ?, private = ?, class_tag = ?, id_tag = ?, label_tag = ?, sealed = ?
                   WHERE id = ? AND revision = ?";
        let mut update = transaction.prepare_cached(sql).map_err(failed)?;
        let Tags { class, id: id_tag, label } = row.tags;
        let changed =
            update.execute(params![row.revision, row.private, class, id_tag, label, row.sealed, id, expected]).map_err(failed)?;
        if changed != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// False when an object is not there.
fn remove(transaction: &Transaction<'_>, ids: &[ObjectId]) -> Result<bool> {
    for id in ids {
        let mut delete = transaction.prepare_cached("DELETE FROM object WHERE id = ?").map_err(failed)?;
        if delete.execute([id]).map_err(failed)? != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn insert(transaction: &Transaction<'_>, count: usize, make: MakeRow<'_>) -> Result<Vec<ObjectId>> {
    if count == 0 {
        return Ok(vec![]);
    }
    let next = next_id(transaction)?;
    let sql = "INSERT INTO object VALUES (?, ?, ?, ?, ?, ?, ?)";
    let mut insert = transaction.prepare_cached(sql).map_err(failed)?;
    let ids: Vec<ObjectId> = (next..).take(count).collect();
    for (position, id) in ids.iter().enumerate() {
        let row = make(position, *id)?;
        let Tags { class, id: id_tag, label } = row.tags;
        insert.execute(params![id, row.revision, row.private, class, id_tag, label, row.sealed]).map_err(failed)?;
    }
    Ok(ids)
}
