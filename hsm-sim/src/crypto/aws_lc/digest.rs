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
use zeroize::{Zeroize, Zeroizing};

use crate::crypto::digest::{Hash, MAX_OUTPUT};
use crate::secret::Secret;

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

/// The words of a state and its unfinished block, as bytes.
macro_rules! saved {
    ($state:ident, $block:ident) => {{
        let words = $state.h.iter().chain([&$state.Nl, &$state.Nh]).flat_map(|word| word.to_le_bytes());
        let mut saved: Zeroizing<Vec<u8>> = Zeroizing::new(Vec::with_capacity(SAVED_MOST));
        saved.extend(words.chain($state.num.to_le_bytes()));
        saved.extend_from_slice(&$state.$block);
        Secret::take(&mut saved)
    }};
}

/// Reads what `saved` wrote into a state that was just started; false when it is nothing of the kind.
macro_rules! resumed {
    ($state:ident, $block:ident, $saved:ident) => {{
        let mut rest = $saved;
        for word in $state.h.iter_mut().chain([&mut $state.Nl, &mut $state.Nh]) {
            let Some((bytes, later)) = rest.split_first_chunk() else { return false };
            *word = number(bytes);
            rest = later;
        }
        let Some((num, block)) = rest.split_first_chunk() else { return false };
        $state.num = u32::from_le_bytes(*num);
        if block.len() != $state.$block.len() || $state.num as usize >= block.len() {
            return false;
        }
        $state.$block.copy_from_slice(block);
        true
    }};
}

/// As long as the longest saved state: SHA-512's.
const SAVED_MOST: usize = 10 * 8 + 4 + 128;

/// A word of 4 or 8 bytes, little-endian.
trait Word<const N: usize> {
    fn of(bytes: &[u8; N]) -> Self;
}

impl Word<4> for u32 {
    fn of(bytes: &[u8; 4]) -> Self {
        Self::from_le_bytes(*bytes)
    }
}

impl Word<8> for u64 {
    fn of(bytes: &[u8; 8]) -> Self {
        Self::from_le_bytes(*bytes)
    }
}

fn number<W: Word<N>, const N: usize>(bytes: &[u8; N]) -> W {
    W::of(bytes)
}

impl DigestState {
    /// The state as bytes.
    pub(in crate::crypto) fn save(&self) -> Secret {
        match self {
            Self::Md5(state) => saved!(state, data),
            Self::Sha1(state) => saved!(state, data),
            Self::Sha224(state) | Self::Sha256(state) => saved!(state, data),
            Self::Sha384(state) | Self::Sha512(state) | Self::Sha512_224(state) | Self::Sha512_256(state) => saved!(state, p),
        }
    }

    /// The state of what `save` gave for this hash.
    pub(in crate::crypto) fn resume(hash: Hash, saved: &[u8]) -> Option<Self> {
        let mut state = Self::new(hash)?;
        state.read(saved).then_some(state)
    }

    fn read(&mut self, saved: &[u8]) -> bool {
        match self {
            Self::Md5(state) => resumed!(state, data, saved),
            Self::Sha1(state) => resumed!(state, data, saved),
            Self::Sha224(state) | Self::Sha256(state) => resumed!(state, data, saved),
            Self::Sha384(state) | Self::Sha512(state) | Self::Sha512_224(state) | Self::Sha512_256(state) => {
                resumed!(state, p, saved)
            }
        }
    }
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
