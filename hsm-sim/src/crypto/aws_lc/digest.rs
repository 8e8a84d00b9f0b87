//! Hashes. AWS-LC's states are plain structures without pointers, so they live here, are copied by assignment and erased.
//!
//! SHA-3 it offers only through objects on the heap, and of BLAKE2b one length: those are left to the portable engine.

use std::mem::MaybeUninit;

use aws_lc_sys::{
    MD5_CTX, MD5_Final, MD5_Init, MD5_Update, SHA_CTX, SHA1_Final, SHA1_Init, SHA1_Update, SHA224_Final, SHA224_Init,
    SHA224_Update, SHA256_CTX, SHA256_Final, SHA256_Init, SHA256_Update, SHA384_Final, SHA384_Init, SHA384_Update,
    SHA512_224_Final, SHA512_224_Init, SHA512_224_Update, SHA512_256_Final, SHA512_256_Init, SHA512_256_Update, SHA512_CTX,
    SHA512_Final, SHA512_Init, SHA512_Update,
};
use zeroize::Zeroize;

use crate::crypto::digest::{Hash, MAX_OUTPUT};

/// A running hash; erased on drop.
#[derive(Clone)]
pub(in crate::crypto) enum DigestState {
    Md5(MD5_CTX),
    Sha1(SHA_CTX),
    Sha224(SHA256_CTX),
    Sha256(SHA256_CTX),
    Sha384(SHA512_CTX),
    Sha512(SHA512_CTX),
    Sha512_224(SHA512_CTX),
    Sha512_256(SHA512_CTX),
}

/// Writes the three functions of [`DigestState`] from the three functions of each hash.
macro_rules! hashes {
    ($($hash:ident: $init:ident, $update:ident, $final:ident;)*) => {
        impl DigestState {
            /// `None` for hashes that are not among these.
            pub(in crate::crypto) fn new(hash: Hash) -> Option<Self> {
                match hash {
                    $(Hash::$hash => {
                        let mut state = MaybeUninit::zeroed();
                        // SAFETY: the state is writable, and this function cannot fail.
                        unsafe { $init(state.as_mut_ptr()) };
                        // SAFETY: integers only, zeroed at first and then written.
                        Some(Self::$hash(unsafe { state.assume_init() }))
                    })*
                    _ => None,
                }
            }

            pub(in crate::crypto) fn update(&mut self, data: &[u8]) {
                match self {
                    // SAFETY: the state was initialised by `new`; the slice is valid for its length. Cannot fail.
                    $(Self::$hash(state) => unsafe {
                        $update(state, data.as_ptr().cast(), data.len());
                    },)*
                }
            }

            pub(in crate::crypto) fn finish(mut self, out: &mut [u8; MAX_OUTPUT]) {
                match &mut self {
                    // SAFETY: the state was initialised by `new`; `out` has room for the longest digest. Cannot fail.
                    $(Self::$hash(state) => unsafe {
                        $final(out.as_mut_ptr(), state);
                    },)*
                }
            }
        }
    };
}

hashes! {
    Md5: MD5_Init, MD5_Update, MD5_Final;
    Sha1: SHA1_Init, SHA1_Update, SHA1_Final;
    Sha224: SHA224_Init, SHA224_Update, SHA224_Final;
    Sha256: SHA256_Init, SHA256_Update, SHA256_Final;
    Sha384: SHA384_Init, SHA384_Update, SHA384_Final;
    Sha512: SHA512_Init, SHA512_Update, SHA512_Final;
    Sha512_224: SHA512_224_Init, SHA512_224_Update, SHA512_224_Final;
    Sha512_256: SHA512_256_Init, SHA512_256_Update, SHA512_256_Final;
}

impl Drop for DigestState {
    fn drop(&mut self) {
        match self {
            Self::Md5(state) => {
                state.h.zeroize();
                state.data.zeroize();
            }
            Self::Sha1(state) => {
                state.h.zeroize();
                state.data.zeroize();
            }
            Self::Sha224(state) | Self::Sha256(state) => {
                state.h.zeroize();
                state.data.zeroize();
            }
            Self::Sha384(state) | Self::Sha512(state) | Self::Sha512_224(state) | Self::Sha512_256(state) => {
                state.h.zeroize();
                state.p.zeroize();
            }
        }
    }
}
