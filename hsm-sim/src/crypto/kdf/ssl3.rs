//! What SSL 3.0 makes secrets and MACs of (RFC 6101, §5.2.3.1 and §6.1): MD5 and SHA-1, before there was HMAC.

use zeroize::Zeroizing;

use crate::{
    crypto::{Digest, Error, Hash, Result, digest},
    secret::Secret,
};

/// MD5 over SHA-1 over `A`, `BB`, `CCC`..., the secret and the seed, for each 16 bytes: no more than there are letters for, else
/// [`Error::InvalidLength`].
pub fn ssl3_expand(secret: &[u8], seed: &[&[u8]], len: usize) -> Result<Secret> {
    if len > 16 * LETTERS.len() {
        return Err(Error::InvalidLength);
    }
    Secret::filled(len, |output| {
        for (at, part) in output.chunks_mut(16).enumerate() {
            let letters = [LETTERS[at]; LETTERS.len()];
            let mut inner = Zeroizing::new([0; 20]);
            digest(Hash::Sha1, &[&[&letters[..=at], secret], seed].concat(), &mut *inner);
            digest(Hash::Md5, &[secret, &*inner], part);
        }
        Ok(())
    })
}

const LETTERS: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A MAC under way: HMAC's ancestor, which puts its pads behind the key.
pub struct Ssl3Mac {
    inner: Digest,
    outer: Digest,
}

impl Ssl3Mac {
    /// Begins with MD5 or SHA-1, to whose blocks the pads are fitted.
    pub fn new(hash: Hash, key: &[u8]) -> Self {
        let pad = if hash == Hash::Md5 { 48 } else { 40 };
        let padded = |byte: u8| {
            let mut digest = Digest::new(hash);
            digest.update(key);
            digest.update(&[byte; 48][..pad]);
            digest
        };
        Self { inner: padded(0x36), outer: padded(0x5c) }
    }

    /// Adds `data` to the message.
    pub fn update(&mut self, data: &[u8]) {
        self.inner.update(data);
    }

    /// Fills `code`, which may be shorter than the whole one, with its leading bytes.
    pub fn finish(mut self, code: &mut [u8]) {
        let mut digest = Zeroizing::new([0; 20]);
        let len = self.inner.finish(&mut *digest);
        self.outer.update(&digest[..len]);
        self.outer.finish(code);
    }
}
