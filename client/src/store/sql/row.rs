//! Values in and out of a database, and rows as records.

use std::str::FromStr;

use crate::error::{Error, Kind, Result};
use crate::id::{KeyId, LineageId, ObjectId};
use crate::store::journal::{Entry, Note};
use crate::store::record::{KemLayer, WrappedDek};
use crate::store::signing::Times;
use crate::store::{KeyRecord, Lineage, MekRecord, SigningKeyRecord};
use crate::time::Timestamp;
use crate::wrap::Wrapped;

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A number of 64 bits.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// One row, read from its first column to its last.
pub struct Row(std::vec::IntoIter<Value>);

impl Row {
    /// The row of these columns.
    pub(in crate::store) fn new(columns: Vec<Value>) -> Self {
        Self(columns.into_iter())
    }

    pub(super) fn take<T: TryFrom<Value, Error = Error>>(&mut self) -> Result<T> {
        self.0.next().unwrap_or(Value::Null).try_into()
    }

    /// The next column, none for NULL.
    fn maybe<T: TryFrom<Value, Error = Error>>(&mut self) -> Result<Option<T>> {
        match self.0.next() {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.try_into().map(Some),
        }
    }

    fn parsed<T: FromStr<Err = Error>>(&mut self) -> Result<T> {
        self.take::<String>()?.parse().map_err(|error: Error| foreign(&error.to_string()))
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take::<Vec<u8>>()?.try_into().map_err(|_| foreign("a column has another length"))
    }

    pub(super) fn number<T: TryFrom<i64>>(&mut self) -> Result<T> {
        T::try_from(self.take::<i64>()?).map_err(|_| foreign("a number is out of range"))
    }

    fn time(&mut self) -> Result<Timestamp> {
        self.take().map(Timestamp)
    }

    fn maybe_time(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.maybe()?.map(Timestamp))
    }

    fn object_id(&mut self) -> Result<ObjectId> {
        ObjectId::from_bytes(&self.take::<Vec<u8>>()?)
    }
}

pub(super) fn lineage(mut row: Row) -> Result<Lineage> {
    Ok(Lineage {
        id: LineageId::from_bytes(row.bytes()?),
        name: row.take()?,
        epoch: row.number()?,
        created: row.time()?,
        policy: json(&row.take::<String>()?)?,
    })
}

pub(super) fn key(mut row: Row) -> Result<KeyRecord> {
    Ok(KeyRecord {
        key_id: KeyId::from_bytes(row.bytes()?),
        lineage_id: LineageId::from_bytes(row.bytes()?),
        version: row.number()?,
        state: row.parsed()?,
        algorithm: row.take()?,
        created: row.time()?,
        rotated: row.maybe_time()?,
        expires: row.maybe_time()?,
        deletes: row.maybe_time()?,
        metadata: json(&row.take::<String>()?)?,
        wrapped: row.maybe::<Vec<u8>>()?.map(|ciphertext| dek(row, ciphertext)).transpose()?,
    })
}

fn dek(mut row: Row, ciphertext: Vec<u8>) -> Result<WrappedDek> {
    Ok(WrappedDek {
        mek_id: row.object_id()?,
        mek_version: row.number()?,
        token_serial: row.take()?,
        wrapped: Wrapped { mechanism: row.parsed()?, nonce: row.take()?, ciphertext },
        binding: row.take()?,
        kem: row.maybe::<Vec<u8>>()?.map(|id| kem(&mut row, &id)).transpose()?,
    })
}

fn kem(row: &mut Row, id: &[u8]) -> Result<KemLayer> {
    Ok(KemLayer { kem_id: ObjectId::from_bytes(id)?, secret: row.take()? })
}

pub(super) fn mek(mut row: Row) -> Result<MekRecord> {
    Ok(MekRecord {
        mek_id: row.object_id()?,
        label: row.take()?,
        version: row.number()?,
        token_serial: row.take()?,
        algorithm: row.take()?,
        created: row.time()?,
        deletes: row.maybe_time()?,
        destroyed: row.maybe_time()?,
    })
}

pub(super) fn signing_key(mut row: Row) -> Result<SigningKeyRecord> {
    Ok(SigningKeyRecord {
        kid: row.take()?,
        object_id: row.object_id()?,
        label: row.take()?,
        token_serial: row.take()?,
        scheme: row.parsed()?,
        created: row.time()?,
        times: Times {
            publish_at: row.time()?,
            sign_from: row.time()?,
            retire_at: row.maybe_time()?,
            remove_at: row.maybe_time()?,
            token_life: row.maybe()?,
        },
    })
}

pub(super) fn entry(mut row: Row) -> Result<Entry> {
    Ok(Entry {
        seq: row.number()?,
        time: row.time()?,
        actor: row.take()?,
        note: Note { action: row.take()?, name: row.take()?, id: row.take()?, state: row.take()?, detail: row.take()? },
        hash: row.bytes()?,
    })
}

pub(super) fn hash(row: &mut Row) -> Result<[u8; 32]> {
    row.bytes()
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| foreign(&error.to_string()))
}

/// A column that holds what we never wrote.
fn foreign(why: &str) -> Error {
    Error::new(Kind::Store, "the key store holds a row that cannot be read").why(why).next("restore the key store from a backup")
}

macro_rules! converts {
    ($($kind:ident: $type:ty;)*) => {$(
        impl TryFrom<Value> for $type {
            type Error = Error;

            fn try_from(value: Value) -> Result<Self> {
                match value {
                    Value::$kind(inner) => Ok(inner),
                    _ => Err(foreign("a column is of another type")),
                }
            }
        }

        impl From<$type> for Value {
            fn from(inner: $type) -> Self {
                Self::$kind(inner)
            }
        }
    )*};
}

converts! {
    Int: i64;
    Text: String;
    Blob: Vec<u8>;
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Int(time.0)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
