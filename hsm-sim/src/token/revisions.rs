//! Which objects were changed since they were made, so that an older row of theirs does not pass for the current one.
//!
//! There are two lists, one for public objects under the key both roles have and one for private objects under the user's key. A list is
//! there from the start and never absent. It holds id and revision (8 bytes each, big endian) of every object beyond revision 1, then an
//! HMAC-SHA-256. It cannot stand against somebody who puts back the whole file, or the row of an object that was destroyed: for
//! that a counter outside of the file would be needed.

use subtle::ConstantTimeEq;

use super::seal::Vault;
use crate::{
    error::{Result, Rv},
    store::{ObjectId, RecordChange, TokenStore},
};

const MAC: usize = 32;
const ENTRY: usize = 16;

/// The record of the list for public or for private objects.
pub fn name(private: bool) -> &'static str {
    if private { "revisions-private" } else { "revisions-public" }
}

/// The list, as it was read.
pub struct Revisions {
    private: bool,
    record: u64,
    entries: Vec<(ObjectId, u64)>,
}

impl Revisions {
    /// Reads and checks a list.
    pub fn read(store: &dyn TokenStore, vault: &Vault, private: bool) -> Result<Self> {
        let Some(record) = store.record(name(private))? else { return damaged() };
        let Some((list, tag)) = record.bytes.split_last_chunk::<MAC>() else { return damaged() };
        if !bool::from(vault.mac(private, &bound(list))?.ct_eq(tag)) || !list.len().is_multiple_of(ENTRY) {
            return damaged();
        }
        let number = |bytes: &[u8]| bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
        let entries = list.chunks_exact(ENTRY).map(|entry| (number(&entry[..8]), number(&entry[8..]))).collect();
        Ok(Self { private, record: record.revision, entries })
    }

    /// The bytes of a list without entries.
    pub fn empty(vault: &Vault, private: bool) -> Result<Vec<u8>> {
        Ok(vault.mac(private, &bound(&[]))?.to_vec())
    }

    /// The revision an object must be at.
    pub fn of(&self, id: ObjectId) -> u64 {
        let at = self.entries.binary_search_by_key(&id, |(id, _)| *id);
        at.map_or(1, |at| self.entries[at].1)
    }

    /// The bytes of the list with these objects at these revisions.
    pub fn with(&self, changed: &[(ObjectId, u64)], vault: &Vault) -> Result<Vec<u8>> {
        let mut entries = self.entries.clone();
        for (id, revision) in changed {
            match entries.binary_search_by_key(id, |(id, _)| *id) {
                Ok(at) => entries[at].1 = *revision,
                Err(at) => entries.insert(at, (*id, *revision)),
            }
        }
        let list: Vec<u8> =
            entries.iter().flat_map(|(id, revision)| [id.to_be_bytes(), revision.to_be_bytes()].concat()).collect();
        let tag = vault.mac(self.private, &bound(&list))?;
        Ok([&list[..], &tag].concat())
    }

    /// The change of the record to `bytes`.
    pub fn change<'a>(&self, bytes: &'a [u8]) -> RecordChange<'a> {
        RecordChange { name: name(self.private), expected: self.record, bytes }
    }
}

fn bound(list: &[u8]) -> Vec<u8> {
    [b"hsm-sim revisions v1\0", list].concat()
}

fn damaged<T>() -> Result<T> {
    Rv::DeviceError.err("the list of changed objects fails authentication: the token file was edited")
}
