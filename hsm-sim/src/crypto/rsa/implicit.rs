//! What to answer instead of "bad padding": a message that depends on key and ciphertext only.
//!
//! draft-irtf-cfrg-rsa-guidance, 7. Whoever submits a forged ciphertext gets what looks like a decrypted one, always the
//! same, and learns nothing (Bleichenbacher, CRYPTO 1998).

use subtle::{ConditionallySelectable, ConstantTimeGreater};

use super::encoded::Encoded;
use crate::crypto::{Hash, HmacKey, digest};
use zeroize::Zeroizing;

/// What padding costs at least: 0, block type, eight bytes, 0.
pub(super) const OVERHEAD: usize = 11;

/// What alternatives are derived from; the key's own.
pub(super) struct Rejection(HmacKey);

/// The message in place of one that cannot be decrypted.
pub(super) struct Alternative {
    /// As long as the modulus; the message is its end.
    pub(super) message: Encoded,
    /// Length of the message.
    pub(super) len: u32,
}

impl Rejection {
    /// `d` is the private exponent, `len` the modulus's length.
    pub(super) fn new(d: &[u8], len: usize) -> Self {
        let zeros = vec![0; len.saturating_sub(d.len())];
        let mut key = Zeroizing::new([0; 32]);
        digest(Hash::Sha256, &[&zeros, d], key.as_mut());
        Self(HmacKey::new(Hash::Sha256, key.as_ref()))
    }

    /// The answer to `ciphertext`, which is as long as the modulus.
    pub(super) fn alternative(&self, ciphertext: &[u8]) -> Alternative {
        let mut key = Zeroizing::new([0; 32]);
        let mut code = self.0.start();
        code.update(ciphertext);
        code.finish(key.as_mut());
        let key = HmacKey::new(Hash::Sha256, key.as_ref());
        let mut lengths = Zeroizing::new([0; 256]);
        generate(&key, b"length", lengths.as_mut());
        let mut message = Encoded::zeros(ciphertext.len());
        generate(&key, b"message", &mut message);
        let len = select(lengths.as_ref(), ciphertext.len() - OVERHEAD);
        Alternative { message, len }
    }
}

/// IRPRF: HMAC over a counter, the label and the length in bits.
fn generate(key: &HmacKey, label: &[u8], out: &mut [u8]) {
    let bits = (out.len() as u16).wrapping_mul(8).to_be_bytes();
    for (counter, chunk) in (0u16..).zip(out.chunks_mut(32)) {
        let mut code = key.start();
        code.update(&counter.to_be_bytes());
        code.update(label);
        code.update(&bits);
        code.finish(chunk);
    }
}

/// The last of the candidates, two bytes each and cut to `longest`'s bits, that is not above `longest`, or 0.
fn select(candidates: &[u8], longest: usize) -> u32 {
    let longest = longest as u32;
    let mask = u32::MAX.checked_shr(longest.leading_zeros()).unwrap_or(0);
    let mut selected = 0;
    for candidate in candidates.chunks_exact(2) {
        let candidate = u32::from(u16::from_be_bytes([candidate[0], candidate[1]])) & mask;
        selected.conditional_assign(&candidate, !candidate.ct_gt(&longest));
    }
    selected
}
