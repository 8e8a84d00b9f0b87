//! Templates: PKCS#11 v3.2 section 3.4, CK_ATTRIBUTE.

use cryptoki_sys::*;
use std::ptr::null_mut;

/// Attributes to create, change or find objects by. Setting an attribute again replaces it; [`Template::again`] repeats it.
#[derive(Clone, Debug, Default)]
pub struct Template(Vec<(CK_ATTRIBUTE_TYPE, Value)>);

#[derive(Clone, Debug)]
enum Value {
    Bytes(Vec<u8>),
    Nested(Template),
    /// No pointer, but a length.
    Null(CK_ULONG),
    /// A nested template that is the template itself.
    Itself,
}

impl Template {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn of(class: CK_OBJECT_CLASS) -> Self {
        Self::new().ulong(CKA_CLASS, class)
    }

    pub fn key(class: CK_OBJECT_CLASS, key_type: CK_KEY_TYPE) -> Self {
        Self::of(class).ulong(CKA_KEY_TYPE, key_type)
    }

    /// For secret keys whose value the test wants to see.
    pub fn shown() -> Self {
        Self::new().bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true)
    }

    pub fn bool(self, attribute: CK_ATTRIBUTE_TYPE, value: bool) -> Self {
        self.bytes(attribute, &[u8::from(value)])
    }

    pub fn ulong(self, attribute: CK_ATTRIBUTE_TYPE, value: CK_ULONG) -> Self {
        self.bytes(attribute, &value.to_ne_bytes())
    }

    pub fn bytes(self, attribute: CK_ATTRIBUTE_TYPE, value: &[u8]) -> Self {
        self.without(attribute).again(attribute, value)
    }

    /// A value that is not copied.
    pub fn owned(mut self, attribute: CK_ATTRIBUTE_TYPE, value: Vec<u8>) -> Self {
        self.0.push((attribute, Value::Bytes(value)));
        self
    }

    /// A list of mechanisms, for CKA_ALLOWED_MECHANISMS.
    pub fn mechanisms(self, attribute: CK_ATTRIBUTE_TYPE, list: &[CK_MECHANISM_TYPE]) -> Self {
        let bytes: Vec<u8> = list.iter().flat_map(|m| m.to_ne_bytes()).collect();
        self.bytes(attribute, &bytes)
    }

    /// A template as a value, for CKA_WRAP_TEMPLATE and its kin.
    pub fn nested(mut self, attribute: CK_ATTRIBUTE_TYPE, template: Template) -> Self {
        self.0.push((attribute, Value::Nested(template)));
        self
    }

    /// A NULL value pointer that claims `length` bytes.
    pub fn null(mut self, attribute: CK_ATTRIBUTE_TYPE, length: CK_ULONG) -> Self {
        self.0.push((attribute, Value::Null(length)));
        self
    }

    /// A template attribute that points at the array it stands in.
    pub fn itself(mut self, attribute: CK_ATTRIBUTE_TYPE) -> Self {
        self.0.push((attribute, Value::Itself));
        self
    }

    /// Adds the attribute even if it is there already.
    pub fn again(mut self, attribute: CK_ATTRIBUTE_TYPE, value: &[u8]) -> Self {
        self.0.push((attribute, Value::Bytes(value.to_vec())));
        self
    }

    pub fn without(mut self, attribute: CK_ATTRIBUTE_TYPE) -> Self {
        self.0.retain(|(a, _)| *a != attribute);
        self
    }

    /// Takes every attribute of `other`, replacing its own.
    pub fn with(self, other: &Template) -> Self {
        let mut kept = other.0.iter().fold(self, |t, (a, _)| t.without(*a));
        kept.0.extend(other.0.iter().cloned());
        kept
    }

    /// Types and values, where all values are bytes.
    pub(crate) fn flat(&self) -> Vec<(CK_ATTRIBUTE_TYPE, &[u8])> {
        let flat = self.0.iter().map(|(kind, value)| match value {
            Value::Bytes(bytes) => (*kind, bytes.as_slice()),
            _ => panic!("attribute {kind:#x} is not flat"),
        });
        flat.collect()
    }

    /// The template as C sees it, for the length of a call.
    pub(crate) fn as_c(&self) -> CTemplate<'_> {
        let mut nested = Vec::new();
        let mut attributes = Vec::new();
        for (type_, value) in &self.0 {
            let (pointer, length) = match value {
                Value::Bytes(bytes) => (bytes.as_ptr().cast_mut().cast(), bytes.len()),
                Value::Null(length) => (null_mut(), *length as usize),
                Value::Itself => (null_mut(), self.0.len() * size_of::<CK_ATTRIBUTE>()),
                Value::Nested(template) => {
                    let inner = template.as_c();
                    let place = inner.attributes.as_ptr().cast_mut().cast();
                    let size = size_of_val(inner.attributes.as_slice());
                    nested.push(inner);
                    (place, size)
                }
            };
            attributes.push(CK_ATTRIBUTE { type_: *type_, pValue: pointer, ulValueLen: length as CK_ULONG });
        }
        let place = attributes.as_mut_ptr();
        for ((_, value), attribute) in self.0.iter().zip(&mut attributes) {
            if matches!(value, Value::Itself) {
                attribute.pValue = place.cast();
            }
        }
        CTemplate { attributes, _nested: nested, _values: self }
    }
}

/// CK_ATTRIBUTEs that point into a [`Template`].
pub(crate) struct CTemplate<'a> {
    attributes: Vec<CK_ATTRIBUTE>,
    _nested: Vec<CTemplate<'a>>,
    _values: &'a Template,
}

impl CTemplate<'_> {
    /// NULL if the template is empty.
    pub fn pointer(&mut self) -> *mut CK_ATTRIBUTE {
        if self.attributes.is_empty() { null_mut() } else { self.attributes.as_mut_ptr() }
    }

    pub fn array(&self) -> &[CK_ATTRIBUTE] {
        &self.attributes
    }

    pub fn count(&self) -> CK_ULONG {
        self.attributes.len() as CK_ULONG
    }
}
