//! HKDF over any hash, its two steps apart (RFC 5869).

use super::Prf;
use crate::{
    crypto::{Error, Hash, Result},
    secret::Secret,
};

/// HKDF-Extract (§2.2): a pseudo random key of the hash's length. No salt and one of zeros, as long as the hash, are the same.
pub fn extract(hash: Hash, salt: &[u8], secret: &[u8]) -> Result<Secret> {
    Prf::hmac(hash, salt).of(&[secret])
}

/// HKDF-Expand (§2.3) under a pseudo random key; at most 255 outputs of it, else [`Error::InvalidLength`].
pub fn expand(prf: &Prf, info: &[u8], len: usize) -> Result<Secret> {
    if len > 255 * prf.len() {
        return Err(Error::InvalidLength);
    }
    prf.chain(len, &[], |last, i| prf.of(&[last, info, &[i as u8]]))
}
