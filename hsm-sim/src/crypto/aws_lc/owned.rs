//! Who frees what AWS-LC allocated.

use std::ptr::NonNull;

use aws_lc_sys::{
    BIGNUM, BN_CTX, BN_CTX_free, BN_MONT_CTX, BN_MONT_CTX_free, BN_clear_free, EC_KEY, EC_KEY_free, EC_POINT, EC_POINT_free,
    ECDSA_SIG, ECDSA_SIG_free, EVP_AEAD_CTX, EVP_AEAD_CTX_free, EVP_CIPHER_CTX, EVP_CIPHER_CTX_free, EVP_PKEY, EVP_PKEY_CTX,
    EVP_PKEY_CTX_free, EVP_PKEY_free, RSA, RSA_free,
};

use super::{Error, Result, check};

/// An object that AWS-LC allocated and that is ours alone; freed, and by AWS-LC erased, on drop.
pub(super) struct Owned<T: Object>(NonNull<T>);

/// What an [`Owned`] can hold.
///
/// # Safety
///
/// `free` releases exactly what the library's constructor allocated. The object is bound to no thread, and the library
/// allows functions that take it by `const` pointer to run on several threads at once.
pub(super) unsafe trait Object {
    /// # Safety
    ///
    /// `object` came from the library, is owned, and is not used again.
    unsafe fn free(object: *mut Self);
}

impl<T: Object> Owned<T> {
    /// Takes ownership; null, which is how AWS-LC reports failure, becomes [`Error::Failed`].
    ///
    /// # Safety
    ///
    /// `object` is null or a valid object that nobody else owns.
    pub(super) unsafe fn new(object: *mut T) -> Result<Self> {
        match NonNull::new(object) {
            Some(object) => Ok(Self(object)),
            None => check(0).and(Err(Error::Failed)),
        }
    }

    pub(super) fn as_ptr(&self) -> *const T {
        self.0.as_ptr()
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut T {
        self.0.as_ptr()
    }

    /// Gives the object away, to a function that takes ownership.
    pub(super) fn into_raw(self) -> *mut T {
        std::mem::ManuallyDrop::new(self).0.as_ptr()
    }
}

impl<T: Object> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: `new` took ownership of a valid object, and nothing uses it after drop.
        unsafe { T::free(self.0.as_ptr()) }
    }
}

// SAFETY: `Object` promises that the object is bound to no thread.
unsafe impl<T: Object> Send for Owned<T> {}
// SAFETY: a shared `Owned` gives out `const` pointers only, which `Object` promises may be used concurrently.
unsafe impl<T: Object> Sync for Owned<T> {}

/// Names the function that frees each type.
macro_rules! objects {
    ($($object:ty => $free:ident),* $(,)?) => {$(
        // SAFETY: the pair is the library's own constructor and destructor; its documentation allows concurrent use through
        // `const` pointers, and it keeps no thread-local state in objects.
        unsafe impl Object for $object {
            unsafe fn free(object: *mut Self) {
                // SAFETY: the caller's promise.
                unsafe { $free(object) }
            }
        }
    )*};
}

objects! {
    BIGNUM => BN_clear_free,
    BN_CTX => BN_CTX_free,
    BN_MONT_CTX => BN_MONT_CTX_free,
    EC_KEY => EC_KEY_free,
    EC_POINT => EC_POINT_free,
    ECDSA_SIG => ECDSA_SIG_free,
    EVP_AEAD_CTX => EVP_AEAD_CTX_free,
    EVP_CIPHER_CTX => EVP_CIPHER_CTX_free,
    EVP_PKEY => EVP_PKEY_free,
    EVP_PKEY_CTX => EVP_PKEY_CTX_free,
    RSA => RSA_free,
}
