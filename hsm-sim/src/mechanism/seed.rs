//! SEED (PKCS#11 v3.2 §6.51, §6.52; RFC 4269), Korea's cipher before ARIA: ECB, CBC, CBC-MAC and keys derived by encrypting.

use std::sync::Arc;

use cryptoki_sys::{CK_ULONG, CKK_SEED, CKM_SEED_MAC_GENERAL};

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
    crypto::{CbcMac, OldBlocks, SEED_BLOCK, SeedKey},
    error::Result,
    object::key::Key,
};

/// Key sizes are bytes; there is but one.
const ROW: Row = Row { keys: (LEN, LEN), legacy: true, ..NOTHING };
const LEN: CK_ULONG = SEED_BLOCK as CK_ULONG;
const MAC: Row = Row { sign: Some(|m, k| signer(mac(m, k)?)), verify: Some(|m, k| verifier(mac(m, k)?)), ..ROW };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_SEED_KEY_GEN, ROW, generate: Some((CKK_SEED, |_| random(LEN)))),
    row!(CKM_SEED_ECB, ROW, cipher: Some(ecb), wraps: true, fills: 16),
    row!(CKM_SEED_CBC, ROW, flat: true, cipher: Some(cbc), wraps: true, fills: 16),
    row!(CKM_SEED_CBC_PAD, ROW, flat: true, cipher: Some(cbc_pad), wraps: true),
    row!(CKM_SEED_MAC, MAC),
    row!(CKM_SEED_MAC_GENERAL, MAC),
    row!(CKM_SEED_ECB_ENCRYPT_DATA, ROW, derive: Some(ecb_data)),
    row!(CKM_SEED_CBC_ENCRYPT_DATA, ROW, derive: Some(cbc_data)),
];

fn ecb(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    mechanism.none()?;
    Ok(Blocks::whole(Start::Seed(of(key)?, None), direction))
}

fn cbc(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    Ok(Blocks::whole(Start::Seed(of(key)?, Some(*mechanism.array()?)), direction))
}

fn cbc_pad(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    Ok(Blocks::padded(Start::Seed(of(key)?, Some(*mechanism.array()?)), direction))
}

/// CKM_SEED_MAC, half a block, and CKM_SEED_MAC_GENERAL.
fn mac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<CbcMac<SeedKey, SEED_BLOCK>>> {
    let key = of(key)?;
    let len = match mechanism.kind {
        CKM_SEED_MAC_GENERAL => general_len(mechanism, SEED_BLOCK)?,
        _ => mechanism.none().map(|()| SEED_BLOCK / 2)?,
    };
    Ok(Mac::new(CbcMac::new(key), len))
}

fn ecb_data(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let (key, data) = (of(deriving.base.key()?)?, mechanism.string()?);
    let mut mode = OldBlocks::new(key, Direction::Encrypt, None);
    cut(deriving, data, |output| mode.process(data, output))
}

/// CK_SEED_CBC_ENCRYPT_DATA_PARAMS is AES's structure under another name.
fn cbc_data(mechanism: &Mechanism<'_>, deriving: &Deriving<'_>) -> Result<Derived> {
    let (key, parameter) = (of(deriving.base.key()?)?, mechanism.encrypt_data()?);
    let mut mode = OldBlocks::new(key, Direction::Encrypt, Some(parameter.iv));
    cut(deriving, parameter.data, |output| mode.process(parameter.data, output))
}

/// The key's schedule, which takes a fraction of a microsecond.
fn of(key: &Key) -> Result<Arc<SeedKey>> {
    match key {
        Key::Typed(CKK_SEED, key) => Ok(Arc::new(SeedKey::new(key.expose())?)),
        _ => wrong_key(),
    }
}
