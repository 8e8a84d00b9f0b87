//! Roles: what a PIN unlocks.
//!
//! PIN -> Argon2id -> key-encryption key -> AES-256-GCM opens the role's keys. The additional data is the role's name and the exact
//! bytes of the header, so neither can be exchanged. The SO's PIN opens the SO's own key and the integrity key of public objects,
//! and nothing that opens a private object.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::hex;
use crate::{
    crypto::{AesKey, Argon2Cost, derive},
    error::{Result, Rv},
    rng,
    secret::Secret,
};

const KEY: usize = 32;
const NONCE: usize = 12;
const TAG: usize = 16;

/// Who logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    User,
    So,
}

impl Role {
    /// The name of the role's record and of its failure counter.
    pub fn name(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::So => "so",
        }
    }
}

/// What a role's PIN opens: the role's own key and the integrity key of public objects. For the user the own key is the one that
/// seals private objects.
pub struct RoleKeys {
    pub own: Secret,
    pub integrity: Secret,
}

/// A role's keys under its PIN, kept as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrapped {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    nonce: String,
    sealed: String,
}

impl Wrapped {
    /// Wraps `keys` under `pin`, for the role of this name.
    pub fn seal(role: &str, keys: &RoleKeys, pin: &[u8], cost: Argon2Cost, header: &[u8]) -> Result<Vec<u8>> {
        let salt: [u8; 16] = rng::public()?;
        let nonce: [u8; NONCE] = rng::public()?;
        let plain = Zeroizing::new([keys.own.expose(), keys.integrity.expose()].concat());
        let mut sealed = vec![0; plain.len() + TAG];
        key(cost, pin, &salt)?.gcm_seal(&nonce, &binding(role, header), TAG, &plain, &mut sealed)?;
        let wrapped = Wrapped {
            memory_kib: cost.memory_kib,
            passes: cost.passes,
            lanes: cost.lanes,
            salt: hex::encode(&salt),
            nonce: hex::encode(&nonce),
            sealed: hex::encode(&sealed),
        };
        serde_json::to_vec(&wrapped).map_err(|_| Rv::FunctionFailed.because("the role has no JSON form"))
    }

    /// Opens a role's record. CKR_PIN_INCORRECT when the PIN is wrong, or the record or the header was edited.
    pub fn open(role: &str, record: &[u8], pin: &[u8], header: &[u8]) -> Result<RoleKeys> {
        let damaged = || Rv::DeviceError.because(format!("the record of role {role} is damaged"));
        let wrapped: Wrapped = serde_json::from_slice(record).map_err(|_| damaged())?;
        let bytes = |digits: &str| hex::decode(digits).ok_or_else(damaged);
        let cost = Argon2Cost { memory_kib: wrapped.memory_kib, passes: wrapped.passes, lanes: wrapped.lanes };
        let (salt, nonce, sealed) = (bytes(&wrapped.salt)?, bytes(&wrapped.nonce)?, bytes(&wrapped.sealed)?);
        let mut plain = Zeroizing::new([0; 2 * KEY]);
        if sealed.len() != plain.len() + TAG || nonce.len() != NONCE || !cost.is_reasonable() {
            return Err(damaged());
        }
        key(cost, pin, &salt)?
            .gcm_open(&nonce, &binding(role, header), TAG, &sealed, &mut plain[..])
            .map_err(|_| Rv::PinIncorrect.because("wrong PIN, or the token's header or role record was edited"))?;
        let (own, integrity) = plain.split_at(KEY);
        Ok(RoleKeys { own: Secret::copy(own), integrity: Secret::copy(integrity) })
    }
}

impl RoleKeys {
    /// Fresh keys.
    pub fn random() -> Result<Self> {
        Ok(Self { own: rng::secret(KEY)?, integrity: rng::secret(KEY)? })
    }
}

fn key(cost: Argon2Cost, pin: &[u8], salt: &[u8]) -> Result<AesKey> {
    let mut key = Zeroizing::new([0; KEY]);
    derive(cost, pin, salt, &mut key[..])
        .map_err(|_| Rv::DeviceError.because("Argon2id: no memory, or parameters out of range"))?;
    Ok(AesKey::new(&key[..])?)
}

fn binding(role: &str, header: &[u8]) -> Vec<u8> {
    [b"hsm-sim role v1\0", role.as_bytes(), b"\0", header].concat()
}
