//! The errors of a keyring, each with its way out.

use crate::error::{Error, Kind};
use crate::id::KeyId;
use crate::store::{KeyRecord, Store};

pub(super) fn unknown(store: &dyn Store, name: &str) -> Error {
    let names: Vec<_> = store.lineages().unwrap_or_default().into_iter().map(|line| line.name).collect();
    let error = Error::new(Kind::NotFound, format!("there is no data key \"{name}\""));
    if names.is_empty() {
        return error.why("the store is empty").next(format!("make it: hsm dek create --name {name}"));
    }
    error.why(format!("there are {}", names.join(", "))).next(format!("make it: hsm dek create --name {name}"))
}

pub(super) fn no_active(name: &str) -> Error {
    Error::new(Kind::NoActiveVersion, format!("no version of the data key \"{name}\" is active"))
        .next(format!("see its versions: hsm dek list; make one active: hsm dek promote --name {name} --version N"))
}

pub(super) fn expired(name: &str, key: &KeyRecord) -> Error {
    let end = key.expires.map_or_else(String::new, |end| format!("it expired at {end}"));
    Error::new(Kind::KeyInactive, format!("the data key \"{name}\" no longer encrypts"))
        .why(end)
        .next(format!("make its next version: hsm dek rotate --name {name}; what it encrypted can still be read"))
}

pub(super) fn destroyed(id: &KeyId) -> Error {
    Error::new(Kind::VersionDestroyed, format!("the data key {id} was destroyed")).why("what it encrypted cannot be read again")
}
