//! The hash functions behind one type.

use blake2::{
    Blake2b, Blake2b256, Blake2b512,
    digest::{
        common::hazmat::SerializableState,
        consts::{U20, U48},
    },
};
use md2::Md2;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

use crate::crypto::digest::{Hash, MAX_OUTPUT};
use crate::secret::Secret;

type Blake2b160 = Blake2b<U20>;
type Blake2b384 = Blake2b<U48>;

/// Writes [`DigestState`] and its functions from the names of the hashes, which are those of the crates' types too.
macro_rules! hashes {
    ($($hash:ident)*; saved: $($saved:ident)*) => {
        /// A running hash; erased on drop.
        #[derive(Clone)]
        pub(in crate::crypto) enum DigestState {
            $($hash($hash)),*
        }

        impl DigestState {
            pub(in crate::crypto) fn new(hash: Hash) -> Self {
                match hash {
                    $(Hash::$hash => Self::$hash($hash::new())),*
                }
            }

            pub(in crate::crypto) fn update(&mut self, data: &[u8]) {
                match self {
                    $(Self::$hash(state) => state.update(data)),*
                }
            }

            /// `None` for BLAKE2b, whose crate has no way to it.
            pub(in crate::crypto) fn save(&self) -> Option<Secret> {
                match self {
                    $(Self::$saved(state) => Some(Secret::take(&mut state.serialize())),)*
                    _ => None,
                }
            }

            pub(in crate::crypto) fn resume(hash: Hash, saved: &[u8]) -> Option<Self> {
                match hash {
                    $(Hash::$saved => $saved::deserialize(saved.try_into().ok()?).ok().map(Self::$saved),)*
                    _ => None,
                }
            }

            pub(in crate::crypto) fn finish(self, out: &mut [u8; MAX_OUTPUT]) {
                match self {
                    $(Self::$hash(state) => {
                        let digest = state.finalize();
                        out[..digest.len()].copy_from_slice(&digest);
                    })*
                }
            }
        }
    };
}

hashes! {
    Md2 Md5
    Sha1
    Sha224 Sha256 Sha384 Sha512 Sha512_224 Sha512_256
    Sha3_224 Sha3_256 Sha3_384 Sha3_512
    Blake2b160 Blake2b256 Blake2b384 Blake2b512;
    saved: Md2 Md5 Sha1 Sha224 Sha256 Sha384 Sha512 Sha512_224 Sha512_256 Sha3_224 Sha3_256 Sha3_384 Sha3_512
}
