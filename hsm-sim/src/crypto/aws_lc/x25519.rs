//! X25519.

use aws_lc_sys::{X25519, X25519_public_from_private};

use super::check;
use crate::crypto::x25519::LEN;

/// The scalar times the base point.
pub(in crate::crypto) fn x25519_base(scalar: &[u8; LEN]) -> [u8; LEN] {
    let mut public = [0; LEN];
    // SAFETY: 32 bytes are written and 32 are read, which the arrays have.
    unsafe { X25519_public_from_private(public.as_mut_ptr(), scalar.as_ptr()) };
    public
}

/// The scalar times a point; zeros for a point of small order.
pub(in crate::crypto) fn x25519(scalar: &[u8; LEN], point: &[u8; LEN]) -> [u8; LEN] {
    let mut shared = [0; LEN];
    // SAFETY: 32 bytes are written and twice 32 are read, which the arrays have.
    let outcome = check(unsafe { X25519(shared.as_mut_ptr(), scalar.as_ptr(), point.as_ptr()) });
    // The library says no when the result is zero; what it wrote until then is not to be used.
    if outcome.is_err() { [0; LEN] } else { shared }
}
