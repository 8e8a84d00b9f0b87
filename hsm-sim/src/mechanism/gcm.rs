//! AES-GCM (PKCS#11 v3.2 §6.13.4; SP 800-38D).

use std::sync::Arc;

use super::{
    Cipher, Direction, Mechanism, Row,
    aead::{Aead, MakeAead, Stream},
    aes::{aes, plain, sealed},
    gather::Gather,
    table::{AES, row},
};
use crate::{
    abi::{message::Shape, params::Gcm},
    crypto::{self, AesKey, GcmEncryptor},
    error::{Result, Rv},
    object::key::Key,
    reply::{Reply, Room},
};

/// The mechanisms.
pub const ROWS: &[Row] =
    &[row!(CKM_AES_GCM, AES, cipher: Some(gcm), wraps: true, aead: Some(MakeAead { shape: Shape::Gcm, make: aead }))];

/// CKM_AES_GCM: any IV of at least one byte, tags of 32, 64, 96, 104, 112, 120 or 128 bits.
pub fn gcm(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let parameter = mechanism.gcm()?;
    let tag_len = check(&parameter)?;
    let (key, iv, aad) = (aes(key)?, Vec::from(parameter.iv), Vec::from(parameter.aad));
    Ok(match direction {
        Direction::Encrypt => Box::new(Sealer { key, iv, aad, tag_len, stream: None }),
        // Nothing is released before the tag was checked, so parts are gathered.
        Direction::Decrypt => Gather::boxed(
            move |n| n.saturating_sub(tag_len),
            move |input, output| key.gcm_open(&iv, &aad, tag_len, input, output).map_err(sealed),
        ),
    })
}

/// Length of the tag, in bytes, of sound parameters.
pub fn check(parameter: &Gcm<'_>) -> Result<usize> {
    if parameter.iv.is_empty() {
        return Rv::MechanismParamInvalid.err("GCM: the IV is empty");
    }
    tag_len(parameter.tag_bits)
}

fn tag_len(bits: u64) -> Result<usize> {
    match bits {
        32 | 64 | 96 | 104 | 112 | 120 | 128 => Ok(bits as usize / 8),
        _ => Rv::MechanismParamInvalid.err(format!("GCM: a tag of {bits} bits")),
    }
}

fn aead(key: &Key) -> Result<Box<dyn Aead>> {
    Ok(Box::new(Messages(aes(key)?)))
}

/// Many messages under one key.
struct Messages(Arc<AesKey>);

impl Aead for Messages {
    fn check(&self, nonce: usize, tag: usize) -> Result<()> {
        tag_len(8 * tag as u64)?;
        if nonce == 0 { Rv::MechanismParamInvalid.err("GCM: the IV is empty") } else { Ok(()) }
    }

    fn seal_joined(&self, nonce: &[u8], aad: &[u8], tag: usize, plain: &[u8], output: &mut [u8]) -> crypto::Result<()> {
        self.0.gcm_seal(nonce, aad, tag, plain, output).map(|_| ())
    }

    fn open_joined(&self, nonce: &[u8], aad: &[u8], tag: usize, sealed: &[u8], output: &mut [u8]) -> crypto::Result<()> {
        self.0.gcm_open(nonce, aad, tag, sealed, output).map(|_| ())
    }

    fn stream(&self, nonce: &[u8], aad: &[u8], tag: usize) -> Result<Option<Box<dyn Stream>>> {
        Ok(Some(Box::new(self.0.gcm_encryptor(nonce, aad, tag)?)))
    }
}

impl Stream for GcmEncryptor {
    fn update(&mut self, part: &[u8], output: &mut [u8]) -> Result<()> {
        GcmEncryptor::update(self, part, output).map(|_| ()).map_err(plain)
    }

    fn finish(self: Box<Self>, tag: &mut [u8]) -> Result<()> {
        GcmEncryptor::finish(*self, tag).map(|_| ()).map_err(plain)
    }
}

struct Sealer {
    key: Arc<AesKey>,
    iv: Vec<u8>,
    aad: Vec<u8>,
    tag_len: usize,
    stream: Option<GcmEncryptor>,
}

impl Sealer {
    fn stream(&mut self) -> Result<&mut GcmEncryptor> {
        if self.stream.is_none() {
            self.stream = Some(self.key.gcm_encryptor(&self.iv, &self.aad, self.tag_len)?);
        }
        self.stream.as_mut().ok_or(Rv::FunctionFailed.into())
    }
}

impl Cipher for Sealer {
    fn single(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply> {
        room.fill(input.len() + self.tag_len, |output| {
            self.key.gcm_seal(&self.iv, &self.aad, self.tag_len, input, output).map_err(plain)
        })
    }

    fn update(&mut self, input: &[u8], room: Room<'_>) -> Result<Reply> {
        room.fill(input.len(), |output| self.stream()?.update(input, output).map_err(plain))
    }

    fn finish(&mut self, room: Room<'_>) -> Result<Reply> {
        room.fill(self.tag_len, |output| {
            self.stream()?;
            match self.stream.take() {
                Some(stream) => stream.finish(output).map_err(plain),
                None => Rv::FunctionFailed.err("no GCM stream"),
            }
        })
    }
}
