//! Encoding for RSASSA-PSS (RFC 8017, 9.1): masked (zeros, 1, salt), H(zeros, digest, salt), 0xbc.

use subtle::ConstantTimeEq;

use super::{Pss, mgf};
use crate::crypto::digest::MAX_OUTPUT;
use crate::crypto::{Error, Result, digest};
use crate::rng;

/// The last byte of every encoded message.
const TRAILER: u8 = 0xbc;

/// Fills `encoded`, zeros and as long as a modulus of `bits` bits, for the digest of a message.
///
/// [`Error::InvalidLength`] when the digest is not the hash's, [`Error::InvalidParameter`] when the salt does not fit.
pub(super) fn encode(pss: &Pss, message: &[u8], bits: usize, encoded: &mut [u8]) -> Result<()> {
    let layout = Layout::new(pss, message, bits)?;
    let encoded = &mut encoded[layout.skipped..];
    let (masked, tail) = encoded.split_at_mut(layout.masked_len);
    let (padding, salt) = masked.split_at_mut(layout.masked_len - pss.salt_len);
    rng::fill(salt)?;
    if let Some(last) = padding.last_mut() {
        *last = 1;
    }
    digest(pss.hash, &[&[0; 8], message, salt], tail);
    let (hash, trailer) = tail.split_at_mut(pss.hash.output_len());
    trailer.fill(TRAILER);
    mgf::mask(pss.mgf, hash, masked);
    masked[0] &= layout.first_mask;
    Ok(())
}

/// Checks `encoded`, which is unmasked in place; [`Error::Rejected`] when it is not an encoding of the digest.
pub(super) fn verify(pss: &Pss, message: &[u8], bits: usize, encoded: &mut [u8]) -> Result<()> {
    let layout = Layout::new(pss, message, bits)?;
    let (skipped, encoded) = encoded.split_at_mut(layout.skipped);
    let (masked, tail) = encoded.split_at_mut(layout.masked_len);
    let (hash, trailer) = tail.split_at(pss.hash.output_len());
    let mut sound = skipped.iter().all(|byte| *byte == 0) && trailer == [TRAILER] && masked[0] & !layout.first_mask == 0;
    mgf::mask(pss.mgf, hash, masked);
    masked[0] &= layout.first_mask;
    let (padding, salt) = masked.split_at(layout.masked_len - pss.salt_len);
    sound &= padding.split_last().is_some_and(|(one, zeros)| *one == 1 && zeros.iter().all(|byte| *byte == 0));
    let mut expected = [0; MAX_OUTPUT];
    let len = digest(pss.hash, &[&[0; 8], message, salt], &mut expected);
    sound &= bool::from(expected[..len].ct_eq(hash));
    if sound { Ok(()) } else { Err(Error::Rejected) }
}

/// Where things are, given that the encoded number has one bit less than the modulus.
struct Layout {
    /// Bytes of the modulus that the encoding leaves zero: 1 when `bits` is 1 more than a multiple of 8, else 0.
    skipped: usize,
    /// Length of the masked part.
    masked_len: usize,
    /// The bits of the first masked byte that may be set.
    first_mask: u8,
}

impl Layout {
    fn new(pss: &Pss, message: &[u8], bits: usize) -> Result<Self> {
        let hash_len = pss.hash.output_len();
        if message.len() != hash_len {
            return Err(Error::InvalidLength);
        }
        let encoded_len = (bits - 1).div_ceil(8);
        let masked_len =
            encoded_len.checked_sub(hash_len + 1).filter(|len| *len > pss.salt_len).ok_or(Error::InvalidParameter)?;
        Ok(Self { skipped: bits.div_ceil(8) - encoded_len, masked_len, first_mask: 0xff >> (8 * encoded_len - (bits - 1)) })
    }
}
