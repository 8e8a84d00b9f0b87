//! AES-XTS (PKCS#11 v3.2 §6.15; SP 800-38E), for the sectors of a disk. Nothing is authenticated.

use std::sync::Arc;

use cryptoki_sys::{CKA_VALUE_LEN, CKK_AES_XTS};
use zeroize::Zeroizing;

use super::{
    Cipher, Direction, Mechanism, Row,
    aes::named,
    gather::Gather,
    key_generation::random,
    table::{NOTHING, row},
    wrong_key,
};
use crate::{
    error::{Result, Rv},
    object::{
        attributes::{Draft, Lookup},
        key::Key,
    },
};

const XTS: Row = Row { keys: (32, 64), ..NOTHING };

/// The mechanisms.
pub const ROWS: &[Row] =
    &[row!(CKM_AES_XTS, XTS, cipher: Some(xts)), row!(CKM_AES_XTS_KEY_GEN, XTS, generate: Some((CKK_AES_XTS, generate)))];

/// CKM_AES_XTS: the parameter is the number of the data unit, which is all the data.
fn xts(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let Key::Xts(key) = key else { return wrong_key() };
    let (key, unit) = (Arc::clone(key), *mechanism.array()?);
    Ok(Gather::boxed(
        |n| n,
        move |input, output| {
            key.process(direction, &unit, input, output).map_err(named(direction))?;
            Ok(input.len())
        },
    ))
}

/// CKM_AES_XTS_KEY_GEN: 32 or 64 bytes.
fn generate(draft: &Draft) -> Result<Zeroizing<Vec<u8>>> {
    match draft.ulong(CKA_VALUE_LEN) {
        Some(len @ (32 | 64)) => random(len),
        len => Rv::AttributeValueInvalid.err(format!("CKA_VALUE_LEN {len:?}: an AES-XTS key has 32 or 64 bytes")),
    }
}
