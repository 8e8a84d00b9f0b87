//! The bytes of a prelude, a data key that is kept wrapped beside what it encrypts: `client/FORMAT.md` section 8. Knows no
//! cryptography.

use std::fmt;
use std::ops::RangeInclusive;

use super::columns::Columns;
use crate::id::{KeyId, LineageId, ObjectId};
use crate::keyring::ALGORITHM;
use crate::store::record::{KeyRecord, State, WrappedDek};
use crate::time::Timestamp;
use crate::wrap::{WrapMechanism, Wrapped};

/// First bytes of every prelude.
pub const MAGIC: [u8; 4] = *b"\x89HSK";

/// The version of this layout.
pub const VERSION: u8 = 1;

/// Bytes before the columns: magic, version, a reserved byte, and the length of the columns.
pub const START_LEN: usize = 8;

/// A data key's record, as far as its wrapping vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prelude {
    key_id: KeyId,
    lineage_id: LineageId,
    version: u32,
    created: Timestamp,
    dek: WrappedDek,
}

/// Why bytes are no prelude.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreludeError {
    /// It ends too early.
    TooShort,
    /// It goes on after its last column.
    TooLong,
    /// Another kind of file.
    Magic,
    /// A later version.
    Version(u8),
    /// The reserved byte is not zero, or a version is.
    Reserved,
    /// This column has a length or a content that none can have.
    Column(&'static str),
}

impl fmt::Display for PreludeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => write!(f, "it ends too early"),
            Self::TooLong => write!(f, "it is longer than its columns"),
            Self::Magic => write!(f, "it does not start as a wrapped key does"),
            Self::Version(found) => write!(f, "it is of version {found}, this command reads version {VERSION}"),
            Self::Reserved => write!(f, "a field that must be zero is not, or a version is zero"),
            Self::Column(name) => write!(f, "no {name} is like this one"),
        }
    }
}

impl Prelude {
    /// The prelude of `record`. Its state, metadata and later times are not taken along: nothing vouches for them.
    ///
    /// # Errors
    /// [`PreludeError::Column`] when a column is longer than a prelude has room for, or the key was destroyed.
    pub fn of(record: &KeyRecord) -> Result<Self, PreludeError> {
        let dek = record.wrapped.clone().ok_or(PreludeError::Column(WRAPPED))?;
        let KeyRecord { key_id, lineage_id, version, created, .. } = *record;
        let prelude = Self { key_id, lineage_id, version, created, dek };
        // What is written must be read again; a reader knows one algorithm.
        match Self::parse(&prelude.to_bytes())? == prelude && record.algorithm == ALGORITHM {
            true => Ok(prelude),
            false => Err(PreludeError::Column(ALGORITHM_NAME)),
        }
    }

