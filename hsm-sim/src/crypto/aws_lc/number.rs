//! Big numbers, to and from big-endian bytes.

use aws_lc_sys::{BIGNUM, BN_bin2bn, BN_bn2bin_padded};

use super::owned::Owned;
use super::{Result, check};

pub(super) type Number = Owned<BIGNUM>;

/// Reads a big-endian number of any length.
pub(super) fn from_bytes(bytes: &[u8]) -> Result<Number> {
    // SAFETY: the slice is valid for its length; null asks for a new number, which becomes ours.
    unsafe { Owned::new(BN_bin2bn(bytes.as_ptr(), bytes.len(), std::ptr::null_mut())) }
}

/// Writes a number big-endian, padded on the left, filling `out`; fails if it is too long.
///
/// # Safety
///
/// `number` is valid.
pub(super) unsafe fn write(number: *const BIGNUM, out: &mut [u8]) -> Result<()> {
    // SAFETY: the slice is valid for its length, the number by the caller's promise.
    check(unsafe { BN_bn2bin_padded(out.as_mut_ptr(), out.len(), number) })
}
