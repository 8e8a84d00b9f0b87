//! AES-GCM (SP 800-38D) on RustCrypto: the crate `aes-gcm` for the common shape, its parts for all others.
//!
//! `aes-gcm` fixes the lengths of nonce and tag at compile time and does not stream, so other lengths and streams are put
//! together here from the same counter mode and GHASH.

use ::aes::{Aes128, Aes192, Aes256};
use aes_gcm::AesGcm;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, consts::U12};
use ghash::GHash;
use subtle::ConstantTimeEq;

use super::Aes;
use super::ghash::Authenticator;
use crate::crypto::aes::{CounterState, Direction};
use crate::crypto::ctr::Counter;
use crate::crypto::{BLOCK, Error, Result};
use crate::secret::{SHALLOW, scrubbed};

/// A key ready for GCM; erased on drop.
pub(in crate::crypto) struct Gcm {
    common: Common,
    aes: Aes,
    ghash: GHash,
}

/// The crate's own GCM, for nonces of 12 and tags of 16 bytes.
enum Common {
    Aes128(AesGcm<Aes128, U12>),
    Aes192(AesGcm<Aes192, U12>),
    Aes256(AesGcm<Aes256, U12>),
}

impl Gcm {
    pub(in crate::crypto) fn new(key: &[u8]) -> Result<Self> {
        let aes = Aes::new(key)?;
        let common = match &aes {
            Aes::Aes128(cipher) => Common::Aes128(cipher.clone().into()),
            Aes::Aes192(cipher) => Common::Aes192(cipher.clone().into()),
            Aes::Aes256(cipher) => Common::Aes256(cipher.clone().into()),
        };
        let mut hash_key = zeroize::Zeroizing::new([0; BLOCK]);
        aes.block(Direction::Encrypt, &mut hash_key);
        let ghash = GHash::new((&*hash_key).into());
        Ok(Self { common, aes, ghash })
    }

    /// `output` is `input` and the tag long.
    pub(in crate::crypto) fn seal(&self, iv: &[u8], aad: &[u8], input: &[u8], output: &mut [u8]) -> Result<()> {
        let (text, tag) = output.split_at_mut(input.len());
        if let (Ok(iv), Ok(tag)) = (iv.try_into(), <&mut [u8; BLOCK]>::try_from(&mut *tag)) {
            return self.seal_common(iv, aad, input, text, tag);
        }
        let mut stream = GcmStream::new(self, iv, aad);
        stream.update(self, input, text);
        stream.finish(tag);
        Ok(())
    }

    /// `output` is as long as `input`, and is written only when `tag` is right.
    pub(in crate::crypto) fn open(&self, iv: &[u8], aad: &[u8], input: &[u8], tag: &[u8], output: &mut [u8]) -> Result<()> {
        if let (Ok(iv), Ok(tag)) = (iv.try_into(), tag.try_into()) {
            return self.open_common(iv, aad, input, tag, output);
        }
        let mut check = GcmStream::new(self, iv, aad);
        check.authenticator.update(input);
        check.text_len = input.len() as u64;
        let mut expected = [0; BLOCK];
        let expected = &mut expected[..tag.len()];
        check.finish(expected);
        if !bool::from(expected.ct_eq(tag)) {
            return Err(Error::Rejected);
        }
        GcmStream::new(self, iv, &[]).add_keystream(self, input, output);
        Ok(())
    }

    fn seal_common(&self, iv: &[u8; 12], aad: &[u8], input: &[u8], output: &mut [u8], tag: &mut [u8; BLOCK]) -> Result<()> {
        let text = InOutBuf::new(input, output).map_err(|_| Error::InvalidLength)?;
        let iv = iv.into();
        let sealed = scrubbed::<SHALLOW, _>(|| match &self.common {
            Common::Aes128(gcm) => gcm.encrypt_inout_detached(iv, aad, text),
            Common::Aes192(gcm) => gcm.encrypt_inout_detached(iv, aad, text),
            Common::Aes256(gcm) => gcm.encrypt_inout_detached(iv, aad, text),
        });
        *tag = sealed.map_err(|_| Error::InvalidLength)?.into();
        Ok(())
    }

    fn open_common(&self, iv: &[u8; 12], aad: &[u8], input: &[u8], tag: &[u8; BLOCK], output: &mut [u8]) -> Result<()> {
        let text = InOutBuf::new(input, output).map_err(|_| Error::InvalidLength)?;
        let (iv, tag) = (iv.into(), tag.into());
        scrubbed::<SHALLOW, _>(|| match &self.common {
            Common::Aes128(gcm) => gcm.decrypt_inout_detached(iv, aad, text, tag),
            Common::Aes192(gcm) => gcm.decrypt_inout_detached(iv, aad, text, tag),
            Common::Aes256(gcm) => gcm.decrypt_inout_detached(iv, aad, text, tag),
        })
        .map_err(|_| Error::Rejected)
    }

    /// The pre-counter block J0 (SP 800-38D, 7.1, step 2).
    fn first_counter(&self, iv: &[u8]) -> [u8; BLOCK] {
        if iv.len() == 12 {
            let mut block = [0; BLOCK];
            block[..12].copy_from_slice(iv);
            block[15] = 1;
            return block;
        }
        let mut authenticator = Authenticator::new(&self.ghash);
        authenticator.update(iv);
        authenticator.finish(0, iv.len() as u64)
    }
}

/// A message being sealed in parts.
pub(in crate::crypto) struct GcmStream {
    counter: Counter,
    authenticator: Authenticator,
    /// The encrypted pre-counter block, which masks the tag.
    mask: [u8; BLOCK],
    aad_len: u64,
    text_len: u64,
}

impl GcmStream {
    pub(in crate::crypto) fn new(gcm: &Gcm, iv: &[u8], aad: &[u8]) -> Self {
        let mut authenticator = Authenticator::new(&gcm.ghash);
        authenticator.update(aad);
        authenticator.pad();
        let mut stream = Self {
            counter: Counter::new(gcm.first_counter(iv), 32),
            authenticator,
            mask: [0; BLOCK],
            aad_len: aad.len() as u64,
            text_len: 0,
        };
        let mut mask = [0; BLOCK];
        stream.add_keystream(gcm, &[0; BLOCK], &mut mask);
        stream.mask = mask;
        stream
    }

    /// Encrypts `input` into `output`, as long, and authenticates it.
    pub(in crate::crypto) fn update(&mut self, gcm: &Gcm, input: &[u8], output: &mut [u8]) {
        self.add_keystream(gcm, input, output);
        self.authenticator.update(output);
        self.text_len = self.text_len.wrapping_add(output.len() as u64);
    }

    /// Writes the tag's leading bytes, as many as `tag` holds: 16 or fewer.
    pub(in crate::crypto) fn finish(self, tag: &mut [u8]) {
        let hash = self.authenticator.finish(self.aad_len, self.text_len);
        for ((out, hash), mask) in tag.iter_mut().zip(hash).zip(self.mask) {
            *out = hash ^ mask;
        }
    }

    fn add_keystream(&mut self, gcm: &Gcm, input: &[u8], output: &mut [u8]) {
        let cipher = |state: &mut CounterState, input: &[u8], output: &mut [u8]| {
            gcm.aes.ctr(state, input, output);
        };
        self.counter.apply(cipher, input, output);
    }
}
