//! The audit log of a token: who did what and when, in lines that are chained by hash (`hsm-sim/AUDIT.md`).
//!
//! Each line is written in the same step as what it tells of, or before it; where it cannot be written, nothing is done. It holds names and
//! numbers, never material. What somebody does who is logged in is sealed under a key that user and SO have, and its line becomes the head:
//! whoever edits the file can neither read it nor make another. What happens before a login, a wrong PIN, is in clear, and vouched for by
//! the next sealed line.

mod entry;
mod key;
mod mark;
mod note;
mod reader;

use std::sync::Arc;

use serde::Deserialize;

pub use entry::{Event, Subject};
pub use key::{AuditKey, RECORD};
pub use mark::Mark;
pub use note::{Note, told};
pub use reader::{Reader, Verdict};

use entry::Process;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing.
    Off,
    /// What changes the token, or who may do what: logins and failures, PINs, users, token objects, ceremonies.
    #[default]
    Changes,
    /// Also which keys are used, by whom and for what: the first use of a key in a login before it happens, their number afterwards; and
    /// every key that leaves the token wrapped.
    Uses,
    /// Every use of a key, before it happens.
    Every,
}

/// What tells: this process, at a level.
pub struct Audit {
    level: Level,
    process: Process,
}

impl Audit {
    /// Tells on behalf of this process.
    pub fn new(level: Level) -> Self {
        Self { level, process: Process::current() }
    }

    /// True when events of this level are told.
    pub fn tells(&self, level: Level) -> bool {
        level != Level::Off && self.level >= level
    }

    /// A note of these events; `None` when nothing is told. Without a key it is in clear.
    pub fn note<'n>(&'n self, serial: &'n str, key: Option<Arc<AuditKey>>, events: Vec<Event>) -> Option<Note<'n>> {
        let tells = self.tells(Level::Changes) && !events.is_empty();
        tells.then(|| Note { serial, process: &self.process, key, events, begins: false })
    }

    /// The note that a new token begins with, and its key where that is new too.
    pub fn first<'n>(&'n self, serial: &'n str, key: Option<Arc<AuditKey>>, event: Event, key_is_new: bool) -> Option<Note<'n>> {
        self.note(serial, key, vec![event]).map(|note| Note { begins: key_is_new, ..note })
    }

    /// The note that a key begins with.
    pub fn beginning<'n>(&'n self, serial: &'n str, key: Arc<AuditKey>) -> Note<'n> {
        Note { serial, process: &self.process, key: Some(key), events: vec![], begins: true }
    }
}
