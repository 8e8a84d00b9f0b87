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
        counted(hash, len, |counter, block| match self {
            Self::X963 => digest(hash, &[secret.expose(), counter, info], block),
            Self::Sp800 => digest(hash, &[counter, secret.expose(), info], block),
        })
    }
}

/// The same with the counter inside what the parties bind the secret to: Hash(secret || before || counter || after), as ANSI X9.42 has it
/// (RFC 2631, 2.1.2).
pub fn derive_x9_42(hash: Hash, secret: &Secret, before: &[u8], after: &[u8], len: usize) -> Result<Secret> {
    counted(hash, len, |counter, block| digest(hash, &[secret.expose(), before, counter, after], block))
}

fn counted(hash: Hash, len: usize, write: impl Fn(&[u8], &mut [u8]) -> usize) -> Result<Secret> {
    if !(1..=MOST).contains(&len) {
        return Err(Error::InvalidLength);
    }
    Secret::filled(len, |output| {
        for (counter, block) in (1u32..).zip(output.chunks_mut(hash.output_len())) {
            write(&counter.to_be_bytes(), block);
        }
        Ok(())
    })
}
