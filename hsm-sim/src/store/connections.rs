//! SQLite connections to one file: one that writes, and a few for readers who would otherwise wait for it or for each other.

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, config::DbConfig};

use super::{presence::Presence, wal};
use crate::error::{Error, Result, Rv};

/// How long a writer waits for a writer of another process.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections besides the writer's, opened when first needed.
const READERS: usize = 4;

/// The connections.
pub struct Connections {
    path: PathBuf,
    pub presence: Presence,
    written: AtomicBool,
    writer: Mutex<Connection>,
    readers: [Mutex<Option<Connection>>; READERS],
}

impl Connections {
    /// Opens the file, which must exist unless `create`. Only its owner may read it.
    pub fn open(path: &Path, create: bool) -> Result<Self> {
        if create {
            // Only a new file is opened by hand: closing any descriptor of a file drops all locks the process holds on it.
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
            made.map_err(|e| Rv::DeviceError.because(format!("{}: {e}", path.display())))?;
        }
        let readers = std::array::from_fn(|_| Mutex::new(None));
        // Before SQLite touches a file that is there, and after it has begun one that is not.
        let found = if create { None } else { Some(Presence::of(path)?) };
        found.as_ref().map_or(Ok(()), |found| wal::check(found.log()))?;
        let writer = Mutex::new(connect(path)?);
        let presence = found.map_or_else(|| Presence::of(path).map_err(|error| Rv::DeviceError.because(error.why)), Ok)?;
        Ok(Self { path: path.to_owned(), presence, written: AtomicBool::new(create), writer, readers })
    }

    /// True while the token's file is where it was.
    pub fn is_there(&self) -> bool {
        self.presence.check_file().is_ok()
    }

    /// Runs statements outside of any transaction of ours.
    pub fn execute_batch(&self, sql: &str) -> Result<()> {
        self.writer.lock().execute_batch(sql).map_err(failed)
    }

    /// The bytes of the file as they are at one moment.
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        snapshot(&self.path)
    }

    /// Reads on whichever connection is free.
    pub fn read<T>(&self, with: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        self.presence.check()?;
        if let Some(writer) = self.writer.try_lock() {
            return with(&writer).map_err(failed);
        }
        for reader in &self.readers {
            let Some(mut reader) = reader.try_lock() else { continue };
            if reader.is_none() {
                *reader = Some(connect(&self.path)?);
            }
            if let Some(reader) = reader.as_ref() {
                return with(reader).map_err(failed);
            }
        }
        self.read_as_writer(with)
    }

    /// Reads on the connection that writes: its `PRAGMA data_version` counts the commits of everybody else.
    pub fn read_as_writer<T>(&self, with: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let writer = self.writer.lock();
        self.presence.check()?;
        with(&writer).map_err(failed)
    }

    /// Closes inherited connections in a forked child. SQLite keeps a table of open files in static memory; as long as the parent's
    /// are in it, the child would believe it holds locks that only the parent has, and either could pull the log from under the
    /// other. Closed without a checkpoint they touch no file: locks belong to the process that took them.
    pub fn let_go(&self) -> Result<()> {
        let busy = || Rv::CantLock.because("the process forked while another thread was inside the token file");
        let mut writer = self.writer.try_lock().ok_or_else(busy)?;
        close_untouched(std::mem::replace(&mut *writer, Connection::open_in_memory().map_err(failed)?))?;
        for reader in &self.readers {
            if let Some(reader) = reader.try_lock().ok_or_else(busy)?.take() {
                close_untouched(reader)?;
            }
        }
        Ok(())
    }

    /// Whether no connection is in use: in a forked child, where nobody else is, that stays so.
    pub fn is_idle(&self) -> bool {
        !self.writer.is_locked() && !self.readers.iter().any(|reader| reader.is_locked())
    }

    /// Runs `change` in one transaction, committed by `commit`; an error or `None` undoes all of it.
    pub fn write<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<Option<T>>,
        commit: impl FnOnce(Transaction<'_>) -> Result<()>,
    ) -> Result<Option<T>> {
        let mut writer = self.writer.lock();
        self.presence.check()?;
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let Some(done) = change(&transaction)? else { return Ok(None) };
        // A change may have waited long for its turn.
        self.presence.check()?;
        commit(transaction)?;
        self.written.store(true, Ordering::Relaxed);
        // What went to a file that is no longer the token's is not acknowledged.
        self.presence.check()?;
        Ok(Some(done))
    }
}

/// The bytes of a token file, with what stands in its log. It is read by SQLite and not by hand: closing any descriptor of a file drops
/// all locks the process holds on it.
pub fn snapshot(path: &Path) -> Result<Vec<u8>> {
    let mut connection = connect(path)?;
    connection.serialize("main").map(|bytes| bytes.to_vec()).map_err(failed)
}

/// Whoever wrote takes the log into the file in the end, where that is safe. Whoever did not leaves both as they are: a token that was
/// refused keeps each byte.
impl Drop for Connections {
    fn drop(&mut self) {
        if *self.written.get_mut() && self.presence.allows_checkpoint() {
            let _ = self.writer.get_mut().set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false);
        }
    }
}

fn close_untouched(connection: Connection) -> Result<()> {
    connection.close().map_err(|(_, error)| failed(error))
}

/// A connection of its own, with the settings of all.
pub fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(failed)?;
    // The schema is part of a file that anybody may have edited: nothing in it is run.
    for code in [
        DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER,
        DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW,
        DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA,
    ] {
        connection.set_db_config(code, false).map_err(failed)?;
    }
    connection.set_prepared_statement_cache_capacity(64);
    // 8 KiB pages fit a sealed RSA key; WAL lets readers go on while one writes; FULL makes every acknowledged commit durable.
    connection.execute_batch("PRAGMA page_size = 8192; PRAGMA synchronous = FULL;").map_err(failed)?;
    // Where it cannot, SQLite answers with the mode that was and no error.
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(failed)?;
    if mode == "wal" { Ok(connection) } else { Rv::DeviceError.err(format!("token file: no log can be kept beside it ({mode})")) }
}

/// Names SQLite's error as the standard would.
pub fn failed(error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{DiskFull, ReadOnly};
    let rv = match error.sqlite_error_code() {
        Some(DiskFull) => Rv::DeviceMemory,
        Some(ReadOnly) => Rv::TokenWriteProtected,
        _ => Rv::DeviceError,
    };
    rv.because(format!("token file: {error}"))
}
