//! Master keys: made on request only, chosen by label or id, given a version.

pub mod life;

use std::collections::BTreeSet;

use crate::error::{Error, Kind, Result};
use crate::hsm::{Hsm, MekInfo, MekKind, TokenIdentity};
use crate::id::ObjectId;
use crate::store::{MekRecord, State, Store};
use crate::time::Timestamp;

/// A master key and the version the store knows it by.
#[derive(Debug, Clone)]
pub struct Mek {
    /// As the token describes it.
    pub info: MekInfo,
    /// As the store counts it.
    pub version: u32,
}

/// Makes a master key called `label` in the token, and records it.
///
/// # Errors
/// [`Kind::Conflict`] when the token has a master key of that label; those of the token and the store.
pub fn create(hsm: &dyn Hsm, store: &dyn Store, label: &str, kind: MekKind) -> Result<Mek> {
    if label.is_empty() || label.trim() != label || label.chars().any(char::is_control) {
        return Err(Error::new(Kind::Usage, format!("\"{label}\" cannot be the label of a master key")));
    }
    if let Some(same) = hsm.meks()?.into_iter().find(|mek| mek.label == label) {
        return Err(Error::new(Kind::Conflict, format!("a master key \"{label}\" exists already"))
            .why(format!("the token {} holds it as {}", hsm.identity().label, same.id))
            .next("use it, or choose another label"));
    }
    let id = ObjectId::random()?;
    hsm.create_mek(&id, label, kind)?;
    let info = hsm.meks()?.into_iter().find(|mek| mek.id == id).ok_or_else(|| {
        Error::new(Kind::Device, "the token made a master key and does not list it")
            .why("it may have ignored the usage flags it was given")
    })?;
    record(hsm.identity(), store, info)
}

/// Makes the next version of the master key called `label`, of the same kind. It wraps from now on; what the one before wrapped stays
/// so until it is moved ([`super::rewrap`]).
///
/// # Errors
/// [`Kind::MekMissing`], [`Kind::NotFound`] when there is none of that label; those of the token and the store.
pub fn rotate(hsm: &dyn Hsm, store: &dyn Store, label: &str) -> Result<Mek> {
    let current = choose(hsm, store, Some(label))?;
    let id = ObjectId::random()?;
    hsm.create_mek(&id, &current.info.label, current.info.kind)?;
    adopt(hsm, store, &id)
}

/// The master key to wrap with: the one called `wanted` (label or id), else the only one.
///
/// # Errors
/// [`Kind::MekMissing`] when the token holds none, [`Kind::NotFound`] for a wrong name, [`Kind::Usage`] when several
/// could be meant.
pub fn choose(hsm: &dyn Hsm, store: &dyn Store, wanted: Option<&str>) -> Result<Mek> {
    let all = hsm.meks()?;
    if all.is_empty() {
        return Err(missing(hsm.identity()));
    }
    let names: Vec<_> = all.iter().map(|mek| format!("\"{}\" ({})", mek.label, mek.id)).collect();
    let fits = |mek: &MekInfo| wanted.is_none_or(|name| mek.label == name || mek.id.to_string() == name);
    let mut found = Candidates::among(hsm.identity(), &store.meks()?, all.into_iter().filter(fits));
    // A key the store does not know must not push one it knows aside, whatever it is called.
    if found.known.is_empty() {
        for info in std::mem::take(&mut found.strange) {
            vouched(&store.meks()?, &info)?;
            found.known.push(record(hsm.identity(), store, info)?);
        }
    }
    found.newest(wanted, &names.join(", "))
}

/// The master keys of a token that could be meant.
#[derive(Default)]
struct Candidates {
    known: Vec<Mek>,
    /// Those that the store has never used.
    strange: Vec<MekInfo>,
    /// Labels of those that are to be deleted.
    ending: Vec<String>,
}

impl Candidates {
    fn among(token: &TokenIdentity, known: &[MekRecord], all: impl Iterator<Item = MekInfo>) -> Self {
        let mut found = Self::default();
        for info in all {
            let row = known.iter().find(|mek| is(mek, token, &info));
            match row.map(|mek| (mek.state(), mek.version)) {
                Some((State::Active, version)) => found.known.push(Mek { info, version }),
                Some(_) => found.ending.push(info.label),
                None => found.strange.push(info),
            }
        }
        found
    }

