//! The one source of randomness outside the token: the operating system.
//!
//! User-space generators are avoided on purpose: some yield the same bytes in parent and child after a fork.

use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

/// `N` random bytes that are not secret: salts, nonces, identifiers.
///
/// # Errors
/// [`Kind::Io`] when the operating system has no randomness to give.
pub fn public<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// `len` secret random bytes.
///
/// # Errors
/// [`Kind::Io`] when the operating system has no randomness to give.
pub fn secret(len: usize) -> Result<Secret> {
    Secret::filled(len, fill)
}

fn fill(buffer: &mut [u8]) -> Result<()> {
    getrandom::fill(buffer)
        .map_err(|error| Error::new(Kind::Io, "the operating system gave no random bytes").why(error.to_string()))
}
