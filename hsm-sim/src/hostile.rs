//! Doors for `tests/hostile`, which hands them bytes from nowhere: what reads records of a token file, keys and configuration, without a
//! token around it. No interface of this crate: nothing here is exported by the library.
//!
//! Each gives true when the bytes were taken for what they should be, and panics when what was read does not hold together.

use cryptoki_sys::*;

use crate::{
    config::Config,
    object::{
        Object,
        attributes::{Attributes, Draft, HEAD, Reading, entries},
        curve::PointForm,
        key::Key,
        pkcs8,
    },
    secret::Secret,
    token::{self, Claim, Header},
};

/// The plaintext of an object's row: its attributes, and the key in them.
pub fn row(opened: &[u8]) -> bool {
    let Some(attributes) = Attributes::unpack(Secret::copy(opened)) else { return false };
    assert_eq!(attributes.draft().pack().packed(), opened, "what was unpacked packs differently");
    // What C_GetAttributeValue walks where the value is a template.
    let nested: usize =
        attributes.iter().map(|(_, value)| entries(value).map(|(_, inner)| HEAD + inner.len()).sum::<usize>()).sum();
    assert!(nested <= opened.len(), "nested attributes are longer than what holds them");
    let Ok(object) = Object::new(attributes) else { return false };
    for (kind, value) in object.attributes().iter() {
        assert!(!matches!(object.read(kind), Reading::Value(read) if read != value), "attribute {kind:#x} reads differently");
    }
    object.key().is_ok_and(sound)
}

/// The record of a token's header.
pub fn header(record: &[u8]) -> bool {
    let Ok(header) = Header::parse(record) else { return false };
    let again = header.to_bytes().and_then(|bytes| Header::parse(&bytes)).map(|again| again.label());
    again.is_ok_and(|label| label == header.label())
}

/// The record of a token's list of users.
pub fn users(record: &[u8]) -> bool {
    Claim::parse(record, 1).is_ok_and(|claim| claim.list.users.iter().all(|user| user.account().starts_with(token::ACCOUNT)))
}

/// A configuration file.
pub fn configuration(text: &str) -> bool {
    let read: Result<Config, _> = toml::from_str(text);
    read.is_ok_and(|config| config.checked().is_ok_and(|config| config.argon2_cost().is_reasonable()))
}

/// A private key in PKCS #8, as C_UnwrapKey finds it when it has decrypted it.
pub fn private_key(der: &[u8], key_type: CK_KEY_TYPE) -> bool {
    let mut draft = Draft::default();
    if pkcs8::decode(der, key_type, &mut draft).is_err() {
        return false;
    }
    draft.set_ulong(CKA_CLASS, CKO_PRIVATE_KEY);
    draft.set_ulong(CKA_KEY_TYPE, key_type);
    Key::parse(&draft).is_ok_and(|key| sound(&key))
}

/// A key that was parsed has a size and describes itself.
fn sound(key: &Key) -> bool {
    let mut draft = Draft::default();
    let described = key.describe(&mut draft, PointForm::OctetString).is_ok();
    key.validate().is_ok() && key.size() > 0 && described
}
