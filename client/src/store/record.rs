//! What a store keeps of each key.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::Policy;
use crate::error::{Error, Kind, Result};
use crate::id::{KeyId, LineageId, ObjectId};
use crate::time::Timestamp;
use crate::wrap::Wrapped;

/// The life of a key version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Made, not yet in use.
    Pending,
    /// Encrypts and decrypts; one version of a lineage at most.
    Active,
    /// Decrypts what it once encrypted.
    DecryptOnly,
    /// Will be destroyed at a set time; decrypts no more.
    PendingDeletion,
    /// Its wrapped form is gone.
    Destroyed,
}

const STATES: [(State, &str); 5] = [
    (State::Pending, "pending"),
    (State::Active, "active"),
    (State::DecryptOnly, "decrypt-only"),
    (State::PendingDeletion, "pending-deletion"),
    (State::Destroyed, "destroyed"),
];

impl State {
    /// Its name in the store and on screen.
    pub fn name(self) -> &'static str {
        STATES.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// True when a version may go from this state to `next`. Destruction is final.
    pub fn may_become(self, next: Self) -> bool {
        use State::{Active, DecryptOnly, Destroyed, Pending, PendingDeletion};
        self == next
            || matches!(
                (self, next),
                (Pending, Active | Destroyed)
                    | (Active, DecryptOnly | PendingDeletion)
                    | (DecryptOnly, Active | PendingDeletion)
                    | (PendingDeletion, DecryptOnly | Destroyed)
            )
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for State {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        STATES
            .iter()
            .find(|row| row.1 == text)
            .map(|row| row.0)
            .ok_or_else(|| Error::new(Kind::Store, format!("\"{text}\" is no state of a key")))
    }
}

/// A line of key versions under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The id of its first key; never changes.
    pub id: LineageId,
    /// The name people use; unique in a store.
    pub name: String,
    /// Raised by every change: what compare-and-set compares.
    pub epoch: u64,
    /// When it was made.
    pub created: Timestamp,
    /// Its rules.
    pub policy: Policy,
}

/// One version of a data key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Names this version; stored in every envelope.
    pub key_id: KeyId,
    /// The lineage it belongs to.
    pub lineage_id: LineageId,
    /// From 1, one more at each rotation.
    pub version: u32,
    /// Where in its life it is.
    pub state: State,
    /// What it encrypts with.
    pub algorithm: String,
    /// When it was made.
    pub created: Timestamp,
    /// When the next version took over.
    pub rotated: Option<Timestamp>,
    /// When it should no longer encrypt.
    pub expires: Option<Timestamp>,
    /// When it is to be destroyed, if it is pending deletion.
    pub deletes: Option<Timestamp>,
    /// Free pairs; the next version inherits them.
    pub metadata: BTreeMap<String, String>,
    /// Its wrapped form; none once destroyed.
    pub wrapped: Option<WrappedDek>,
}

impl KeyRecord {
    /// True when it should no longer encrypt.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }
}

/// A data key wrapped by a master key, with all that is needed to open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedDek {
    /// CKA_ID of the master key.
    pub mek_id: ObjectId,
    /// The master key's version.
    pub mek_version: u32,
    /// Serial number of the token that holds the master key.
    pub token_serial: String,
    /// Mechanism, nonce and ciphertext.
    pub wrapped: Wrapped,
    /// What ties the wrapped key to its row where the mechanism itself cannot (`crate::keyring::binding`).
    pub binding: Vec<u8>,
    /// The wrapping by ML-KEM-1024 that is around it: then `wrapped` holds what that sealed.
    pub kem: Option<KemLayer>,
}

/// A wrapping by ML-KEM-1024 around another one (`crate::kem`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KemLayer {
    /// The pair.
    pub kem_id: ObjectId,
    /// The encapsulated secret, 1,568 bytes.
    pub secret: Vec<u8>,
}

/// A master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MekRecord {
    /// CKA_ID.
    pub mek_id: ObjectId,
    /// CKA_LABEL.
    pub label: String,
    /// From 1, one more at each rotation.
    pub version: u32,
    /// Serial number of its token.
    pub token_serial: String,
    /// `AES-256` or `RSA-4096`.
    pub algorithm: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it is to be destroyed, if it is pending deletion.
    pub deletes: Option<Timestamp>,
    /// When it was destroyed.
    pub destroyed: Option<Timestamp>,
}

impl MekRecord {
    /// Active, pending deletion or destroyed: which of several active versions wraps is for their numbers to say.
    pub fn state(&self) -> State {
        match (self.destroyed, self.deletes) {
            (Some(_), _) => State::Destroyed,
            (None, Some(_)) => State::PendingDeletion,
            (None, None) => State::Active,
        }
    }
}
