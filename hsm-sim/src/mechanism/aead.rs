//! Ciphers that authenticate: what the message functions and the authenticated wrapping of keys ask of them.

use super::{Key, Result, aes};
use crate::{abi::message::Shape, crypto, error::Rv};

/// A cipher with its key, for any number of messages. It is told by three functions over ciphertext and tag side by side, as the crypto
/// engines have it; the message functions keep the two apart.
pub trait Aead: Send {
    /// Refuses lengths of nonce and tag that the cipher does not take, bytes.
    fn check(&self, nonce: usize, tag: usize) -> Result<()>;
    /// Encrypts; `output` takes ciphertext and tag.
    fn seal_joined(&self, nonce: &[u8], aad: &[u8], tag: usize, plain: &[u8], output: &mut [u8]) -> crypto::Result<()>;
    /// Decrypts ciphertext and tag, once the tag is right.
    fn open_joined(&self, nonce: &[u8], aad: &[u8], tag: usize, sealed: &[u8], output: &mut [u8]) -> crypto::Result<()>;

    /// Encrypts in parts; `None` for ciphers that need the whole message.
    fn stream(&self, _nonce: &[u8], _aad: &[u8], _tag: usize) -> Result<Option<Box<dyn Stream>>> {
        Ok(None)
    }

    /// Encrypts; `output` is as long as `plain`.
    fn seal(&self, nonce: &[u8], aad: &[u8], plain: &[u8], output: &mut [u8], tag: &mut [u8]) -> Result<()> {
        let mut joined = vec![0; plain.len() + tag.len()];
        self.seal_joined(nonce, aad, tag.len(), plain, &mut joined).map_err(aes::plain)?;
        let (body, end) = joined.split_at(plain.len());
        output.copy_from_slice(body);
        tag.copy_from_slice(end);
        Ok(())
    }

    /// Decrypts once the tag is right: CKR_AEAD_DECRYPT_FAILED otherwise, with nothing written.
    fn open(&self, nonce: &[u8], aad: &[u8], sealed: &[u8], tag: &[u8], output: &mut [u8]) -> Result<()> {
        let opened = self.open_joined(nonce, aad, tag.len(), &[sealed, tag].concat(), output);
        opened.map_err(|_| Rv::AeadDecryptFailed.because("the message fails authentication"))
    }
}

/// A message being encrypted in parts.
pub trait Stream: Send {
    /// Encrypts a part; `output` is as long.
    fn update(&mut self, part: &[u8], output: &mut [u8]) -> Result<()>;
    /// The tag.
    fn finish(self: Box<Self>, tag: &mut [u8]) -> Result<()>;
}

/// How a row makes one, and what its messages' parameters look like.
pub struct MakeAead {
    pub shape: Shape,
    pub make: fn(&Key) -> Result<Box<dyn Aead>>,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cryptoki_sys::{CKK_CHACHA20, CKM_CHACHA20_POLY1305};

    use super::*;
    use crate::{crypto::AesKey, mechanism::table, secret::Secret};

    /// Every row that has messages: what is sealed opens, and nothing else does.
    #[test]
    fn what_is_sealed_opens_and_what_was_altered_does_not() {
        let mut rows = 0;
        for row in table::rows() {
            let Some(make) = &row.aead else { continue };
            rows += 1;
            let key = match row.kind {
                CKM_CHACHA20_POLY1305 => Key::Typed(CKK_CHACHA20, Arc::new(Secret::copy(&[7; 32]))),
                _ => Key::Aes(Arc::new(AesKey::new(&[7; 32]).unwrap())),
            };
            let aead = (make.make)(&key).unwrap();
            aead.check(12, 16).unwrap();
            assert!(aead.check(0, 16).is_err() && aead.check(12, 3).is_err(), "{}", row.name);
            let (mut sealed, mut tag, mut plain) = ([0; 5], [0; 16], [0; 5]);
            aead.seal(&[1; 12], b"aad", b"hello", &mut sealed, &mut tag).unwrap();
            aead.open(&[1; 12], b"aad", &sealed, &tag, &mut plain).unwrap();
            assert_eq!(&plain, b"hello", "{}", row.name);
            tag[15] ^= 1;
            let refused = aead.open(&[1; 12], b"aad", &sealed, &tag, &mut plain).unwrap_err();
            assert_eq!(refused.rv, Rv::AeadDecryptFailed, "{}", row.name);
        }
        assert!(rows >= 3);
    }
}
