//! CMAC (SP 800-38B) with AES and Triple DES.

use std::sync::Arc;

use ::cmac::{Cmac as Crate, KeyInit, Mac};
use des::TdesEde3;

use super::{AesKey, Des3Key, Error, Result, aes_cmac::AesCmac};
use crate::secret::{SHALLOW, scrubbed};

/// A message being authenticated; erased on drop.
pub struct Cmac(State);

enum State {
    Aes(AesCmac),
    Des3(Box<Crate<TdesEde3>>),
}

impl Cmac {
    /// Begins a message under an AES key; the whole code has 16 bytes.
    pub fn aes(key: &Arc<AesKey>) -> Self {
        Self(State::Aes(AesCmac::new(key)))
    }

    /// Begins a message under a Triple DES key, on the portable engine; the whole code has 8 bytes.
    pub fn des3(key: &Des3Key) -> Result<Self> {
        let begun = scrubbed::<SHALLOW, _>(|| Crate::new_from_slice(key.triple()).map(Box::new));
        Ok(Self(State::Des3(begun.map_err(|_| Error::InvalidKey)?)))
    }

    /// Adds `data` to the message.
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        match &mut self.0 {
            State::Aes(state) => state.update(data),
            State::Des3(state) => {
                state.update(data);
                Ok(())
            }
        }
    }

    /// Fills `out`, no longer than the whole code, with its leading bytes; else [`Error::InvalidLength`].
    pub fn finish(self, out: &mut [u8]) -> Result<()> {
        match self.0 {
            State::Aes(state) => cut(&*state.finish()?, out),
            State::Des3(state) => cut(&state.finalize().into_bytes(), out),
        }
    }
}

fn cut(code: &[u8], out: &mut [u8]) -> Result<()> {
    out.copy_from_slice(code.get(..out.len()).ok_or(Error::InvalidLength)?);
    Ok(())
}
