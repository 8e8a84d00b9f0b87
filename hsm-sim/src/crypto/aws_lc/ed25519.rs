//! Ed25519 signing. Verification is dalek's: AWS-LC accepts keys of small order, which strict verification must not.

use std::ffi::c_int;

use aws_lc_sys::{ED25519_keypair_from_seed, ED25519_sign, ED25519ctx_sign, ED25519ph_sign};
use zeroize::Zeroizing;

use super::check;
use crate::crypto::Result;
use crate::crypto::ed25519::{EdVariant, POINT_LEN, SEED_LEN, SIGNATURE_LEN};

/// Seed and public key, as AWS-LC wants them.
pub(in crate::crypto) struct EdPrivate(Zeroizing<[u8; SEED_LEN + POINT_LEN]>);

type SignWithContext = unsafe extern "C" fn(*mut u8, *const u8, usize, *const u8, *const u8, usize) -> c_int;

impl EdPrivate {
    pub(in crate::crypto) fn new(seed: &[u8; SEED_LEN]) -> Self {
        let mut public = [0; POINT_LEN];
        let mut pair = Zeroizing::new([0; SEED_LEN + POINT_LEN]);
        // SAFETY: the function writes 32 and 64 bytes and reads 32, which the arrays have.
        unsafe {
            ED25519_keypair_from_seed(public.as_mut_ptr(), pair.as_mut_ptr(), seed.as_ptr());
        }
        Self(pair)
    }

    pub(in crate::crypto) fn public(&self) -> [u8; POINT_LEN] {
        let mut public = [0; POINT_LEN];
        public.copy_from_slice(&self.0[SEED_LEN..]);
        public
    }

    /// A context that is too long is refused before.
    pub(in crate::crypto) fn sign(&self, variant: EdVariant<'_>, message: &[u8], out: &mut [u8; SIGNATURE_LEN]) -> Result<()> {
        match variant {
            EdVariant::Pure => {
                let (text, key) = (message.as_ptr(), self.0.as_ptr());
                // SAFETY: 64 bytes are written and `message.len()` and 64 are read, which the arrays and the slice have.
                check(unsafe { ED25519_sign(out.as_mut_ptr(), text, message.len(), key) })
            }
            EdVariant::Context(context) => self.sign_with(ED25519ctx_sign, context, message, out),
            EdVariant::Prehashed(context) => self.sign_with(ED25519ph_sign, context, message, out),
        }
    }

    fn sign_with(&self, sign: SignWithContext, context: &[u8], message: &[u8], out: &mut [u8; SIGNATURE_LEN]) -> Result<()> {
        // SAFETY: 64 bytes are written; the key has 64 bytes, and both slices are valid for their lengths.
        check(unsafe {
            sign(out.as_mut_ptr(), message.as_ptr(), message.len(), self.0.as_ptr(), context.as_ptr(), context.len())
        })
    }
}
