//! The secret number of a DSA signature (RFC 6979, 3.2), for q of whole bytes.
//!
//! The crate `rfc6979` does the same, but leaves what it has computed in memory.

use zeroize::Zeroizing;

use super::number;
use crate::crypto::{Error, Hash, HmacKey, Result};
use crate::secret::Secret;

/// Yields secret numbers from 1 to q - 1: the second one is for when a signature comes out as zero.
pub struct Nonces<'q> {
    hash: Hash,
    q: &'q [u8],
    /// K and V.
    key: Secret,
    value: Secret,
}

impl<'q> Nonces<'q> {
    /// `x` and `digest` are numbers below q, and as long as it is. `additional` data (3.6) hedge the result.
    pub fn new(hash: Hash, q: &'q [u8], x: &Secret, digest: &[u8], additional: &[u8]) -> Result<Self> {
        let len = hash.output_len();
        let mut nonces = Self { hash, q, key: Secret::copy(&vec![0; len]), value: Secret::copy(&vec![1; len]) };
        nonces.mix(0, &[x.expose(), digest, additional])?;
        nonces.mix(1, &[x.expose(), digest, additional])?;
        Ok(nonces)
    }

    /// The next one, as long as q.
    pub fn next(&mut self) -> Result<Secret> {
        for _ in 0..MAX_DRAWS {
            let candidate = self.draw()?;
            self.mix(0, &[])?;
            if number::is_scalar(&candidate, self.q)? {
                return Ok(candidate);
            }
        }
        Err(Error::Failed)
    }

    fn draw(&mut self) -> Result<Secret> {
        let mut candidate = Zeroizing::new(vec![0; self.q.len()]);
        for block in candidate.chunks_mut(self.hash.output_len()) {
            self.value = self.hmac(&[self.value.expose()])?;
            block.copy_from_slice(&self.value.expose()[..block.len()]);
        }
        Ok(Secret::take(&mut candidate))
    }

    fn mix(&mut self, round: u8, seed: &[&[u8]]) -> Result<()> {
        self.key = self.hmac(&[&[self.value.expose(), &[round]], seed].concat())?;
        self.value = self.hmac(&[self.value.expose()])?;
        Ok(())
    }

    fn hmac(&self, parts: &[&[u8]]) -> Result<Secret> {
        let mut hmac = HmacKey::new(self.hash, self.key.expose()).start();
        parts.iter().for_each(|part| hmac.update(part));
        Secret::filled(self.hash.output_len(), |out| {
            hmac.finish(out);
            Ok(())
        })
    }
}

/// A draw fails at most once in two times, as the top bit of q is set: so many failures are a broken hash.
const MAX_DRAWS: u32 = 128;
