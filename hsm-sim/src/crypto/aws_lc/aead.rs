//! Authenticated encryption in one go, tag apart from ciphertext.

use aws_lc_sys::{
    EVP_AEAD, EVP_AEAD_CTX, EVP_AEAD_CTX_new, EVP_AEAD_CTX_open_gather, EVP_AEAD_CTX_seal_scatter, EVP_aead_chacha20_poly1305,
    EVP_aead_xchacha20_poly1305,
};

use super::check;
use super::owned::Owned;
use crate::crypto::{Error, Result};

/// A key of one algorithm, for tags of one length.
pub(in crate::crypto) struct Aead(Owned<EVP_AEAD_CTX>);

impl Aead {
    /// ChaCha20-Poly1305 with nonces of 12 or 24 bytes.
    pub(in crate::crypto) fn chacha20_poly1305(key: &[u8], nonce_len: usize) -> Result<Self> {
        // SAFETY: these functions return constants.
        let algorithm = unsafe {
            match nonce_len {
                12 => EVP_aead_chacha20_poly1305(),
                _ => EVP_aead_xchacha20_poly1305(),
            }
        };
        Self::new(algorithm, key, 16)
    }

    /// `algorithm` is one of the library's constants.
    pub(super) fn new(algorithm: *const EVP_AEAD, key: &[u8], tag_len: usize) -> Result<Self> {
        // SAFETY: the algorithm is a constant of the library (the callers' word), the key is valid for its length; the context
        // becomes ours.
        let context = unsafe { Owned::new(EVP_AEAD_CTX_new(algorithm, key.as_ptr(), key.len(), tag_len)) };
        context.map(Self)
    }

    /// `output` is as long as `input`, `tag` as long as the tag.
    #[inline]
    pub(in crate::crypto) fn seal(&self, iv: &[u8], aad: &[u8], input: &[u8], output: &mut [u8], tag: &mut [u8]) -> Result<()> {
        if output.len() != input.len() {
            return Err(Error::InvalidLength);
        }
        let mut tag_len = 0;
        // SAFETY: every slice is valid for its length; `output` is as long as `input`, checked above, and the length of `tag`
        // bounds what is written to it. The context is used by `const` pointer.
        check(unsafe {
            EVP_AEAD_CTX_seal_scatter(
                self.0.as_ptr(),
                output.as_mut_ptr(),
                tag.as_mut_ptr(),
                &mut tag_len,
                tag.len(),
                iv.as_ptr(),
                iv.len(),
                input.as_ptr(),
                input.len(),
                std::ptr::null(),
                0,
                aad.as_ptr(),
                aad.len(),
            )
        })
    }

    /// `output` is as long as `input`; on failure it holds nothing that may be used.
    #[inline]
    pub(in crate::crypto) fn open(&self, iv: &[u8], aad: &[u8], input: &[u8], tag: &[u8], output: &mut [u8]) -> Result<()> {
        if output.len() != input.len() {
            return Err(Error::InvalidLength);
        }
        // SAFETY: every slice is valid for its length and `output` is as long as `input`, checked above.
        check(unsafe {
            EVP_AEAD_CTX_open_gather(
                self.0.as_ptr(),
                output.as_mut_ptr(),
                iv.as_ptr(),
                iv.len(),
                input.as_ptr(),
                input.len(),
                tag.as_ptr(),
                tag.len(),
                aad.as_ptr(),
                aad.len(),
            )
        })
        .map_err(|_| Error::Rejected)
    }
}
