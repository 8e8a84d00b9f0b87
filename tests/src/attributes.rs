//! C_GetAttributeValue with every kind of room: PKCS#11 v3.2 section 5.7.5.

use crate::answer::{Answer, Rv};
use crate::object::Object;
use crate::session::Session;
use cryptoki_sys::*;
use std::ptr::null_mut;

/// Room for one attribute.
#[derive(Clone, Copy, Debug)]
pub enum Slot {
    /// No pointer: only the length is asked for.
    Length(CK_ATTRIBUTE_TYPE),
    /// That many bytes.
    Room(CK_ATTRIBUTE_TYPE, usize),
}

/// What a call left in each slot.
#[derive(Debug)]
pub struct Attributes {
    pub rv: Rv,
    /// ulValueLen of each.
    pub lengths: Vec<CK_ULONG>,
    /// The bytes written to each; empty where the length was not a length.
    pub values: Vec<Vec<u8>>,
}

impl Session<'_> {
    /// One call of C_GetAttributeValue.
    pub fn attributes(&self, object: Object, slots: &[Slot]) -> Attributes {
        let mut buffers: Vec<Vec<u8>> = slots.iter().map(|s| vec![0; s.room()]).collect();
        let pairs = slots.iter().zip(&mut buffers);
        let mut template: Vec<CK_ATTRIBUTE> = pairs.map(|(slot, buffer)| slot.as_c(buffer)).collect();
        let count = template.len() as CK_ULONG;
        let rv = self.call(|f, h| {
            let get = f.C_GetAttributeValue.expect("C_GetAttributeValue");
            // SAFETY: every slot names its own buffer, which outlives the call, and that buffer's length.
            unsafe { get(h, object.0, template.as_mut_ptr(), count) }
        });
        let lengths: Vec<CK_ULONG> = template.iter().map(|a| a.ulValueLen).collect();
        for (buffer, length) in buffers.iter_mut().zip(&lengths) {
            let unavailable = *length == CK_UNAVAILABLE_INFORMATION;
            buffer.truncate(if unavailable { 0 } else { *length as usize });
        }
        Attributes { rv, lengths, values: buffers }
    }

    /// One attribute, by a length query and a second call.
    pub fn attribute(&self, object: Object, attribute: CK_ATTRIBUTE_TYPE) -> Answer<Vec<u8>> {
        let asked = self.attributes(object, &[Slot::Length(attribute)]);
        asked.rv.answer()?;
        let room = Slot::Room(attribute, asked.lengths[0] as usize);
        let mut got = self.attributes(object, &[room]);
        got.rv.map(|| got.values.remove(0))
    }

    /// A CK_BBOOL attribute.
    pub fn flag(&self, object: Object, attribute: CK_ATTRIBUTE_TYPE) -> Answer<bool> {
        let value = self.attribute(object, attribute)?;
        assert_eq!(value.len(), 1, "attribute {attribute:#x} is a CK_BBOOL");
        Ok(value[0] != CK_FALSE)
    }

    /// A CK_ULONG attribute.
    pub fn number(&self, object: Object, attribute: CK_ATTRIBUTE_TYPE) -> Answer<CK_ULONG> {
        let value = self.attribute(object, attribute)?;
        let bytes = value.try_into().expect("a CK_ULONG attribute has its size");
        Ok(CK_ULONG::from_ne_bytes(bytes))
    }
}

impl Slot {
    fn room(self) -> usize {
        match self {
            Slot::Length(_) => 0,
            Slot::Room(_, room) => room,
        }
    }

    fn as_c(self, buffer: &mut Vec<u8>) -> CK_ATTRIBUTE {
        let (type_, pointer) = match self {
            Slot::Length(type_) => (type_, null_mut()),
            Slot::Room(type_, _) => (type_, buffer.as_mut_ptr().cast()),
        };
        CK_ATTRIBUTE { type_, pValue: pointer, ulValueLen: buffer.len() as CK_ULONG }
    }
}
