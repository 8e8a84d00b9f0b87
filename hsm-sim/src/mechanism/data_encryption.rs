//! Key derivation by encrypting data with AES (PKCS#11 v3.2 §6.17): the new key is the leading bytes of the ciphertext.

use super::{
    Derived, Deriving, Direction, Mechanism, Row,
    aes::{aes, plain},
    table::{AES, row},
};
use crate::{
    crypto::{Cbc, Ecb},
    error::{Result, Rv},
    secret::Secret,
};

/// The mechanisms.
pub const ROWS: &[Row] =
    &[row!(CKM_AES_ECB_ENCRYPT_DATA, AES, derive: Some(ecb)), row!(CKM_AES_CBC_ENCRYPT_DATA, AES, derive: Some(cbc))];

fn ecb(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let (key, data) = (aes(deriving.base.key()?)?, mechanism.string()?);
    let mut mode = Ecb::new(key, Direction::Encrypt);
    cut(deriving, data, |output| mode.process(data, output))
}

fn cbc(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let (key, parameter) = (aes(deriving.base.key()?)?, mechanism.encrypt_data()?);
    let mut mode = Cbc::new(key, Direction::Encrypt, &parameter.iv);
    cut(deriving, parameter.data, |output| mode.process(parameter.data, output))
}

/// As many bytes as are asked for, or all.
pub fn cut(
    deriving: &Deriving<'_>,
    data: &[u8],
    encrypt: impl FnOnce(&mut [u8]) -> crate::crypto::Result<()>,
) -> Result<Derived> {
    let ciphertext = Secret::filled(data.len(), encrypt).map_err(plain)?;
    let len = deriving.len.unwrap_or(data.len());
    match ciphertext.expose().get(..len) {
        Some(value) if len > 0 => Ok(Derived { value: Secret::copy(value), binding: vec![], bound_by_base: false }),
        _ => Rv::DataLenRange.err("there is less data than the new key needs"),
    }
}
