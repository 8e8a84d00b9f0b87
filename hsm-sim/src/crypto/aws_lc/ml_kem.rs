//! ML-KEM. Keys arrive checked: their lengths are the parameter set's.

use std::ptr::null_mut;

use aws_lc_sys::{
    EVP_PKEY_CTX_kem_set_params, EVP_PKEY_CTX_new_id, EVP_PKEY_KEM, EVP_PKEY_decapsulate, EVP_PKEY_encapsulate_deterministic,
    EVP_PKEY_kem_new_raw_public_key, EVP_PKEY_kem_new_raw_secret_key, EVP_PKEY_keygen_deterministic, EVP_PKEY_keygen_init,
    NID_MLKEM512, NID_MLKEM768, NID_MLKEM1024,
};

use super::check;
use super::owned::Owned;
use super::pkey::{self, Key};
use crate::crypto::ml_kem::{MlKemSet, SEED_LEN, SHARED_LEN};
use crate::crypto::{Error, Result};
use crate::secret::Secret;

/// An encapsulation key.
pub(in crate::crypto) struct MlKemPublic(Key);

/// A decapsulation key.
pub(in crate::crypto) struct MlKemPrivate(Key);

impl MlKemPublic {
    pub(in crate::crypto) fn new(set: MlKemSet, value: &[u8]) -> Result<Self> {
        // SAFETY: the slice is valid for its length and copied; the key becomes ours.
        let key = unsafe { Owned::new(EVP_PKEY_kem_new_raw_public_key(nid(set), value.as_ptr(), value.len())) };
        key.map(Self).map_err(|_| Error::InvalidKey)
    }

    /// `ciphertext` has the parameter set's length.
    pub(in crate::crypto) fn encapsulate(&self, m: &[u8; SHARED_LEN], ciphertext: &mut [u8]) -> Result<Secret> {
        let mut context = pkey::context(&self.0)?;
        Secret::filled(SHARED_LEN, |shared| {
            let (mut ciphertext_len, mut shared_len, mut m_len) = (ciphertext.len(), shared.len(), m.len());
            // SAFETY: the context is valid; `m_len` bytes of `m` are read, and at most as many bytes as the lengths say are
            // written to the two slices, which have them.
            check(unsafe {
                EVP_PKEY_encapsulate_deterministic(
                    context.as_mut_ptr(),
                    ciphertext.as_mut_ptr(),
                    &mut ciphertext_len,
                    shared.as_mut_ptr(),
                    &mut shared_len,
                    m.as_ptr(),
                    &mut m_len,
                )
            })
        })
    }
}

impl MlKemPrivate {
    /// The expanded key of a seed.
    pub(in crate::crypto) fn expand(set: MlKemSet, seed: &[u8; SEED_LEN]) -> Result<Secret> {
        // SAFETY: allocates a context, which becomes ours.
        let mut context = unsafe { Owned::new(EVP_PKEY_CTX_new_id(EVP_PKEY_KEM, null_mut()))? };
        let mut key = null_mut();
        let mut seed_len = seed.len();
        // SAFETY: the context is valid; `seed_len` bytes are read, which the array has; null asks for a new key.
        check(unsafe { EVP_PKEY_CTX_kem_set_params(context.as_mut_ptr(), nid(set)) })?;
        // SAFETY: as above.
        check(unsafe { EVP_PKEY_keygen_init(context.as_mut_ptr()) })?;
        // SAFETY: as above.
        check(unsafe { EVP_PKEY_keygen_deterministic(context.as_mut_ptr(), &mut key, seed.as_ptr(), &mut seed_len) })?;
        // SAFETY: the key was made for us.
        let key = unsafe { Owned::new(key)? };
        pkey::raw_private(&key, set.private_len())
    }

    /// Takes an expanded key.
    pub(in crate::crypto) fn new(set: MlKemSet, value: &[u8]) -> Result<Self> {
        // SAFETY: the slice is valid for its length and copied; the key becomes ours.
        let key = unsafe { Owned::new(EVP_PKEY_kem_new_raw_secret_key(nid(set), value.as_ptr(), value.len())) };
        key.map(Self).map_err(|_| Error::InvalidKey)
    }

    pub(in crate::crypto) fn decapsulate(&self, ciphertext: &[u8]) -> Result<Secret> {
        let mut context = pkey::context(&self.0)?;
        Secret::filled(SHARED_LEN, |shared| {
            let mut shared_len = shared.len();
            // SAFETY: the context is valid; the ciphertext is read for its length, and at most `shared_len` bytes are
            // written to the slice, which has them.
            check(unsafe {
                EVP_PKEY_decapsulate(
                    context.as_mut_ptr(),
                    shared.as_mut_ptr(),
                    &mut shared_len,
                    ciphertext.as_ptr(),
                    ciphertext.len(),
                )
            })
        })
    }
}

fn nid(set: MlKemSet) -> i32 {
    match set {
        MlKemSet::MlKem512 => NID_MLKEM512,
        MlKemSet::MlKem768 => NID_MLKEM768,
        MlKemSet::MlKem1024 => NID_MLKEM1024,
    }
}
