//! Whole token files: looking at one that may be damaged, putting a copy into the directory, replacing one by what can be saved of it.
//! Nothing is ever overwritten: what is replaced is kept under another name.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use rusqlite::{Connection, OptionalExtension};

use super::{
    connections::{connect, failed, snapshot},
    directory::Directory,
    salvage::{Salvaged, salvage},
    sqlite::ailments,
    wal,
};
use crate::{
    error::{Error, Result, Rv},
    rng,
};

/// What a file shows to whoever has no PIN.
#[derive(Debug, Default)]
pub struct Look {
    /// The record of that name.
    pub header: Option<Vec<u8>>,
    pub objects: u64,
    /// What is wrong with it.
    pub findings: Vec<String>,
}

/// Looks at a file.
pub fn look(path: &Path, header: &str) -> Result<Look> {
    not_empty(path)?;
    look_through(&connect(path)?, header)
}

/// SQLite takes an empty file for a new database, and throws away the log beside it.
fn not_empty(path: &Path) -> Result<()> {
    let len = fs::metadata(path).map_err(|e| trouble(path, &e))?.len();
    if len == 0 { Rv::DeviceError.err(format!("{} is empty", path.display())) } else { Ok(()) }
}

fn look_through(connection: &Connection, header: &str) -> Result<Look> {
    let record = "SELECT bytes FROM record WHERE name = ?";
    let mut look = Look { findings: ailments(connection).map_err(failed)?, ..Look::default() };
    look.header = connection.query_row(record, [header], |row| row.get(0)).optional().map_err(failed)?;
    look.objects = connection.query_row("SELECT count(*) FROM object", [], |row| row.get(0)).map_err(failed)?;
    Ok(look)
}

/// Writes a new file that only its owner reads; what is there is not touched.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| _ = fs::remove_file(path))
    };
    write().map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => Rv::FunctionFailed.because(format!("{} is there already", path.display())),
        _ => trouble(path, &e),
    })
}

/// A file of the directory under construction; it goes when it was not put in place.
struct Draft(PathBuf);

impl Draft {
    fn new(directory: &Directory) -> Result<Self> {
        directory.make()?;
        let name = format!(".{:016x}.draft", u64::from_le_bytes(rng::public()?));
        Ok(Self(directory.path("0").with_file_name(name)))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(with_end(&self.0, end));
        }
    }
}

impl Directory {
    /// Puts the token file at `from` into the directory; `serial` reads its serial number from its header.
    pub fn adopt(&self, from: &Path, header: &str, serial: impl FnOnce(&[u8]) -> Result<String>) -> Result<String> {
        if !from.is_file() {
            return Rv::FunctionFailed.err(format!("{} is no file", from.display()));
        }
        not_empty(from)?;
        let bytes = snapshot(from)?;
        let draft = Draft::new(self)?;
        write_new(&draft.0, &bytes)?;
        let looked = look(&draft.0, header)?;
        if let Some(finding) = looked.findings.first() {
            return Rv::DeviceError.err(format!("{} is damaged: {finding}", from.display()));
        }
        let bytes = looked.header.ok_or(Rv::TokenNotRecognized.because("the file holds no finished token"))?;
        let serial = serial(&bytes)?;
        let path = self.path(&serial);
        // What SQLite left beside a file that was moved away would be taken for this one's.
        for end in ["-wal", "-shm"].into_iter().filter(|_| !path.exists()) {
            let left = with_end(&path, end);
            if left.exists() {
                return Rv::FunctionFailed.err(format!("{} is there still: move it away first", left.display()));
            }
        }
        fs::hard_link(&draft.0, &path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => {
                Rv::FunctionFailed.because(format!("{} is there already: move it away first", path.display()))
            }
            _ => trouble(&path, &e),
        })?;
        self.settle(&path)?;
        Ok(serial)
    }

    /// Replaces a token file by what can be read of it; the damaged one is kept beside it. Nobody may have the file open, and a sound one
    /// stays as it is.
    pub fn repair(&self, serial: &str, header: &str) -> Result<(PathBuf, Vec<Salvaged>)> {
        let path = self.path(serial);
        // Locked until another file is in its place, where SQLite can lock it still.
        let source = alone(&path)?;
        let damaged_log = wal::check(&with_end(&path, "-wal")).is_err();
        let sound = |look: Look| look.findings.is_empty() && look.header.is_some();
        if !damaged_log && look_through(&source, header).is_ok_and(sound) {
            return Rv::FunctionFailed.err("the file is sound: nothing is to be repaired");
        }
        let draft = Draft::new(self)?;
        write_new(&draft.0, &[])?;
        let salvaged = salvage(&source, &draft.0)?;
        if look(&draft.0, header)?.header.is_none() {
            return Rv::DeviceError.err("the token's header cannot be read: only a backup helps");
        }
        let kept = set_aside(&path)?;
        // Under a name that is free: somebody may have restored a copy meanwhile.
        fs::hard_link(&draft.0, &path)
            .map_err(|e| trouble(&path, &e))
            .inspect_err(|_| move_both(&kept, &path).unwrap_or_default())?;
        self.settle(&path)?;
        Ok((kept, salvaged))
    }

    /// Makes names durable.
    fn settle(&self, path: &Path) -> Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(|e| trouble(directory, &e))
    }
}

/// A connection to a file that nobody else has open, and nobody else can read until it is closed.
fn alone(path: &Path) -> Result<Connection> {
    not_empty(path)?;
    let connection = connect(path)?;
    connection.busy_timeout(std::time::Duration::ZERO).map_err(failed)?;
    let locked = connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK");
    match locked.as_ref().map_err(rusqlite::Error::sqlite_error_code) {
        Err(Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)) => {
            Rv::SessionExists.err("another program has the token open: stop it first")
        }
        // Whatever else is wrong is why it is to be repaired.
        _ => Ok(connection),
    }
}

/// Gives a token file another name, and the log beside it: next to another file it would be taken for that one's. Whoever dies halfway
/// leaves no token file rather than one without its log.
fn set_aside(path: &Path) -> Result<PathBuf> {
    let second = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let kept = path.with_extension(format!("damaged-{second}"));
    move_both(path, &kept).map_err(|e| trouble(&kept, &e))?;
    let _ = fs::remove_file(with_end(path, "-shm"));
    Ok(kept)
}

/// Moves a file and the log beside it to a name that is not taken.
fn move_both(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to)?;
    fs::remove_file(from)?;
    match fs::rename(with_end(from, "-wal"), with_end(to, "-wal")) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            fs::rename(to, from)?;
            Err(e)
        }
        _ => Ok(()),
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn trouble(path: &Path, error: &io::Error) -> Error {
    Rv::DeviceError.because(format!("{}: {error}", path.display()))
}
