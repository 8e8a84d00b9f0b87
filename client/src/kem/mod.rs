//! A second wrapping around a wrapped data key, by ML-KEM-1024 (FIPS 203): whoever would open it must break both. The format is
//! `client/FORMAT.md`, section 11.
//!
//! The pair is in the token where that has the mechanism ([`crate::hsm::Hsm::kem_seal`]); else in a file, as a [`FileKem`].

mod file;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use sha2::{Digest, Sha256};

use crate::error::{Error, Kind, Result};
use crate::id::ObjectId;

pub use file::FileKem;

/// Bytes of an encapsulated secret (FIPS 203 table 3).
pub const ENCAPSULATED_LEN: usize = 1568;

/// Data that is sealed to a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encapsulated {
    /// The secret, encapsulated: 1,568 bytes.
    pub secret: Vec<u8>,
    /// The data as sealed with it, AES-256-GCM: 16 bytes longer than it was.
    pub data: Vec<u8>,
}

/// An ML-KEM-1024 pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KemInfo {
    /// The first 16 bytes of SHA-256 over the public half; CKA_ID in a token.
    pub id: ObjectId,
    /// CKA_LABEL.
    pub label: String,
}

/// The name of a pair with this public half.
pub(crate) fn id_of(public: &[u8]) -> Result<ObjectId> {
    ObjectId::from_bytes(&Sha256::digest(public)[..16])
}

/// The nonce: each secret seals one thing.
pub(crate) const NONCE: [u8; 12] = [0; 12];

/// What is authenticated with the data.
pub(crate) fn authenticated(aad: &[u8]) -> Vec<u8> {
    [b"hsm kem v1\0", aad].concat()
}

/// Seals `data` with a secret of 32 bytes that nothing else was or will be sealed with.
fn seal_with(secret: &[u8], data: &[u8], aad: &[u8]) -> Result<Vec<u8>> {
    cipher(secret)?
        .encrypt(&Nonce::from(NONCE), Payload { msg: data, aad: &authenticated(aad) })
        .map_err(|_| Error::new(Kind::Usage, "the data is too long to be sealed"))
}

fn open_with(secret: &[u8], sealed: &[u8], aad: &[u8]) -> Result<Vec<u8>> {
    cipher(secret)?
        .decrypt(&Nonce::from(NONCE), Payload { msg: sealed, aad: &authenticated(aad) })
        .map_err(|_| Error::authentication("what was sealed to the ML-KEM key does not open"))
}

fn cipher(secret: &[u8]) -> Result<Aes256Gcm> {
    Aes256Gcm::new_from_slice(secret).map_err(|_| Error::new(Kind::Malformed, "the shared secret has not 32 bytes"))
}
