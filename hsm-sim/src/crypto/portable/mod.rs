//! The portable engine: RustCrypto, brought into the shapes of this room.

mod aes;
mod digest;
mod gcm;
mod ghash;

pub(super) use aes::Aes;
pub(super) use digest::DigestState;
pub(super) use gcm::{Gcm, GcmStream};
