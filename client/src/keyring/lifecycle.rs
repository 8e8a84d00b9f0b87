//! The life of a data key: made ahead or at once, promoted, rotated, disabled (REQUIREMENTS 10 to 14); [`super::deletion`] has its end.
//!
//! Each step is decided on what the store held at one epoch, and refused with [`Kind::Conflict`] when somebody else was faster: then
//! nothing was changed. Steps that make no key need no token. What a lineage has encrypted stays readable until the version that
//! encrypted it is deleted.

use std::collections::BTreeMap;

use super::{Keyring, Place, Recipe};
use crate::context::EncryptionContext;
use crate::error::{Error, Kind, Result};
use crate::store::{KeyRecord, Lineage, State, Store};
use crate::time::Timestamp;

/// A lineage, its versions, and the epoch they were read at.
pub(super) struct Line {
    pub(super) lineage: Lineage,
    pub(super) versions: Vec<KeyRecord>,
}

impl Line {
    pub(super) fn version(&self, version: u32) -> Result<&KeyRecord> {
        self.versions.iter().find(|key| key.version == version).ok_or_else(|| {
            Error::new(Kind::VersionNotFound, format!("the data key \"{}\" has no version {version}", self.lineage.name))
                .next("see its versions: hsm dek list")
        })
    }

    /// The version that encrypts.
    pub(super) fn active(&self) -> Option<&KeyRecord> {
        self.versions.iter().find(|key| key.state == State::Active)
    }

    /// The version that encrypts, as one that does no longer.
    fn retired(&self, now: Timestamp) -> Option<KeyRecord> {
        let active = self.active()?;
        Some(KeyRecord { state: State::DecryptOnly, rotated: Some(now), ..active.clone() })
    }

    pub(super) fn refused(&self, key: &KeyRecord, what: &str, next: &str) -> Error {
        let key_is = format!("version {} of \"{}\" is {}", key.version, self.lineage.name, key.state);
        Error::new(Kind::KeyInactive, format!("{key_is} and cannot be {what}")).next(next)
    }
}

impl Keyring {
    /// Makes a new version of `name` that encrypts from now on; the one before decrypts only. The new version inherits the metadata,
    /// `recipe`'s added to it, the label of its master key and its second wrapping.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::Conflict`] when somebody changed the lineage meanwhile, [`Kind::MekMissing`], those of the token.
    pub fn rotate(&self, name: &str, recipe: &Recipe) -> Result<(Lineage, KeyRecord)> {
        self.rotate_line(&line_of(self.store(), name)?, recipe)
    }

    /// Rotates a lineage that still is as it was read.
    pub(super) fn rotate_line(&self, line: &Line, recipe: &Recipe) -> Result<(Lineage, KeyRecord)> {
        let next = self.next_version(line, recipe, State::Active)?;
        let changes: Vec<_> = line.retired(next.created).into_iter().chain([next.clone()]).collect();
        Ok((committed(self.store(), line.lineage.clone(), &changes)?, next))
    }

    /// Makes a new version of `name` that does not encrypt yet: to be distributed first, then promoted.
    ///
    /// # Errors
    /// As [`Self::rotate`].
    pub fn prepare(&self, name: &str, recipe: &Recipe) -> Result<(Lineage, KeyRecord)> {
        let line = line_of(self.store(), name)?;
        let next = self.next_version(&line, recipe, State::Pending)?;
        Ok((committed(self.store(), line.lineage, std::slice::from_ref(&next))?, next))
    }

    /// The label of the master key that wraps a version, if this token has one of that label.
    fn master_of(&self, key: &KeyRecord) -> Result<Option<String>> {
        let Some(dek) = &key.wrapped else { return Ok(None) };
        let known = self.store.meks()?.into_iter().find(|mek| mek.mek_id == dek.mek_id).map(|mek| mek.label);
        let here = self.hsm.meks()?;
        Ok(known.filter(|label| here.iter().any(|mek| mek.label == *label)))
    }

    fn next_version(&self, line: &Line, recipe: &Recipe, state: State) -> Result<KeyRecord> {
        let newest = line.versions.last();
        let version = newest.map_or(0, |key| key.version).checked_add(1);
        let version = version.ok_or_else(|| Error::new(Kind::Usage, "no version comes after that"))?;
        let mut metadata: BTreeMap<_, _> = newest.map(|key| key.metadata.clone()).unwrap_or_default();
        metadata.extend(recipe.metadata.clone());
        let mek = recipe.mek.clone().or(newest.map(|key| self.master_of(key)).transpose()?.flatten());
        let before = newest.and_then(|key| key.wrapped.as_ref()?.kem.as_ref()).map(|layer| layer.kem_id.clone());
        let recipe = Recipe { metadata, mek, kem: recipe.kem.clone().or(before), ..recipe.clone() };
        let place = Place { lineage: Some(line.lineage.id), version, state };
        self.generate(&recipe, &EncryptionContext::empty(), place).map(|(_, record)| record)
    }
}

/// Makes a pending version the one that encrypts, or one that decrypts only again; the one before decrypts only.
///
/// # Errors
/// [`Kind::VersionNotFound`], [`Kind::KeyInactive`] when it is in another state, [`Kind::Conflict`].
pub fn promote(store: &dyn Store, name: &str, version: u32) -> Result<(Lineage, KeyRecord)> {
    let line = line_of(store, name)?;
    let key = line.version(version)?;
    if !matches!(key.state, State::Pending | State::DecryptOnly) {
        return Err(line.refused(key, "promoted", "see its state: hsm dek list"));
    }
    super::policy::may_encrypt(&line, key)?;
    let promoted = KeyRecord { state: State::Active, rotated: None, ..key.clone() };
    let changes: Vec<_> = line.retired(Timestamp::now()).into_iter().chain([promoted.clone()]).collect();
    Ok((committed(store, line.lineage, &changes)?, promoted))
}

/// Stops the version that encrypts: nothing encrypts under `name` until a version is promoted or made. All that was encrypted can
/// be read.
///
/// # Errors
/// [`Kind::NoActiveVersion`], [`Kind::Conflict`].
pub fn disable(store: &dyn Store, name: &str) -> Result<(Lineage, KeyRecord)> {
    let line = line_of(store, name)?;
    let retired = line.retired(Timestamp::now()).ok_or_else(|| super::refusals::no_active(name))?;
    Ok((committed(store, line.lineage, std::slice::from_ref(&retired))?, retired))
}

/// The lineage of that name, or that id.
pub(super) fn lineage(store: &dyn Store, name: &str) -> Result<Lineage> {
    store.lineage(name)?.ok_or_else(|| super::refusals::unknown(store, name))
}

pub(super) fn line_of(store: &dyn Store, name: &str) -> Result<Line> {
    let lineage = lineage(store, name)?;
    let versions = store.versions(&lineage.id)?;
    Ok(Line { lineage, versions })
}

pub(super) fn committed(store: &dyn Store, lineage: Lineage, changes: &[KeyRecord]) -> Result<Lineage> {
    let epoch = store.commit(&lineage.id, lineage.epoch, changes)?;
    Ok(Lineage { epoch, ..lineage })
}
