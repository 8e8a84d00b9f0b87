//! AES: ECB, CBC with padding and with stealing, CTR, OFB, CFB and the key wraps (PKCS#11 v3.2 §6.10 to §6.12, §6.16).

use std::sync::Arc;

use cryptoki_sys::{CKM_AES_CFB1, CKM_AES_CFB8, CKM_AES_OFB};
use zeroize::{Zeroize, Zeroizing};

use super::{
    Cipher, Direction, Mechanism, Row,
    blocks::{Blocks, Start},
    gather::Gather,
    stream::Stream,
    table::{AES, row},
    wrong_key,
};
use crate::{
    crypto::{self, AesKey, Ctr, Feedback, FeedbackMode, unpad},
    error::{Error, Result, Rv},
    object::key::Key,
};

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_AES_ECB, AES, cipher: Some(ecb), wraps: true, fills: 16),
    row!(CKM_AES_CBC, AES, flat: true, cipher: Some(cbc), wraps: true, fills: 16),
    row!(CKM_AES_CBC_PAD, AES, flat: true, cipher: Some(cbc_pad), wraps: true),
    row!(CKM_AES_CTS, AES, cipher: Some(cts)),
    row!(CKM_AES_CTR, AES, cipher: Some(ctr)),
    row!(CKM_AES_OFB, AES, cipher: Some(feedback)),
    row!(CKM_AES_CFB1, AES, cipher: Some(feedback)),
    row!(CKM_AES_CFB8, AES, cipher: Some(feedback)),
    row!(CKM_AES_CFB128, AES, cipher: Some(feedback)),
    row!(CKM_AES_KEY_WRAP, AES, cipher: Some(key_wrap), wraps: true, fills: 8),
    row!(CKM_AES_KEY_WRAP_PAD, AES, cipher: Some(key_wrap_pad), wraps: true),
    row!(CKM_AES_KEY_WRAP_KWP, AES, cipher: Some(key_wrap_pad), wraps: true),
    row!(CKM_AES_KEY_WRAP_PKCS7, AES, cipher: Some(key_wrap_pkcs7), wraps: true),
];

/// CKM_AES_ECB.
pub fn ecb(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    mechanism.none()?;
    Ok(Blocks::whole(Start::Ecb(aes(key)?), direction))
}

/// CKM_AES_CBC.
pub fn cbc(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    Ok(Blocks::whole(Start::Cbc(aes(key)?, *mechanism.array()?), direction))
}

/// CKM_AES_CBC_PAD.
pub fn cbc_pad(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    Ok(Blocks::padded(Start::Cbc(aes(key)?, *mechanism.array()?), direction))
}

/// CKM_AES_CTS: CBC-CS1, as OpenSSL and NSS understand it; the standard leaves open which of NIST's three variants it means.
pub fn cts(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let (key, iv) = (aes(key)?, *mechanism.array()?);
    Ok(Gather::boxed(
        |n| n,
        move |input, output| {
            key.cts(direction, &iv, input, output).map_err(named(direction))?;
            Ok(input.len())
        },
    ))
}

/// CKM_AES_CTR.
pub fn ctr(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let parameter = mechanism.ctr()?;
    let bits = u32::try_from(parameter.counter_bits).unwrap_or(u32::MAX);
    let stream = Ctr::new(aes(key)?, &parameter.block, bits);
    let mut stream = stream.map_err(|_| Rv::MechanismParamInvalid.because("the counter has 1 to 128 bits"))?;
    Ok(Stream::boxed(named(direction), move |input, output| stream.process(input, output)))
}

/// CKM_AES_OFB, CKM_AES_CFB1, CKM_AES_CFB8 and CKM_AES_CFB128.
pub fn feedback(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let mode = match mechanism.kind {
        CKM_AES_OFB => FeedbackMode::Output,
        CKM_AES_CFB1 => FeedbackMode::Cipher1,
        CKM_AES_CFB8 => FeedbackMode::Cipher8,
        _ => FeedbackMode::Cipher128,
    };
    let mut stream = Feedback::new(aes(key)?, mode, direction, mechanism.array()?);
    Ok(Stream::boxed(named(direction), move |input, output| stream.process(input, output)))
}

