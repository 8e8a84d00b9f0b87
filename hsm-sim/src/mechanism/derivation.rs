//! What C_DeriveKey asks of a mechanism (PKCS#11 v3.2 §5.18.5): one value, or a set of keys.

use std::{borrow::Cow, sync::Arc};

use cryptoki_sys::*;

use super::{Mechanism, digests, wrong_key};
use crate::{
    crypto::{Hash, kdf::Prf},
    error::{Result, Rv},
    object::{Object, attributes::Lookup, key::Key},
    secret::Secret,
};

/// Derives the value of a key.
pub type Derive = fn(&Mechanism<'_>, &Deriving<'_>) -> Result<Derived>;
/// Reads the parameter of a derivation that makes several keys, or tells more than one handle.
pub type MakeKeySet = for<'m> fn(&Mechanism<'m>) -> Result<Box<dyn KeySet + 'm>>;

/// What a derivation works with.
pub struct Deriving<'d> {
    pub base: &'d Arc<Object>,
    /// Type of the new key; of a key set its first.
    pub key_type: Option<CK_KEY_TYPE>,
    /// Bytes the new key shall have, if its template or its type says so.
    pub len: Option<usize>,
    /// Other keys that a parameter names, which must be permitted to derive too.
    pub keys: &'d dyn Fn(CK_OBJECT_HANDLE) -> Result<Arc<Object>>,
}

impl Deriving<'_> {
    /// The length the new key must be told to have.
    pub fn told_len(&self) -> Result<usize> {
        self.len.ok_or(Rv::TemplateIncomplete.because("CKA_VALUE_LEN is missing")).and_then(bounded)
    }
}

/// What came of a derivation.
pub struct Derived {
    /// As long as [`Deriving::len`] asks for.
    pub value: Secret,
    /// CKA_SENSITIVE and CKA_EXTRACTABLE of the base key bind the new one (§6.43), and are its defaults.
    pub bound_by_base: bool,
    /// Other keys that bind it likewise.
    pub binding: Vec<Arc<Object>>,
}

impl Derived {
    /// A value that tells nothing of what it was made of, so that the template alone decides about it.
    pub fn free(value: Secret) -> Self {
        Self { value, bound_by_base: false, binding: vec![] }
    }

    /// A value that may be shown only if all that it was made of may.
    pub fn bound(value: Secret, binding: Vec<Arc<Object>>) -> Self {
        Self { value, bound_by_base: true, binding }
    }
}

/// How CKA_SENSITIVE and CKA_EXTRACTABLE of a derived key follow from the keys it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inheritance {
    /// The template decides, or the defaults.
    Free,
    /// The template decides; what it leaves open is as in the base key.
    Suggested,
    /// What one of those keys forbids, the template cannot allow.
    Bound,
    /// They are the base key's.
    Exact,
}

/// One attribute of a template.
pub type Attribute<'t> = (CK_ATTRIBUTE_TYPE, Cow<'t, [u8]>);

/// A derivation of several keys at once, or of one key and something else. Either all of it comes to be, or nothing.
pub trait KeySet {
    fn inheritance(&self) -> Inheritance;

    /// True when C_DeriveKey itself gives the handle of the first key.
    fn gives_handle(&self) -> bool {
        true
    }

    /// The templates of all keys, made of the one C_DeriveKey was given.
    fn templates<'t>(&'t self, given: &[Attribute<'t>]) -> Result<Vec<Vec<Attribute<'t>>>>;

    /// Tells the caller that the template at this place was refused.
    fn blame(&self, _at: usize) {}

    /// The values, of these lengths, and other keys that they are made of.
    fn derive(&mut self, deriving: &Deriving<'_>, lens: &[usize]) -> Result<(Vec<Secret>, Vec<Arc<Object>>)>;

    /// Tells the caller what was made; nothing can fail any more.
    fn tell(self: Box<Self>, handles: &[CK_OBJECT_HANDLE]);
}

/// The value of a secret key, or of a data object where the row lets it come so far.
pub fn value(key: &Object) -> Result<&[u8]> {
    match key.traits().class {
        CKO_SECRET_KEY | CKO_DATA => Ok(key.attributes().bytes(CKA_VALUE)),
        _ => wrong_key(),
    }
}

/// The value of a generic secret, an HKDF key or another that can be any bytes.
pub fn generic(key: &Object) -> Result<&[u8]> {
    match key.key()? {
        Key::Generic(value) => Ok(value.expose()),
        _ => wrong_key(),
    }
}

/// The leading bytes of `from`, as many as are asked for.
pub fn cut(from: Secret, len: Option<usize>) -> Result<Secret> {
    match from.expose().get(..len.unwrap_or(from.len())) {
        Some(value) => Ok(Secret::copy(value)),
        None => Rv::KeySizeRange.err("the new key would be longer than what it is made of"),
    }
}

/// The pseudo random function that a MAC mechanism is, under a key of the type that goes with it: an AES key for CKM_AES_CMAC, a generic
/// secret for an HMAC.
pub fn prf(mac: CK_MECHANISM_TYPE, key: &Object) -> Result<Prf> {
    match (mac, key.key()?) {
        (CKM_AES_CMAC, Key::Aes(key)) => Ok(Prf::cmac(Arc::clone(key))),
        (CKM_AES_CMAC, _) => wrong_key(),
        (_, key) => match (hmac(mac)?, key) {
            (hash, Key::Generic(key)) => Ok(Prf::hmac(hash, key.expose())),
            _ => wrong_key(),
        },
    }
}

/// The hash of an HMAC mechanism. MD2 and MD5 are none: no configuration offers it inside another mechanism.
pub fn hmac(mac: CK_MECHANISM_TYPE) -> Result<Hash> {
    let names = digests::authenticating(mac).filter(|names| names.hmac == mac && !names.hash.is_obsolete());
    names
        .map(|names| names.hash)
        .ok_or(Rv::MechanismParamInvalid.because(format!("{mac:#x} is not a pseudo random function of this module")))
}

/// Refuses lengths that no key could have.
pub fn bounded(len: usize) -> Result<usize> {
    match len {
        1..=MOST => Ok(len),
        _ => Rv::KeySizeRange.err(format!("{len} bytes: a derived key has 1 to {MOST}")),
    }
}

/// Bytes.
const MOST: usize = 1 << 16;
