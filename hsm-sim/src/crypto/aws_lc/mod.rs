//! The fast engine: AWS-LC through its C interface. The only unsafe code of this room.
//!
//! Most calls are plain functions over slices; what AWS-LC allocates is held by an [`Owned`].
#![allow(unsafe_code)]

mod aead;
mod aes;
mod digest;
mod ec;
mod ed25519;
mod gcm;
mod ml_dsa;
mod ml_kem;
mod number;
mod owned;
mod pkey;
mod powers;
mod rsa;
mod x25519;

pub(super) use aead::Aead;
pub(super) use aes::Aes;
pub(super) use digest::DigestState;
pub(super) use ec::{EcPrivate, EcPublic};
pub(super) use ed25519::EdPrivate;
pub(super) use gcm::{Gcm, GcmStream};
pub(super) use ml_dsa::{MlDsaPrivate, MlDsaPublic};
pub(super) use ml_kem::{MlKemPrivate, MlKemPublic};
pub(super) use powers::Powers;
pub(super) use rsa::{RsaPrivate, RsaPublic};
pub(super) use x25519::{x25519, x25519_base};

use std::ffi::c_int;

use super::{Error, Result};

/// AWS-LC's convention: 1 is success. Its error queue, one per thread, is emptied: it would grow in the host's threads.
#[inline]
fn check(outcome: c_int) -> Result<()> {
    if outcome == 1 {
        return Ok(());
    }
    // SAFETY: has no arguments and touches only the calling thread's queue.
    unsafe { aws_lc_sys::ERR_clear_error() };
    Err(Error::Failed)
}

hsm_shares::concealed!(Aes, Gcm, GcmStream, Aead, EcPrivate, EdPrivate, RsaPrivate, MlDsaPrivate, MlKemPrivate);
