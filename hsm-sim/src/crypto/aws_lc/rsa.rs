//! RSA without padding: m^e and m^d mod n.

use aws_lc_sys::{RSA, RSA_NO_PADDING, RSA_new_private_key_large_e, RSA_new_public_key_large_e, RSA_sign_raw, RSA_verify_raw};

use super::owned::Owned;
use super::{check, number};
use crate::crypto::rsa::OwnedRsaParts;
use crate::crypto::{Error, Result};

/// A public key, ready for use.
pub(in crate::crypto) struct RsaPublic(Owned<RSA>);

/// A private key, ready for use; it keeps blinding factors, under a lock of its own.
pub(in crate::crypto) struct RsaPrivate(Owned<RSA>);

impl RsaPublic {
    /// Large exponents are allowed: their cost is bounded by the modulus, which the caller has bounded.
    pub(in crate::crypto) fn new(n: &[u8], e: &[u8]) -> Result<Self> {
        let (n, e) = (number::from_bytes(n)?, number::from_bytes(e)?);
        // SAFETY: the numbers are valid and copied; the key becomes ours.
        let key = unsafe { Owned::new(RSA_new_public_key_large_e(n.as_ptr(), e.as_ptr())) };
        key.map(Self).map_err(|_| Error::InvalidKey)
    }

    /// `input` and `output` are as long as the modulus, and the number in `input` is below it.
    pub(in crate::crypto) fn raw(&self, input: &[u8], output: &mut [u8]) -> Result<()> {
        let mut written = 0;
        // SAFETY: both slices are valid for their lengths, and no more than `output.len()` is written. The parameter is not
        // `const` but the library documents concurrent use: what it caches in the key, it caches under the key's lock.
        check(unsafe {
            RSA_verify_raw(
                self.0.as_ptr().cast_mut(),
                &mut written,
                output.as_mut_ptr(),
                output.len(),
                input.as_ptr(),
                input.len(),
                RSA_NO_PADDING,
            )
        })
    }
}

impl RsaPrivate {
    /// AWS-LC checks once more that the parts fit together.
    pub(in crate::crypto) fn new(parts: &OwnedRsaParts) -> Result<Self> {
        let [n, e] = [&parts.n, &parts.e].map(|part| number::from_bytes(part));
        let [d, p, q, dp, dq, qinv] =
            [&parts.d, &parts.p, &parts.q, &parts.dp, &parts.dq, &parts.qinv].map(|part| number::from_bytes(part.expose()));
        let (n, e, d, p, q, dp, dq, qinv) = (n?, e?, d?, p?, q?, dp?, dq?, qinv?);
        // SAFETY: the numbers are valid and copied; the key becomes ours.
        let key = unsafe {
            Owned::new(RSA_new_private_key_large_e(
                n.as_ptr(),
                e.as_ptr(),
                d.as_ptr(),
                p.as_ptr(),
                q.as_ptr(),
                dp.as_ptr(),
                dq.as_ptr(),
                qinv.as_ptr(),
            ))
        };
        key.map(Self).map_err(|_| Error::InvalidKey)
    }

    /// `input` and `output` are as long as the modulus; the number in `input` is above 1 and below the modulus less 1.
    ///
    /// AWS-LC blinds the input and raises the result to the public exponent before it lets it go.
    pub(in crate::crypto) fn raw(&self, input: &[u8], output: &mut [u8]) -> Result<()> {
        let mut written = 0;
        // SAFETY: as in `RsaPublic::raw`; the blinding factors, too, are behind the key's lock.
        check(unsafe {
            RSA_sign_raw(
                self.0.as_ptr().cast_mut(),
                &mut written,
                output.as_mut_ptr(),
                output.len(),
                input.as_ptr(),
                input.len(),
                RSA_NO_PADDING,
            )
        })
    }
}
