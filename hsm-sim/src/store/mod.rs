//! Where tokens are kept.
//!
//! [`TokenStore`] is a narrow port: few verbs, no SQL, every write names the revision it expects, counters are raised by the store
//! itself, and change by others is told by a number the caller polls. A test can supply a store that dies at any step.

pub mod connections;
pub mod directory;
#[cfg(test)]
pub mod fault;
pub mod files;
pub mod generation;
mod log;
#[cfg(test)]
pub mod memory;
mod presence;
mod salvage;
pub mod sqlite;
mod wal;

#[cfg(test)]
pub mod contract;

use crate::error::{Error, Result, Rv};

/// Number of an object in its token; never used twice.
pub type ObjectId = u64;

/// Ids stay below this, so that they fit a handle.
pub const MOST_ID: ObjectId = 1 << 47;

/// The one counter that a reset leaves as it is: the token's monotonic counter.
pub const LASTING: &str = "monotonic";

/// The record that lines of the audit log are written with: it says which one is the last.
pub const HEAD: &str = "audit-head";

/// The record that says after which line the audit log begins, once its beginning was taken out.
pub const BEGIN: &str = "audit-begin";

/// A small named record: the token's header, a role's wrapped keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Rises by one with every change; the first is 1.
    pub revision: u64,
    pub bytes: Vec<u8>,
}

/// A change of a record. `expected` is the revision it replaces, 0 when the record is new.
pub struct RecordChange<'a> {
    pub name: &'a str,
    pub expected: u64,
    pub bytes: &'a [u8],
}

/// A record that must still be at a revision for a write to be done: CKR_DEVICE_REMOVED otherwise. So nothing is sealed under keys
/// that another process has just replaced.
#[derive(Clone, Copy)]
pub struct Guard<'a> {
    pub name: &'a str,
    pub revision: u64,
}

impl Guard<'_> {
    /// What a write is answered whose guard no longer holds.
    pub fn failed(self) -> Error {
        Rv::DeviceRemoved.because(format!("record {} was replaced by another process: log in again", self.name))
    }
}

/// A sealed object with what it is searched by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub revision: u64,
    pub private: bool,
    pub tags: Tags,
    pub sealed: Vec<u8>,
}

/// Hashes of the searched attributes: keyed for private objects, so that the file tells nothing about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Tags {
    pub class: i64,
    pub id: i64,
    pub label: i64,
}

/// What to look for: for each searched attribute, the tags it may have (the plain and the keyed one), or `None` for any.
#[derive(Default)]
pub struct Query {
    /// Leaves private objects out.
    pub public_only: bool,
    pub class: Option<[i64; 2]>,
    pub id: Option<[i64; 2]>,
    pub label: Option<[i64; 2]>,
}

/// An object that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub id: ObjectId,
    pub private: bool,
}

/// The outcome of a compare-and-set.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Somebody else was first; nothing was changed.
    Conflict,
}

/// Makes the row of an object, given its position among those inserted and its id.
pub type MakeRow<'m> = &'m mut dyn FnMut(usize, ObjectId) -> Result<Row>;

/// A line of the audit log. Lines are never changed, and taken out from the beginning alone; a reset leaves them as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The first was 1, and there is no gap.
    pub number: u64,
    /// What chains the next line to this one.
    pub hash: [u8; 32],
    pub bytes: Vec<u8>,
}

/// The last line of the log; 0 and zeros when there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Last {
    pub number: u64,
    pub hash: [u8; 32],
}

/// Where the log ends now.
pub struct End<'e> {
    pub last: Last,
    /// What [`HEAD`] says.
    pub head: Option<Vec<u8>>,
    /// What [`BEGIN`] says.
    pub begin: Option<Vec<u8>>,
    /// The hash of the line of a number, if it is there.
    pub hash_of: &'e dyn Fn(u64) -> Result<Option<[u8; 32]>>,
}

/// What is appended to the log.
#[derive(Default)]
pub struct Lines {
    pub lines: Vec<Line>,
    /// What [`HEAD`] becomes; `None` leaves it.
    pub head: Option<Vec<u8>>,
}

/// Makes the lines to append, in the same step as the write they tell of.
pub trait Tell {
    /// The lines that follow.
    fn lines(&self, end: &End<'_>) -> Result<Lines>;
}

/// One write: all of it is done, or nothing.
pub struct Change<'c> {
    pub guard: Option<Guard<'c>>,
    /// What the audit log says of it.
    pub told: Option<&'c dyn Tell>,
    /// Counters that are set back to 0.
    pub cleared: &'c [&'c str],
    pub records: &'c [RecordChange<'c>],
    pub replaced: &'c [RowChange<'c>],
    pub removed: &'c [ObjectId],
    /// Lines of the audit log that are taken out once `told` is: those after the first number, up to the second.
    pub cut: [u64; 2],
    /// How many objects `make` makes.
    pub added: usize,
    pub make: MakeRow<'c>,
}

