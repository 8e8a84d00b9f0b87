//! The mask generation function MGF1 (RFC 8017, B.2.1).

use zeroize::Zeroizing;

use crate::crypto::digest::MAX_OUTPUT;
use crate::crypto::{Hash, digest};

/// XORs the mask that `seed` generates onto `data`.
pub(super) fn mask(hash: Hash, seed: &[u8], data: &mut [u8]) {
    let mut block = Zeroizing::new([0; MAX_OUTPUT]);
    for (counter, chunk) in (0u32..).zip(data.chunks_mut(hash.output_len())) {
        digest(hash, &[seed, &counter.to_be_bytes()], block.as_mut());
        for (byte, mask) in chunk.iter_mut().zip(block.iter()) {
            *byte ^= mask;
        }
    }
}
