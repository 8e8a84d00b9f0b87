//! Sealing at rest: an object as a row of the store, and back.
//!
//! Every object is sealed whole, all attributes and policy flags included, and bound to its place: token serial, object id, revision,
//! privacy and search tags. Private objects are encrypted with AES-256-GCM under a key of their own, HKDF-SHA-256 of the user's key.
//! Public objects stay readable before login, so they carry an HMAC-SHA-256 instead, which is checked once somebody has logged in.
//!
//! A row's bytes: version 1, then for a private object nonce (12), ciphertext, tag (16); for a public one tag (32), plaintext.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    role::RoleKeys,
    tags::{self, TagKey},
};
use crate::{
    abi::locked::LockedSecret,
    crypto::{AesKey, Hash, HmacKey, hkdf_sha256},
    error::{Result, Rv},
    object::{attributes::Attributes, traits::Traits},
    rng,
    secret::Secret,
    store::{ObjectId, Row},
};

const VERSION: u8 = 1;
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
    user: Option<LockedSecret>,
    integrity: HmacKey,
    tag_key: Option<TagKey>,
}

impl Vault {
    /// What the user opens: everything.
    pub fn user(keys: RoleKeys) -> Result<Self> {
        let tag_key = Some(TagKey::derive(&keys.own)?);
        let integrity = HmacKey::new(Hash::Sha256, keys.integrity.expose());
        let user = LockedSecret::new(keys.own).map_err(|e| Rv::DeviceMemory.because(format!("no page for a key: {e}")))?;
        Ok(Self { user: Some(user), integrity, tag_key })
    }

    /// What the SO opens: public objects.
    pub fn so(integrity: &Secret) -> Self {
        Self { integrity: HmacKey::new(Hash::Sha256, integrity.expose()), user: None, tag_key: None }
    }

    /// The keyed hash for searching private objects, the user's alone.
    pub fn tag_key(&self) -> Option<&TagKey> {
        self.tag_key.as_ref()
    }

    /// Seals an object for its place.
    pub fn seal(&self, attributes: &Attributes, private: bool, place: Place<'_>) -> Result<Row> {
        let tag_key = if private { self.tag_key() } else { None };
        let tags = tags::of(attributes, tag_key);
        let mut row = Row { revision: place.revision, private, tags, sealed: Vec::new() };
        row.sealed =
            if private { self.encrypt(attributes.packed(), place, &row)? } else { self.sign(attributes.packed(), place, &row) };
        Ok(row)
    }

    /// Opens a row; CKR_DEVICE_ERROR when it is not what was sealed for this place.
    pub fn open(&self, row: &Row, place: Place<'_>) -> Result<Attributes> {
        let packed = match row.private {
            true => self.decrypt(row, place)?,
            false => self.verify(row, place)?,
        };
        unpack(packed, row)
    }

    /// A tag over bytes that belong to the token but to no object.
    pub fn mac(&self, bytes: &[u8]) -> [u8; MAC] {
        mac(&self.integrity, &[bytes])
    }

    fn encrypt(&self, packed: &[u8], place: Place<'_>, row: &Row) -> Result<Vec<u8>> {
        let mut sealed = vec![0; 1 + NONCE + packed.len() + GCM_TAG];
        sealed[0] = VERSION;
        let nonce: [u8; NONCE] = rng::public()?;
        sealed[1..1 + NONCE].copy_from_slice(&nonce);
        self.object_key(place)?.gcm_seal(&nonce, &binding(place, row), GCM_TAG, packed, &mut sealed[1 + NONCE..])?;
        Ok(sealed)
    }

    fn decrypt(&self, row: &Row, place: Place<'_>) -> Result<Secret> {
        let Some((nonce, sealed)) = body(row)?.split_at_checked(NONCE) else { return tampered() };
        let Some(len) = sealed.len().checked_sub(GCM_TAG) else { return tampered() };
        let key = self.object_key(place)?;
        Secret::filled(len, |plain| key.gcm_open(nonce, &binding(place, row), GCM_TAG, sealed, plain).map(|_| ()))
            .or_else(|_| tampered())
    }

    fn sign(&self, packed: &[u8], place: Place<'_>, row: &Row) -> Vec<u8> {
        let tag = mac(&self.integrity, &[&binding(place, row), packed]);
        [&[VERSION][..], &tag, packed].concat()
    }

    fn verify(&self, row: &Row, place: Place<'_>) -> Result<Secret> {
        let Some((tag, packed)) = body(row)?.split_at_checked(MAC) else { return tampered() };
        let expected = mac(&self.integrity, &[&binding(place, row), packed]);
        if bool::from(expected.ct_eq(tag)) { Ok(Secret::copy(packed)) } else { tampered() }
    }

    fn object_key(&self, place: Place<'_>) -> Result<AesKey> {
        let user = self.user.as_ref().ok_or(Rv::UserNotLoggedIn.because("private objects need the user's PIN"))?;
        let mut key = Zeroizing::new([0; 32]);
        hkdf_sha256(user.expose(), place.serial.as_bytes(), &[b"hsm-sim object v1\0", &place.id.to_be_bytes()], &mut key[..])?;
        Ok(AesKey::new(&key[..])?)
    }
}

/// A public object before anybody has logged in: nothing vouches for it yet.
pub fn open_unverified(row: &Row) -> Result<Attributes> {
    let Some((_, packed)) = body(row)?.split_at_checked(MAC) else { return tampered() };
    unpack(Secret::copy(packed), row)
}

fn unpack(packed: Secret, row: &Row) -> Result<Attributes> {
    let attributes =
        Attributes::unpack(packed).filter(|attributes| Traits::of(attributes).is_ok_and(|t| t.private == row.private));
    attributes.ok_or(Rv::DeviceError.because("the object's row is damaged"))
}

fn body(row: &Row) -> Result<&[u8]> {
    match row.sealed.split_first() {
        Some((&VERSION, body)) => Ok(body),
        _ => tampered(),
    }
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
    Rv::DeviceError.err("the object's row fails authentication: it was edited, moved or replayed")
}
