//! Is the token's file still the one that was opened?
//!
//! SQLite goes on with a file that was deleted or replaced, and what it then acknowledges is gone with the last descriptor. It maps the
//! index beside the file (`-shm`), and touching a mapping whose file was cut kills the process. So each verb looks first. Whoever
//! takes a file away at the very moment of a write is not seen; whoever did so before it is.
//!
//! The files are looked up by name and never opened: closing a descriptor drops all locks the process holds on its file.

use std::{
    ffi::OsString,
    fs::metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::error::{Result, Rv};

/// SQLite's smallest page: a database of less has none.
const LEAST: u64 = 512;

/// Device and number of a file.
type Identity = (u64, u64);

/// The files of an open token, as they were found first.
pub struct Presence {
    file: (PathBuf, Identity),
    log: Companion,
    index: Companion,
    /// The greatest length the index was seen with: it only grows while anybody has the token open.
    mapped: AtomicU64,
    #[cfg(test)]
    pub fault: std::sync::Arc<super::fault::Fault>,
}

/// A file beside the token's, which SQLite makes when it needs it.
struct Companion {
    path: PathBuf,
    identity: OnceLock<Identity>,
}

impl Presence {
    /// Remembers the file of that path. An empty one is refused: SQLite would take it for a new database and throw away the log beside
    /// it, which may hold all that is left.
    pub fn of(path: &Path) -> Result<Self> {
        let found = metadata(path).map_err(|e| Rv::DeviceError.because(format!("{}: {e}", path.display())))?;
        if found.len() < LEAST {
            return Rv::TokenNotRecognized.err(format!("{}: the token file is empty", path.display()));
        }
        let (log, index) = (Companion::of(path, "-wal"), Companion::of(path, "-shm"));
        Ok(Self {
            file: (path.to_owned(), (found.dev(), found.ino())),
            log,
            index,
            mapped: AtomicU64::new(0),
            #[cfg(test)]
            fault: Default::default(),
        })
    }

    /// Where the log is.
    pub fn log(&self) -> &Path {
        &self.log.path
    }

    /// CKR_DEVICE_REMOVED when the file was deleted or another one took its place.
    pub fn check_file(&self) -> Result<()> {
        let (path, identity) = &self.file;
        match metadata(path) {
            Ok(found) if (found.dev(), found.ino()) == *identity => Ok(()),
            _ => Rv::DeviceRemoved.err(format!("{}: the token file was deleted or replaced", path.display())),
        }
    }

    /// The same, and CKR_DEVICE_ERROR when a file beside it was: until C_Finalize, and nothing is lost by that.
    pub fn check(&self) -> Result<()> {
        #[cfg(test)]
        self.fault.step()?;
        self.check_file()?;
        self.log.check()?;
        self.check_index()
    }

    /// False when a checkpoint would look into a mapped index that was cut, or be done beside somebody who has other files. What was
    /// only deleted must be: its content is nowhere else.
    pub fn allows_checkpoint(&self) -> bool {
        let unshared = [&self.log, &self.index].iter().all(|file| file.is_gone() || file.check().is_ok());
        unshared && (self.index.is_gone() || self.check_index().is_ok())
    }

    fn check_index(&self) -> Result<()> {
        // Before the look: others may lengthen it at any time.
        let mapped = self.mapped.load(Ordering::Acquire);
        let len = self.index.check()?;
        if len < mapped {
            return Rv::DeviceError.err(format!("{}: was cut while in use", self.index.path.display()));
        }
        self.mapped.fetch_max(len, Ordering::Release);
        Ok(())
    }
}

impl Companion {
    fn of(path: &Path, ending: &str) -> Self {
        let mut name = OsString::from(path);
        name.push(ending);
        Self { path: name.into(), identity: OnceLock::new() }
    }

    fn is_gone(&self) -> bool {
        metadata(&self.path).is_err()
    }

    /// The file's length, 0 as long as there is none.
    fn check(&self) -> Result<u64> {
        let found = metadata(&self.path).ok();
        let now = found.as_ref().map(|found| (found.dev(), found.ino()));
        let first = now.map(|now| *self.identity.get_or_init(|| now));
        if now != first || now.is_none() && self.identity.get().is_some() {
            return Rv::DeviceError.err(format!("{}: was deleted or replaced while in use", self.path.display()));
        }
        Ok(found.map_or(0, |found| found.len()))
    }
}
