//! The one source of randomness: the operating system.
//!
//! User-space generators are avoided on purpose: `rand::rng()` yields the same bytes in parent and child after a fork.

use crate::secret::Secret;

/// The operating system's generator failed; nothing that needs randomness may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandomness;

/// Fills `buffer` with random bytes.
pub fn fill(buffer: &mut [u8]) -> Result<(), NoRandomness> {
    getrandom::fill(buffer).map_err(|_| NoRandomness)
}

/// `N` random bytes that are not secret: nonces, salts, serial numbers.
pub fn public<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// `len` secret random bytes.
pub fn secret(len: usize) -> Result<Secret, NoRandomness> {
    Secret::filled(len, fill)
}
