//! ML-DSA over mu. AWS-LC draws the randomness of signatures itself, from its own generator.

use aws_lc_sys::{
    EVP_PKEY_pqdsa_new_raw_private_key, EVP_PKEY_pqdsa_new_raw_public_key, EVP_PKEY_sign, EVP_PKEY_sign_init, EVP_PKEY_verify,
    EVP_PKEY_verify_init, NID_MLDSA44, NID_MLDSA65, NID_MLDSA87,
};

use super::check;
use super::owned::Owned;
use super::pkey::{self, Key};
use crate::crypto::ml_dsa::{MU_LEN, MlDsaSet};
use crate::crypto::{Error, Result};
use crate::secret::Secret;

/// A public key.
pub(in crate::crypto) struct MlDsaPublic(Key);

/// A private key.
pub(in crate::crypto) struct MlDsaPrivate(Key);

impl MlDsaPublic {
    pub(in crate::crypto) fn new(set: MlDsaSet, value: &[u8]) -> Result<Self> {
        // SAFETY: the slice is valid for its length and copied; the key becomes ours.
        let key = unsafe { Owned::new(EVP_PKEY_pqdsa_new_raw_public_key(nid(set), value.as_ptr(), value.len())) };
        key.map(Self).map_err(|_| Error::InvalidKey)
    }

    pub(in crate::crypto) fn verify(&self, mu: &[u8; MU_LEN], signature: &[u8]) -> Result<()> {
        let mut context = pkey::context(&self.0)?;
        // SAFETY: the context is valid.
        check(unsafe { EVP_PKEY_verify_init(context.as_mut_ptr()) })?;
        // SAFETY: the context is valid, and both slices are read for their lengths.
        check(unsafe { EVP_PKEY_verify(context.as_mut_ptr(), signature.as_ptr(), signature.len(), mu.as_ptr(), mu.len()) })
            .map_err(|_| Error::Rejected)
    }
}

impl MlDsaPrivate {
    /// Takes a seed or an expanded key, told apart by length; that the parts of an expanded one fit together is checked.
    pub(in crate::crypto) fn new(set: MlDsaSet, bytes: &[u8]) -> Result<Self> {
        // SAFETY: the slice is valid for its length and copied; the key becomes ours.
        let key = unsafe { Owned::new(EVP_PKEY_pqdsa_new_raw_private_key(nid(set), bytes.as_ptr(), bytes.len())) };
        key.map(Self).map_err(|_| Error::InvalidKey)
    }

    pub(in crate::crypto) fn value(&self, set: MlDsaSet) -> Result<Secret> {
        pkey::raw_private(&self.0, set.private_len())
    }

    pub(in crate::crypto) fn public(&self, set: MlDsaSet) -> Result<Box<[u8]>> {
        pkey::raw_public(&self.0, set.public_len())
    }

    /// Signs, hedged; `out` has the length of a signature.
    pub(in crate::crypto) fn sign(&self, mu: &[u8; MU_LEN], out: &mut [u8]) -> Result<()> {
        let mut context = pkey::context(&self.0)?;
        let mut len = out.len();
        // SAFETY: the context is valid.
        check(unsafe { EVP_PKEY_sign_init(context.as_mut_ptr()) })?;
        // SAFETY: the context is valid, mu is read for its length, and at most `len` bytes are written, which the slice has.
        check(unsafe { EVP_PKEY_sign(context.as_mut_ptr(), out.as_mut_ptr(), &mut len, mu.as_ptr(), mu.len()) })?;
        if len == out.len() { Ok(()) } else { Err(Error::Failed) }
    }
}

fn nid(set: MlDsaSet) -> i32 {
    match set {
        MlDsaSet::MlDsa44 => NID_MLDSA44,
        MlDsaSet::MlDsa65 => NID_MLDSA65,
        MlDsaSet::MlDsa87 => NID_MLDSA87,
    }
}
