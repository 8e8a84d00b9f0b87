//! Keys behind AWS-LC's generic interface, which is the one it has for post-quantum algorithms.

use std::ffi::c_int;
use std::ptr::null_mut;

use aws_lc_sys::{EVP_PKEY, EVP_PKEY_CTX, EVP_PKEY_CTX_new, EVP_PKEY_get_raw_private_key, EVP_PKEY_get_raw_public_key};

use super::check;
use super::owned::Owned;
use crate::crypto::{Error, Result};
use crate::secret::Secret;

pub(super) type Key = Owned<EVP_PKEY>;
pub(super) type Context = Owned<EVP_PKEY_CTX>;

type RawKey = unsafe extern "C" fn(*const EVP_PKEY, *mut u8, *mut usize) -> c_int;

/// An operation with the key, which may be used on several threads at once.
pub(super) fn context(key: &Key) -> Result<Context> {
    // SAFETY: the key is valid. The parameter is not `const`, but all that is changed is the count of references, atomically.
    unsafe { Owned::new(EVP_PKEY_CTX_new(key.as_ptr().cast_mut(), null_mut())) }
}

/// The private key's bytes, `len` of them.
pub(super) fn raw_private(key: &Key, len: usize) -> Result<Secret> {
    Secret::filled(len, |bytes| raw(EVP_PKEY_get_raw_private_key, key, bytes))
}

/// The public key's bytes, `len` of them.
pub(super) fn raw_public(key: &Key, len: usize) -> Result<Box<[u8]>> {
    let mut bytes = vec![0; len].into_boxed_slice();
    raw(EVP_PKEY_get_raw_public_key, key, &mut bytes).map(|()| bytes)
}

fn raw(read: RawKey, key: &Key, out: &mut [u8]) -> Result<()> {
    let mut len = out.len();
    // SAFETY: the key is valid and only read; at most `len` bytes are written, which the slice has.
    check(unsafe { read(key.as_ptr(), out.as_mut_ptr(), &mut len) })?;
    if len == out.len() { Ok(()) } else { Err(Error::Failed) }
}
