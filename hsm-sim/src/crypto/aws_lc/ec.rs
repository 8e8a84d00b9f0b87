//! ECDSA and ECDH on the curves that AWS-LC has.

use std::ffi::c_int;
use std::ptr::{null, null_mut};

use aws_lc_sys::{
    EC_GROUP, EC_KEY, EC_KEY_get0_group, EC_KEY_get0_public_key, EC_KEY_new_by_curve_name, EC_KEY_set_private_key,
    EC_KEY_set_public_key, EC_POINT, EC_POINT_mul, EC_POINT_new, EC_POINT_oct2point, EC_POINT_point2oct, ECDH_compute_key,
    ECDSA_SIG, ECDSA_SIG_get0, ECDSA_SIG_new, ECDSA_SIG_set0, ECDSA_do_sign, ECDSA_do_verify, NID_X9_62_prime256v1,
    NID_secp224r1, NID_secp256k1, NID_secp384r1, NID_secp521r1, point_conversion_form_t,
};

use super::owned::Owned;
use super::{check, number};
use crate::crypto::curve::Curve;
use crate::crypto::{Error, Result};
use crate::secret::{SHALLOW, scrubbed};

/// A point on a curve.
pub(in crate::crypto) struct EcPublic {
    curve: Curve,
    key: Owned<EC_KEY>,
}

/// A scalar and its point.
pub(in crate::crypto) struct EcPrivate {
    curve: Curve,
    key: Owned<EC_KEY>,
}

impl EcPublic {
    /// Decodes a point of SEC 1, compressed or not, and checks that it is on the curve.
    pub(in crate::crypto) fn new(curve: Curve, point: &[u8]) -> Result<Self> {
        let key = key_on(curve)?;
        let group = group_of(&key);
        let mut decoded = point_on(group)?;
        // SAFETY: group and point are valid and belong together; the slice is valid for its length.
        check(unsafe {
            let target = decoded.as_mut_ptr();
            EC_POINT_oct2point(group, target, point.as_ptr(), point.len(), null_mut())
        })
        .map_err(|_| Error::InvalidKey)?;
        let key = with_public(key, &decoded)?;
        Ok(Self { curve, key })
    }

    /// The point, uncompressed.
    pub(in crate::crypto) fn point(&self) -> Result<Box<[u8]>> {
        let mut point = vec![0; 1 + 2 * self.curve.field_len()].into_boxed_slice();
        // SAFETY: the key is valid and has a public part; at most `point.len()` bytes are written.
        let written = unsafe {
            EC_POINT_point2oct(
                group_of(&self.key),
                EC_KEY_get0_public_key(self.key.as_ptr()),
                point_conversion_form_t::POINT_CONVERSION_UNCOMPRESSED,
                point.as_mut_ptr(),
                point.len(),
                null_mut(),
            )
        };
        if written == point.len() { Ok(point) } else { Err(Error::Failed) }
    }

    /// `signature` is r and s, each as long as a coordinate.
    pub(in crate::crypto) fn verify(&self, digest: &[u8], signature: &[u8]) -> Result<()> {
        let (r, s) = signature.split_at_checked(self.curve.field_len()).ok_or(Error::Rejected)?;
        let signature = signature_of(r, s)?;
        // SAFETY: the slice is valid for its length; signature and key are valid and only read.
        check(unsafe {
            let (signature, key) = (signature.as_ptr(), self.key.as_ptr());
            ECDSA_do_verify(digest.as_ptr(), digest.len(), signature, key)
        })
        .map_err(|_| Error::Rejected)
    }
}

impl EcPrivate {
    /// `scalar` is not zero; one that is not below the order is refused.
    pub(in crate::crypto) fn new(curve: Curve, scalar: &[u8]) -> Result<Self> {
        let mut key = key_on(curve)?;
        let scalar = number::from_bytes(scalar)?;
        // SAFETY: key and number are valid; the key takes a copy.
        check(unsafe { EC_KEY_set_private_key(key.as_mut_ptr(), scalar.as_ptr()) }).map_err(|_| Error::InvalidKey)?;
        let group = group_of(&key);
        let mut point = point_on(group)?;
        // SAFETY: group, point and number are valid; null stands for "no second point" and "no context".
        check(unsafe {
            let target = point.as_mut_ptr();
            EC_POINT_mul(group, target, scalar.as_ptr(), null(), null(), null_mut())
        })?;
        let key = with_public(key, &point)?;
        Ok(Self { curve, key })
    }

