//! The token's header: what is known of it before anybody logs in.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Result, Rv},
    store::{Guard, TokenStore},
};

/// Name of the record.
pub const NAME: &str = "header";

/// The header, kept as JSON. Every role's wrapped keys are bound to its exact bytes, so an edited header opens nothing.
#[derive(Serialize, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of the token format.
    pub format: u32,
    /// 16 hexadecimal digits.
    pub serial: String,
    /// Random, new with every initialisation.
    pub made: String,
    /// 32 bytes, blank-padded, in hexadecimal.
    pub label: String,
    /// Wrong PINs in a row before a role is locked.
    pub max_pin_failures: u8,
    /// The SO may set a new user PIN with keys kept.
    pub so_can_reset_user_pin: bool,
}

/// The format this build reads and writes.
pub const FORMAT: u32 = 1;

/// A header with its record's bytes and revision.
pub struct Stored {
    pub header: Header,
    pub bytes: Vec<u8>,
    /// Moves when the token is initialised anew or its user gets another key: writers name it.
    pub revision: u64,
}

impl Stored {
    /// What every write of objects depends on.
    pub fn guard(&self) -> Guard<'static> {
        Guard { name: NAME, revision: self.revision }
    }
}

impl Header {
    /// The header in a record's bytes.
    pub fn parse(record: &[u8]) -> Result<Self> {
        let header: Self =
            serde_json::from_slice(record).map_err(|e| Rv::TokenNotRecognized.because(format!("the header is damaged: {e}")))?;
        if header.format != FORMAT {
            return Rv::TokenNotRecognized.err(format!("token format {} is not {FORMAT}", header.format));
        }
        Ok(header)
    }

    /// The record's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|_| Rv::FunctionFailed.because("the header has no JSON form"))
    }

    /// The label's 32 bytes.
    pub fn label(&self) -> [u8; 32] {
        let mut label = [b' '; 32];
        if let Some(bytes) = super::hex::decode(&self.label).filter(|bytes| bytes.len() == label.len()) {
            label.copy_from_slice(&bytes);
        }
        label
    }
}

/// Reads the header; `None` while a token is only being made.
pub fn read(store: &dyn TokenStore) -> Result<Option<Stored>> {
    let Some(record) = store.record(NAME)? else { return Ok(None) };
    let header = Header::parse(&record.bytes)?;
    Ok(Some(Stored { header, bytes: record.bytes, revision: record.revision }))
}

/// Serial number and label of a header that nobody has checked.
pub fn described(bytes: &[u8]) -> Result<(String, String)> {
    let header = Header::parse(bytes)?;
    if header.serial.len() != 16 || !header.serial.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Rv::TokenNotRecognized.err("the header holds no serial number");
    }
    let label = String::from_utf8_lossy(&header.label()).trim_end().to_owned();
    Ok((header.serial, label))
}
