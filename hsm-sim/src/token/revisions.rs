//! Which objects were changed since they were made, so that an older row of theirs does not pass for the current one.
//!
//! The record lists id and revision (8 bytes each, big endian) of every object beyond revision 1, then an HMAC-SHA-256. It cannot
//! stand against somebody who puts back the whole file: for that a counter outside of it would be needed.

use subtle::ConstantTimeEq;

use super::seal::Vault;
use crate::{
    error::{Result, Rv},
    store::{ObjectId, RecordChange, TokenStore},
};

const NAME: &str = "revisions";
const MAC: usize = 32;
const ENTRY: usize = 16;

/// The list, as it was read.
pub struct Revisions {
    record: u64,
    entries: Vec<(ObjectId, u64)>,
}

impl Revisions {
    /// Reads and checks the list. An absent one is empty.
    pub fn read(store: &dyn TokenStore, vault: &Vault) -> Result<Self> {
        let Some(record) = store.record(NAME)? else { return Ok(Self { record: 0, entries: Vec::new() }) };
        let Some((list, tag)) = record.bytes.split_last_chunk::<MAC>() else { return damaged() };
        if !bool::from(vault.mac(&bound(list)).ct_eq(tag)) || !list.len().is_multiple_of(ENTRY) {
            return damaged();
        }
        let number = |bytes: &[u8]| bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
        let entries = list.chunks_exact(ENTRY).map(|entry| (number(&entry[..8]), number(&entry[8..]))).collect();
        Ok(Self { record: record.revision, entries })
    }

    /// The revision an object must be at.
    pub fn of(&self, id: ObjectId) -> u64 {
        let at = self.entries.binary_search_by_key(&id, |(id, _)| *id);
        at.map_or(1, |at| self.entries[at].1)
    }

    /// The bytes of the list with `id` at `revision`.
    pub fn with(&self, id: ObjectId, revision: u64, vault: &Vault) -> Vec<u8> {
        let mut entries = self.entries.clone();
        match entries.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(at) => entries[at].1 = revision,
            Err(at) => entries.insert(at, (id, revision)),
        }
        let list: Vec<u8> =
            entries.iter().flat_map(|(id, revision)| [id.to_be_bytes(), revision.to_be_bytes()].concat()).collect();
        let tag = vault.mac(&bound(&list));
        [&list[..], &tag].concat()
    }

    /// The change of the record to `bytes`.
    pub fn change<'a>(&self, bytes: &'a [u8]) -> RecordChange<'a> {
        RecordChange { name: NAME, expected: self.record, bytes }
    }
}

fn bound(list: &[u8]) -> Vec<u8> {
    [b"hsm-sim revisions v1\0", list].concat()
}

fn damaged<T>() -> Result<T> {
    Rv::DeviceError.err("the list of changed objects fails authentication: the token file was edited")
}
