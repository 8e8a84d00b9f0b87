//! Where references to keys are kept: names, versions, states and wrapped data keys, never plain key material.
//!
//! A store has few verbs and knows no policy. Every change to a lineage names the epoch it was decided on and fails
//! with [`crate::Kind::Conflict`] when someone else was faster (compare-and-set). `contract` tests every store alike.

#[cfg(test)]
mod contract;
pub mod journal;
mod memory;
pub mod policy;
#[cfg(feature = "postgres")]
mod postgres;
pub mod record;
mod rules;
pub mod signing;
mod sql;
mod sqlite;

use crate::error::Result;
use crate::id::{KeyId, LineageId};

use journal::{Entry, Head};
pub use memory::MemoryStore;
pub use policy::{Demand, Policy, Usage};
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(all(test, feature = "postgres"))]
pub(crate) use postgres::server::started as postgres_server;
pub use record::{KeyRecord, Lineage, MekRecord, State};
pub use signing::{Ending, SigningKeyRecord};
pub use sqlite::SqliteStore;

/// A store of key references, safe to share between threads, and, where it is a file or a server, between processes.
///
/// Every verb fails with [`crate::Kind::Store`] when the store itself does.
pub trait Store: Send + Sync {
    /// Every lineage, by name.
    fn lineages(&self) -> Result<Vec<Lineage>>;

    /// The lineage called `name`, or whose id is written so.
    fn lineage(&self, name: &str) -> Result<Option<Lineage>>;

    /// The versions of a lineage, oldest first.
    fn versions(&self, lineage: &LineageId) -> Result<Vec<KeyRecord>>;

    /// One version by its id.
    fn key(&self, id: &KeyId) -> Result<Option<KeyRecord>>;

    /// Adds a lineage with its first version. [`crate::Kind::Conflict`] when the name or an id is taken.
    fn create_lineage(&self, lineage: &Lineage, first: &KeyRecord) -> Result<()>;

    /// Writes `records`, new ones and changed ones, all or none, if the lineage still is at `epoch`; returns the next
    /// epoch. [`crate::Kind::Conflict`] when it is not, when a column that never changes would, or when two versions
    /// would be active.
    fn commit(&self, lineage: &LineageId, epoch: u64, records: &[KeyRecord]) -> Result<u64>;

    /// Replaces the rules of a lineage, as [`Self::commit`] replaces its versions.
    fn set_policy(&self, lineage: &LineageId, epoch: u64, policy: &Policy) -> Result<u64>;

    /// How much a version was used, as far as it was counted.
    fn usage(&self, id: &KeyId) -> Result<Usage>;

    /// Counts what `demand` asks for, as much of it as fits into `limit` beside what was counted before, and answers how much that
    /// is: nothing if there is no room for one message. Whoever is cut short has counted too much, never too little.
    fn reserve(&self, id: &KeyId, demand: Demand, limit: Usage) -> Result<Usage>;

    /// Every master key known here, by label and version.
    fn meks(&self) -> Result<Vec<MekRecord>>;

    /// Adds a master key. [`crate::Kind::Conflict`] when its id, or its label and version, is taken in that token: a key
    /// that was restored into another token keeps its id.
    fn add_mek(&self, mek: &MekRecord) -> Result<()>;

    /// Replaces `old` by `new`, which differs in the times of its end only. [`crate::Kind::Conflict`] when the store holds another one
    /// than `old`.
    fn change_mek(&self, old: &MekRecord, new: &MekRecord) -> Result<()>;

    /// Every signing key known here, by label, oldest first.
    fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>>;

    /// Adds a signing key, and gives others an end. `seen` are all keys of that label and token as they were when this was decided, by
    /// time of creation and kid. [`crate::Kind::Conflict`] when they are others by now, or two would have no end.
    fn put_signing_key(&self, key: &SigningKeyRecord, seen: &[SigningKeyRecord], ends: &[(&str, Ending)]) -> Result<()>;

    /// Gives a signing key an end, or an earlier one. [`crate::Kind::Conflict`] for a later one, [`crate::Kind::NotFound`].
    fn end_signing_key(&self, kid: &str, ending: Ending) -> Result<()>;

    /// The end of the journal, as it was written beside the last entry.
    fn journal_head(&self) -> Result<Head>;

    /// What changed, oldest first, from the entry `from` on.
    fn journal(&self, from: u64) -> Result<Vec<Entry>>;
}
