//! The user's key for a quorum of custodians, so that a forgotten user PIN does not cost the user's keys.
//!
//! It is sealed under HKDF-SHA-256 of the master key's value, which only a quorum can bring together, salted with a key that only this
//! token has: shares and a stolen file are not enough without a PIN of one of the roles.

use hsm_shares::{secret::Secret, share::SetId, text};
use zeroize::Zeroizing;

use crate::{
    crypto::{AesKey, hkdf_sha256},
    error::{Result, Rv},
    rng,
    token::{Token, access::Access},
};

const NONCE: usize = 12;
const TAG: usize = 16;

/// The record that holds the user's key for a set, as a change.
pub fn record(token: &Token, user: &Access, set: SetId, master: &[u8]) -> Result<(String, u64, Vec<u8>)> {
    let Some(user_key) = user.user_key() else { return Rv::UserNotLoggedIn.err("the user has not consented") };
    let nonce: [u8; NONCE] = rng::public()?;
    let mut sealed = vec![0; user_key.len() + TAG];
    key(user, set, master)?.gcm_seal(&nonce, &binding(user, set), TAG, user_key, &mut sealed)?;
    change(token, set, [&nonce[..], &sealed].concat())
}

/// The change that makes a set's record useless.
pub fn erased(token: &Token, set: SetId) -> Result<(String, u64, Vec<u8>)> {
    change(token, set, vec![])
}

/// The user's key.
pub fn open(token: &Token, so: &Access, set: SetId, master: &[u8]) -> Result<Secret> {
    let none = || Rv::FunctionFailed.because("nothing is kept that could set a new user PIN: the set was dealt by another token");
    let record = token.record(&name(set))?.filter(|record| !record.bytes.is_empty()).ok_or_else(none)?;
    let damaged = || Rv::DeviceError.because("what the quorum opens fails authentication: the token file was edited");
    let (nonce, sealed) = record.bytes.split_at_checked(NONCE).ok_or_else(damaged)?;
    let mut plain = Zeroizing::new(vec![0; sealed.len().checked_sub(TAG).ok_or_else(damaged)?]);
    key(so, set, master)?.gcm_open(nonce, &binding(so, set), TAG, sealed, &mut plain).map_err(|_| damaged())?;
    Ok(Secret::take(&mut plain))
}

fn change(token: &Token, set: SetId, bytes: Vec<u8>) -> Result<(String, u64, Vec<u8>)> {
    let name = name(set);
    let expected = token.record(&name)?.map_or(0, |record| record.revision);
    Ok((name, expected, bytes))
}

fn key(access: &Access, set: SetId, master: &[u8]) -> Result<AesKey> {
    let salt = access.derive(b"hsm-sim recovery escrow v1")?;
    let mut key = Zeroizing::new([0; 32]);
    hkdf_sha256(master, salt.expose(), &[b"hsm-sim recovery escrow v1\0", &set.0], &mut key[..])?;
    Ok(AesKey::new(&key[..])?)
}

fn binding(access: &Access, set: SetId) -> Vec<u8> {
    [b"hsm-sim recovery escrow v1\0", &set.0[..], access.header()].concat()
}

fn name(set: SetId) -> String {
    format!("recovery-escrow-{}", text::hex(&set.0))
}
