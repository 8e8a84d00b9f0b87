//! Data keys: made in the token, kept wrapped in the store, opened for use.

pub mod binding;
pub mod cache;
pub mod deletion;
pub mod hybrid;
pub mod lifecycle;
pub mod mek;
pub mod negotiate;
pub mod policy;
mod refusals;
pub mod rewrap;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use crate::context::EncryptionContext;
use crate::error::{Error, Kind, Result};
use crate::hsm::{Hsm, WrapMechanism};
use crate::id::{KeyId, LineageId, ObjectId};
use crate::kem::FileKem;
use crate::secret::Secret;
use crate::store::record::WrappedDek;
use crate::store::{KeyRecord, Lineage, Policy, State, Store};
use crate::time::Timestamp;

use binding::Columns;
use mek::Mek;
use refusals::{destroyed, expired, no_active};

/// What our data keys encrypt with.
pub const ALGORITHM: &str = "AES-256-GCM";

/// The data keys of one store, wrapped by the master keys of one token.
#[derive(Clone)]
pub struct Keyring {
    hsm: Arc<dyn Hsm>,
    store: Arc<dyn Store>,
    /// ML-KEM pairs that are not in the token.
    kems: Vec<Arc<FileKem>>,
    /// Lineages that were due and could not be rotated, and when.
    postponed: Arc<Mutex<HashMap<LineageId, Instant>>>,
}

/// How to make a data key.
#[derive(Debug, Clone, Default)]
pub struct Recipe {
    /// Label or id of the master key; the only one if absent.
    pub mek: Option<String>,
    /// Wrap mechanism; the best that works if absent.
    pub mechanism: Option<WrapMechanism>,
    /// When it should no longer encrypt.
    pub expires: Option<Timestamp>,
    /// Free pairs.
    pub metadata: BTreeMap<String, String>,
    /// ML-KEM pair to wrap it by as well ([`Keyring::choose_kem`]).
    pub kem: Option<ObjectId>,
}

/// Where a new data key belongs.
struct Place {
    /// An older lineage; the key begins one of its own if absent.
    lineage: Option<LineageId>,
    version: u32,
    state: State,
}

/// The first of its lineage.
const FIRST: Place = Place { lineage: None, version: 1, state: State::Active };

/// A data key, open. Erased when dropped; it cannot be printed or copied.
///
/// ```compile_fail,E0277
/// fn print<T: std::fmt::Debug>() {}
/// print::<hsm_client::keyring::Dek>();
/// ```
///
/// ```compile_fail,E0277
/// fn copy<T: Clone>() {}
/// copy::<hsm_client::keyring::Dek>();
/// ```
pub struct Dek {
    /// Its id.
    pub key_id: KeyId,
    /// Its version.
    pub version: u32,
    /// 32 bytes.
    pub key: Secret,
}

impl Keyring {
    /// The keyring of `store`, opened with `hsm`.
    pub fn new(hsm: Arc<dyn Hsm>, store: Arc<dyn Store>) -> Self {
        Self { hsm, store, kems: Vec::new(), postponed: Arc::default() }
    }

    /// The keyring with an ML-KEM pair from a file.
    #[must_use]
    pub fn with_kem(mut self, kem: FileKem) -> Self {
        self.kems.push(Arc::new(kem));
        self
    }

    /// The token.
    pub fn hsm(&self) -> &dyn Hsm {
        self.hsm.as_ref()
    }

    /// The store.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// Makes a lineage called `name` with its first data key, active.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when the name is taken, [`Kind::MekMissing`], those of the token and the store.
    pub fn create(&self, name: &str, recipe: &Recipe) -> Result<(Lineage, KeyRecord)> {
        check_name(name)?;
        if self.store.lineage(name)?.is_some() {
            return Err(Error::new(Kind::Conflict, format!("a data key \"{name}\" exists already"))
                .next("use it, or choose another name"));
        }
        let (_, record) = self.generate(recipe, &EncryptionContext::empty(), FIRST)?;
        let lineage = Lineage {
            id: record.lineage_id,
            name: name.to_owned(),
            epoch: 1,
            created: record.created,
            policy: Policy::default(),
        };
        self.store.create_lineage(&lineage, &record)?;
        Ok((lineage, record))
    }

