//! The one random source, in the shape that RustCrypto asks for.

use ::rsa::rand_core::{TryCryptoRng, TryRng};

use super::Error;
use crate::rng;

/// The operating system's generator (`crate::rng`); a failure reaches the caller as [`Error::Failed`].
pub(super) struct SystemRng;

impl TryRng for SystemRng {
    type Error = Error;

    fn try_next_u32(&mut self) -> Result<u32, Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Error> {
        Ok(rng::fill(buffer)?)
    }
}

impl TryCryptoRng for SystemRng {}
