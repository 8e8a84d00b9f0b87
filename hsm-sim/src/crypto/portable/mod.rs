//! The portable engine: RustCrypto and dalek, brought into the shapes of this room.

mod aes;
mod digest;
mod ec;
mod ed25519;
mod gcm;
mod ghash;
mod rsa;
mod rsa_recover;
mod x25519;

pub(super) use aes::Aes;
pub(super) use digest::DigestState;
pub(super) use ec::{EcPrivate, EcPublic};
pub(super) use ed25519::{EdPrivate, EdPublic};
pub(super) use gcm::{Gcm, GcmStream};
pub(super) use rsa::{RsaPrivate, RsaPublic};
pub(super) use x25519::{x25519, x25519_base};
