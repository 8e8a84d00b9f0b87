//! RC2 (PKCS#11 v2.40 historical mechanisms), for what was encrypted long ago. How many bits of the key count, the parameter says.

use std::sync::Arc;

use cryptoki_sys::{CK_ULONG, CKA_VALUE_LEN, CKK_RC2, CKM_RC2_MAC_GENERAL};
use zeroize::Zeroizing;

use super::{
    Cipher, Direction, Mechanism, Row,
    aes_mac::{signer, verifier},
    blocks::{Blocks, Start},
    key_generation::random,
    mac::Mac,
    table::{NOTHING, row},
    wrong_key,
};
use crate::{
    crypto::{CbcMac, RC2_BLOCK, RC2_LONGEST, Rc2Key},
    error::{Result, Rv},
    object::{
        attributes::{Draft, Lookup},
        key::Key,
    },
};

/// Sizes in bits.
const RC2: Row = Row { keys: (8, 8 * MOST), legacy: true, flat: true, ..NOTHING };
const MAC: Row = Row { sign: Some(|m, k| signer(mac(m, k)?)), verify: Some(|m, k| verifier(mac(m, k)?)), ..RC2 };

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_RC2_KEY_GEN, RC2, generate: Some((CKK_RC2, generate))),
    row!(CKM_RC2_ECB, RC2, cipher: Some(ecb), wraps: true, fills: 8),
    row!(CKM_RC2_CBC, RC2, cipher: Some(cbc), wraps: true, fills: 8),
    row!(CKM_RC2_CBC_PAD, RC2, cipher: Some(cbc_pad), wraps: true),
    row!(CKM_RC2_MAC, MAC),
    row!(CKM_RC2_MAC_GENERAL, MAC),
];

/// CKM_RC2_KEY_GEN: 1 to 128 bytes.
fn generate(draft: &Draft) -> Result<Zeroizing<Vec<u8>>> {
    match draft.ulong(CKA_VALUE_LEN) {
        Some(len) if (1..=MOST).contains(&len) => random(len),
        len => Rv::AttributeValueInvalid.err(format!("CKA_VALUE_LEN {len:?}: an RC2 key has 1 to {MOST} bytes")),
    }
}

/// CKM_RC2_ECB: CK_RC2_PARAMS, or CK_RC2_CBC_PARAMS, which is what NSS asks for here.
fn ecb(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let bits = mechanism.rc2().or_else(|_| mechanism.rc2_cbc().map(|p| p.effective_bits))?;
    Ok(Blocks::whole(Start::Rc2(of(key, bits)?, None), direction))
}

fn cbc(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let p = mechanism.rc2_cbc()?;
    Ok(Blocks::whole(Start::Rc2(of(key, p.effective_bits)?, Some(p.iv)), direction))
}

fn cbc_pad(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let p = mechanism.rc2_cbc()?;
    Ok(Blocks::padded(Start::Rc2(of(key, p.effective_bits)?, Some(p.iv)), direction))
}

/// CKM_RC2_MAC, half a block, and CKM_RC2_MAC_GENERAL.
fn mac(mechanism: &Mechanism<'_>, key: &Key) -> Result<Mac<CbcMac<Rc2Key, RC2_BLOCK>>> {
    let (bits, len) = match mechanism.kind {
        CKM_RC2_MAC_GENERAL => mechanism.rc2_mac_general()?,
        _ => (mechanism.rc2()?, RC2_BLOCK as CK_ULONG / 2),
    };
    match usize::try_from(len) {
        Ok(len @ 1..=RC2_BLOCK) => Ok(Mac::new(CbcMac::new(of(key, bits)?), len)),
        _ => Rv::MechanismParamInvalid.err(format!("RC2: a MAC of {len} bytes cannot be cut from one of {RC2_BLOCK}")),
    }
}

fn of(key: &Key, effective_bits: CK_ULONG) -> Result<Arc<Rc2Key>> {
    let Key::Typed(CKK_RC2, key) = key else { return wrong_key() };
    match usize::try_from(effective_bits) {
        Ok(bits @ 1..=1024) => Ok(Arc::new(Rc2Key::new(key.expose(), bits)?)),
        _ => Rv::MechanismParamInvalid.err(format!("RC2: {effective_bits} effective bits")),
    }
}

/// Bytes.
const MOST: CK_ULONG = RC2_LONGEST as CK_ULONG;
