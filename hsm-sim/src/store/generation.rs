//! Has another process changed the store? Answered by reading eight bytes.
//!
//! SQLite's own `PRAGMA data_version` answers the same, but costs a microsecond and the connection. So every writer also leaves a fresh
//! random number in a small file: an odd one before its commit, an even one after. A reader that finds the even number it found last
//! time knows that no acknowledged commit came between; anything else, a missing or cut file too, sends it to the exact answer. A
//! writer that is killed leaves an odd number, which costs speed until the next write and never correctness.
//!
//! A look is good for five microseconds, so that operations shorter than a system call do not each pay for one: an acknowledged change is
//! seen by every operation that begins so much later.
//!
//! The file is read and not mapped: whoever truncates a mapped file kills the processes that look at it.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use crate::rng;

/// How long a look is good for, in nanoseconds.
const GOOD_FOR: u64 = 5_000;
/// A number that is never settled.
const UNKNOWN: u64 = u64::MAX;

/// The shared number, and what this process last learnt.
pub struct Generation {
    file: File,
    seen: AtomicU64,
    version: AtomicU64,
    /// When `seen` was last found in the file, in nanoseconds since `start`.
    looked: AtomicU64,
    start: Instant,
}

impl Generation {
    /// Opens the number kept beside the token's file.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let (seen, version, looked) = (AtomicU64::new(UNKNOWN), AtomicU64::new(0), AtomicU64::new(0));
        Ok(Self { file, seen, version, looked, start: Instant::now() })
    }

    /// The version last learnt, if nothing can have changed since; asked only when a look is due, `is_there` tells whether the token is.
    pub fn settled(&self, is_there: impl FnOnce() -> bool) -> Option<u64> {
        let seen = self.seen.load(Ordering::Acquire);
        if seen == UNKNOWN {
            return None;
        }
        // Before the look: what changes after it is not covered.
        let now = u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        if now.saturating_sub(self.looked.load(Ordering::Acquire)) >= GOOD_FOR {
            if self.load() != seen || !is_there() {
                return None;
            }
            self.looked.store(now, Ordering::Release);
        }
        Some(self.version.load(Ordering::Acquire))
    }

    /// The number to remember with an exact answer: to be taken before the answer is asked for.
    pub fn look(&self) -> u64 {
        let now = self.load();
        if now.is_multiple_of(2) { now } else { UNKNOWN }
    }

    /// Remembers an exact answer. Callers take turns: they hold the connection that gave it.
    pub fn learn(&self, looked: u64, version: u64) {
        self.seen.store(UNKNOWN, Ordering::Release);
        self.version.store(version, Ordering::Release);
        self.seen.store(looked, Ordering::Release);
    }

    /// Announces a commit; to be held from before the commit until after it.
    pub fn writing(&self) -> io::Result<Writing<'_>> {
        self.store(fresh() | 1)?;
        Ok(Writing(self))
    }

    fn load(&self) -> u64 {
        let mut bytes = [0; 8];
        match self.file.read_exact_at(&mut bytes, 0) {
            Ok(()) => u64::from_le_bytes(bytes),
            Err(_) => UNKNOWN,
        }
    }

    fn store(&self, number: u64) -> io::Result<()> {
        self.file.write_all_at(&number.to_le_bytes(), 0)
    }
}

/// A commit under way.
pub struct Writing<'a>(&'a Generation);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        // Failing leaves an odd number: slow, and right.
        let _ = self.0.store(fresh() & !1);
    }
}

/// A number nobody has left before. Without randomness one that is never settled.
fn fresh() -> u64 {
    rng::public().map_or(UNKNOWN, u64::from_le_bytes)
}
