//! X25519 by curve25519-dalek.

use curve25519_dalek::montgomery::MontgomeryPoint;

use crate::crypto::x25519::LEN;

/// The scalar times the base point.
pub(in crate::crypto) fn x25519_base(scalar: &[u8; LEN]) -> [u8; LEN] {
    MontgomeryPoint::mul_base_clamped(*scalar).to_bytes()
}

/// The scalar times a point; zeros for a point of small order.
pub(in crate::crypto) fn x25519(scalar: &[u8; LEN], point: &[u8; LEN]) -> [u8; LEN] {
    MontgomeryPoint(*point).mul_clamped(*scalar).to_bytes()
}
