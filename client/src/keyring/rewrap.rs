//! Moving data keys from one master key to a newer one: no data is touched (REQUIREMENTS 3 and 7).
//!
//! The key passes from one wrapping to the other inside the token, and where the wrap mechanism authenticates its row it never leaves
//! it. Where a tag has to tie row and key together (AES-KWP, AES-KW), it is opened here for that moment.

use std::collections::BTreeMap;

use super::binding::Columns;
use super::hybrid::Layer;
use super::mek::Mek;
use super::{Keyring, columns, destroyed, lifecycle};
use crate::context::EncryptionContext;
use crate::error::{Error, Kind, Result};
use crate::hsm::{WrapMechanism, Wrapped, Wrapping};
use crate::id::{KeyId, ObjectId};
use crate::secret::Secret;
use crate::store::record::WrappedDek;
use crate::store::{KeyRecord, Lineage, Store};

/// Tries of a lineage that others change at the same time.
const TRIES: usize = 8;

/// How many data keys a master key wraps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Its CKA_ID.
    pub mek_id: ObjectId,
    /// Its label, where the store knows it.
    pub label: Option<String>,
    /// Its version, as the data keys tell it.
    pub version: u32,
    /// The token it is in.
    pub token_serial: String,
    /// Versions of data keys wrapped by it.
    pub deks: usize,
}

/// Which data keys are to move, and to what.
#[derive(Debug, Clone)]
pub struct Job<'a> {
    /// The master key.
    pub mek: &'a Mek,
    /// The wrapping by ML-KEM.
    pub layer: Layer,
    /// Names of data keys; all of the store if there are none.
    pub names: &'a [String],
    /// Keys that are moved at most; those that fail hold up no other.
    pub batch: usize,
    /// Change nothing.
    pub dry_run: bool,
}

impl<'a> Job<'a> {
    /// Every data key of the store to `mek`, the wrapping by ML-KEM as it is.
    pub fn new(mek: &'a Mek) -> Self {
        Self { mek, layer: Layer::Keep, names: &[], batch: usize::MAX, dry_run: false }
    }
}

/// What became of each data key.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Moved, or to be moved in a dry run.
    pub moved: Vec<(Lineage, KeyRecord)>,
    /// Wrapped by the master key already.
    pub kept: usize,
    /// Not moved, and why; they are as they were.
    pub failed: Vec<(Lineage, KeyRecord, Error)>,
    /// Left for the next batch.
    pub left: usize,
}

/// The master keys that wrap data keys, by label and version.
///
/// # Errors
/// Those of the store.
pub fn census(store: &dyn Store) -> Result<Vec<Count>> {
    let known = store.meks()?;
    let mut counts: BTreeMap<_, Count> = BTreeMap::new();
    for key in all(store)? {
        let Some(dek) = &key.wrapped else { continue };
        let label = known.iter().find(|mek| mek.mek_id == dek.mek_id).map(|mek| mek.label.clone());
        let place = (label.clone(), dek.mek_version, dek.mek_id.to_string(), dek.token_serial.clone());
        let count = counts.entry(place).or_insert_with(|| Count {
            mek_id: dek.mek_id.clone(),
            label,
            version: dek.mek_version,
            token_serial: dek.token_serial.clone(),
            deks: 0,
        });
        count.deks += 1;
    }
    Ok(counts.into_values().collect())
}

impl Keyring {
    /// Moves data keys as `job` wants it. Each is committed by itself: cut short, the job is taken up again by running it again. One that
    /// fails stays as it was, and the others go on. A dry run changes nothing.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for an unknown name, those of the store; what befalls a single key is in the outcome.
    pub fn rewrap_all(&self, job: &Job<'_>) -> Result<Outcome> {
        let lineages = match job.names {
            [] => self.store().lineages()?,
            names => names.iter().map(|name| lifecycle::lineage(self.store(), name)).collect::<Result<_>>()?,
        };
        let mut outcome = Outcome::default();
        for lineage in lineages {
            for key in self.store().versions(&lineage.id)? {
                match &key.wrapped {
                    None => {}
                    Some(dek) if self.is_there(dek, job.mek, &job.layer) => outcome.kept += 1,
                    Some(_) if outcome.moved.len() >= job.batch => outcome.left += 1,
                    Some(_) if job.dry_run => outcome.moved.push((lineage.clone(), key)),
                    Some(_) => match self.rewrap(&lineage, &key.key_id, job.mek, &job.layer) {
                        Ok(moved) => outcome.moved.push((lineage.clone(), moved)),
                        Err(error) => outcome.failed.push((lineage.clone(), key, error)),
                    },
                }
            }
        }
        Ok(outcome)
    }

