//! The attributes of one object, in one erased buffer.
//!
//! Packed form, also the plaintext of a sealed object: for each attribute in ascending order of type, the type (8 bytes, little
//! endian), the length of the value (4 bytes, little endian) and the value as Cryptoki represents it on 64-bit machines:
//! CK_BBOOL 1 byte, CK_ULONG 8 bytes little endian, nested templates in this same form.

use std::collections::BTreeMap;

use cryptoki_sys::*;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Bytes before each value in the packed form.
pub const HEAD: usize = 12;

/// Attributes to look things up in: complete ones, or a draft.
pub trait Lookup {
    /// The value of an attribute.
    fn of(&self, kind: CK_ATTRIBUTE_TYPE) -> Option<&[u8]>;

    /// The value, empty when absent.
    fn bytes(&self, kind: CK_ATTRIBUTE_TYPE) -> &[u8] {
        self.of(kind).unwrap_or_default()
    }

    /// A CK_BBOOL; absent is false.
    fn flag(&self, kind: CK_ATTRIBUTE_TYPE) -> bool {
        self.bytes(kind) == [CK_TRUE]
    }

    /// A CK_ULONG.
    fn ulong(&self, kind: CK_ATTRIBUTE_TYPE) -> Option<CK_ULONG> {
        ulong(self.of(kind)?)
    }
}

/// Complete, immutable attributes.
pub struct Attributes(Secret);

/// What C_GetAttributeValue gets for one attribute.
pub enum Reading<'a> {
    Value(&'a [u8]),
    Sensitive,
    Absent,
}

impl Attributes {
    /// Reads the packed form; `None` unless it is exactly that.
    pub fn unpack(packed: Secret) -> Option<Self> {
        let mut last = None;
        let mut read = 0;
        for (kind, value) in entries(packed.expose()) {
            if last.is_some_and(|last| last >= kind) {
                return None;
            }
            last = Some(kind);
            read += HEAD + value.len();
        }
        (read == packed.len()).then_some(Self(packed))
    }

    /// The packed form.
    pub fn packed(&self) -> &[u8] {
        self.0.expose()
    }

    /// All attributes in ascending order of type.
    pub fn iter(&self) -> impl Iterator<Item = (CK_ATTRIBUTE_TYPE, &[u8])> {
        entries(self.packed())
    }

    /// A list of mechanism types.
    pub fn mechanisms(&self, kind: CK_ATTRIBUTE_TYPE) -> Vec<CK_MECHANISM_TYPE> {
        self.bytes(kind).chunks_exact(size_of::<CK_ULONG>()).filter_map(ulong).collect()
    }

    /// A copy to change.
    pub fn draft(&self) -> Draft {
        self.iter().collect()
    }
}

impl Lookup for Attributes {
    fn of(&self, kind: CK_ATTRIBUTE_TYPE) -> Option<&[u8]> {
        self.iter().find(|(found, _)| *found == kind).map(|(_, value)| value)
    }
}

/// Attributes in the making.
#[derive(Default)]
pub struct Draft(BTreeMap<CK_ATTRIBUTE_TYPE, Zeroizing<Vec<u8>>>);

impl Draft {
    /// Sets a value.
    pub fn set(&mut self, kind: CK_ATTRIBUTE_TYPE, value: &[u8]) {
        self.0.insert(kind, Zeroizing::new(value.to_vec()));
    }

    /// Sets a CK_BBOOL.
    pub fn set_flag(&mut self, kind: CK_ATTRIBUTE_TYPE, value: bool) {
        self.set(kind, &[if value { CK_TRUE } else { CK_FALSE }]);
    }

    /// Sets a CK_ULONG.
    pub fn set_ulong(&mut self, kind: CK_ATTRIBUTE_TYPE, value: CK_ULONG) {
        self.set(kind, &value.to_le_bytes());
    }

    /// The finished attributes.
    pub fn pack(&self) -> Attributes {
        let len = self.0.values().map(|value| HEAD + value.len()).sum();
        // One buffer of the final size: growing would leave copies of secrets behind.
        let mut packed = Zeroizing::new(Vec::with_capacity(len));
        for (kind, value) in &self.0 {
            packed.extend_from_slice(&kind.to_le_bytes());
            packed.extend_from_slice(&(value.len() as u32).to_le_bytes());
            packed.extend_from_slice(value);
        }
        Attributes(Secret::take(&mut packed))
    }
}

impl Lookup for Draft {
    fn of(&self, kind: CK_ATTRIBUTE_TYPE) -> Option<&[u8]> {
        self.0.get(&kind).map(|value| value.as_slice())
    }
}

impl<'a> FromIterator<(CK_ATTRIBUTE_TYPE, &'a [u8])> for Draft {
    fn from_iter<I: IntoIterator<Item = (CK_ATTRIBUTE_TYPE, &'a [u8])>>(attributes: I) -> Self {
        let mut draft = Draft::default();
        attributes.into_iter().for_each(|(kind, value)| draft.set(kind, value));
        draft
    }
}

/// Walks a packed form, and stops where it no longer is one.
pub fn entries(mut packed: &[u8]) -> impl Iterator<Item = (CK_ATTRIBUTE_TYPE, &[u8])> {
    std::iter::from_fn(move || {
        let (kind, rest) = packed.split_first_chunk::<8>()?;
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let (value, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
        packed = rest;
        Some((CK_ATTRIBUTE_TYPE::from_le_bytes(*kind), value))
    })
}

/// A CK_ULONG in an attribute's bytes.
pub fn ulong(value: &[u8]) -> Option<CK_ULONG> {
    Some(CK_ULONG::from_le_bytes(value.try_into().ok()?))
}
