//! Algorithms: bytes in, bytes out.
//!
//! Nothing here knows PKCS#11. Every algorithm runs on the portable engine (RustCrypto, dalek) and, with the feature
//! `aws-lc`, most of them on AWS-LC too; [`engine`] says which engine serves what. Keys are erased when dropped, cannot be
//! printed and are shared by reference. Unless said otherwise `input` and `output` do not overlap, lengths are in bytes and
//! integers are big-endian.

mod aes;
mod agreed;
#[cfg(feature = "aws-lc")]
mod aws_lc;
mod cbc;
mod ctr;
mod curve;
mod digest;
mod ec;
mod ecb;
mod ed25519;
mod engine;
mod error;
mod gcm;
mod hkdf;
mod hmac;
mod key_wrap;
mod padding;
mod pin;
mod portable;
mod random;
mod rsa;
#[cfg(test)]
mod tests;
mod x25519;

pub use aes::{AesKey, Direction};
pub use agreed::AgreedKdf;
pub use cbc::Cbc;
pub use ctr::Ctr;
pub use curve::Curve;
pub use digest::{Digest, Hash, digest};
pub use ec::{EcPrivateKey, EcPublicKey};
pub use ecb::Ecb;
pub use ed25519::{EdPrivateKey, EdPublicKey, EdVariant};
pub use engine::{Engine, Operation, serving};
pub use error::{Error, Result};
pub use gcm::GcmEncryptor;
pub use hkdf::hkdf_sha256;
pub use hmac::{Hmac, HmacKey};
pub use padding::unpad;
pub use pin::{Argon2Cost, derive};
pub use rsa::{Oaep, OwnedRsaParts, Pss, RsaParts, RsaPrivateKey, RsaPublicKey};
pub use x25519::{XPrivateKey, XPublicKey};

/// Length of an AES block in bytes.
pub const BLOCK: usize = 16;