    pub(in crate::crypto) fn public(&self) -> Result<EcPublic> {
        let key = key_on(self.curve)?;
        // SAFETY: our key is valid and has a public part, which is copied.
        let key = unsafe { with_public_ptr(key, EC_KEY_get0_public_key(self.key.as_ptr())) }?;
        let curve = self.curve;
        Ok(EcPublic { curve, key })
    }

    /// Fills `out`, two coordinates long. The nonce comes from AWS-LC's generator, into which it feeds SHA-512
    /// of key and digest as additional input (`ecdsa_sign_impl` in its ecdsa.c): hedged, too, though not RFC 6979.
    pub(in crate::crypto) fn sign(&self, digest: &[u8], out: &mut [u8]) -> Result<()> {
        // AWS-LC hashes the scalar into the nonce and leaves the hash's buffer on the stack.
        // SAFETY: the slice is valid for its length, the key is valid and only read; the signature becomes ours.
        let sign = || unsafe { Owned::new(ECDSA_do_sign(digest.as_ptr(), digest.len(), self.key.as_ptr())) };
        let signature = scrubbed::<SHALLOW, _>(sign)?;
        let (mut r, mut s) = (null(), null());
        // SAFETY: the signature is valid, and so are the two variables.
        unsafe { ECDSA_SIG_get0(signature.as_ptr(), &mut r, &mut s) };
        let (r_out, s_out) = out.split_at_mut(self.curve.field_len());
        // SAFETY: both numbers belong to the signature, which lives until the end of this function.
        unsafe {
            number::write(r, r_out)?;
            number::write(s, s_out)
        }
    }

    /// Fills `shared`, as long as a coordinate.
    pub(in crate::crypto) fn agree(&self, point: &[u8], shared: &mut [u8]) -> Result<()> {
        let peer = EcPublic::new(self.curve, point)?;
        // SAFETY: at most `shared.len()` bytes are written; both keys are valid, have both parts and are only read; without a
        // function the coordinate itself comes out.
        let written = unsafe {
            let point = EC_KEY_get0_public_key(peer.key.as_ptr());
            ECDH_compute_key(shared.as_mut_ptr().cast(), shared.len(), point, self.key.as_ptr(), None)
        };
        let whole = usize::try_from(written).is_ok_and(|written| written == shared.len());
        check(c_int::from(whole))
    }
}

fn key_on(curve: Curve) -> Result<Owned<EC_KEY>> {
    let name = match curve {
        Curve::P224 => NID_secp224r1,
        Curve::P256 => NID_X9_62_prime256v1,
        Curve::P384 => NID_secp384r1,
        Curve::P521 => NID_secp521r1,
        Curve::Secp256k1 => NID_secp256k1,
        Curve::BrainpoolP256r1 | Curve::BrainpoolP384r1 => return Err(Error::Unsupported),
    };
    // SAFETY: the key becomes ours.
    unsafe { Owned::new(EC_KEY_new_by_curve_name(name)) }
}

/// The group of a key made by [`key_on`]: a constant of the library.
fn group_of(key: &Owned<EC_KEY>) -> *const EC_GROUP {
    // SAFETY: the key is valid.
    unsafe { EC_KEY_get0_group(key.as_ptr()) }
}

fn point_on(group: *const EC_GROUP) -> Result<Owned<EC_POINT>> {
    // SAFETY: the group is valid; the point becomes ours.
    unsafe { Owned::new(EC_POINT_new(group)) }
}

fn with_public(key: Owned<EC_KEY>, point: &Owned<EC_POINT>) -> Result<Owned<EC_KEY>> {
    // SAFETY: the point is valid.
    unsafe { with_public_ptr(key, point.as_ptr()) }
}

/// Gives a key its public part, a copy of `point`.
///
/// # Safety
///
/// `point` is valid.
unsafe fn with_public_ptr(mut key: Owned<EC_KEY>, point: *const EC_POINT) -> Result<Owned<EC_KEY>> {
    // SAFETY: the key is valid, the point by the caller's promise; a point of another group is refused by the library.
    check(unsafe { EC_KEY_set_public_key(key.as_mut_ptr(), point) })?;
    Ok(key)
}

fn signature_of(r: &[u8], s: &[u8]) -> Result<Owned<ECDSA_SIG>> {
    let (r, s) = (number::from_bytes(r)?, number::from_bytes(s)?);
    // SAFETY: the signature becomes ours.
    let mut signature = unsafe { Owned::new(ECDSA_SIG_new())? };
    // SAFETY: all three are valid. The numbers are given away: the call fails only for null, which they are not.
    check(unsafe { ECDSA_SIG_set0(signature.as_mut_ptr(), r.into_raw(), s.into_raw()) })?;
    Ok(signature)
}