/// Writes nothing: what a change says beside it is all of the change.
impl Change<'_> {
    pub fn nothing(make: MakeRow<'_>) -> Change<'_> {
        Change { guard: None, told: None, cleared: &[], records: &[], replaced: &[], removed: &[], cut: [0; 2], added: 0, make }
    }
}

/// An object that is replaced. `expected` is the revision it is at now.
pub struct RowChange<'c> {
    pub id: ObjectId,
    pub expected: u64,
    pub row: &'c Row,
}

/// One token's storage, safe for many threads and processes at once. Whatever a verb acknowledges survives a crash.
pub trait TokenStore: Send + Sync {
    /// The record of that name.
    fn record(&self, name: &str) -> Result<Option<Record>>;

    /// Names of the records that begin so, in their order.
    fn names(&self, beginning: &str) -> Result<Vec<String>>;

    /// Carries out a write. The ids of the objects added; `None` when a record or an object was not at the revision expected, or one
    /// to remove was not there: then nothing was changed.
    fn write(&self, change: Change<'_>) -> Result<Option<Vec<ObjectId>>>;

    /// Removes every object, every record but [`HEAD`] and [`BEGIN`], and every counter but [`LASTING`], then writes `records`, in one
    /// step. Revisions go on from where they were, and so does the audit log.
    fn reset(&self, records: &[(&str, &[u8])], told: Option<&dyn Tell>) -> Result<()>;

    /// Appends to the audit log; durable before this returns. Others are not told: what they keep depends on no log.
    fn append(&self, guard: Option<Guard<'_>>, told: &dyn Tell) -> Result<()>;

    /// At most so many lines of the audit log after the one of this number.
    fn lines(&self, after: u64, most: usize) -> Result<Vec<Line>>;

    /// Raises a counter by one and returns it; durable before this returns. Others are not told: what they keep depends on no counter.
    fn raise(&self, counter: &str) -> Result<u64>;

    /// The counter, 0 when it was never raised.
    fn counter(&self, counter: &str) -> Result<u64>;

    /// The object of that id.
    fn object(&self, id: ObjectId) -> Result<Option<Row>>;

    /// All objects that fit, by ascending id.
    fn find(&self, query: &Query) -> Result<Vec<Found>>;

    /// A number that is another one after somebody else changed the store. Cheap enough to ask before every operation.
    fn generation(&self) -> Result<u64>;

    /// A copy of all of it as it is at one moment, while others go on: the bytes of a token file.
    fn snapshot(&self) -> Result<Vec<u8>>;

    /// What is wrong with the store itself, whatever it holds; nothing when it is sound.
    fn ailments(&self) -> Result<Vec<String>>;

    /// In a forked child: whether no thread that the child does not have was just using the handles inherited from the parent.
    fn is_idle(&self) -> bool;

    /// In a forked child: gives up the handles inherited from the parent, without touching what they lead to. The store is not used
    /// afterwards. Fails when a thread that the child does not have was just using them.
    fn let_go(&self) -> Result<()>;

    /// Sets the counter back to 0.
    fn clear(&self, guard: Option<Guard<'_>>, counter: &str, told: Option<&dyn Tell>) -> Result<()> {
        self.write(Change { guard, told, cleared: &[counter], ..Change::nothing(&mut no_row) }).map(|_| ())
    }

    /// Changes all these records, or none.
    fn change_records(&self, guard: Option<Guard<'_>>, records: &[RecordChange<'_>], told: Option<&dyn Tell>) -> Result<Outcome> {
        self.write(Change { guard, told, records, ..Change::nothing(&mut no_row) }).map(outcome)
    }

    /// Adds `added` objects, or none.
    fn insert(&self, guard: Guard<'_>, added: usize, make: MakeRow<'_>, told: Option<&dyn Tell>) -> Result<Vec<ObjectId>> {
        let ids = self.write(Change { guard: Some(guard), told, added, ..Change::nothing(make) })?;
        ids.ok_or(Rv::FunctionFailed.because("the store refused to add objects"))
    }

    /// Replaces an object, together with records.
    fn replace(
        &self,
        guard: Guard<'_>,
        row: RowChange<'_>,
        records: &[RecordChange<'_>],
        told: Option<&dyn Tell>,
    ) -> Result<Outcome> {
        let (guard, replaced) = (Some(guard), &[row]);
        self.write(Change { guard, told, records, replaced, ..Change::nothing(&mut no_row) }).map(outcome)
    }

    /// Removes an object; false when it was not there.
    fn remove(&self, guard: Guard<'_>, id: ObjectId, told: Option<&dyn Tell>) -> Result<bool> {
        let done = self.write(Change { guard: Some(guard), told, removed: &[id], ..Change::nothing(&mut no_row) })?;
        Ok(done.is_some())
    }
}

/// Makes nothing, for writes that add nothing.
pub fn no_row(_: usize, _: ObjectId) -> Result<Row> {
    Rv::FunctionFailed.err("no object was to be added")
}

fn outcome(done: Option<Vec<ObjectId>>) -> Outcome {
    if done.is_some() { Outcome::Done } else { Outcome::Conflict }
}
