//! What changed in a store, by whom and when: a chain of entries, each with the hash of the one before (REQUIREMENTS 22).
//!
//! A store writes the entries of a change with the change, or neither. An edited, removed or reordered entry breaks the chain. Whoever
//! can write to the store can also write a whole new chain, or cut the end off: against that, note the head elsewhere now and then, and
//! give it when verifying.

mod notes;

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Store;
use crate::error::{Error, Kind, Result};
use crate::id::hex;
use crate::time::Timestamp;

pub(super) use notes::{of_key, of_mek, of_policy, of_signing_key};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From 1, one more each.
    pub seq: u64,
    /// When it was made, by the clock of the machine that made it.
    pub time: Timestamp,
    /// Who made it, as the store was told.
    pub actor: String,
    /// What was done.
    pub note: Note,
    /// SHA-256 over all of this and the hash before.
    pub hash: [u8; 32],
}

/// What was done, and to which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Such as `dek-created`.
    pub action: String,
    /// The name of the lineage, or the label of the key.
    pub name: String,
    /// Key id, kid or CKA_ID.
    pub id: String,
    /// What it is since, where that can be compared with the key: its state, its times, the rules of a lineage.
    pub state: String,
    /// More, for people.
    pub detail: String,
}

/// The end of a chain: its last entry's number and hash, 0 and zeros where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the last entry.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl Head {
    /// Before the first entry.
    pub const START: Self = Self { seq: 0, hash: [0; 32] };

    /// The entry that comes next.
    pub(super) fn follow(&self, time: Timestamp, actor: &str, note: Note) -> Entry {
        let mut entry = Entry { seq: self.seq + 1, time, actor: actor.to_owned(), note, hash: [0; 32] };
        entry.hash = entry.chained(&self.hash);
        entry
    }
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.seq, hex(&self.hash))
    }
}

impl std::str::FromStr for Head {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bad =
            || Error::new(Kind::Usage, format!("\"{text}\" is no head of a journal")).next("take it from: hsm journal verify");
        let (seq, hash) = text.split_once(':').ok_or_else(bad)?;
        let hash = base16ct::mixed::decode_vec(hash).map_err(|_| bad())?;
        Ok(Self { seq: seq.parse().map_err(|_| bad())?, hash: hash.try_into().map_err(|_| bad())? })
    }
}

impl Entry {
    /// As the head of what came until then.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }

    fn chained(&self, before: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(b"hsm journal v1\0");
        hash.update(before);
        hash.update(self.seq.to_be_bytes());
        hash.update(self.time.0.to_be_bytes());
        let note = &self.note;
        for field in [&self.actor, &note.action, &note.name, &note.id, &note.state, &note.detail] {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        hash.finalize().into()
    }
}

/// Checks a whole journal, oldest entry first, and that it holds `noted`, a head somebody wrote down. Answers its head.
///
/// # Errors
/// [`Kind::Authentication`] naming the first entry that is not what it was.
pub fn verify(entries: &[Entry], noted: Option<Head>) -> Result<Head> {
    let mut head = Head::START;
    for entry in entries {
        let expected = entry.chained(&head.hash);
        if entry.seq != head.seq + 1 || entry.hash != expected {
            return Err(Error::authentication(format!("the journal was altered at entry {}", head.seq + 1))
                .why("an entry was edited, removed, added or moved"));
        }
        head = entry.head();
    }
    match noted {
        Some(noted) if noted != Head::START && !entries.iter().any(|entry| entry.head() == noted) => {
            Err(Error::authentication(format!("the journal does not hold the entry {} that was noted", noted.seq))
                .why("its end was cut off, or all of it was written anew"))
        }
        _ => Ok(head),
    }
}

/// Checks the journal of `store` by [`verify`], and that every key it tells of is in the state it tells last: a row that was edited
/// beside the journal is not. Answers its head.
///
/// # Errors
/// [`Kind::Authentication`] naming the entry or the key; those of the store.
pub fn audit(store: &dyn Store, noted: Option<Head>) -> Result<Head> {
    let mut entries = store.journal(0)?;
    loop {
        let head = verify(&entries, noted)?;
        let Err(error) = ends(store, head).and_then(|()| compare(store, &entries)) else { return Ok(head) };
        // Journal and keys are read one after the other: somebody may have changed both in between.
        let later = store.journal(0)?;
        if later.len() == entries.len() {
            return Err(error);
        }
        entries = later;
    }
}

/// The last entry is the one that was written last.
fn ends(store: &dyn Store, head: Head) -> Result<()> {
    match store.journal_head()? {
        written if written == head => Ok(()),
        written => {
            Err(Error::authentication(format!("the journal ends at entry {}, and {} were written", head.seq, written.seq))
                .why("its end was cut off, or entries were written beside it"))
        }
    }
}

fn compare(store: &dyn Store, entries: &[Entry]) -> Result<()> {
    let mut told: HashMap<&str, &str> = HashMap::new();
    for entry in entries {
        told.insert(&entry.note.id, &entry.note.state);
    }
    let here = notes::states(store)?;
    for (id, state) in told {
        if here.get(id).is_none_or(|found| found != state) {
            return Err(Error::authentication(format!("the key {id} is not what the journal tells: {state}"))
                .why("its row was edited or removed beside the journal")
                .next("restore the key store from a backup"));
        }
    }
    Ok(())
}
