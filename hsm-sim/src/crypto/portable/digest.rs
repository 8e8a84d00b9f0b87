//! The hash functions behind one type.

use blake2::{
    Blake2b, Blake2b256, Blake2b512,
    digest::consts::{U20, U48},
};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

use crate::crypto::digest::{Hash, MAX_OUTPUT};

type Blake2b160 = Blake2b<U20>;
type Blake2b384 = Blake2b<U48>;

/// Writes [`DigestState`] and its functions from the names of the hashes, which are those of the crates' types too.
macro_rules! hashes {
    ($($hash:ident)*) => {
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
    Md5
    Sha1
    Sha224 Sha256 Sha384 Sha512 Sha512_224 Sha512_256
    Sha3_224 Sha3_256 Sha3_384 Sha3_512
    Blake2b160 Blake2b256 Blake2b384 Blake2b512
}
