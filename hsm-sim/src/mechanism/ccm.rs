//! AES-CCM (PKCS#11 v3.2 §6.13.4 and §6.13.5; SP 800-38C).

use std::sync::Arc;

use super::{
    Cipher, Direction, Mechanism, Row,
    aead::{Aead, MakeAead},
    aes::{aes, plain, sealed},
    gather::Gather,
    table::{AES, row},
};
use crate::{
    abi::{message::Shape, symmetric_params::Ccm},
    crypto::{self, AesKey},
    error::{Result, Rv},
    object::key::Key,
};

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_AES_CCM, AES, cipher: Some(ccm), wraps: true, wrap_cipher: Some(wrap), aead: Some(MakeAead { shape: Shape::Ccm, make: messages })),
];

/// CKM_AES_CCM: the parameter tells how much data there will be.
fn ccm(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let parameter = mechanism.ccm()?;
    let told = usize::try_from(parameter.data_len).unwrap_or(usize::MAX);
    cipher(&parameter, Some(told), key, direction)
}

/// CKM_AES_CCM around a key, whose length counts whatever the parameter says.
fn wrap(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    cipher(&mechanism.ccm_wrap(direction)?, None, key, direction)
}

fn cipher(parameter: &Ccm<'_>, told: Option<usize>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let tag_len = check(parameter, told)?;
    let (key, nonce, aad) = (aes(key)?, Vec::from(parameter.nonce), Vec::from(parameter.aad));
    Ok(match direction {
        Direction::Encrypt => Gather::boxed(
            move |n| n + tag_len,
            move |input, output| match told {
                Some(told) if told != input.len() => Rv::DataLenRange.err("CCM: not as much data as ulDataLen tells"),
                _ => key.ccm_seal(&nonce, &aad, tag_len, input, output).map_err(plain),
            },
        ),
        Direction::Decrypt => Gather::boxed(
            move |n| n.saturating_sub(tag_len),
            move |input, output| match told {
                Some(told) if Some(told) != input.len().checked_sub(tag_len) => {
                    Rv::EncryptedDataLenRange.err("CCM: not as much data as ulDataLen tells")
                }
                _ => key.ccm_open(&nonce, &aad, tag_len, input, output).map_err(sealed),
            },
        ),
    })
}

/// Length of the tag, in bytes, of sound parameters.
fn check(parameter: &Ccm<'_>, told: Option<usize>) -> Result<usize> {
    let nonce_len = parameter.nonce.len();
    if !(7..=13).contains(&nonce_len) {
        return Rv::MechanismParamInvalid.err(format!("CCM: a nonce of {nonce_len} bytes"));
    }
    if told.is_some_and(|told| told as u128 >> (8 * (15 - nonce_len)) != 0) {
        return Rv::MechanismParamInvalid.err("CCM: the nonce leaves no room for the length of the data");
    }
    match parameter.tag_len {
        len @ (4 | 6 | 8 | 10 | 12 | 14 | 16) => Ok(len as usize),
        len => Rv::MechanismParamInvalid.err(format!("CCM: a tag of {len} bytes")),
    }
}

fn messages(key: &Key) -> Result<Box<dyn Aead>> {
    Ok(Box::new(Messages(aes(key)?)))
}

/// Many messages under one key.
struct Messages(Arc<AesKey>);

impl Aead for Messages {
    fn check(&self, nonce: usize, tag: usize) -> Result<()> {
        match (nonce, tag) {
            (7..=13, 4 | 6 | 8 | 10 | 12 | 14 | 16) => Ok(()),
            _ => Rv::MechanismParamInvalid.err(format!("CCM: a nonce of {nonce} bytes and a tag of {tag}")),
        }
    }

    fn seal_joined(&self, nonce: &[u8], aad: &[u8], tag: usize, plain: &[u8], output: &mut [u8]) -> crypto::Result<()> {
        self.0.ccm_seal(nonce, aad, tag, plain, output).map(|_| ())
    }

    fn open_joined(&self, nonce: &[u8], aad: &[u8], tag: usize, sealed: &[u8], output: &mut [u8]) -> crypto::Result<()> {
        self.0.ccm_open(nonce, aad, tag, sealed, output).map(|_| ())
    }
}
