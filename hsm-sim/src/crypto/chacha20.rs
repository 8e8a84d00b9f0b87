//! ChaCha20 and Poly1305 (RFC 8439), each by itself, on the portable engine.

use ::chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek, inout::InOutBuf};
use ::chacha20::{ChaCha20 as Ietf, ChaCha20Legacy, XChaCha20};
use poly1305::{Poly1305, universal_hash::KeyInit};

use super::{Error, Result};
use crate::secret::{SHALLOW, scrubbed};

/// Length of a ChaCha20 or Poly1305 key in bytes.
pub const CHACHA20_KEY: usize = 32;

/// Length of a block of key stream in bytes.
const STREAM_BLOCK: u128 = 64;

/// A key stream, added to data; encryption and decryption are the same. Erased on drop.
pub struct ChaCha20(Variant);

enum Variant {
    /// Bernstein's own: a nonce of 64 bits, a counter of 64.
    Original(Box<ChaCha20Legacy>),
    /// A nonce of 96 bits, a counter of 32.
    Ietf(Box<Ietf>),
    /// A nonce of 192 bits (draft-irtf-cfrg-xchacha).
    Extended(Box<XChaCha20>),
}

impl ChaCha20 {
    /// Starts at a block of the key stream. A key of 32 bytes, else [`Error::InvalidKey`]; a nonce of 8, 12 or 24 bytes, which
    /// choose the variant and are never used twice under a key, and a block that the variant can count to: else
    /// [`Error::InvalidParameter`].
    pub fn new(key: &[u8], nonce: &[u8], block: u64) -> Result<Self> {
        if key.len() != CHACHA20_KEY {
            return Err(Error::InvalidKey);
        }
        Ok(Self(match nonce.len() {
            8 => Variant::Original(started(key, nonce, block)?),
            12 => Variant::Ietf(started(key, nonce, block)?),
            _ => Variant::Extended(started(key, nonce, block)?),
        }))
    }

    /// Any length from `input` to `output`, which is as long or longer. [`Error::InvalidLength`], before any output, when the
    /// key stream would repeat: the crate stops a block before the counter's last value.
    pub fn process(&mut self, input: &[u8], output: &mut [u8]) -> Result<()> {
        let output = output.get_mut(..input.len()).ok_or(Error::InvalidLength)?;
        let data = InOutBuf::new(input, output).map_err(|_| Error::InvalidLength)?;
        scrubbed::<SHALLOW, _>(|| match &mut self.0 {
            Variant::Original(stream) => stream.try_apply_keystream_inout(data),
            Variant::Ietf(stream) => stream.try_apply_keystream_inout(data),
            Variant::Extended(stream) => stream.try_apply_keystream_inout(data),
        })
        .map_err(|_| Error::InvalidLength)
    }
}

fn started<S: KeyIvInit + StreamCipherSeek>(key: &[u8], nonce: &[u8], block: u64) -> Result<Box<S>> {
    scrubbed::<SHALLOW, _>(|| {
        let mut stream = S::new_from_slices(key, nonce).map_err(|_| Error::InvalidParameter)?;
        stream.try_seek(u128::from(block) * STREAM_BLOCK).map_err(|_| Error::InvalidParameter)?;
        Ok(Box::new(stream))
    })
}

/// The authenticator of one message under a key of 32 bytes, else [`Error::InvalidKey`]. A second message under the same key
/// reveals it.
pub fn poly1305(key: &[u8], message: &[u8]) -> Result<[u8; 16]> {
    scrubbed::<SHALLOW, _>(|| {
        let state = Poly1305::new_from_slice(key).map_err(|_| Error::InvalidKey)?;
        Ok(state.compute_unpadded(message).into())
    })
}
