//! AES-GCM: one-shot through the AEAD interface, which is fastest; in parts through the cipher interface.

use std::ffi::c_int;
use std::ptr::null_mut;

use aws_lc_sys::*;

use super::owned::Owned;
use super::{Aead, check};
use crate::crypto::{BLOCK, Error, Result};

/// A key ready for GCM.
pub(in crate::crypto) struct Gcm(Aead);

impl Gcm {
    pub(in crate::crypto) fn new(key: &[u8]) -> Result<Self> {
        Self::with_tag_len(key, BLOCK)
    }

    /// Fills `output`, as long as `input` and the tag.
    #[inline]
    pub(in crate::crypto) fn seal(&self, iv: &[u8], aad: &[u8], input: &[u8], output: &mut [u8]) -> Result<()> {
        let (text, tag) = output.split_at_mut_checked(input.len()).ok_or(Error::InvalidLength)?;
        if tag.len() == BLOCK {
            return self.0.seal(iv, aad, input, text, tag);
        }
        // A shorter tag is the longest one cut (SP 800-38D, 7.1, step 7).
        let mut whole = [0; BLOCK];
        self.0.seal(iv, aad, input, text, &mut whole)?;
        tag.copy_from_slice(&whole[..tag.len()]);
        Ok(())
    }

    /// Fills `output`, as long as `input`; on failure it holds nothing that may be used. `key` is the one of [`Self::new`].
    #[inline]
    pub(in crate::crypto) fn open(
        &self,
        key: &[u8],
        iv: &[u8],
        aad: &[u8],
        input: &[u8],
        tag: &[u8],
        output: &mut [u8],
    ) -> Result<()> {
        if tag.len() == BLOCK {
            return self.0.open(iv, aad, input, tag, output);
        }
        // The interface ties the tag's length to the key.
        Self::with_tag_len(key, tag.len())?.0.open(iv, aad, input, tag, output)
    }

    fn with_tag_len(key: &[u8], tag_len: usize) -> Result<Self> {
        // SAFETY: these functions return constants.
        let algorithm = unsafe {
            match key.len() {
                16 => EVP_aead_aes_128_gcm(),
                24 => EVP_aead_aes_192_gcm(),
                _ => EVP_aead_aes_256_gcm(),
            }
        };
        Aead::new(algorithm, key, tag_len).map(Self)
    }
}

/// A message being sealed in parts.
pub(in crate::crypto) struct GcmStream(Owned<EVP_CIPHER_CTX>);

/// The cipher interface counts in `int`.
const MAX_PART: usize = 1 << 30;

impl GcmStream {
    pub(in crate::crypto) fn new(key: &[u8], iv: &[u8], aad: &[u8]) -> Result<Self> {
        let iv_len = c_int::try_from(iv.len()).map_err(|_| Error::InvalidParameter)?;
        // SAFETY: allocates a context, which becomes ours.
        let mut stream = Self(unsafe { Owned::new(EVP_CIPHER_CTX_new())? });
        let context = stream.0.as_mut_ptr();
        // SAFETY: the functions return constants, the context is valid; null leaves the key and vector for later.
        check(unsafe {
            let cipher = match key.len() {
                16 => EVP_aes_128_gcm(),
                24 => EVP_aes_192_gcm(),
                _ => EVP_aes_256_gcm(),
            };
            EVP_EncryptInit_ex(context, cipher, null_mut(), null_mut(), null_mut())
        })?;
        // SAFETY: this control reads its number and no pointer.
        check(unsafe { EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, iv_len, null_mut()) })?;
        // SAFETY: the key has the cipher's length, chosen by it above; the vector has the length just set.
        check(unsafe {
            let (key, iv) = (key.as_ptr(), iv.as_ptr());
            EVP_EncryptInit_ex(context, null_mut(), null_mut(), key, iv)
        })?;
        for part in aad.chunks(MAX_PART) {
            stream.run(part, null_mut())?;
        }
        Ok(stream)
    }

    pub(in crate::crypto) fn update(&mut self, input: &[u8], output: &mut [u8]) -> Result<()> {
        if output.len() != input.len() {
            return Err(Error::InvalidLength);
        }
        for (input, output) in input.chunks(MAX_PART).zip(output.chunks_mut(MAX_PART)) {
            self.run(input, output.as_mut_ptr())?;
        }
        Ok(())
    }

    /// Writes the tag's leading bytes, as many as `tag` holds: 1 to 16.
    pub(in crate::crypto) fn finish(mut self, tag: &mut [u8]) -> Result<()> {
        let mut unused = [0; BLOCK];
        let mut written = 0;
        let tag_len = c_int::try_from(tag.len()).map_err(|_| Error::InvalidLength)?;
        let context = self.0.as_mut_ptr();
        // SAFETY: GCM holds nothing back, so nothing is written; a block of room is given all the same.
        check(unsafe { EVP_EncryptFinal_ex(context, unused.as_mut_ptr(), &mut written) })?;
        // SAFETY: writes `tag_len` bytes, the length of the slice.
        check(unsafe { EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_len, tag.as_mut_ptr().cast()) })
    }

    /// Encrypts a part to `output`, which is as long, or authenticates it when `output` is null.
    fn run(&mut self, input: &[u8], output: *mut u8) -> Result<()> {
        let len = c_int::try_from(input.len()).map_err(|_| Error::InvalidLength)?;
        let mut written = 0;
        // SAFETY: `input` is valid for `len`; so is `output` by the callers' checks, unless it is null, which means
        // additional data and nothing is written.
        check(unsafe { EVP_EncryptUpdate(self.0.as_mut_ptr(), output, &mut written, input.as_ptr(), len) })
    }
}
