//! Message authentication with AES: CMAC, GMAC and CBC-MAC (PKCS#11 v3.2 §6.14, §6.13.6, §6.10.9).

use cryptoki_sys::{CKM_AES_CMAC_GENERAL, CKM_AES_MAC_GENERAL};

use super::{
    Mechanism, Row, Signer, Verifier,
    aes::aes,
    gcm,
    hmac::general_len,
    mac::{Gathered, Mac, Running},
    table::{AES, row},
};
use crate::{
    crypto::{BLOCK, CbcMac, Cmac},
    error::Result,
    object::key::Key,
};

const CMAC: Row = Row { sign: Some(|m, k| signer(cmac(m, k)?)), verify: Some(|m, k| verifier(cmac(m, k)?)), ..AES };
const CBC_MAC: Row = Row { sign: Some(|m, k| signer(cbc_mac(m, k)?)), verify: Some(|m, k| verifier(cbc_mac(m, k)?)), ..AES };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_AES_CMAC, CMAC),
    row!(CKM_AES_CMAC_GENERAL, CMAC),
    row!(CKM_AES_MAC, CBC_MAC),
    row!(CKM_AES_MAC_GENERAL, CBC_MAC),
    row!(CKM_AES_GMAC, AES, sign: Some(|m, k| signer(gmac(m, k)?)), verify: Some(|m, k| verifier(gmac(m, k)?))),
];

/// CKM_AES_CMAC of 16 bytes, and CKM_AES_CMAC_GENERAL.
fn cmac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<Cmac>> {
    let key = aes(key)?;
    let len = match mechanism.kind {
        CKM_AES_CMAC_GENERAL => general_len(mechanism, BLOCK)?,
        _ => mechanism.none().map(|()| BLOCK)?,
    };
    Ok(Mac::new(Cmac::aes(&key)?, len))
}

/// CKM_AES_MAC, half a block, and CKM_AES_MAC_GENERAL.
fn cbc_mac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<CbcMac>> {
    let key = aes(key)?;
    let len = match mechanism.kind {
        CKM_AES_MAC_GENERAL => general_len(mechanism, BLOCK)?,
        _ => mechanism.none().map(|()| BLOCK / 2)?,
    };
    Ok(Mac::new(CbcMac::new(key), len))
}

/// CKM_AES_GMAC: the tag of GCM over data that is authenticated and not encrypted.
fn gmac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<impl Running + use<>>> {
    let parameter = mechanism.gcm()?;
    let tag_len = gcm::check(&parameter)?;
    let (key, iv) = (aes(key)?, Vec::from(parameter.iv));
    let tag = move |data: &[u8], tag: &mut [u8]| key.gcm_seal(&iv, data, tag_len, &[], tag).map(drop);
    Ok(Mac::new(Gathered::new(tag), tag_len))
}

pub fn signer<R: Running + 'static>(mac: Mac<R>) -> Result<Box<dyn Signer>> {
    Ok(Box::new(mac))
}

pub fn verifier<R: Running + 'static>(mac: Mac<R>) -> Result<Box<dyn Verifier>> {
    Ok(Box::new(mac))
}
