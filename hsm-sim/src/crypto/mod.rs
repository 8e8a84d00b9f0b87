//! Algorithms: bytes in, bytes out.
//!
//! Nothing here knows PKCS#11. Every algorithm runs on the portable engine (RustCrypto, dalek) and, with the feature
//! `aws-lc`, most of them on AWS-LC too; [`engine`] says which engine serves what. Keys are erased when dropped, cannot be
//! printed and are shared by reference. Unless said otherwise `input` and `output` do not overlap, lengths are in bytes and
//! integers are big-endian.

mod aes;
mod aes_cmac;
mod agreed;
#[cfg(feature = "aws-lc")]
mod aws_lc;
mod block_modes;
mod camellia;
mod cbc;
mod cbc_mac;
mod ccm;
mod chacha20;
mod chacha20_poly1305;
mod cmac;
mod ctr;
mod cts;
mod curve;
mod des3;
mod digest;
mod ec;
mod ecb;
mod ed25519;
mod engine;
mod error;
mod feedback;
mod ffc;
mod gcm;
mod hkdf;
mod hmac;
pub mod kdf;
mod key_wrap;
mod masked_mac;
mod ml_dsa;
mod ml_kem;
mod old_blocks;
mod padding;
mod pin;
mod portable;
mod prehash;
mod random;
mod rc2;
mod rc4;
mod rsa;
mod seed;
mod seed_boxes;
mod slh_dsa;
#[cfg(test)]
mod tests;
mod x25519;
mod xcbc_mac;
mod xof;
mod xts;

pub use aes::{AesKey, Direction};
pub use agreed::{AgreedKdf, derive_x9_42};
pub use camellia::{Camellia, CamelliaKey};
pub use cbc::Cbc;
pub use cbc_mac::{CbcMac, Chained};
pub use chacha20::{CHACHA20_KEY, ChaCha20, poly1305};
pub use chacha20_poly1305::{CHACHA20_TAG, ChaCha20Poly1305};
pub use cmac::Cmac;
pub use ctr::Ctr;
pub use curve::Curve;
pub use des3::{DES_BLOCK, Des3, Des3Key, set_odd_parity};
pub use digest::{Digest, Hash, digest};
pub use ec::{EcPrivateKey, EcPublicKey};
pub use ecb::Ecb;
pub use ed25519::{EdPrivateKey, EdPublicKey, EdVariant};
pub use engine::{Engine, Operation, serving};
pub use error::{Error, Result};
pub use feedback::{Feedback, FeedbackMode};
pub use ffc::{DhPrivateKey, DhPublicKey, DsaPrivateKey, DsaPublicKey, Group, GroupKind, Primes, SafePrime};
pub use gcm::GcmEncryptor;
pub use hkdf::hkdf_sha256;
pub use hmac::{Hmac, HmacKey};
pub use ml_dsa::{MlDsaPrivateKey, MlDsaPublicKey, MlDsaSet};
pub use ml_kem::{MlKemPrivateKey, MlKemPublicKey, MlKemSet};
pub use old_blocks::OldBlocks;
pub use padding::unpad;
pub use pin::{Argon2Cost, derive};
pub use prehash::{Absorb, Hedge, LONGEST, PreHash, message_prefix};
pub use rc2::{RC2_BLOCK, RC2_LONGEST, Rc2Key};
pub use rc4::{RC4_LONGEST, Rc4};
pub use rsa::{Oaep, OwnedRsaParts, Pss, RsaParts, RsaPrivateKey, RsaPublicKey};
pub use seed::{SEED_BLOCK, SeedKey};
pub use slh_dsa::{SlhDsaPrivateKey, SlhDsaPublicKey, SlhDsaSet};
pub use x25519::{XPrivateKey, XPublicKey};
pub use xcbc_mac::XcbcMac;
pub use xof::Xof;
pub use xts::XtsKey;

/// Length of an AES block in bytes.
pub const BLOCK: usize = 16;

hsm_shares::concealed!(AesKey, XtsKey, Des3Key, CamelliaKey, ChaCha20, ChaCha20Poly1305, HmacKey, kdf::Prf);
hsm_shares::concealed!(RsaPrivateKey, OwnedRsaParts, EcPrivateKey, EdPrivateKey, XPrivateKey, DsaPrivateKey, DhPrivateKey);
hsm_shares::concealed!(MlKemPrivateKey, MlDsaPrivateKey, SlhDsaPrivateKey);
hsm_shares::concealed!(Cmac, XcbcMac, Cbc, Ctr, Ecb, Feedback, Des3, Camellia, GcmEncryptor);
// A clone goes on from where a message stands.
hsm_shares::concealed!(shared Hmac, Digest);
