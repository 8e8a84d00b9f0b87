//! CMAC (SP 800-38B) with AES and Triple DES, on the portable engine: a chain of blocks has nothing to win elsewhere.

use ::aes::{Aes128, Aes192, Aes256};
use ::cmac::{Cmac as Crate, KeyInit, Mac};
use des::TdesEde3;

use super::{AesKey, Des3Key, Error, Result};

/// A message being authenticated; erased on drop.
pub struct Cmac(State);

enum State {
    Aes128(Box<Crate<Aes128>>),
    Aes192(Box<Crate<Aes192>>),
    Aes256(Box<Crate<Aes256>>),
    Des3(Box<Crate<TdesEde3>>),
}

impl Cmac {
    /// Begins a message under an AES key; the whole code has 16 bytes.
    pub fn aes(key: &AesKey) -> Result<Self> {
        Ok(Self(match key.len() {
            16 => State::Aes128(begun(key.bytes())?),
            24 => State::Aes192(begun(key.bytes())?),
            _ => State::Aes256(begun(key.bytes())?),
        }))
    }

    /// Begins a message under a Triple DES key; the whole code has 8 bytes.
    pub fn des3(key: &Des3Key) -> Result<Self> {
        begun(key.triple()).map(|state| Self(State::Des3(state)))
    }

    /// Adds `data` to the message.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.0 {
            State::Aes128(state) => state.update(data),
            State::Aes192(state) => state.update(data),
            State::Aes256(state) => state.update(data),
            State::Des3(state) => state.update(data),
        }
    }

    /// Fills `out`, no longer than the whole code, with its leading bytes; else [`Error::InvalidLength`].
    pub fn finish(self, out: &mut [u8]) -> Result<()> {
        match self.0 {
            State::Aes128(state) => cut(&state.finalize().into_bytes(), out),
            State::Aes192(state) => cut(&state.finalize().into_bytes(), out),
            State::Aes256(state) => cut(&state.finalize().into_bytes(), out),
            State::Des3(state) => cut(&state.finalize().into_bytes(), out),
        }
    }
}

fn begun<M: KeyInit>(key: &[u8]) -> Result<Box<M>> {
    M::new_from_slice(key).map(Box::new).map_err(|_| Error::InvalidKey)
}

fn cut(code: &[u8], out: &mut [u8]) -> Result<()> {
    out.copy_from_slice(code.get(..out.len()).ok_or(Error::InvalidLength)?);
    Ok(())
}
