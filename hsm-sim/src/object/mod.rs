//! Objects: their attributes, the rules the standard sets for them, and the typed keys inside.

pub mod attributes;
pub mod build;
pub mod change;
pub mod curve;
pub mod finite;
pub mod hotp;
pub mod key;
pub mod parameter_set;
pub mod pkcs8;
mod pkcs8_finite;
mod pkcs8_seed;
pub mod post_quantum;
pub mod public_half;
pub mod rules;
pub mod shape;
mod spki;
pub mod traits;

use std::sync::{Arc, OnceLock};

use cryptoki_sys::*;

use crate::error::{Result, Rv};
use crate::secret::{DEEP, scrubbed};
use attributes::{Attributes, Lookup, Reading};
use key::Key;
use traits::Traits;

/// An object as it is at one moment; a change makes a new one. What calls ask of it often is worked out once.
pub struct Object {
    attributes: Attributes,
    traits: Traits,
    key: OnceLock<Key>,
}

impl Object {
    /// An object of complete attributes.
    pub fn new(attributes: Attributes) -> Result<Arc<Self>> {
        let traits = Traits::of(&attributes)?;
        Ok(Arc::new(Self { attributes, traits, key: OnceLock::new() }))
    }

    /// An object whose key is at hand already, so that it is not parsed again.
    pub fn with_key(attributes: Attributes, key: Key) -> Result<Arc<Self>> {
        let traits = Traits::of(&attributes)?;
        Ok(Arc::new(Self { attributes, traits, key: OnceLock::from(key) }))
    }

    /// All attributes.
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// What is asked often.
    pub fn traits(&self) -> &Traits {
        &self.traits
    }

    /// The key, parsed and precomputed once.
    pub fn key(&self) -> Result<&Key> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let key = scrubbed::<DEEP, _>(|| Key::parse(&self.attributes))?;
        Ok(self.key.get_or_init(|| key))
    }

    /// True for key material (footnote 7).
    pub fn is_material(&self, kind: CK_ATTRIBUTE_TYPE) -> bool {
        rules::is_material(kind, self.traits.class_bit(), self.traits.key_bit())
    }

    /// The attribute as C_GetAttributeValue may show it: material of a sensitive or unextractable key stays hidden (footnote 7).
    pub fn read(&self, kind: CK_ATTRIBUTE_TYPE) -> Reading<'_> {
        let hidden = self.traits.hides_material() && self.is_material(kind);
        match self.attributes.of(kind) {
            _ if hidden => Reading::Sensitive,
            Some(value) => Reading::Value(value),
            None => Reading::Absent,
        }
    }

    /// True when the object has each of these attributes with this very value; hidden material never matches.
    pub fn matches<V: AsRef<[u8]>>(&self, template: &[(CK_ATTRIBUTE_TYPE, V)]) -> bool {
        template.iter().all(|(kind, value)| matches!(self.read(*kind), Reading::Value(found) if found == value.as_ref()))
    }

    /// Refuses unless the object is a key that may be used so (CKA_ENCRYPT and its like) with this mechanism.
    pub fn permits(&self, usage: traits::Usage, mechanism: CK_MECHANISM_TYPE) -> Result<()> {
        if !self.traits.usage.contains(usage) {
            return Rv::KeyFunctionNotPermitted.err(format!("the key lacks the attribute for {usage:?}"));
        }
        match self.traits.restricted.then(|| self.attributes.mechanisms(CKA_ALLOWED_MECHANISMS)) {
            Some(allowed) if !allowed.contains(&mechanism) => {
                Rv::MechanismInvalid.err("the mechanism is not among the key's CKA_ALLOWED_MECHANISMS")
            }
            _ => Ok(()),
        }
    }
}

hsm_shares::concealed!(Object, attributes::Attributes, attributes::Draft, hotp::HotpKey);
// Cloning shares the key.
hsm_shares::concealed!(shared Key);