    /// The newest version, if one label is meant: versions of one label follow each other.
    fn newest(mut self, wanted: Option<&str>, names: &str) -> Result<Mek> {
        self.known.sort_by_key(|mek| mek.version);
        let labels = self.known.iter().map(|mek| &mek.info.label);
        // Another key is not taken for the one that is going.
        let labels: BTreeSet<_> = labels.chain(self.ending.iter().filter(|_| wanted.is_none())).collect();
        match (self.known.last(), labels.len()) {
            (Some(newest), 1) => Ok(newest.clone()),
            (Some(_), _) => {
                Err(Error::new(Kind::Usage, "the token holds several master keys").why(names).next("choose one: --mek LABEL"))
            }
            (None, _) if !self.ending.is_empty() => {
                let labels = self.ending.join("\", \"");
                Err(Error::new(Kind::KeyInactive, format!("the master key \"{labels}\" is scheduled for deletion"))
                    .why("nothing new is wrapped by it")
                    .next("take that back: hsm mek cancel-deletion; or make another one: hsm mek create --label NAME"))
            }
            (None, _) => Err(Error::new(Kind::NotFound, format!("no master key is called \"{}\"", wanted.unwrap_or_default()))
                .why(format!("the token holds {names}"))
                .next("see them: hsm mek list")),
        }
    }
}

/// Records a master key that a ceremony brought into the token, so that it may wrap: the token cannot vouch for a key that was
/// made elsewhere, but those who held the ceremony do. One that was destroyed, or was to be, is good again.
///
/// # Errors
/// [`Kind::NotFound`] when the token does not list it; those of the store.
pub fn adopt(hsm: &dyn Hsm, store: &dyn Store, id: &ObjectId) -> Result<Mek> {
    let info = hsm.meks()?.into_iter().find(|mek| mek.id == *id).ok_or_else(|| {
        Error::new(Kind::NotFound, format!("the token holds no master key {id}")).next("see what it holds: hsm mek list")
    })?;
    let here = |mek: &MekRecord| is(mek, hsm.identity(), &info) && mek.state() != State::Active;
    if let Some(old) = store.meks()?.into_iter().find(here) {
        store.change_mek(&old, &MekRecord { deletes: None, destroyed: None, ..old.clone() })?;
    }
    record(hsm.identity(), store, info)
}

/// Refuses a master key nobody vouches for: whoever could write to the token could have planted it, and would know its value.
fn vouched(known: &[MekRecord], info: &MekInfo) -> Result<()> {
    if info.is_sound() || known.iter().any(|mek| mek.mek_id == info.id) {
        return Ok(());
    }
    Err(Error::new(Kind::Authentication, format!("the master key \"{}\" ({}) could be known to others", info.label, info.id))
        .why("the token does not say that it was made inside and could never leave, and this store has never used it")
        .next("make one that is: hsm mek create --label NAME"))
}

/// The error for a token without any master key. A master key is never made as a side effect.
pub fn missing(token: &TokenIdentity) -> Error {
    Error::new(Kind::MekMissing, format!("the token \"{}\" holds no master encryption key (MEK)", token.label))
        .why("the MEK wraps every data key: without it nothing can be encrypted or decrypted, and losing it loses the data, so it is only made when you ask for it")
        .next("make one: hsm mek create --label main")
}

/// The version of `info`, recording a master key the store has not seen. One that it knows from another token was restored, and
/// keeps its version, so that versions of one label keep their order; any other is the next version of its label.
fn record(token: &TokenIdentity, store: &dyn Store, info: MekInfo) -> Result<Mek> {
    let known = store.meks()?;
    if let Some(version) = recorded(&known, token, &info) {
        return Ok(Mek { info, version });
    }
    let of_label = |mek: &&MekRecord| mek.label == info.label && mek.token_serial == token.serial;
    let taken: Vec<_> = known.iter().filter(of_label).map(|mek| mek.version).collect();
    let before = known.iter().find(|mek| mek.mek_id == info.id && mek.label == info.label).map(|mek| mek.version);
    let next = taken.iter().max().unwrap_or(&0) + 1;
    let version = before.filter(|version| !taken.contains(version)).unwrap_or(next);
    let added = store.add_mek(&MekRecord {
        mek_id: info.id.clone(),
        label: info.label.clone(),
        version,
        token_serial: token.serial.clone(),
        algorithm: algorithm(info.kind),
        created: Timestamp::now(),
        deletes: None,
        destroyed: None,
    });
    match added {
        Ok(()) => Ok(Mek { info, version }),
        // Another process recorded it in between: its word counts.
        Err(error) if error.kind() == Kind::Conflict => match recorded(&store.meks()?, token, &info) {
            Some(version) => Ok(Mek { info, version }),
            None => Err(error),
        },
        Err(error) => Err(error),
    }
}

fn recorded(known: &[MekRecord], token: &TokenIdentity, info: &MekInfo) -> Option<u32> {
    known.iter().find(|mek| is(mek, token, info)).map(|mek| mek.version)
}

fn is(mek: &MekRecord, token: &TokenIdentity, info: &MekInfo) -> bool {
    mek.mek_id == info.id && mek.token_serial == token.serial
}

/// The name of a master key's algorithm.
pub fn algorithm(kind: MekKind) -> String {
    match kind {
        MekKind::Aes256 => "AES-256".to_owned(),
        MekKind::Rsa(bits) => format!("RSA-{bits}"),
    }
}
