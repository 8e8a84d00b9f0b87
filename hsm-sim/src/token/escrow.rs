//! The user's key under the SO's own key, for tokens initialised with `so_can_reset_user_pin`.

use zeroize::Zeroizing;

use super::role::RoleKeys;
use crate::{
    crypto::AesKey,
    error::{Result, Rv},
    rng,
    secret::Secret,
};

const NONCE: usize = 12;
const TAG: usize = 16;

/// Wraps the user's key for the SO.
pub fn seal(so: &RoleKeys, user: &Secret, header: &[u8]) -> Result<Vec<u8>> {
    let nonce: [u8; NONCE] = rng::public()?;
    let mut sealed = vec![0; user.len() + TAG];
    AesKey::new(so.own.expose())?.gcm_seal(&nonce, &binding(header), TAG, user.expose(), &mut sealed)?;
    Ok([&nonce[..], &sealed].concat())
}

/// Opens it again.
pub fn open(so: &RoleKeys, bytes: &[u8], header: &[u8]) -> Result<Secret> {
    let damaged = || Rv::DeviceError.because("the escrow of the user's key fails authentication");
    let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or_else(damaged)?;
    let mut plain = Zeroizing::new(vec![0; sealed.len().checked_sub(TAG).ok_or_else(damaged)?]);
    let key = AesKey::new(so.own.expose())?;
    key.gcm_open(nonce, &binding(header), TAG, sealed, &mut plain).map_err(|_| damaged())?;
    Ok(Secret::take(&mut plain))
}

fn binding(header: &[u8]) -> Vec<u8> {
    [b"hsm-sim escrow v1\0", header].concat()
}
