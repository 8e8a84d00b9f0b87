//! What changed in a store, by whom and when: a chain of entries, each with the hash of the one before (REQUIREMENTS 22).
//!
//! A store writes the entries of a change with the change, or neither. An edited, removed or reordered entry breaks the chain. Whoever
//! can write to the store can also write a whole new chain, or cut the end off: against that, note the head elsewhere now and then, and
//! give it when verifying.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::record::{KeyRecord, MekRecord};
use super::signing::{Ending, SigningKeyRecord};
use super::{Lineage, Policy, State, Store};
use crate::error::{Error, Kind, Result};
use crate::id::hex;
use crate::time::Timestamp;

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
    /// The state it has since, where it has states.
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
        let Err(error) = compare(store, &entries) else { return Ok(head) };
        // Journal and keys are read one after the other: somebody may have changed both in between.
        let later = store.journal(0)?;
        if later.len() == entries.len() {
            return Err(error);
        }
        entries = later;
    }
}

fn compare(store: &dyn Store, entries: &[Entry]) -> Result<()> {
    let mut told: HashMap<&str, &str> = HashMap::new();
    for entry in entries.iter().filter(|entry| !entry.note.state.is_empty()) {
        told.insert(&entry.note.id, &entry.note.state);
    }
    let mut here: HashMap<String, Vec<State>> = HashMap::new();
    for lineage in store.lineages()? {
        store.versions(&lineage.id)?.iter().for_each(|key| here.entry(key.key_id.to_string()).or_default().push(key.state));
    }
    // A master key may be in several tokens; the journal tells of each change of any.
    store.meks()?.iter().for_each(|mek| here.entry(mek.mek_id.to_string()).or_default().push(mek.state()));
    for (id, state) in told {
        if !here.get(id).is_some_and(|states| states.iter().any(|found| found.name() == state)) {
            return Err(Error::authentication(format!("the key {id} is not in the state \"{state}\" that the journal tells"))
                .why("its row was edited or removed beside the journal")
                .next("restore the key store from a backup"));
        }
    }
    Ok(())
}

/// What a change of a data key is in the journal.
pub(super) fn of_key(name: &str, old: Option<&KeyRecord>, new: &KeyRecord) -> Vec<Note> {
    let note = |action: &str, detail: String| Note {
        action: action.to_owned(),
        name: name.to_owned(),
        id: new.key_id.to_string(),
        state: new.state.name().to_owned(),
        detail,
    };
    let version = format!("version {}", new.version);
    let Some(old) = old else { return vec![note("dek-created", format!("{version}{}", by(new)))] };
    let mut notes = Vec::new();
    if old.state != new.state {
        let due = new.deletes.map(|due| format!(", due {due}")).unwrap_or_default();
        notes.push(note("dek-state", format!("{version}, was {}{due}", old.state)));
    }
    if new.wrapped.is_some() && old.wrapped != new.wrapped {
        notes.push(note("dek-rewrapped", format!("{version}{}", by(new))));
    }
    if (&old.metadata, old.expires) != (&new.metadata, new.expires) {
        notes.push(note("dek-changed", version));
    }
    notes
}

fn by(key: &KeyRecord) -> String {
    key.wrapped.as_ref().map_or_else(String::new, |dek| {
        format!(", wrapped by {} version {} in token {}", dek.mek_id, dek.mek_version, dek.token_serial)
    })
}

pub(super) fn of_policy(lineage: &Lineage, policy: &Policy) -> Note {
    let detail = serde_json::to_string(policy).unwrap_or_default();
    Note { action: "policy".into(), name: lineage.name.clone(), id: lineage.id.to_string(), state: String::new(), detail }
}

pub(super) fn of_mek(action: &str, mek: &MekRecord) -> Note {
    let due = mek.deletes.map(|due| format!(", due {due}")).unwrap_or_default();
    Note {
        action: action.to_owned(),
        name: mek.label.clone(),
        id: mek.mek_id.to_string(),
        state: mek.state().name().to_owned(),
        detail: format!("version {} in token {}{due}", mek.version, mek.token_serial),
    }
}

pub(super) fn of_signing_key(key: &SigningKeyRecord) -> Note {
    let (publish, sign) = (key.times.publish_at, key.times.sign_from);
    let detail = format!("{} in token {}, published from {publish}, signs from {sign}", key.scheme, key.token_serial);
    Note { action: "signing-key-created".into(), name: key.label.clone(), id: key.kid.clone(), state: String::new(), detail }
}

pub(super) fn of_ending(label: &str, kid: &str, ending: Ending) -> Note {
    let removed = ending.remove_at.map_or_else(|| "never".to_owned(), |time| time.to_string());
    let detail = format!("signs until {}, published until {removed}", ending.retire_at);
    Note { action: "signing-key-ended".into(), name: label.to_owned(), id: kid.to_owned(), state: String::new(), detail }
}