    /// Makes a data key for the caller to keep: the open key, and its wrapped form, which is not stored here. The
    /// context is authenticated and must be given again to open it.
    ///
    /// # Errors
    /// [`Kind::MekMissing`], those of the token.
    pub fn generate_data_key(&self, recipe: &Recipe, context: &EncryptionContext) -> Result<(Dek, KeyRecord)> {
        self.generate(recipe, context, FIRST)
    }

    /// Opens a data key that [`Self::generate_data_key`] made, with the context it was made for.
    ///
    /// # Errors
    /// [`Kind::Authentication`] for another context or an altered record, those of the token.
    pub fn decrypt_data_key(&self, record: &KeyRecord, context: &EncryptionContext) -> Result<Dek> {
        self.unwrap(record, context)
    }

    /// The version of `name` that encrypts, looked at only: [`Self::for_encryption`] also counts and rotates as its policy says.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::NoActiveVersion`], [`Kind::KeyInactive`] when it expired.
    pub fn active(&self, name: &str) -> Result<KeyRecord> {
        let line = lifecycle::line_of(self.store(), name)?;
        let active = line.active().ok_or_else(|| no_active(name))?;
        if active.is_expired(Timestamp::now()) { Err(expired(name, active)) } else { Ok(active.clone()) }
    }

    /// The key an envelope names, if it may decrypt.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::VersionNotFound`] when the envelope's version is not the key's,
    /// [`Kind::VersionDestroyed`], [`Kind::KeyInactive`].
    pub fn for_decryption(&self, id: &KeyId, version: u32) -> Result<KeyRecord> {
        let record = self.store.key(id)?.ok_or_else(|| {
            Error::new(Kind::NotFound, format!("the store holds no data key {id}"))
                .why("the envelope was made with another store, or its header was altered")
                .next("name the right store: --store PATH")
        })?;
        if record.version != version {
            return Err(Error::new(Kind::VersionNotFound, format!("the data key {id} has no version {version}"))
                .why(format!("it is version {}: the envelope's header was altered", record.version)));
        }
        match record.state {
            State::Active | State::DecryptOnly => policy::may_decrypt(self.store(), &record).map(|()| record),
            State::Destroyed => Err(destroyed(id)),
            State::Pending | State::PendingDeletion => {
                Err(Error::new(Kind::KeyInactive, format!("the data key {id} may not decrypt"))
                    .why(format!("it is {}", record.state))
                    .next("see its state: hsm dek list"))
            }
        }
    }

    /// Opens a stored data key.
    ///
    /// # Errors
    /// [`Kind::Authentication`] when the row was altered, [`Kind::NotFound`] when the master key is in another token,
    /// [`Kind::VersionDestroyed`], those of the token.
    pub fn open(&self, record: &KeyRecord) -> Result<Dek> {
        self.unwrap(record, &EncryptionContext::empty())
    }

    fn generate(&self, recipe: &Recipe, context: &EncryptionContext, place: Place) -> Result<(Dek, KeyRecord)> {
        let mek = mek::choose(self.hsm(), self.store(), recipe.mek.as_deref())?;
        let key_id = KeyId::random()?;
        let mut record = KeyRecord {
            key_id,
            lineage_id: place.lineage.unwrap_or_else(|| LineageId::from_bytes(*key_id.as_bytes())),
            version: place.version,
            state: place.state,
            algorithm: ALGORITHM.to_owned(),
            created: Timestamp::now(),
            rotated: None,
            expires: recipe.expires,
            deletes: None,
            metadata: recipe.metadata.clone(),
            wrapped: None,
        };
        let row = |mechanism| columns(&record, &mek, &self.hsm.identity().serial, mechanism, context);
        let (mut wrapped, key) = negotiate::wrap_new(self.hsm(), &mek.info, recipe.mechanism, row)?;
        if let Some(kem) = &recipe.kem {
            let row = stored(&record, &wrapped, context).canonical();
            wrapped = self.layered(wrapped, kem, &row)?;
        }
        record.wrapped = Some(wrapped);
        Ok((Dek { key_id, version: record.version, key }, record))
    }