/// CKM_AES_KEY_WRAP (RFC 3394): the parameter is absent or an initial value of 8 bytes.
pub fn key_wrap(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let (key, iv) = (aes(key)?, initial_value::<8>(mechanism)?);
    Ok(match direction {
        Direction::Encrypt => Gather::boxed(|n| n + 8, move |i, o| key.kw_wrap(iv.as_ref(), i, o).map_err(plain)),
        Direction::Decrypt => {
            Gather::boxed(|n: usize| n.saturating_sub(8), move |i, o| key.kw_unwrap(iv.as_ref(), i, o).map_err(sealed))
        }
    })
}

/// CKM_AES_KEY_WRAP_KWP and the older CKM_AES_KEY_WRAP_PAD (RFC 5649): the parameter is absent or an initial value of 4 bytes.
pub fn key_wrap_pad(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let (key, iv) = (aes(key)?, initial_value::<4>(mechanism)?);
    Ok(match direction {
        Direction::Encrypt => {
            Gather::boxed(|n: usize| n.div_ceil(8) * 8 + 8, move |i, o| key.kwp_wrap(iv.as_ref(), i, o).map_err(plain))
        }
        Direction::Decrypt => {
            Gather::boxed(|n: usize| n.saturating_sub(8), move |i, o| key.kwp_unwrap(iv.as_ref(), i, o).map_err(sealed))
        }
    })
}

/// CKM_AES_KEY_WRAP_PKCS7 (§6.16.3.4): RFC 3394 over what was padded to whole half blocks by PKCS #7; an initial value as there.
pub fn key_wrap_pkcs7(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let (key, iv) = (aes(key)?, initial_value::<8>(mechanism)?);
    Ok(match direction {
        Direction::Encrypt => Gather::boxed(
            |n| (n / 8 + 2) * 8,
            move |input, output| {
                let pad = 8 - input.len() % 8;
                let mut padded = Zeroizing::new(vec![pad as u8; input.len() + pad]);
                padded[..input.len()].copy_from_slice(input);
                key.kw_wrap(iv.as_ref(), &padded, output).map_err(plain)
            },
        ),
        Direction::Decrypt => Gather::boxed(
            |n: usize| n.saturating_sub(8),
            move |input, output| {
                let len = key.kw_unwrap(iv.as_ref(), input, output).map_err(sealed)?;
                let kept = unpad(&output[len - 8..len]);
                output[len - 8 + kept.unwrap_or_default()..len].zeroize();
                kept.map(|kept| len - 8 + kept).inspect_err(|_| output[..len].zeroize()).map_err(sealed)
            },
        ),
    })
}

fn initial_value<const N: usize>(mechanism: &Mechanism<'_>) -> Result<Option<[u8; N]>> {
    if mechanism.is_bare() { Ok(None) } else { mechanism.array().map(|iv| Some(*iv)) }
}

/// The AES key, shared.
pub fn aes(key: &Key) -> Result<Arc<AesKey>> {
    match key {
        Key::Aes(key) => Ok(Arc::clone(key)),
        _ => wrong_key(),
    }
}

/// Names an engine's error after what went in while encrypting.
pub fn plain(error: crypto::Error) -> Error {
    match error {
        crypto::Error::InvalidLength => Rv::DataLenRange.because("length of the plaintext"),
        error => error.into(),
    }
}

/// Names an engine's error after what went in while decrypting.
pub fn sealed(error: crypto::Error) -> Error {
    match error {
        crypto::Error::InvalidLength => Rv::EncryptedDataLenRange.because("length of the ciphertext"),
        error => error.into(),
    }
}

/// The one of the two for a direction.
pub fn named(direction: Direction) -> fn(crypto::Error) -> Error {
    match direction {
        Direction::Encrypt => plain,
        Direction::Decrypt => sealed,
    }
}
