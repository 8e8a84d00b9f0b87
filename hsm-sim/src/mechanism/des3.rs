//! Triple DES (PKCS#11 v3.2 §6.18, §6.19) and DES (PKCS#11 v2.40 historical mechanisms, §2.15), for what was encrypted long ago. The
//! mechanisms of one refuse keys of the other.

use std::sync::Arc;

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::{
    Cipher, Derived, Deriving, Direction, Mechanism, Row,
    aes_mac::{signer, verifier},
    blocks::{Blocks, Start},
    data_encryption::cut,
    hmac::general_len,
    key_generation::random,
    mac::Mac,
    table::{NOTHING, row},
    wrong_key,
};
use crate::{
    crypto::{CbcMac, Cmac, DES_BLOCK, Des3, Des3Key, set_odd_parity},
    error::Result,
    object::key::Key,
};

/// The standard leaves the key sizes unused; these are bytes.
const DES3: Row = Row { keys: (16, 24), legacy: true, ..NOTHING };
const DES: Row = Row { keys: (8, 8), ..DES3 };
const CMAC: Row = Row { sign: Some(|m, k| signer(cmac(m, k)?)), verify: Some(|m, k| verifier(cmac(m, k)?)), ..DES3 };

const MAC: Row = Row { sign: Some(|m, k| signer(mac(m, k)?)), verify: Some(|m, k| verifier(mac(m, k)?)), ..DES3 };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_DES_KEY_GEN, DES, generate: Some((CKK_DES, |_| generate(8)))),
    row!(CKM_DES_ECB, DES, cipher: Some(ecb), wraps: true, fills: 8),
    row!(CKM_DES_CBC, DES, flat: true, cipher: Some(cbc), wraps: true, fills: 8),
    row!(CKM_DES_CBC_PAD, DES, flat: true, cipher: Some(cbc_pad), wraps: true),
    row!(CKM_DES_ECB_ENCRYPT_DATA, DES, derive: Some(ecb_data)),
    row!(CKM_DES_CBC_ENCRYPT_DATA, DES, derive: Some(cbc_data)),
    row!(CKM_DES_MAC, Row { keys: DES.keys, ..MAC }),
    row!(CKM_DES_MAC_GENERAL, Row { keys: DES.keys, ..MAC }),
    row!(CKM_DES2_KEY_GEN, DES3, generate: Some((CKK_DES2, |_| generate(16)))),
    row!(CKM_DES3_KEY_GEN, DES3, generate: Some((CKK_DES3, |_| generate(24)))),
    row!(CKM_DES3_ECB, DES3, cipher: Some(ecb), wraps: true, fills: 8),
    row!(CKM_DES3_CBC, DES3, flat: true, cipher: Some(cbc), wraps: true, fills: 8),
    row!(CKM_DES3_CBC_PAD, DES3, flat: true, cipher: Some(cbc_pad), wraps: true),
    row!(CKM_DES3_ECB_ENCRYPT_DATA, DES3, derive: Some(ecb_data)),
    row!(CKM_DES3_CBC_ENCRYPT_DATA, DES3, derive: Some(cbc_data)),
    row!(CKM_DES3_MAC, MAC),
    row!(CKM_DES3_MAC_GENERAL, MAC),
    row!(CKM_DES3_CMAC, CMAC),
    row!(CKM_DES3_CMAC_GENERAL, CMAC),
];

fn generate(len: usize) -> Result<Zeroizing<Vec<u8>>> {
    let mut value = random(len as _)?;
    set_odd_parity(&mut value);
    Ok(value)
}

/// CKM_DES_ECB and CKM_DES3_ECB.
fn ecb(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    mechanism.none()?;
    Ok(Blocks::whole(Start::Des3Ecb(of(mechanism, key)?), direction))
}

/// CKM_DES_CBC and CKM_DES3_CBC.
fn cbc(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    Ok(Blocks::whole(Start::Des3Cbc(of(mechanism, key)?, *mechanism.array()?), direction))
}

/// CKM_DES_CBC_PAD and CKM_DES3_CBC_PAD.
fn cbc_pad(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    Ok(Blocks::padded(Start::Des3Cbc(of(mechanism, key)?, *mechanism.array()?), direction))
}

/// CKM_DES3_CMAC of 8 bytes, and CKM_DES3_CMAC_GENERAL.
fn cmac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<Cmac>> {
    let key = of(mechanism, key)?;
    let len = match mechanism.kind {
        CKM_DES3_CMAC_GENERAL => general_len(mechanism, DES_BLOCK)?,
        _ => mechanism.none().map(|()| DES_BLOCK)?,
    };
    Ok(Mac::new(Cmac::des3(&key)?, len))
}

/// CKM_DES_MAC and CKM_DES3_MAC, half a block (FIPS 113), and their GENERAL mechanisms.
fn mac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<CbcMac<Des3Key, DES_BLOCK>>> {
    let key = of(mechanism, key)?;
    let len = match mechanism.kind {
        CKM_DES_MAC_GENERAL | CKM_DES3_MAC_GENERAL => general_len(mechanism, DES_BLOCK)?,
        _ => mechanism.none().map(|()| DES_BLOCK / 2)?,
    };
    Ok(Mac::new(CbcMac::new(key), len))
}

/// CKM_DES_ECB_ENCRYPT_DATA and CKM_DES3_ECB_ENCRYPT_DATA (§6.17).
fn ecb_data(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let (key, data) = (of(mechanism, deriving.base.key()?)?, mechanism.string()?);
    let mut mode = Des3::ecb(key, Direction::Encrypt);
    cut(deriving, data, |output| mode.process(data, output))
}

/// CKM_DES_CBC_ENCRYPT_DATA and CKM_DES3_CBC_ENCRYPT_DATA (§6.17).
fn cbc_data(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let (key, parameter) = (of(mechanism, deriving.base.key()?)?, mechanism.des_encrypt_data()?);
    let mut mode = Des3::cbc(key, Direction::Encrypt, &parameter.iv);
    cut(deriving, parameter.data, |output| mode.process(parameter.data, output))
}

/// The key, if it is of the mechanism's kind.
fn of(mechanism: &Mechanism<'_>, key: &Key) -> Result<Arc<Des3Key>> {
    let single = ROWS.iter().any(|row| row.kind == mechanism.kind && row.keys == DES.keys);
    match key {
        Key::Des3(key) if (key.len() == DES_BLOCK) == single => Ok(Arc::clone(key)),
        _ => wrong_key(),
    }
}
