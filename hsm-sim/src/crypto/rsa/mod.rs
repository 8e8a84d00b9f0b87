//! RSA (RFC 8017, FIPS 186-5, SP 800-56B).
//!
//! Paddings are written once, here, over the bare m^e and m^d mod n of either engine: the crates at hand either tie the
//! padding to their own private operation or cannot mix hash functions.

mod encoded;
mod implicit;
mod mgf;
mod oaep;
mod parts;
mod pkcs1;
mod private;
mod pss;
mod public;
mod x931;

pub(super) use parts::trimmed;
pub use parts::{OwnedRsaParts, RsaParts};
pub use private::RsaPrivateKey;
pub use public::RsaPublicKey;

use super::Hash;

/// Parameters of RSAES-OAEP (RFC 8017, 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oaep<'a> {
    /// Hashes the label.
    pub hash: Hash,
    /// The hash inside MGF1.
    pub mgf: Hash,
    /// Bound to the message; usually empty.
    pub label: &'a [u8],
}

/// Parameters of RSASSA-PSS (RFC 8017, 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pss {
    /// Hashed the message.
    pub hash: Hash,
    /// The hash inside MGF1.
    pub mgf: Hash,
    /// Length of the salt in bytes.
    pub salt_len: usize,
}

/// Shortest and longest modulus in bits.
pub(super) const BITS: std::ops::RangeInclusive<usize> = 1024..=16384;