    fn unwrap(&self, record: &KeyRecord, context: &EncryptionContext) -> Result<Dek> {
        let dek = record.wrapped.as_ref().ok_or_else(|| destroyed(&record.key_id))?;
        let row = stored(record, dek, context);
        let inner = self.peeled(dek, &row.canonical()).map_err(|error| match error.kind() {
            Kind::Authentication => row.altered().why(error.to_string()),
            _ => error,
        })?;
        let key = self.hsm.unwrap(&dek.mek_id, &inner, &row.canonical()).map_err(|error| match error.kind() {
            // Some tokens call a bad tag a bad argument: whatever opened it before does not open it now.
            Kind::Authentication | Kind::MechanismRefused | Kind::Device => row.altered().why(error.to_string()),
            Kind::NotFound => self.elsewhere(&dek.token_serial, error),
            _ => error,
        })?;
        row.check(self.hsm(), &inner, &key, &dek.binding)?;
        Ok(Dek { key_id: record.key_id, version: record.version, key })
    }

    /// The error for a master key that is not in this token. The serial number alone decides nothing: a restored or
    /// mirrored token holds the same key under another one.
    fn elsewhere(&self, serial: &str, error: Error) -> Error {
        let here = &self.hsm.identity().serial;
        if serial == here {
            return error;
        }
        Error::new(Kind::NotFound, "this token does not hold the master key of that data key")
            .why(format!("it was made in the token with serial {serial}, this one is {here}"))
            .next(format!("name the right token: --token {serial}"))
    }
}

/// The row of a data key that `mek` is to wrap.
fn columns<'a>(
    record: &'a KeyRecord,
    mek: &'a Mek,
    token_serial: &'a str,
    mechanism: WrapMechanism,
    context: &'a EncryptionContext,
) -> Columns<'a> {
    row(record, context, (&mek.info.id, mek.version, token_serial), mechanism)
}

/// The row of a stored data key, as it was when it was wrapped.
fn stored<'a>(record: &'a KeyRecord, dek: &'a WrappedDek, context: &'a EncryptionContext) -> Columns<'a> {
    row(record, context, (&dek.mek_id, dek.mek_version, &dek.token_serial), dek.wrapped.mechanism)
}

fn row<'a>(
    record: &'a KeyRecord,
    context: &'a EncryptionContext,
    (mek_id, mek_version, token_serial): (&'a ObjectId, u32, &'a str),
    mechanism: WrapMechanism,
) -> Columns<'a> {
    Columns {
        key_id: record.key_id,
        lineage_id: record.lineage_id,
        version: record.version,
        created: record.created,
        algorithm: &record.algorithm,
        mek_id,
        mek_version,
        token_serial,
        mechanism,
        context,
    }
}

/// A name a person can type and a UUID cannot be mistaken for.
fn check_name(name: &str) -> Result<()> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(legal) || name.parse::<KeyId>().is_ok() {
        return Err(Error::new(Kind::Usage, format!("\"{name}\" cannot name a data key"))
            .why("a name has 1 to 64 letters, digits and . _ - / : @, and is not a UUID"));
    }
    Ok(())
}

#[cfg(test)]
mod cache_tests;
#[cfg(test)]
mod hybrid_tests;
#[cfg(test)]
mod lifecycle_tests;
#[cfg(test)]
mod load_tests;
#[cfg(test)]
mod policy_tests;
#[cfg(test)]
mod rewrap_tests;
#[cfg(test)]
mod tests;
