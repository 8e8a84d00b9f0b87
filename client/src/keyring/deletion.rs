//! The end of a data key: scheduled, with time to think it over, and refused while something needs it (REQUIREMENTS 14 and 15).

use super::lifecycle::{Line, committed, line_of};
use crate::error::{Error, Kind, Result};
use crate::store::{KeyRecord, Lineage, State, Store};
use crate::time::Timestamp;

/// How long a deletion waits when nobody says otherwise: 30 days, in seconds.
pub const WAITING: i64 = 30 * 86_400;
/// A deletion waits no shorter: a day, in seconds.
pub const LEAST_WAITING: i64 = 86_400;

/// Takes a version out of use, to be destroyed after `waiting` seconds; until then this can be cancelled. The record tells when.
/// The version that encrypts is refused: rotate or disable it first. `needed` counts what was encrypted under a version and is still
/// there; only the application knows where that is.
///
/// # Errors
/// [`Kind::Usage`] for less than [`LEAST_WAITING`], [`Kind::InUse`], [`Kind::VersionNotFound`], [`Kind::KeyInactive`],
/// [`Kind::Conflict`], those of `needed`.
pub fn schedule(
    store: &dyn Store,
    name: &str,
    version: u32,
    waiting: i64,
    needed: impl FnOnce(&KeyRecord) -> Result<u64>,
) -> Result<(Lineage, KeyRecord)> {
    long_enough(waiting)?;
    let line = line_of(store, name)?;
    let waits = line.waits(line.version(version)?, waiting)?;
    unneeded(&line, &waits, needed(&waits)?)?;
    Ok((committed(store, line.lineage, std::slice::from_ref(&waits))?, waits))
}

/// Schedules the oldest versions for deletion, all but the newest `keep` of those that encrypt or decrypt, as [`schedule`] does
/// with one. If one of them is needed, none goes.
///
/// # Errors
/// As [`schedule`]; [`Kind::Usage`] when nothing is to be kept.
pub fn purge(
    store: &dyn Store,
    name: &str,
    keep: u32,
    waiting: i64,
    needed: impl Fn(&KeyRecord) -> Result<u64>,
) -> Result<(Lineage, Vec<KeyRecord>)> {
    long_enough(waiting)?;
    if keep == 0 {
        return Err(Error::new(Kind::Usage, "at least one version is kept"));
    }
    let line = line_of(store, name)?;
    let here = |key: &&KeyRecord| matches!(key.state, State::Active | State::DecryptOnly);
    let kept = line.versions.iter().filter(here).count();
    let surplus = kept.saturating_sub(keep as usize);
    let mut waits = Vec::new();
    // The one that encrypts stays, however old it is; one that was made ahead does not count.
    for key in line.versions.iter().filter(|key| key.state == State::DecryptOnly).take(surplus) {
        let waiting = line.waits(key, waiting)?;
        unneeded(&line, &waiting, needed(&waiting)?)?;
        waits.push(waiting);
    }
    match waits.is_empty() {
        true => Ok((line.lineage, waits)),
        false => Ok((committed(store, line.lineage, &waits)?, waits)),
    }
}

/// Takes back a scheduled deletion: the version decrypts again.
///
/// # Errors
/// [`Kind::VersionNotFound`], [`Kind::KeyInactive`] when no deletion is scheduled, [`Kind::Conflict`].
pub fn cancel(store: &dyn Store, name: &str, version: u32) -> Result<(Lineage, KeyRecord)> {
    let line = line_of(store, name)?;
    let key = line.version(version)?;
    if key.state != State::PendingDeletion {
        return Err(line.refused(key, "taken back from deletion", "see its state: hsm dek list"));
    }
    let kept = KeyRecord { state: State::DecryptOnly, deletes: None, ..key.clone() };
    Ok((committed(store, line.lineage, std::slice::from_ref(&kept))?, kept))
}

/// Destroys a version for good: one whose scheduled deletion is due, or one that never encrypted. Its record stays, without the
/// wrapped key. `needed` is asked once more: something may have come to light in the meantime.
///
/// # Errors
/// [`Kind::VersionNotFound`], [`Kind::VersionDestroyed`], [`Kind::KeyInactive`] when its time has not come, [`Kind::InUse`],
/// [`Kind::Conflict`], those of `needed`.
pub fn destroy(
    store: &dyn Store,
    name: &str,
    version: u32,
    needed: impl FnOnce(&KeyRecord) -> Result<u64>,
) -> Result<(Lineage, KeyRecord)> {
    let line = line_of(store, name)?;
    let key = line.version(version)?;
    match (key.state, key.deletes) {
        (State::Pending, _) => {}
        (State::PendingDeletion, Some(due)) if due <= Timestamp::now() => {}
        (State::PendingDeletion, due) => {
            let due = due.map_or_else(|| "a time that is missing".to_owned(), |due| due.to_string());
            let error = line.refused(key, "destroyed yet", "wait, or take it back: hsm dek cancel-deletion");
            return Err(error.why(format!("it may be destroyed from {due} on")));
        }
        (State::Destroyed, _) => return Err(super::refusals::destroyed(&key.key_id)),
        _ => {
            let next = format!("schedule it: hsm dek delete --name {name} --version {version}");
            return Err(line.refused(key, "destroyed at once", &next));
        }
    }
    unneeded(&line, key, needed(key)?)?;
    let gone = KeyRecord { state: State::Destroyed, wrapped: None, ..key.clone() };
    Ok((committed(store, line.lineage, std::slice::from_ref(&gone))?, gone))
}

/// Refuses a waiting time in which nobody would notice.
pub(super) fn long_enough(waiting: i64) -> Result<()> {
    if waiting >= LEAST_WAITING {
        return Ok(());
    }
    Err(Error::new(Kind::Usage, "a deletion waits for a day at least")
        .why("what the key encrypted is lost with it, and somebody may still notice"))
}

fn unneeded(line: &Line, key: &KeyRecord, needed: u64) -> Result<()> {
    match needed {
        0 => Ok(()),
        needed => Err(Error::new(Kind::InUse, format!("version {} of \"{}\" is still needed", key.version, line.lineage.name))
            .why(format!("so much is encrypted under it: {needed}"))
            .next("encrypt that anew under the newest version, then delete this one")),
    }
}

impl Line {
    /// `key` as it waits for its deletion.
    fn waits(&self, key: &KeyRecord, waiting: i64) -> Result<KeyRecord> {
        match key.state {
            State::DecryptOnly => {
                Ok(KeyRecord { state: State::PendingDeletion, deletes: Some(Timestamp::now().plus(waiting)), ..key.clone() })
            }
            State::Active => {
                let next = format!("make another one first: hsm dek rotate --name {}", self.lineage.name);
                Err(self.refused(key, "deleted", &next))
            }
            _ => Err(self.refused(key, "scheduled for deletion", "see its state: hsm dek list")),
        }
    }
}
