//! The embedded store: one SQLite file, 0600, safe for several processes at once.

mod schema;

use std::fs::{self, DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql, TransactionBehavior, params_from_iter};

use super::sql::{Database, Failure, Row, SqlStore, Statements, Value};
use crate::error::{Error, Kind, Result};

#[cfg(test)]
pub(super) use schema::FIRST;

/// Key references in an SQLite file. Writers queue for at most five seconds.
pub type SqliteStore = SqlStore<Sqlite>;

/// The connection.
pub struct Sqlite(Mutex<Connection>);

impl SqlStore<Sqlite> {
    /// Opens the file at `path`, or makes it, readable by its owner only.
    ///
    /// # Errors
    /// [`Kind::Io`] when it cannot be made, [`Kind::Store`] when it is no key store.
    pub fn open(path: &Path) -> Result<Self> {
        make_private(path).map_err(|error| Error::io(path.display(), &error))?;
        let mut connection = Connection::open(path).map_err(|error| failed(&error))?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(|error| failed(&error))?;
        schema::prepare(&mut connection).map_err(|error| unreadable(path, &error))??;
        Ok(Self::over(Sqlite(Mutex::new(connection))))
    }
}

impl Database for Sqlite {
    fn read<T>(&self, job: impl FnOnce(&mut dyn Statements) -> Result<T>) -> Result<T> {
        job(&mut &*self.0.lock())
    }

    fn write<T>(&self, job: impl FnOnce(&mut dyn Statements) -> Result<T>) -> Result<T> {
        let mut connection = self.0.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|error| failed(&error))?;
        let answer = job(&mut &*transaction)?;
        transaction.commit().map_err(|error| failed(&error))?;
        Ok(answer)
    }
}

impl Statements for &Connection {
    fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let mut statement = self.prepare_cached(sql).map_err(|error| failed(&error))?;
        let width = statement.column_count();
        let found = statement.query_map(params_from_iter(values), |row| {
            (0..width).map(|column| Ok(row.get_ref(column)?.into())).collect::<rusqlite::Result<Vec<Value>>>()
        });
        found.and_then(|rows| rows.map(|row| row.map(Row::new)).collect()).map_err(|error| failed(&error))
    }

    fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64, Failure> {
        let done = self.prepare_cached(sql).and_then(|mut statement| statement.execute(params_from_iter(values)));
        done.map(|rows| rows as u64).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => Failure::Clash(failed(&error)),
            _ => Failure::Other(failed(&error)),
        })
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Integer(number) => Self::Int(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
            // No column is of this type.
            ValueRef::Real(_) | ValueRef::Null => Self::Null,
        }
    }
}

/// SQLite would make the file with the umask's rights; it gives its side files the rights of this one.
fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    if fs::metadata(path).is_err() {
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    }
    Ok(())
}

fn failed(error: &rusqlite::Error) -> Error {
    let next = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process is writing; try again",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "restore the key store from a backup",
        _ => "",
    };
    Error::new(Kind::Store, "the key store failed").why(error.to_string()).next(next)
}

fn unreadable(path: &Path, error: &rusqlite::Error) -> Error {
    let error = failed(error);
    Error::new(Kind::Store, format!("{} cannot be used as a key store", path.display()))
        .why(error.reason())
        .next(if error.next_step().is_empty() { "choose another with --store PATH" } else { error.next_step() })
}
