//! Message authentication with AES: CMAC, GMAC, CBC-MAC and XCBC-MAC (PKCS#11 v3.2 §6.14, §6.13.6, §6.10.9, §6.10.10).

use cryptoki_sys::{CKM_AES_CMAC_GENERAL, CKM_AES_MAC_GENERAL, CKM_AES_XCBC_MAC_96};

use super::{
    Mechanism, Row, Signer, Verifier,
    aes::aes,
    gcm,
    hmac::general_len,
    mac::{Gathered, Mac, Running},
    table::{AES, row},
};
use crate::{
    crypto::{AesKey, BLOCK, CbcMac, Cmac, XcbcMac},
    error::{Result, Rv},
    object::key::Key,
};

const CMAC: Row = Row { sign: Some(|m, k| signer(cmac(m, k)?)), verify: Some(|m, k| verifier(cmac(m, k)?)), ..AES };
const CBC_MAC: Row = Row { sign: Some(|m, k| signer(cbc_mac(m, k)?)), verify: Some(|m, k| verifier(cbc_mac(m, k)?)), ..AES };

/// RFC 3566 knows keys of 16 bytes only.
const XCBC_MAC: Row =
    Row { keys: (16, 16), sign: Some(|m, k| signer(xcbc_mac(m, k)?)), verify: Some(|m, k| verifier(xcbc_mac(m, k)?)), ..AES };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_AES_CMAC, CMAC),
    row!(CKM_AES_CMAC_GENERAL, CMAC),
    row!(CKM_AES_MAC, CBC_MAC),
    row!(CKM_AES_MAC_GENERAL, CBC_MAC),
    row!(CKM_AES_XCBC_MAC, XCBC_MAC),
    row!(CKM_AES_XCBC_MAC_96, XCBC_MAC),
    row!(CKM_AES_GMAC, AES, sign: Some(|m, k| signer(gmac(m, k)?)), verify: Some(|m, k| verifier(gmac(m, k)?))),
];

/// CKM_AES_CMAC of 16 bytes, and CKM_AES_CMAC_GENERAL.
fn cmac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<Cmac>> {
    let key = aes(key)?;
    let len = match mechanism.kind {
        CKM_AES_CMAC_GENERAL => general_len(mechanism, BLOCK)?,
        _ => mechanism.none().map(|()| BLOCK)?,
    };
    Ok(Mac::new(Cmac::aes(&key), len))
}

/// CKM_AES_MAC, half a block, and CKM_AES_MAC_GENERAL.
fn cbc_mac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<CbcMac<AesKey, BLOCK>>> {
    let key = aes(key)?;
    let len = match mechanism.kind {
        CKM_AES_MAC_GENERAL => general_len(mechanism, BLOCK)?,
        _ => mechanism.none().map(|()| BLOCK / 2)?,
    };
    Ok(Mac::new(CbcMac::new(key), len))
}

/// CKM_AES_XCBC_MAC of 16 bytes, and CKM_AES_XCBC_MAC_96 of 12.
fn xcbc_mac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<XcbcMac>> {
    let key = aes(key)?;
    mechanism.none()?;
    if key.len() != BLOCK {
        return Rv::KeySizeRange.err("XCBC-MAC takes keys of 16 bytes");
    }
    Ok(Mac::new(XcbcMac::new(&key)?, if mechanism.kind == CKM_AES_XCBC_MAC_96 { 12 } else { BLOCK }))
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
