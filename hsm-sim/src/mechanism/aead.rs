//! Ciphers that authenticate: what the message functions and the authenticated wrapping of keys ask of them.

use super::{Key, Result};
use crate::abi::message::Shape;

/// A cipher with its key, for any number of messages.
pub trait Aead: Send {
    /// Refuses lengths of nonce and tag that the cipher does not take, bytes.
    fn check(&self, nonce: usize, tag: usize) -> Result<()>;
    /// Encrypts; `output` is as long as `plain`.
    fn seal(&self, nonce: &[u8], aad: &[u8], plain: &[u8], output: &mut [u8], tag: &mut [u8]) -> Result<()>;
    /// Decrypts once the tag is right: CKR_AEAD_DECRYPT_FAILED otherwise, with nothing written.
    fn open(&self, nonce: &[u8], aad: &[u8], sealed: &[u8], tag: &[u8], output: &mut [u8]) -> Result<()>;
    /// Encrypts in parts; `None` for ciphers that need the whole message.
    fn stream(&self, nonce: &[u8], aad: &[u8], tag: usize) -> Result<Option<Box<dyn Stream>>>;
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
