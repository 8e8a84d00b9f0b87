//! Lines that records name, so that neither end of the log is cut off unnoticed.
//!
//! A mark's bytes: number (8, big endian), hash (32), HMAC-SHA-256 over both.

use subtle::ConstantTimeEq;

use super::key::{AuditKey, bound};
use crate::{
    crypto::{Hash, HmacKey},
    error::{Result, Rv},
    store::Last,
};

const MAC: usize = 32;

/// A line that a record names, authenticated.
#[derive(Clone, Copy)]
pub enum Mark {
    /// The last line that was sealed.
    Head,
    /// The last of those that were taken out.
    Begin,
}

impl Mark {
    fn name(self) -> &'static str {
        match self {
            Mark::Head => "head",
            Mark::Begin => "beginning",
        }
    }

    fn is_edited<T>(self) -> Result<T> {
        Rv::DeviceError.err(format!("the {} of the audit log fails authentication: the token file was edited", self.name()))
    }
}

/// Where bytes say that the log has a mark, and their tag, which without a key nobody can check.
pub fn claimed(bytes: &[u8]) -> Option<(Last, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<8>()?;
    let (hash, tag) = rest.split_first_chunk::<32>()?;
    Some((Last { number: u64::from_be_bytes(*number), hash: *hash }, tag))
}

impl AuditKey {
    /// The bytes that say where the log has this mark.
    pub fn mark(&self, mark: Mark, serial: &str, at: Last) -> Vec<u8> {
        [&at.number.to_be_bytes()[..], &at.hash, &self.mac(mark, serial, at)].concat()
    }

    /// Where the log has this mark, by its bytes.
    pub fn marked(&self, mark: Mark, serial: &str, bytes: &[u8]) -> Result<Last> {
        let Some((at, tag)) = claimed(bytes) else { return mark.is_edited() };
        if bool::from(self.mac(mark, serial, at)[..].ct_eq(tag)) { Ok(at) } else { mark.is_edited() }
    }

    fn mac(&self, mark: Mark, serial: &str, at: Last) -> [u8; MAC] {
        let mut tag = [0; MAC];
        let mut mac = HmacKey::new(Hash::Sha256, self.key.expose()).start();
        mac.update(&bound(mark.name().as_bytes(), serial, Some(at)));
        mac.finish(&mut tag);
        tag
    }
}