    /// Wraps one data key by another master key, tries that it opens, and only then replaces the old wrapping.
    ///
    /// # Errors
    /// [`Kind::Authentication`] when the old row was altered or the new one does not open, [`Kind::VersionDestroyed`],
    /// [`Kind::Conflict`] when others change the lineage all the time, those of the token and the store.
    pub fn rewrap(&self, lineage: &Lineage, id: &KeyId, mek: &Mek, layer: &Layer) -> Result<KeyRecord> {
        for _ in 0..TRIES {
            let line = lifecycle::lineage(self.store(), &lineage.id.to_string())?;
            let Some(key) = self.store().key(id)? else {
                return Err(Error::new(Kind::NotFound, format!("the store holds no data key {id}")));
            };
            let moved = self.rewrap_record(&key, &EncryptionContext::empty(), mek, layer)?;
            match self.store().commit(&line.id, line.epoch, std::slice::from_ref(&moved)) {
                Ok(_) => return Ok(moved),
                Err(error) if error.kind() == Kind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::new(Kind::Conflict, format!("the data key \"{}\" is being changed by others all the time", lineage.name))
            .next("try again"))
    }

    /// The same for a data key that is kept elsewhere than in the store, with the context it was made for.
    ///
    /// # Errors
    /// [`Kind::Authentication`] for another context or an altered record, [`Kind::VersionDestroyed`], those of the token.
    pub fn rewrap_record(&self, key: &KeyRecord, context: &EncryptionContext, mek: &Mek, layer: &Layer) -> Result<KeyRecord> {
        let dek = key.wrapped.as_ref().ok_or_else(|| destroyed(&key.key_id))?;
        let row = super::stored(key, dek, context);
        let inner = self.peeled(dek, &row.canonical()).map_err(|error| match error.kind() {
            Kind::Authentication => row.altered().why(error.to_string()),
            _ => error,
        })?;
        let inner = WrappedDek { wrapped: inner, kem: None, ..dek.clone() };
        let bare = KeyRecord { wrapped: Some(inner.clone()), ..key.clone() };
        let mut moved = self.wrapped_anew(&bare, &inner, context, mek)?;
        if let Some(kem) = layer.around(dek) {
            let row = super::stored(key, &moved, context).canonical();
            moved = self.layered(moved, &kem, &row)?;
        }
        Ok(KeyRecord { wrapped: Some(moved), ..bare })
    }

    /// True when `dek` is wrapped as it shall be.
    fn is_there(&self, dek: &WrappedDek, mek: &Mek, layer: &Layer) -> bool {
        dek.mek_id == mek.info.id && dek.token_serial == self.hsm().identity().serial && layer.fits(dek)
    }

    fn wrapped_anew(&self, key: &KeyRecord, dek: &WrappedDek, context: &EncryptionContext, mek: &Mek) -> Result<WrappedDek> {
        let serial = self.hsm().identity().serial.clone();
        let mut refusals = Vec::new();
        for mechanism in self.hsm().wrap_mechanisms(mek.info.kind)? {
            let place = columns(key, mek, &serial, mechanism, context);
            match self.attempt(key, dek, &place, mechanism) {
                Ok(done) => return Ok(done),
                Err(error) if error.kind() == Kind::MechanismRefused => refusals.push(format!("{mechanism}: {error}")),
                Err(error) => return Err(error),
            }
        }
        Err(Error::new(Kind::MechanismRefused, format!("the token moves no data key to \"{}\"", mek.info.label))
            .why(refusals.join("; "))
            .next("see what the token offers: hsm token mechanisms"))
    }

    /// A wrapping must open before the old one goes, and with its own row only: tried inside the token, by wrapping once more.
    fn tried(&self, to: Wrapping<'_>, wrapped: &Wrapped, mechanism: WrapMechanism) -> Result<()> {
        self.hsm().rewrap(to, wrapped, to, mechanism).map_err(|error| match error.kind() {
            Kind::Authentication => {
                Error::new(Kind::MechanismRefused, "the token does not open what it wrapped").why(error.to_string())
            }
            _ => error,
        })?;
        let other = Wrapping { aad: b"other", ..to };
        if mechanism.carries_aad() && self.hsm().rewrap(other, wrapped, to, mechanism).is_ok() {
            return Err(Error::new(Kind::MechanismRefused, format!("the token's {mechanism} binds no additional data")));
        }
        Ok(())
    }

    fn attempt(&self, key: &KeyRecord, dek: &WrappedDek, place: &Columns<'_>, mechanism: WrapMechanism) -> Result<WrappedDek> {
        let (old, new) = (super::stored(key, dek, place.context).canonical(), place.canonical());
        // A row that a tag or a signature guards is checked before its key is trusted with a new one.
        let opened: Option<Secret> = match (dek.wrapped.mechanism.carries_aad(), mechanism.carries_aad()) {
            (true, true) => None,
            _ => Some(self.decrypt_data_key(key, place.context)?.key),
        };
        let (from, to) = (Wrapping { mek: &dek.mek_id, aad: &old }, Wrapping { mek: place.mek_id, aad: &new });
        let wrapped = self.hsm().rewrap(from, &dek.wrapped, to, mechanism)?;
        self.tried(to, &wrapped, mechanism)?;
        let binding = match &opened {
            Some(key) => place.bind(self.hsm(), &wrapped, key)?,
            None => Vec::new(),
        };
        let moved = WrappedDek {
            mek_id: place.mek_id.clone(),
            mek_version: place.mek_version,
            token_serial: place.token_serial.to_owned(),
            wrapped,
            binding,
            kem: None,
        };
        let again = KeyRecord { wrapped: Some(moved.clone()), ..key.clone() };
        match &opened {
            Some(before) if self.decrypt_data_key(&again, place.context)?.key != *before => {
                Err(Error::authentication(format!("the data key {} is another one after rewrapping", key.key_id)))
            }
            _ => Ok(moved),
        }
    }
}

fn all(store: &dyn Store) -> Result<Vec<KeyRecord>> {
    let mut keys = Vec::new();
    for lineage in store.lineages()? {
        keys.extend(store.versions(&lineage.id)?);
    }
    Ok(keys)
}
