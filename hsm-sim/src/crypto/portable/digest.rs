//! The five hash functions behind one type.

use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::crypto::digest::{Hash, MAX_OUTPUT};

/// A running hash.
#[derive(Clone)]
pub(in crate::crypto) enum DigestState {
    Sha1(Sha1),
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl DigestState {
    pub(in crate::crypto) fn new(hash: Hash) -> Self {
        match hash {
            Hash::Sha1 => Self::Sha1(Sha1::new()),
            Hash::Sha224 => Self::Sha224(Sha224::new()),
            Hash::Sha256 => Self::Sha256(Sha256::new()),
            Hash::Sha384 => Self::Sha384(Sha384::new()),
            Hash::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    pub(in crate::crypto) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Sha1(state) => state.update(data),
            Self::Sha224(state) => state.update(data),
            Self::Sha256(state) => state.update(data),
            Self::Sha384(state) => state.update(data),
            Self::Sha512(state) => state.update(data),
        }
    }

    pub(in crate::crypto) fn finish(self, out: &mut [u8; MAX_OUTPUT]) {
        match self {
            Self::Sha1(state) => out[..20].copy_from_slice(&state.finalize()),
            Self::Sha224(state) => out[..28].copy_from_slice(&state.finalize()),
            Self::Sha256(state) => out[..32].copy_from_slice(&state.finalize()),
            Self::Sha384(state) => out[..48].copy_from_slice(&state.finalize()),
            Self::Sha512(state) => out[..64].copy_from_slice(&state.finalize()),
        }
    }
}
