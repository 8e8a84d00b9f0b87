//! Data keys that are wrapped twice: by a master key and, around that, by ML-KEM-1024 (REQUIREMENTS 25).
//!
//! RSA falls to a large quantum computer; AES with 256 bits does not, as far as anybody knows. So a data key that RSA wraps is worth the
//! second wrapping, and one that AES wraps may have it for whoever wants two locks.

use std::fmt;

use super::Keyring;
use crate::error::{Error, Kind, Result};
use crate::hsm::Wrapped;
use crate::id::ObjectId;
use crate::kem::Encapsulated;
use crate::store::record::{KemLayer, KeyRecord, WrappedDek};

/// How far a data key is on its way from what a quantum computer opens to what it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migration {
    /// Wrapped by RSA alone.
    Classical,
    /// Wrapped by RSA and by ML-KEM-1024.
    Hybrid,
    /// Wrapped by AES-256, with ML-KEM-1024 around it or not.
    PostQuantum,
}

impl Migration {
    /// That of `key`; none once its wrapped form is gone.
    pub fn of(key: &KeyRecord) -> Option<Self> {
        let dek = key.wrapped.as_ref()?;
        Some(match (dek.wrapped.mechanism.is_rsa(), &dek.kem) {
            (true, None) => Self::Classical,
            (true, Some(_)) => Self::Hybrid,
            (false, _) => Self::PostQuantum,
        })
    }
}

impl fmt::Display for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Classical => "classical",
            Self::Hybrid => "hybrid",
            Self::PostQuantum => "post-quantum",
        })
    }
}

/// What is to become of the second wrapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// There if it was there.
    Keep,
    /// There, by this pair.
    By(ObjectId),
    /// Gone.
    Off,
}

impl Layer {
    /// True when `dek` is as wanted already.
    pub(super) fn fits(&self, dek: &WrappedDek) -> bool {
        match self {
            Self::Keep => true,
            Self::By(id) => dek.kem.as_ref().is_some_and(|layer| layer.kem_id == *id),
            Self::Off => dek.kem.is_none(),
        }
    }

    /// The pair that shall be around what `dek` becomes.
    pub(super) fn around(&self, dek: &WrappedDek) -> Option<ObjectId> {
        match self {
            Self::Keep => dek.kem.as_ref().map(|layer| layer.kem_id.clone()),
            Self::By(id) => Some(id.clone()),
            Self::Off => None,
        }
    }
}

impl Keyring {
    /// The ML-KEM pair called `wanted`, by label or id, or the only one: a file's, or one in the token.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::Usage`] when several could be meant, those of the token.
    pub fn choose_kem(&self, wanted: Option<&str>) -> Result<ObjectId> {
        let mut found: Vec<_> = self.kems.iter().map(|kem| (kem.id().clone(), "file".to_owned())).collect();
        found.extend(self.hsm().kems()?.into_iter().map(|info| (info.id, info.label)));
        found.retain(|(id, label)| wanted.is_none_or(|name| name == label || id.to_string() == name));
        match (found.pop(), found.len()) {
            (Some((id, _)), 0) => Ok(id),
            (Some(_), _) => {
                Err(Error::new(Kind::Usage, "several ML-KEM keys could be meant").next("name one by its id: hsm kem list"))
            }
            (None, _) => Err(Error::new(Kind::NotFound, "there is no such ML-KEM-1024 key")
                .next("make one: hsm kem create, or name its file: --kem-file")),
        }
    }

    /// `dek` with a wrapping by `kem` around it; `row` is what the inner one is tied to.
    pub(super) fn layered(&self, dek: WrappedDek, kem: &ObjectId, row: &[u8]) -> Result<WrappedDek> {
        let sealed = match self.kems.iter().find(|file| file.id() == kem) {
            Some(file) => file.seal(&dek.wrapped.ciphertext, row)?,
            None => self.hsm().kem_seal(kem, &dek.wrapped.ciphertext, row)?,
        };
        let (layer, inner) = (KemLayer { kem_id: kem.clone(), secret: sealed.secret }, dek.wrapped.ciphertext.clone());
        let made = WrappedDek { wrapped: Wrapped { ciphertext: sealed.data, ..dek.wrapped }, kem: Some(layer), ..dek };
        // What nobody can take off again must not take the place of what opens.
        match self.peeled(&made, row) {
            Ok(opened) if opened.ciphertext == inner => Ok(made),
            Err(error) if error.kind() != Kind::Authentication => Err(error),
            _ => Err(Error::new(Kind::MechanismRefused, format!("the ML-KEM key {kem} does not open what is sealed to it"))
                .why("its public half is not that of its private one: it was exchanged, or the token made the pair wrongly")
                .next("make another one: hsm kem create")),
        }
    }

    /// What the master key wrapped, without what is around it.
    pub(super) fn peeled(&self, dek: &WrappedDek, row: &[u8]) -> Result<Wrapped> {
        let Some(layer) = &dek.kem else { return Ok(dek.wrapped.clone()) };
        let sealed = Encapsulated { secret: layer.secret.clone(), data: dek.wrapped.ciphertext.clone() };
        let ciphertext = match self.kems.iter().find(|file| *file.id() == layer.kem_id) {
            Some(file) => file.open(&sealed, row)?,
            None => self.hsm().kem_open(&layer.kem_id, &sealed, row).map_err(|error| missing(&layer.kem_id, error))?,
        };
        Ok(Wrapped { ciphertext, ..dek.wrapped.clone() })
    }
}

fn missing(id: &ObjectId, error: Error) -> Error {
    match error.kind() {
        Kind::NotFound => {
            Error::new(Kind::NotFound, format!("the ML-KEM key {id} is not here, which this data key is wrapped by"))
                .why(error.to_string())
                .next("name its file: --kem-file PATH, or the token that holds it")
        }
        _ => error,
    }
}
