//! Files that other people put into a directory while a ceremony is open.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hsm_client::{Error, Kind, Result};

use crate::cli::output;

/// Until when to wait.
#[derive(Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    /// So many seconds from now.
    pub(super) fn after(seconds: u64) -> Self {
        Self(Instant::now() + Duration::from_secs(seconds))
    }

    /// Waits until `path` is there and not empty; says so once.
    pub(super) fn file(self, path: &Path, quiet: bool) -> Result<()> {
        self.any_file(&[path.to_owned()], quiet).map(drop)
    }

    /// Waits until one of `paths` is there and not empty, and tells which; says once that it waits.
    pub(super) fn any_file(self, paths: &[PathBuf], quiet: bool) -> Result<usize> {
        let there = || paths.iter().position(|path| std::fs::metadata(path).is_ok_and(|data| data.len() > 0));
        let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        if there().is_none() && !quiet {
            output::remark(&format!("note: waiting for {}", names.join(" or ")));
        }
        loop {
            match there() {
                Some(at) => return Ok(at),
                None if Instant::now() < self.0 => std::thread::sleep(STEP),
                None => {
                    return Err(Error::new(Kind::NotFound, format!("{} did not appear", names.join(" or ")))
                        .why("the ceremony's time is over")
                        .next("begin it again, with more time: --timeout 8h"));
                }
            }
        }
    }
}

const STEP: Duration = Duration::from_millis(200);