    /// Reads a prelude; `bytes` hold nothing else.
    ///
    /// # Errors
    /// [`PreludeError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, PreludeError> {
        let (start, columns) = bytes.split_first_chunk().ok_or(PreludeError::TooShort)?;
        match columns.len().cmp(&columns_len(start)?) {
            std::cmp::Ordering::Less => Err(PreludeError::TooShort),
            std::cmp::Ordering::Equal => Self::of_columns(Columns(columns)),
            std::cmp::Ordering::Greater => Err(PreludeError::TooLong),
        }
    }

    fn of_columns(mut columns: Columns<'_>) -> Result<Self, PreludeError> {
        let key_id = KeyId::from_bytes(columns.array()?);
        let lineage_id = LineageId::from_bytes(columns.array()?);
        let version = u32::from_be_bytes(columns.array()?);
        let created = Timestamp(i64::from_be_bytes(columns.array()?));
        let mek_version = u32::from_be_bytes(columns.array()?);
        if columns.text(ALGORITHM_NAME, 1..=32)? != ALGORITHM {
            return Err(PreludeError::Column(ALGORITHM_NAME));
        }
        let id = columns.bytes("master key id", 1..=255)?;
        let mek_id = ObjectId::from_bytes(id).map_err(|_| PreludeError::Column("master key id"))?;
        let token_serial = columns.text("token serial", 0..=64)?.to_owned();
        let mechanism = mechanism(columns.text("wrap mechanism", 1..=32)?)?;
        let shape = Shape::of(mechanism);
        let nonce = columns.bytes("nonce", shape.nonce)?.to_vec();
        let ciphertext = columns.bytes(WRAPPED, shape.wrapped)?.to_vec();
        let binding = columns.bytes("binding", shape.binding)?.to_vec();
        columns.end()?;
        if version == 0 || mek_version == 0 {
            return Err(PreludeError::Reserved);
        }
        let wrapped = Wrapped { mechanism, nonce, ciphertext };
        Ok(Self {
            key_id,
            lineage_id,
            version,
            created,
            dek: WrappedDek { mek_id, mek_version, token_serial, wrapped, binding, kem: None },
        })
    }

    /// Writes the prelude.
    pub fn to_bytes(&self) -> Vec<u8> {
        let WrappedDek { mek_id, mek_version, token_serial, wrapped, binding, kem: _ } = &self.dek;
        let mut columns = [*self.key_id.as_bytes(), *self.lineage_id.as_bytes()].concat();
        columns.extend(self.version.to_be_bytes());
        columns.extend(self.created.0.to_be_bytes());
        columns.extend(mek_version.to_be_bytes());
        let mechanism = wrapped.mechanism.name().as_bytes();
        let (id, serial) = (mek_id.as_bytes(), token_serial.as_bytes());
        for column in [ALGORITHM.as_bytes(), id, serial, mechanism, &wrapped.nonce, &wrapped.ciphertext, binding] {
            columns.extend(short(column.len()));
            columns.extend(column);
        }
        [&MAGIC[..], &[VERSION, 0], &short(columns.len()), &columns].concat()
    }

    /// As a keyring opens it.
    pub fn record(&self) -> KeyRecord {
        KeyRecord {
            key_id: self.key_id,
            lineage_id: self.lineage_id,
            version: self.version,
            state: State::Active,
            algorithm: ALGORITHM.to_owned(),
            created: self.created,
            rotated: None,
            expires: None,
            deletes: None,
            metadata: Default::default(),
            wrapped: Some(self.dek.clone()),
        }
    }

    /// The data key's id.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The data key's version, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// When the data key was made.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// The wrapped data key, and which master key opens it.
    pub fn wrapped(&self) -> &WrappedDek {
        &self.dek
    }
}

/// Bytes of the columns that follow these first bytes of a prelude.
///
/// # Errors
/// [`PreludeError::Magic`], [`PreludeError::Version`], [`PreludeError::Reserved`].
pub fn columns_len(start: &[u8; START_LEN]) -> Result<usize, PreludeError> {
    match *start {
        [a, b, c, d, ..] if [a, b, c, d] != MAGIC => Err(PreludeError::Magic),
        [.., VERSION, 0, high, low] => Ok(usize::from(u16::from_be_bytes([high, low]))),
        [.., VERSION, _, _, _] => Err(PreludeError::Reserved),
        [.., version, _, _, _] => Err(PreludeError::Version(version)),
    }
}

/// A name in another case would be another prelude of the same key.
fn mechanism(name: &str) -> Result<WrapMechanism, PreludeError> {
    WrapMechanism::all().find(|mechanism| mechanism.name() == name).ok_or(PreludeError::Column("wrap mechanism"))
}

/// Lengths in bytes of what a mechanism yields, so that nothing is in a prelude that no one reads.
struct Shape {
    nonce: RangeInclusive<usize>,
    wrapped: RangeInclusive<usize>,
    binding: RangeInclusive<usize>,
}

impl Shape {
    fn of(mechanism: WrapMechanism) -> Self {
        let wrapped = mechanism.wrapped_len().map_or(RSA, |len| len..=len);
        match (mechanism.carries_aad(), mechanism.is_rsa()) {
            (true, _) => Self { nonce: 12..=12, wrapped, binding: 0..=0 },
            (_, true) => Self { nonce: 0..=0, wrapped, binding: RSA },
            _ => Self { nonce: 0..=0, wrapped, binding: 32..=32 },
        }
    }
}

/// Two bytes, big-endian. What is too long is found when it is read again.
fn short(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap_or(u16::MAX).to_be_bytes()
}

/// Bytes of an RSA modulus: 2,048 to 16,384 bits.
const RSA: RangeInclusive<usize> = 256..=2048;

const ALGORITHM_NAME: &str = "algorithm";
const WRAPPED: &str = "wrapped key";
