//! Has another process changed the store? Answered by one load from shared memory.
//!
//! SQLite's own `PRAGMA data_version` answers the same, but costs a microsecond and the connection. So every writer also moves a
//! shared number: odd from before its commit, even after. A reader that sees the even number it saw last time knows that no commit
//! came between; anything else sends it to the exact answer. A writer that is killed leaves the number odd, which costs speed until
//! the next write and never correctness.

use std::{
    fs::OpenOptions,
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::abi::shared::SharedCounter;

/// The shared number, and what this process last learnt.
pub struct Generation {
    shared: SharedCounter,
    seen: AtomicU64,
    version: AtomicU64,
}

impl Generation {
    /// Opens the number kept beside the token's file.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        Ok(Self { shared: SharedCounter::map(&file)?, seen: AtomicU64::new(u64::MAX), version: AtomicU64::new(0) })
    }

    /// The version last learnt, if nothing can have changed since.
    pub fn settled(&self) -> Option<u64> {
        let now = self.shared.load();
        (now.is_multiple_of(2) && now == self.seen.load(Ordering::Acquire)).then(|| self.version.load(Ordering::Acquire))
    }

    /// Asks the exact answer and remembers it.
    pub fn learn<E>(&self, exact: impl FnOnce() -> Result<u64, E>) -> Result<u64, E> {
        // Loaded before asking: a commit after this load moves the number, and the next look goes the long way again.
        let now = self.shared.load();
        let version = exact()?;
        self.version.store(version, Ordering::Release);
        self.seen.store(if now.is_multiple_of(2) { now } else { u64::MAX }, Ordering::Release);
        Ok(version)
    }

    /// Announces a commit; to be held from before the commit until after it, while holding the store's write lock.
    pub fn writing(&self) -> Writing<'_> {
        let now = self.shared.load();
        let odd = now + 1 + now % 2;
        self.shared.store(odd);
        Writing { generation: self, odd }
    }
}

/// A commit under way.
pub struct Writing<'a> {
    generation: &'a Generation,
    odd: u64,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.generation.shared.store(self.odd + 1);
    }
}
