//! Keying material from a secret that two parties agreed on: the KDF of ANSI X9.63 (SEC 1, 3.6.1) and the single-step KDF of
//! SP 800-56A, 5.8.1.1 (now SP 800-56C, 4).

use super::{Error, Hash, Result, digest};
use crate::secret::Secret;

/// Where the counter stands, which is all the two differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgreedKdf {
    /// Hash(secret || counter || info).
    X963,
    /// Hash(counter || secret || info).
    Sp800,
}

/// Longest result in bytes: far below where the counter of 32 bits ends, far above any key.
const MOST: usize = 1 << 16;

impl AgreedKdf {
    /// `len` bytes, 1 to 65536 (else [`Error::InvalidLength`]), from the shared secret and what the parties bind it to.
    pub fn derive(self, hash: Hash, secret: &Secret, info: &[u8], len: usize) -> Result<Secret> {
        if !(1..=MOST).contains(&len) {
            return Err(Error::InvalidLength);
        }
        Secret::filled(len, |output| {
            for (counter, block) in (1u32..).zip(output.chunks_mut(hash.output_len())) {
                let counter = counter.to_be_bytes();
                match self {
                    Self::X963 => digest(hash, &[secret.expose(), &counter, info], block),
                    Self::Sp800 => digest(hash, &[&counter, secret.expose(), info], block),
                };
            }
            Ok(())
        })
    }
}
