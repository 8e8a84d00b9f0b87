//! The key of the log: it seals lines, and marks where they begin and end ([`super::mark`]).
//!
//! It is random and outlives a token that is made anew, as the log does: the record [`RECORD`] holds it under the key both roles have.
//!
//! A line's bytes: 1, nonce (12), ciphertext, tag (16) for what is sealed, each under a key of its own; 2, JSON for what is in clear.

use std::sync::OnceLock;

use zeroize::Zeroizing;

use crate::{
    crypto::{AesKey, hkdf_sha256},
    error::{Result, Rv},
    rng,
    secret::Secret,
    store::{Last, Line},
};

/// The record of the wrapped key.
pub const RECORD: &str = "audit-key";

const SEALED: u8 = 1;
const CLEAR: u8 = 2;
const KEY: usize = 32;
const NONCE: usize = 12;
const TAG: usize = 16;

/// The key.
pub struct AuditKey {
    pub(super) key: Secret,
    /// The line before the first of this key, where a reader found it among those of a key that was lost.
    pub(super) begun: OnceLock<Last>,
}

hsm_shares::concealed!(AuditKey);

impl AuditKey {
    fn of(key: Secret) -> Self {
        Self { key, begun: OnceLock::new() }
    }

    /// A new one.
    pub fn random() -> Result<Self> {
        Ok(Self::of(rng::secret(KEY)?))
    }

    /// The record's bytes, under the key both roles have.
    pub fn wrap(&self, shared: &[u8], serial: &str) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE] = rng::public()?;
        let mut sealed = vec![0; KEY + TAG];
        wrapping(shared)?.gcm_seal(&nonce, &bound(b"key", serial, None), TAG, self.key.expose(), &mut sealed)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// The key in the record.
    pub fn unwrap(shared: &[u8], serial: &str, record: &[u8]) -> Result<Self> {
        let Some((nonce, sealed)) = record.split_at_checked(NONCE).filter(|(_, sealed)| sealed.len() == KEY + TAG) else {
            return damaged();
        };
        let (wrapping, aad) = (wrapping(shared)?, bound(b"key", serial, None));
        let opened = Secret::filled(KEY, |key| wrapping.gcm_open(nonce, &aad, TAG, sealed, key).map(|_| ()));
        opened.map(Self::of).or_else(|_| damaged())
    }

    /// The bytes of a line that says this.
    pub fn seal(&self, serial: &str, at: Last, json: &[u8]) -> Result<Vec<u8>> {
        let mut bytes = vec![0; 1 + NONCE + json.len() + TAG];
        let nonce: [u8; NONCE] = rng::public()?;
        bytes[0] = SEALED;
        bytes[1..1 + NONCE].copy_from_slice(&nonce);
        self.line_key(at.number)?.gcm_seal(&nonce, &bound(b"line", serial, Some(at)), TAG, json, &mut bytes[1 + NONCE..])?;
        Ok(bytes)
    }

    /// What a line says, and whether it was sealed.
    pub fn open(&self, serial: &str, line: &Line) -> Result<(Vec<u8>, bool)> {
        let at = Last { number: line.number, hash: line.hash };
        let (kind, body) = line.bytes.split_first().ok_or_else(|| edited(line.number))?;
        match *kind {
            CLEAR => Ok((body.to_vec(), false)),
            SEALED => {
                let (nonce, sealed) = body.split_at_checked(NONCE).ok_or_else(|| edited(line.number))?;
                let mut json = vec![0; sealed.len().checked_sub(TAG).ok_or_else(|| edited(line.number))?];
                let aad = bound(b"line", serial, Some(at));
                self.line_key(line.number)?.gcm_open(nonce, &aad, TAG, sealed, &mut json).map_err(|_| edited(line.number))?;
                Ok((json, true))
            }
            _ => Err(edited(line.number)),
        }
    }

    fn line_key(&self, number: u64) -> Result<AesKey> {
        let mut key = Zeroizing::new([0; KEY]);
        hkdf_sha256(self.key.expose(), &[], &[b"line", &number.to_be_bytes()], &mut key[..])?;
        Ok(AesKey::new(&key[..])?)
    }
}

/// The bytes of a line in clear.
pub fn in_clear(json: &[u8]) -> Vec<u8> {
    [&[CLEAR], json].concat()
}

/// CKR_DEVICE_ERROR, naming the line.
pub fn edited(number: u64) -> crate::error::Error {
    Rv::DeviceError.because(format!("the audit log is broken at entry {number}: the token file was edited"))
}

fn damaged<T>() -> Result<T> {
    Rv::DeviceError.err("the key of the audit log fails authentication: the token file was edited")
}

fn wrapping(shared: &[u8]) -> Result<AesKey> {
    let mut key = Zeroizing::new([0; KEY]);
    hkdf_sha256(shared, &[], &[b"hsm-sim audit key v1"], &mut key[..])?;
    Ok(AesKey::new(&key[..])?)
}

/// What bytes are bound to: what they are, the token, and the line they stand for.
pub(super) fn bound(what: &[u8], serial: &str, at: Option<Last>) -> Vec<u8> {
    let place = at.map(|at| [&at.number.to_be_bytes()[..], &at.hash].concat()).unwrap_or_default();
    [b"hsm-sim audit ", what, b" v1\0", serial.as_bytes(), b"\0", &place].concat()
}
