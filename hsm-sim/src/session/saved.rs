//! A saved state as bytes: sealed with AES-256-GCM under a key of this process and token, so that it goes on in any session of the
//! same token until C_Finalize, and nowhere else.
//!
//! Inside are the operations, one after the other: kind, whether parts were fed, mechanism type (8 bytes, little endian), then with
//! their lengths (4 bytes, little endian) the mechanism's parameter, the fingerprint of the key and what the operation itself saved.

use cryptoki_sys::*;
use zeroize::Zeroizing;

use crate::{
    crypto::{AesKey, Hash, HmacKey},
    error::{Result, Rv},
    mechanism::append,
    object::{Object, attributes::Lookup},
    rng,
    secret::Secret,
};

const NONCE: usize = 12;
const TAG: usize = 16;
/// How much longer a sealed state is.
pub const OVERHEAD: usize = NONCE + TAG;

/// One operation of a saved state.
pub struct Saved<'s> {
    /// Parts were fed.
    pub streaming: bool,
    /// For a digest, the hash's place in [`Hash::ALL`].
    pub kind: CK_MECHANISM_TYPE,
    pub parameter: &'s [u8],
    pub fingerprint: &'s [u8],
    pub state: &'s [u8],
}

/// The key that states of a token are sealed under in this process.
pub struct StateKey<'t> {
    pub key: &'t Secret,
    /// What the token is now: a state ends when it is made anew.
    pub token: Vec<u8>,
}

impl StateKey<'_> {
    /// Seals into `output`, [`OVERHEAD`] bytes longer than `plain`.
    pub fn seal(&self, plain: &[u8], output: &mut [u8]) -> Result<usize> {
        let nonce: [u8; NONCE] = rng::public()?;
        let (place, sealed) = output.split_at_mut(NONCE);
        place.copy_from_slice(&nonce);
        AesKey::new(self.key.expose())?.gcm_seal(&nonce, &self.token, TAG, plain, sealed)?;
        Ok(NONCE + sealed.len())
    }

    /// Opens; CKR_SAVED_STATE_INVALID unless it was sealed here.
    pub fn open(&self, sealed: &[u8]) -> Result<Secret> {
        let invalid = || Rv::SavedStateInvalid.because("not a state of this token in this process, or it was altered");
        let (nonce, body) = sealed.split_at_checked(NONCE).ok_or_else(invalid)?;
        let len = body.len().checked_sub(TAG).ok_or_else(invalid)?;
        let key = AesKey::new(self.key.expose())?;
        Secret::filled(len, |plain| key.gcm_open(nonce, &self.token, TAG, body, plain).map(|_| ())).map_err(|_| invalid())
    }

    /// What tells keys apart and says nothing about them.
    pub fn fingerprint(&self, key: &Object) -> [u8; 32] {
        let mut fingerprint = [0; 32];
        let mut hmac = HmacKey::new(Hash::Sha256, self.key.expose()).start();
        for kind in [CKA_KEY_TYPE, CKA_VALUE] {
            hmac.update(key.attributes().bytes(kind));
        }
        hmac.finish(&mut fingerprint);
        fingerprint
    }
}

/// Adds an operation of a kind.
pub fn write(plain: &mut Zeroizing<Vec<u8>>, which: u8, saved: &Saved<'_>) {
    append(plain, &[which, u8::from(saved.streaming)]);
    append(plain, &saved.kind.to_le_bytes());
    for part in [saved.parameter, saved.fingerprint, saved.state] {
        append(plain, &(part.len() as u32).to_le_bytes());
        append(plain, part);
    }
}

/// The first operation with its kind, and what comes after it.
pub fn read(plain: &[u8]) -> Option<((u8, Saved<'_>), &[u8])> {
    let (&[which, streaming], rest) = plain.split_first_chunk()?;
    let (kind, rest) = rest.split_first_chunk()?;
    let (parameter, rest) = part(rest)?;
    let (fingerprint, rest) = part(rest)?;
    let (state, rest) = part(rest)?;
    let saved = Saved { streaming: streaming == 1, kind: CK_ULONG::from_le_bytes(*kind), parameter, fingerprint, state };
    Some(((which, saved), rest))
}

fn part(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = rest.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*len) as usize)
}
