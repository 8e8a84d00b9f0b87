//! Where references to keys are kept: names, versions, states and wrapped data keys, never plain key material.
//!
//! A store has few verbs and knows no policy. Every change to a lineage names the epoch it was decided on and fails
//! with [`crate::Kind::Conflict`] when someone else was faster (compare-and-set). `contract` tests every store alike.

#[cfg(test)]
mod contract;
mod memory;
pub mod record;
mod rules;
mod schema;
mod sqlite;

use crate::error::Result;
use crate::id::{KeyId, LineageId};

pub use memory::MemoryStore;
pub use record::{KeyRecord, Lineage, MekRecord, SigningKeyRecord, State};
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

    /// Every master key known here, by label and version.
    fn meks(&self) -> Result<Vec<MekRecord>>;

    /// Adds a master key. [`crate::Kind::Conflict`] when its id, or its label and version, is taken in that token: a key
    /// that was restored into another token keeps its id.
    fn add_mek(&self, mek: &MekRecord) -> Result<()>;

    /// Every signing key known here, by label, oldest first.
    fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>>;

    /// Adds a signing key; if it is active, `replaces` must be the `kid` of the key of that label and token which was
    /// active until now, or none. [`crate::Kind::Conflict`] when it is another.
    fn put_signing_key(&self, key: &SigningKeyRecord, replaces: Option<&str>) -> Result<()>;
}
