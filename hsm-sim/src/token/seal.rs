//! Sealing at rest: an object as a row of the store, and back.
//!
//! Every object is sealed whole, all attributes and policy flags included, and bound to its place: token serial, object id, revision,
//! privacy and search tags. Private objects are encrypted with AES-256-GCM under a key of their own, HKDF-SHA-256 of the user's key.
//! Public objects stay readable before login, so they carry an HMAC-SHA-256 instead, which is checked once somebody has logged in.
//!
//! A public object that is a secret or private key is readable by whoever logs in, but not in the file: it is encrypted under the key
//! both roles have, and not to be seen before a login.
//!
//! A row's bytes: 1, nonce (12), ciphertext, tag (16) for what is encrypted; 2, tag (32), plaintext for what is not.

use std::sync::{Arc, OnceLock};

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    role::RoleKeys,
    tags::{self, TagKey},
};
use crate::{
    abi::locked::LockedSecret,
    audit::AuditKey,
    crypto::{AesKey, Hash, HmacKey, hkdf_sha256},
    error::{Result, Rv},
    object::{
        Object,
        attributes::Attributes,
        traits::{Traits, is_secret},
    },
    rng,
    secret::Secret,
    store::{ObjectId, Row},
};

const ENCRYPTED: u8 = 1;
const SIGNED: u8 = 2;
const NONCE: usize = 12;
const GCM_TAG: usize = 16;
const MAC: usize = 32;

/// Where an object stands; a row opens nowhere else.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub serial: &'a str,
    pub id: ObjectId,
    pub revision: u64,
}

/// The keys of whoever is logged in. Without a user's key private objects stay shut; that is the SO's case.
pub struct Vault {
    user: Option<UserKeys>,
    shared: LockedSecret,
    public_mac: HmacKey,
    audit: OnceLock<Arc<AuditKey>>,
}

struct UserKeys {
    key: LockedSecret,
    mac: HmacKey,
    tag_key: TagKey,
}

impl Vault {
    /// What the user opens: everything.
    pub fn user(keys: RoleKeys) -> Result<Self> {
        let user = UserKeys { tag_key: TagKey::derive(&keys.own)?, mac: mac_key(keys.own.expose())?, key: locked(keys.own)? };
        Ok(Self { user: Some(user), ..Self::so(&keys.integrity)? })
    }

    /// What the SO opens: public objects.
    pub fn so(integrity: &Secret) -> Result<Self> {
        let public_mac = mac_key(integrity.expose())?;
        Ok(Self { user: None, shared: locked(Secret::copy(integrity.expose()))?, public_mac, audit: OnceLock::new() })
    }

    /// The key of the audit log, once it was needed.
    pub fn audit(&self) -> &OnceLock<Arc<AuditKey>> {
        &self.audit
    }

    /// The key both roles have.
    pub fn shared(&self) -> &LockedSecret {
        &self.shared
    }

    /// The keys the user's PIN opens, to be given to another user.
    pub(super) fn keys(&self) -> Option<RoleKeys> {
        let own = Secret::copy(self.user.as_ref()?.key.expose());
        Some(RoleKeys { own, integrity: Secret::copy(self.shared.expose()) })
    }

    /// The keyed hash for searching private objects, the user's alone.
    pub fn tag_key(&self) -> Option<&TagKey> {
        self.user.as_ref().map(|user| &user.tag_key)
    }

    /// Seals an object for its place.
    pub fn seal(&self, object: &Object, place: Place<'_>) -> Result<Row> {
        let (attributes, traits) = (object.attributes(), object.traits());
        let tag_key = if traits.private { self.tag_key() } else { None };
        let mut row =
            Row { revision: place.revision, private: traits.private, tags: tags::of(attributes, tag_key), sealed: vec![] };
        row.sealed = if traits.private || is_secret(traits.class) {
            self.encrypt(attributes.packed(), place, &row)?
        } else {
            self.sign(attributes.packed(), place, &row)
        };
        Ok(row)
    }

    /// Opens a row; CKR_DEVICE_ERROR when it is not what was sealed for this place.
    pub fn open(&self, row: &Row, place: Place<'_>) -> Result<Attributes> {
        let packed = match row.sealed.split_first() {
            Some((&ENCRYPTED, body)) => self.decrypt(body, row, place)?,
            Some((&SIGNED, body)) if !row.private => self.verify(body, row, place)?,
            _ => return tampered(),
        };
        unpack(packed, row)
    }

    /// A tag over bytes that belong to the token but to no object; the user's own when `private`.
    pub fn mac(&self, private: bool, bytes: &[u8]) -> Result<[u8; MAC]> {
        match (&self.user, private) {
            (_, false) => Ok(mac(&self.public_mac, &[bytes])),
            (Some(user), true) => Ok(mac(&user.mac, &[bytes])),
            (None, true) => Rv::UserNotLoggedIn.err("private objects need the user's PIN"),
        }
    }

