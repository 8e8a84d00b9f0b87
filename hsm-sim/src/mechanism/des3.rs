//! Triple DES (PKCS#11 v3.2 §6.18, §6.19), for what was encrypted long ago.

use std::sync::Arc;

use cryptoki_sys::{CKK_DES2, CKK_DES3, CKM_DES3_CMAC_GENERAL};
use zeroize::Zeroizing;

use super::{
    Cipher, Direction, Mechanism, Row,
    aes_mac::{signer, verifier},
    blocks::{Blocks, Start},
    hmac::general_len,
    key_generation::random,
    mac::Mac,
    table::{NOTHING, row},
    wrong_key,
};
use crate::{
    crypto::{Cmac, DES_BLOCK, Des3Key, set_odd_parity},
    error::Result,
    object::key::Key,
};

/// The standard leaves the key sizes unused; these are bytes.
const DES3: Row = Row { keys: (16, 24), legacy: true, ..NOTHING };
const CMAC: Row = Row { sign: Some(|m, k| signer(cmac(m, k)?)), verify: Some(|m, k| verifier(cmac(m, k)?)), ..DES3 };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_DES2_KEY_GEN, DES3, generate: Some((CKK_DES2, |_| generate(16)))),
    row!(CKM_DES3_KEY_GEN, DES3, generate: Some((CKK_DES3, |_| generate(24)))),
    row!(CKM_DES3_ECB, DES3, cipher: Some(ecb)),
    row!(CKM_DES3_CBC, DES3, flat: true, cipher: Some(cbc)),
    row!(CKM_DES3_CBC_PAD, DES3, flat: true, cipher: Some(cbc_pad), wraps: true),
    row!(CKM_DES3_CMAC, CMAC),
    row!(CKM_DES3_CMAC_GENERAL, CMAC),
];

fn generate(len: usize) -> Result<Zeroizing<Vec<u8>>> {
    let mut value = random(len as _)?;
    set_odd_parity(&mut value);
    Ok(value)
}

/// CKM_DES3_ECB.
fn ecb(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    mechanism.none()?;
    Ok(Blocks::whole(Start::Des3Ecb(des3(key)?), direction))
}

/// CKM_DES3_CBC.
fn cbc(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    Ok(Blocks::whole(Start::Des3Cbc(des3(key)?, *mechanism.array()?), direction))
}

/// CKM_DES3_CBC_PAD.
fn cbc_pad(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    Ok(Blocks::padded(Start::Des3Cbc(des3(key)?, *mechanism.array()?), direction))
}

/// CKM_DES3_CMAC of 8 bytes, and CKM_DES3_CMAC_GENERAL.
fn cmac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<Cmac>> {
    let key = des3(key)?;
    let len = match mechanism.kind {
        CKM_DES3_CMAC_GENERAL => general_len(mechanism, DES_BLOCK)?,
        _ => mechanism.none().map(|()| DES_BLOCK)?,
    };
    Ok(Mac::new(Cmac::des3(&key)?, len))
}

fn des3(key: &Key) -> Result<Arc<Des3Key>> {
    match key {
        Key::Des3(key) => Ok(Arc::clone(key)),
        _ => wrong_key(),
    }
}
