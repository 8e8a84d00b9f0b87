//! The directory of token files: `<serial>.db`, one each, with what SQLite and [`super::generation`] keep beside it.

use std::{
    fs::DirBuilder,
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use super::sqlite::SqliteStore;
use crate::error::{Result, Rv};

/// The directory.
pub struct Directory(PathBuf);

impl Directory {
    /// The directory at `path`, which need not exist before the first token is made.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The serial numbers of all token files, in ascending order.
    pub fn serials(&self) -> Result<Vec<String>> {
        let entries = match std::fs::read_dir(&self.0) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|e| self.trouble(&e))?,
        };
        let mut serials = Vec::new();
        for entry in entries {
            let path = entry.map_err(|e| self.trouble(&e))?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let is_serial = |stem: &&str| stem.len() == 16 && stem.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            if let (Some(stem), true) = (stem.filter(is_serial), path.extension().is_some_and(|e| e == "db")) {
                serials.push(stem.to_owned());
            }
        }
        serials.sort();
        Ok(serials)
    }

    /// Opens an existing token file.
    pub fn open(&self, serial: &str) -> Result<SqliteStore> {
        SqliteStore::open(&self.path(serial), false)
    }

    /// Makes a token file; it counts as a token once its header is written.
    pub fn create(&self, serial: &str) -> Result<SqliteStore> {
        self.make()?;
        let path = self.path(serial);
        if path.exists() {
            return Rv::DeviceError.err(format!("{}: there is such a file", path.display()));
        }
        SqliteStore::open(&path, true).inspect_err(|_| self.discard(serial))
    }

    /// Takes away what is left of a token that could not be made.
    pub fn discard(&self, serial: &str) {
        for ending in ["db", "db-wal", "db-shm", "generation"] {
            let _ = std::fs::remove_file(self.path(serial).with_extension(ending));
        }
    }

    /// Makes the directory, where there is none.
    pub fn make(&self) -> Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(|e| self.trouble(&e))
    }

    /// Where a token is kept.
    pub fn path(&self, serial: &str) -> PathBuf {
        self.0.join(serial).with_extension("db")
    }

    fn trouble(&self, error: &std::io::Error) -> crate::error::Error {
        Rv::DeviceError.because(format!("token directory {}: {error}", self.0.display()))
    }
}
