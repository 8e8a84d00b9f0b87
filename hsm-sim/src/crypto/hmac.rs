//! Message authentication by hashing (FIPS 198-1, RFC 2104).

use zeroize::Zeroizing;

use super::Result;
use super::digest::{Digest, Hash, MAX_BLOCK, MAX_OUTPUT};
use super::engine::{Engine, Operation, serving};
use crate::secret::Secret;

/// A key with both of its pads already hashed, so that a message costs no key setup.
pub struct HmacKey(Hmac);

impl HmacKey {
    /// Takes a key of any length; one that is longer than the hash's block is hashed first.
    pub fn new(hash: Hash, key: &[u8]) -> Self {
        Self::with_engine(serving(Operation::Digest), hash, key)
    }

    /// The same, on the given engine.
    pub fn with_engine(engine: Engine, hash: Hash, key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0; MAX_BLOCK]);
        let block = &mut block[..hash.block_len()];
        if key.len() > block.len() {
            let mut digest = Digest::with_engine(engine, hash);
            digest.update(key);
            digest.finish(block);
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let inner = padded(engine, hash, block, 0x36);
        let outer = padded(engine, hash, block, 0x36 ^ 0x5c);
        Self(Hmac { inner, outer })
    }

    /// Begins a message.
    pub fn start(&self) -> Hmac {
        self.0.clone()
    }

    /// The hash function.
    pub fn hash(&self) -> Hash {
        self.0.inner.hash()
    }
}

/// A message being authenticated. Cloning copies the state; it is erased on drop.
#[derive(Clone)]
pub struct Hmac {
    inner: Digest,
    outer: Digest,
}

impl Hmac {
    /// Adds `data` to the message.
    pub fn update(&mut self, data: &[u8]) {
        self.inner.update(data);
    }

    /// What was fed so far, for [`Hmac::resume`]; `None` with BLAKE2b.
    pub fn save(&self) -> Option<Secret> {
        self.inner.save()
    }

    /// Goes on from what [`Hmac::save`] gave for the same key; else [`Error`](super::Error).
    pub fn resume(&mut self, saved: &[u8]) -> Result<()> {
        self.inner = Digest::resume(self.inner.hash(), saved)?;
        Ok(())
    }

    /// Writes the whole code, [`Hash::output_len`] bytes, to the start of `out` and returns its length.
    ///
    /// A shorter `out` receives the leading bytes, as truncation is defined, and its length is returned.
    pub fn finish(mut self, out: &mut [u8]) -> usize {
        let mut digest = Zeroizing::new([0; MAX_OUTPUT]);
        let len = self.inner.finish(digest.as_mut());
        self.outer.update(&digest[..len]);
        self.outer.finish(out)
    }
}

/// A hash that has absorbed one block of `block ^ mask`; the mask stays applied.
fn padded(engine: Engine, hash: Hash, block: &mut [u8], mask: u8) -> Digest {
    for byte in block.iter_mut() {
        *byte ^= mask;
    }
    let mut digest = Digest::with_engine(engine, hash);
    digest.update(block);
    digest
}
