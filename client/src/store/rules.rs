//! What no store may let happen, whatever it is built on.

use super::{Ending, KeyRecord, MekRecord, SigningKeyRecord, State};
use crate::error::{Error, Kind, Result};
use crate::id::{KeyId, LineageId};

/// Refuses a record that is not of `lineage`, contradicts itself, or rewrites what `old` fixed.
pub(super) fn check(lineage: &LineageId, old: Option<&KeyRecord>, new: &KeyRecord) -> Result<()> {
    if new.lineage_id != *lineage || new.version == 0 {
        return Err(conflict(new, "it belongs to another lineage or has no version"));
    }
    if (new.state == State::Destroyed) != new.wrapped.is_none() {
        return Err(conflict(new, "a wrapped key is kept until it is destroyed, and no longer"));
    }
    match old {
        Some(old) => check_change(old, new),
        None => Ok(()),
    }
}

fn check_change(old: &KeyRecord, new: &KeyRecord) -> Result<()> {
    let fixed = (old.lineage_id, old.version, &old.algorithm, old.created);
    if fixed != (new.lineage_id, new.version, &new.algorithm, new.created) {
        return Err(conflict(new, "lineage, version, algorithm and time of creation never change"));
    }
    if !old.state.may_become(new.state) {
        return Err(conflict(new, &format!("a key that is {} cannot become {}", old.state, new.state)));
    }
    Ok(())
}

/// Refuses to change more of a master key than its end. One that was destroyed may come back: restored.
pub(super) fn check_mek(found: Option<&MekRecord>, old: &MekRecord, new: &MekRecord) -> Result<()> {
    let fixed = MekRecord { deletes: new.deletes, destroyed: new.destroyed, ..old.clone() };
    if found != Some(old) || fixed != *new {
        return Err(Error::new(Kind::Conflict, format!("the master key \"{}\" was changed by someone else", old.label))
            .next("look at it again: hsm mek list"));
    }
    Ok(())
}

/// Refuses a decision about the keys of a label that are others by now.
pub(super) fn check_seen(key: &SigningKeyRecord, found: &[SigningKeyRecord], seen: &[SigningKeyRecord]) -> Result<()> {
    if found == seen {
        return Ok(());
    }
    Err(Error::new(Kind::Conflict, format!("the signing keys \"{}\" were changed by someone else", key.label))
        .next("look at them again: hsm key list"))
}

/// A key that signed before: its end is written down and stays.
pub(super) fn used_before(key: &SigningKeyRecord) -> Error {
    Error::new(Kind::Conflict, format!("the signing key {} was used here before", key.kid))
        .why("the store knows when it ended, or is to end")
        .next("make another key: hsm key create")
}

/// Refuses an end that comes later than the one a signing key has.
pub(super) fn check_ending(key: &SigningKeyRecord, ending: Ending) -> Result<()> {
    if ending.may_follow(&key.times) {
        return Ok(());
    }
    Err(Error::new(Kind::Conflict, format!("the signing key {} has an earlier end already", key.kid))
        .next("look at it again: hsm key list"))
}

/// A data key that is not there.
pub(super) fn unknown_key(id: &KeyId) -> Error {
    Error::new(Kind::NotFound, format!("the store holds no data key {id}"))
}

/// A signing key that is not there.
pub(super) fn unknown_signing_key(kid: &str) -> Error {
    Error::new(Kind::NotFound, format!("the store holds no signing key {kid}")).next("see what it holds: hsm key list")
}

/// The place of the key that has no end yet is another's.
pub(super) fn another_signs(key: &SigningKeyRecord) -> Error {
    taken(&format!("another signing key \"{}\" without an end", key.label))
}

/// A change that lost the race.
pub(super) fn stale(epoch: u64, found: u64) -> Error {
    Error::new(Kind::Conflict, "the lineage was changed by someone else")
        .why(format!("this change was decided on epoch {epoch}, the lineage is at {found}"))
        .next("look at it again: hsm dek list")
}

/// A name or id that is taken.
pub(super) fn taken(what: &str) -> Error {
    Error::new(Kind::Conflict, format!("{what} exists already"))
}

/// A lineage that is not there.
pub(super) fn unknown_lineage(lineage: &LineageId) -> Error {
    Error::new(Kind::NotFound, format!("the store holds no lineage {lineage}"))
}

fn conflict(key: &KeyRecord, why: &str) -> Error {
    Error::new(Kind::Conflict, format!("the key {} cannot be stored so", key.key_id)).why(why)
}
