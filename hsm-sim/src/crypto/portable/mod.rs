//! The portable engine: RustCrypto and dalek, brought into the shapes of this room.

mod aes;
mod chacha20_poly1305;
mod digest;
mod ec;
mod ed25519;
mod gcm;
mod ghash;
mod ml_dsa;
mod ml_kem;
mod powers;
mod rsa;
mod rsa_recover;
mod slh_dsa;
mod x25519;

pub(super) use aes::Aes;
pub(super) use chacha20_poly1305::ChaCha20Poly1305;
pub(super) use digest::DigestState;
pub(super) use ec::{EcPrivate, EcPublic};
pub(super) use ed25519::{EdPrivate, EdPublic};
pub(super) use gcm::{Gcm, GcmStream};
pub(super) use ml_dsa::{MlDsaPrivate, MlDsaPublic};
pub(super) use ml_kem::{MlKemPrivate, MlKemPublic};
pub(super) use powers::Powers;
pub(super) use rsa::{RsaPrivate, RsaPublic};
pub(super) use slh_dsa::{SlhDsaPrivate, SlhDsaPublic, slh_dsa_generate, slh_dsa_private, slh_dsa_public};
pub(super) use x25519::{x25519, x25519_base};

hsm_shares::concealed!(Aes, Gcm, GcmStream, EcPrivate, EdPrivate, RsaPrivate, MlDsaPrivate, MlKemPrivate);
