//! Camellia (PKCS#11 v3.2 §6.47, §6.48): ECB, CBC, CBC-MAC and keys derived by encrypting.

use std::sync::Arc;

use cryptoki_sys::{CKK_CAMELLIA, CKM_CAMELLIA_MAC_GENERAL};

use super::{
    Cipher, Derived, Deriving, Direction, Mechanism, Row,
    aes_mac::{signer, verifier},
    blocks::{Blocks, Start},
    data_encryption::cut,
    hmac::general_len,
    key_generation::aes,
    mac::Mac,
    table::{AES, row},
    wrong_key,
};
use crate::{
    crypto::{BLOCK, Camellia, CamelliaKey, CbcMac},
    error::Result,
    object::key::Key,
};

/// Key sizes are bytes, as those of AES.
const ROW: Row = AES;
const MAC: Row = Row { sign: Some(|m, k| signer(mac(m, k)?)), verify: Some(|m, k| verifier(mac(m, k)?)), ..ROW };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_CAMELLIA_KEY_GEN, ROW, generate: Some((CKK_CAMELLIA, aes))),
    row!(CKM_CAMELLIA_ECB, ROW, cipher: Some(ecb), wraps: true, fills: 16),
    row!(CKM_CAMELLIA_CBC, ROW, flat: true, cipher: Some(cbc), wraps: true, fills: 16),
    row!(CKM_CAMELLIA_CBC_PAD, ROW, flat: true, cipher: Some(cbc_pad), wraps: true),
    row!(CKM_CAMELLIA_MAC, MAC),
    row!(CKM_CAMELLIA_MAC_GENERAL, MAC),
    row!(CKM_CAMELLIA_ECB_ENCRYPT_DATA, ROW, derive: Some(ecb_data)),
    row!(CKM_CAMELLIA_CBC_ENCRYPT_DATA, ROW, derive: Some(cbc_data)),
];

fn ecb(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    mechanism.none()?;
    Ok(Blocks::whole(Start::Camellia(of(key)?, None), direction))
}

fn cbc(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    Ok(Blocks::whole(Start::Camellia(of(key)?, Some(*mechanism.array()?)), direction))
}

fn cbc_pad(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    Ok(Blocks::padded(Start::Camellia(of(key)?, Some(*mechanism.array()?)), direction))
}

/// CKM_CAMELLIA_MAC, half a block, and CKM_CAMELLIA_MAC_GENERAL.
fn mac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<CbcMac<CamelliaKey, BLOCK>>> {
    let key = of(key)?;
    let len = match mechanism.kind {
        CKM_CAMELLIA_MAC_GENERAL => general_len(mechanism, BLOCK)?,
        _ => mechanism.none().map(|()| BLOCK / 2)?,
    };
    Ok(Mac::new(CbcMac::new(key), len))
}

fn ecb_data(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let (key, data) = (of(deriving.base.key()?)?, mechanism.string()?);
    let mut mode = Camellia::new(key, Direction::Encrypt, None);
    cut(deriving, data, |output| mode.process(data, output))
}

/// CK_CAMELLIA_CBC_ENCRYPT_DATA_PARAMS is AES's structure under another name.
fn cbc_data(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let (key, parameter) = (of(deriving.base.key()?)?, mechanism.encrypt_data()?);
    let mut mode = Camellia::new(key, Direction::Encrypt, Some(parameter.iv));
    cut(deriving, parameter.data, |output| mode.process(parameter.data, output))
}

fn of(key: &Key) -> Result<Arc<CamelliaKey>> {
    match key {
        Key::Camellia(key) => Ok(Arc::clone(key)),
        _ => wrong_key(),
    }
}