    fn encrypt(&self, packed: &[u8], place: Place<'_>, row: &Row) -> Result<Vec<u8>> {
        let mut sealed = vec![0; 1 + NONCE + packed.len() + GCM_TAG];
        sealed[0] = ENCRYPTED;
        let nonce: [u8; NONCE] = rng::public()?;
        sealed[1..1 + NONCE].copy_from_slice(&nonce);
        self.object_key(place, row.private)?.gcm_seal(&nonce, &binding(place, row), GCM_TAG, packed, &mut sealed[1 + NONCE..])?;
        Ok(sealed)
    }

    fn decrypt(&self, body: &[u8], row: &Row, place: Place<'_>) -> Result<Secret> {
        let Some((nonce, sealed)) = body.split_at_checked(NONCE) else { return tampered() };
        let Some(len) = sealed.len().checked_sub(GCM_TAG) else { return tampered() };
        let key = self.object_key(place, row.private)?;
        Secret::filled(len, |plain| key.gcm_open(nonce, &binding(place, row), GCM_TAG, sealed, plain).map(|_| ()))
            .or_else(|_| tampered())
    }

    fn sign(&self, packed: &[u8], place: Place<'_>, row: &Row) -> Vec<u8> {
        let tag = mac(&self.public_mac, &[&binding(place, row), packed]);
        [&[SIGNED][..], &tag, packed].concat()
    }

    fn verify(&self, body: &[u8], row: &Row, place: Place<'_>) -> Result<Secret> {
        let Some((tag, packed)) = body.split_at_checked(MAC) else { return tampered() };
        let expected = mac(&self.public_mac, &[&binding(place, row), packed]);
        if bool::from(expected.ct_eq(tag)) { Ok(Secret::copy(packed)) } else { tampered() }
    }

    fn object_key(&self, place: Place<'_>, private: bool) -> Result<AesKey> {
        let source = match (&self.user, private) {
            (_, false) => &self.shared,
            (Some(user), true) => &user.key,
            (None, true) => return Rv::UserNotLoggedIn.err("private objects need the user's PIN"),
        };
        let mut key = Zeroizing::new([0; 32]);
        let info: &[&[u8]] = &[b"hsm-sim object v1\0", &place.id.to_be_bytes()];
        hkdf_sha256(source.expose(), place.serial.as_bytes(), info, &mut key[..])?;
        Ok(AesKey::new(&key[..])?)
    }
}

/// A public object before anybody has logged in: nothing vouches for it yet, and keys stay shut.
pub fn open_unverified(row: &Row) -> Result<Attributes> {
    match row.sealed.split_first().map(|(form, body)| (*form, body.split_at_checked(MAC))) {
        Some((SIGNED, Some((_, packed)))) => unpack(Secret::copy(packed), row),
        Some((ENCRYPTED, _)) => Rv::ObjectHandleInvalid.err("the object is not to be seen before a login"),
        _ => tampered(),
    }
}

fn locked(key: Secret) -> Result<LockedSecret> {
    LockedSecret::new(key).map_err(|e| Rv::DeviceMemory.because(format!("no page for a key: {e}")))
}

fn mac_key(source: &[u8]) -> Result<HmacKey> {
    let mut key = Zeroizing::new([0; 32]);
    hkdf_sha256(source, &[], &[b"hsm-sim authentication v1"], &mut key[..])?;
    Ok(HmacKey::new(Hash::Sha256, &key[..]))
}

fn unpack(packed: Secret, row: &Row) -> Result<Attributes> {
    let attributes =
        Attributes::unpack(packed).filter(|attributes| Traits::of(attributes).is_ok_and(|t| t.private == row.private));
    attributes.ok_or(Rv::ObjectDamaged.because("the object's row is damaged"))
}

/// Everything about the row that is not inside it.
fn binding(place: Place<'_>, row: &Row) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(96);
    bytes.extend_from_slice(b"hsm-sim row v1\0");
    bytes.extend_from_slice(place.serial.as_bytes());
    for number in [place.id, place.revision, u64::from(row.private)] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    for tag in [row.tags.class, row.tags.id, row.tags.label] {
        bytes.extend_from_slice(&tag.to_be_bytes());
    }
    bytes
}

fn mac(key: &HmacKey, parts: &[&[u8]]) -> [u8; MAC] {
    let mut tag = [0; MAC];
    let mut hmac = key.start();
    parts.iter().for_each(|part| hmac.update(part));
    hmac.finish(&mut tag);
    tag
}

fn tampered<T>() -> Result<T> {
    Rv::ObjectDamaged.err("the object's row fails authentication: it was edited, moved or replayed")
}

hsm_shares::concealed!(UserKeys, TagKey);
