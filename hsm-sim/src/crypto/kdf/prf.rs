//! Pseudo random functions, and the chain of their outputs that most derivations are.

use std::sync::Arc;

use crate::{
    crypto::{AesKey, Cmac, Hash, HmacKey, Result},
    secret::Secret,
};

/// A keyed pseudo random function.
pub enum Prf {
    /// Boxed for its size.
    Hmac(Box<HmacKey>),
    Cmac(Arc<AesKey>),
}

impl Prf {
    /// HMAC with a key of any length.
    pub fn hmac(hash: Hash, key: &[u8]) -> Self {
        Self::Hmac(Box::new(HmacKey::new(hash, key)))
    }

    /// AES-CMAC.
    pub fn cmac(key: Arc<AesKey>) -> Self {
        Self::Cmac(key)
    }

    /// Length of its output in bytes.
    #[allow(clippy::len_without_is_empty, reason = "an output is never empty")]
    pub fn len(&self) -> usize {
        match self {
            Self::Hmac(key) => key.hash().output_len(),
            Self::Cmac(_) => crate::crypto::BLOCK,
        }
    }

    /// The function of the concatenation of `parts`.
    pub fn of(&self, parts: &[&[u8]]) -> Result<Secret> {
        Secret::filled(self.len(), |output| {
            match self {
                Self::Hmac(key) => {
                    let mut running = key.start();
                    parts.iter().for_each(|part| running.update(part));
                    running.finish(output);
                }
                Self::Cmac(key) => {
                    let mut running = Cmac::aes(key);
                    parts.iter().try_for_each(|part| running.update(part))?;
                    running.finish(output)?;
                }
            }
            Ok(())
        })
    }

    /// The first `len` bytes of T(1) || T(2) || ..., where `next` makes T(i) of T(i-1) and i; T(0) is `zeroth`.
    pub fn chain<E>(
        &self,
        len: usize,
        zeroth: &[u8],
        mut next: impl FnMut(&[u8], u64) -> std::result::Result<Secret, E>,
    ) -> std::result::Result<Secret, E> {
        Secret::filled(len, |output| {
            let mut last = Secret::copy(zeroth);
            for (i, part) in (1..).zip(output.chunks_mut(self.len())) {
                last = next(last.expose(), i)?;
                part.copy_from_slice(&last.expose()[..part.len()]);
            }
            Ok(())
        })
    }
}
