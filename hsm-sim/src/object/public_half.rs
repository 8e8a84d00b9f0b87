//! The public key of a private key.

use std::sync::Arc;

use super::key::Key;
use crate::{
    crypto::{
        DhPublicKey, DsaPublicKey, EcPublicKey, EdPublicKey, MlDsaPublicKey, MlKemPublicKey, RsaPublicKey, SlhDsaPublicKey,
        XPublicKey,
    },
    error::{Result, Rv},
};

/// The public half of a pair; CKR_KEY_TYPE_INCONSISTENT for keys that are not private.
pub fn of(key: &Key) -> Result<Key> {
    Ok(match key {
        Key::RsaPrivate(key) => Key::RsaPublic(Arc::new(RsaPublicKey::new(key.public().modulus(), key.public().exponent())?)),
        Key::EcPrivate(key) => Key::EcPublic(Arc::new(EcPublicKey::new(key.public().curve(), key.public().point())?)),
        Key::EdPrivate(key) => Key::EdPublic(Arc::new(EdPublicKey::new(key.public().bytes())?)),
        Key::XPrivate(key) => Key::XPublic(Arc::new(XPublicKey::new(key.public().bytes())?)),
        Key::DsaPrivate(key) => {
            Key::DsaPublic(Arc::new(DsaPublicKey::new(Arc::clone(key.public().group()), key.public().value())?))
        }
        Key::DhPrivate(key) => Key::DhPublic(Arc::new(DhPublicKey::new(Arc::clone(key.public().group()), key.public().value())?)),
        Key::MlKemPrivate(key) => Key::MlKemPublic(Arc::new(MlKemPublicKey::new(key.public().set(), key.public().value())?)),
        Key::MlDsaPrivate(key) => Key::MlDsaPublic(Arc::new(MlDsaPublicKey::new(key.public().set(), key.public().value())?)),
        Key::SlhDsaPrivate(key) => Key::SlhDsaPublic(Arc::new(SlhDsaPublicKey::new(key.public().set(), key.public().value())?)),
        _ => return Rv::KeyTypeInconsistent.err("only a private key has a public half"),
    })
}
