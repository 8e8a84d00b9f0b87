//! The end of a master key: refused while it wraps data keys, with time to think it over (REQUIREMENTS 15).
//!
//! While a deletion waits the key wraps nothing new. Data keys that were left under it, by force, open until it is destroyed.

use crate::error::{Error, Kind, Result};
use crate::hsm::Hsm;
use crate::keyring::deletion::long_enough;
use crate::keyring::rewrap::census;
use crate::store::{MekRecord, State, Store};
use crate::time::Timestamp;

/// A version of a master key in one token.
#[derive(Clone, Copy)]
pub struct Version<'a> {
    /// Serial number of the token.
    pub token_serial: &'a str,
    /// CKA_LABEL.
    pub label: &'a str,
    /// Its version, as the store counts them.
    pub version: u32,
}

impl Version<'_> {
    fn find(&self, store: &dyn Store) -> Result<MekRecord> {
        let same = |mek: &MekRecord| {
            (mek.token_serial.as_str(), mek.label.as_str(), mek.version) == (self.token_serial, self.label, self.version)
        };
        store.meks()?.into_iter().find(same).ok_or_else(|| {
            let (label, version) = (self.label, self.version);
            Error::new(
                Kind::VersionNotFound,
                format!("there is no version {version} of the master key \"{label}\" in this token"),
            )
            .next("see them: hsm mek list")
        })
    }

    fn refused(&self, mek: &MekRecord, what: &str) -> Error {
        let state = mek.state();
        Error::new(
            Kind::KeyInactive,
            format!("version {} of the master key \"{}\" is {state} and cannot be {what}", self.version, self.label),
        )
        .next("see its state: hsm mek list")
    }
}

/// Schedules a master key for its destruction in `waiting` seconds; until then this can be taken back. With `force` also one that still
/// wraps data keys: they are lost with it.
///
/// # Errors
/// [`Kind::Usage`] for less than a day, [`Kind::InUse`], [`Kind::VersionNotFound`], [`Kind::KeyInactive`], [`Kind::Conflict`].
pub fn schedule_deletion(store: &dyn Store, mek: Version<'_>, waiting: i64, force: bool) -> Result<MekRecord> {
    long_enough(waiting)?;
    let old = mek.find(store)?;
    if old.state() != State::Active {
        return Err(mek.refused(&old, "scheduled for deletion"));
    }
    if !force {
        unneeded(store, &old)?;
    }
    let new = MekRecord { deletes: Some(Timestamp::now().plus(waiting)), ..old.clone() };
    store.change_mek(&old, &new)?;
    Ok(new)
}

/// Takes a scheduled deletion back.
///
/// # Errors
/// [`Kind::VersionNotFound`], [`Kind::KeyInactive`] when none is scheduled, [`Kind::Conflict`].
pub fn cancel_deletion(store: &dyn Store, mek: Version<'_>) -> Result<MekRecord> {
    let old = mek.find(store)?;
    if old.state() != State::PendingDeletion {
        return Err(mek.refused(&old, "taken back from deletion"));
    }
    let new = MekRecord { deletes: None, ..old.clone() };
    store.change_mek(&old, &new)?;
    Ok(new)
}

/// Destroys in the token a master key whose time has come. With `force` also one that still wraps data keys. Cut short, it can be done
/// again.
///
/// # Errors
/// [`Kind::VersionNotFound`], [`Kind::KeyInactive`] when its time has not come, [`Kind::InUse`], [`Kind::Conflict`], those of the token.
pub fn destroy(hsm: &dyn Hsm, store: &dyn Store, mek: Version<'_>, force: bool) -> Result<MekRecord> {
    let old = mek.find(store)?;
    if old.state() == State::Destroyed && hsm.meks()?.iter().any(|info| info.id == old.mek_id) {
        // Written down before, and the token did not do it.
        return hsm.destroy_mek(&old.mek_id).map(|()| old);
    }
    let Some(due) = old.deletes.filter(|_| old.state() == State::PendingDeletion) else {
        return Err(mek.refused(&old, "destroyed at once").next("schedule it: hsm mek delete"));
    };
    if due > Timestamp::now() {
        return Err(mek.refused(&old, "destroyed yet").why(format!("it may be destroyed from {due} on")));
    }
    if !force {
        unneeded(store, &old)?;
    }
    // The store first: whoever takes the deletion back at the same time is refused, or this is.
    let new = MekRecord { destroyed: Some(Timestamp::now()), ..old.clone() };
    store.change_mek(&old, &new)?;
    match hsm.destroy_mek(&old.mek_id) {
        Err(error) if error.kind() != Kind::NotFound => {
            // Should this fail too, the next try finds it in the token.
            let _ = store.change_mek(&new, &old);
            Err(error)
        }
        _ => Ok(new),
    }
}

fn unneeded(store: &dyn Store, mek: &MekRecord) -> Result<()> {
    // In whatever token it was when it wrapped them: restored elsewhere it is the same key, and may be the only copy.
    let wraps = |count: &&crate::keyring::rewrap::Count| count.mek_id == mek.mek_id;
    let deks: usize = census(store)?.iter().filter(wraps).map(|count| count.deks).sum();
    match deks {
        0 => Ok(()),
        deks => {
            Err(Error::new(Kind::InUse, format!("version {} of the master key \"{}\" is still needed", mek.version, mek.label))
                .why(format!("it wraps {deks} data keys, which would be lost with it"))
                .next("move them to another one first: hsm mek rotate, then hsm dek rewrap --all"))
        }
    }
}
