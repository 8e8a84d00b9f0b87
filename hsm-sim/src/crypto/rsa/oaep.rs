//! Encoding and decoding for RSAES-OAEP (RFC 8017, 7.1): 0, masked seed, masked (hash of label, zeros, 1, message).

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::{Oaep, mgf};
use crate::crypto::digest::MAX_OUTPUT;
use crate::crypto::{Error, Result, digest};
use crate::rng;

/// Fills `encoded`, zeros and as long as the modulus, with `message`; [`Error::InvalidLength`] when that is too long.
pub(super) fn encode(oaep: &Oaep<'_>, message: &[u8], encoded: &mut [u8]) -> Result<()> {
    let hash_len = oaep.hash.output_len();
    let start =
        encoded.len().checked_sub(message.len()).filter(|start| *start >= 2 * hash_len + 2).ok_or(Error::InvalidLength)?;
    encoded[start - 1] = 1;
    encoded[start..].copy_from_slice(message);
    let (seed, data) = encoded[1..].split_at_mut(hash_len);
    digest(oaep.hash, &[oaep.label], data);
    rng::fill(seed)?;
    mgf::mask(oaep.mgf, seed, data);
    mgf::mask(oaep.mgf, data, seed);
    Ok(())
}

/// Unmasks `encoded` in place and copies the message to `output`; returns its length.
///
/// All checks are made before one answer, [`Error::Rejected`], is given: telling them apart would let an attacker decrypt
/// (Manger, CRYPTO 2001). `output` has room for the longest message that fits, else [`Error::InvalidLength`].
pub(super) fn decode(oaep: &Oaep<'_>, encoded: &mut [u8], output: &mut [u8]) -> Result<usize> {
    let hash_len = oaep.hash.output_len();
    let longest = encoded.len().checked_sub(2 * hash_len + 2).ok_or(Error::InvalidLength)?;
    if output.len() < longest {
        return Err(Error::InvalidLength);
    }
    let (first, rest) = encoded.split_at_mut(1);
    let (seed, data) = rest.split_at_mut(hash_len);
    mgf::mask(oaep.mgf, data, seed);
    mgf::mask(oaep.mgf, seed, data);
    let (label, message) = data.split_at(hash_len);
    let mut expected = Zeroizing::new([0; MAX_OUTPUT]);
    digest(oaep.hash, &[oaep.label], expected.as_mut());
    let (found, start) = after_one(message);
    let sound = first.ct_eq(&[0]) & label.ct_eq(&expected[..hash_len]) & found;
    if !bool::from(sound) {
        return Err(Error::Rejected);
    }
    let message = message.get(start as usize..).ok_or(Error::Rejected)?;
    output[..message.len()].copy_from_slice(message);
    Ok(message.len())
}

/// Whether `data` is zeros and then a 1, and what follows the 1 begins at; in constant time.
fn after_one(data: &[u8]) -> (Choice, u32) {
    let (mut zeros, mut found, mut start) = (Choice::from(1), Choice::from(0), 0u32);
    for (index, byte) in (1u32..).zip(data) {
        let one = zeros & byte.ct_eq(&1);
        start.conditional_assign(&index, one);
        found |= one;
        zeros &= byte.ct_eq(&0);
    }
    (found, start)
}
