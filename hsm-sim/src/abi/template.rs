//! Templates: arrays of CK_ATTRIBUTE (PKCS#11 v3.2 §3.5), read or filled.

use std::borrow::Cow;

use cryptoki_sys::*;

use super::{Arg, input};
use crate::{
    error::{Result, Rv},
    object::attributes::{Draft, Reading},
};

/// More attributes than any object has; a count above it is a mistake, not a template.
const MOST: usize = 1024;
/// Longest value, in bytes: 16 MiB.
const LONGEST: usize = 1 << 24;

/// A template to read. Nested templates are already in the form objects keep them in.
pub struct Template<'a>(pub Vec<(CK_ATTRIBUTE_TYPE, Cow<'a, [u8]>)>);

impl Arg for Template<'_> {
    type Raw = *mut CK_ATTRIBUTE;
    type Len = CK_ULONG;

    unsafe fn from_c(raw: *mut CK_ATTRIBUTE, count: CK_ULONG) -> Result<Self> {
        // SAFETY: the caller's array, as `Arg::from_c` demands.
        let flat = unsafe { flat(raw, count) }?;
        let decoded = flat.into_iter().map(|(kind, value)| Ok((kind, nested_or(kind, value)?)));
        Ok(Self(decoded.collect::<Result<_>>()?))
    }
}

/// Types and values of the caller's array, nested templates as the bytes they are.
///
/// # Safety
/// `raw` must be readable for `count` attributes during `'a`, unless NULL, and their values for their lengths.
unsafe fn flat<'a>(raw: *mut CK_ATTRIBUTE, count: CK_ULONG) -> Result<Vec<(CK_ATTRIBUTE_TYPE, &'a [u8])>> {
    // SAFETY: by this function's contract.
    let items = unsafe { array(raw, count) }?.iter();
    let decoded = items.map(|item| {
        // SAFETY: pValue is readable for ulValueLen bytes by this function's contract.
        let value = unsafe { input::slice(item.pValue.cast(), item.ulValueLen) };
        let value = value.filter(|value| value.len() <= LONGEST).map(|value| (item.type_, value));
        value.ok_or_else(|| {
            Rv::AttributeValueInvalid
                .because(format!("attribute {:#x}: NULL with a length, or longer than {LONGEST} bytes", item.type_))
        })
    });
    decoded.collect()
}

/// The value, packed if it is a template. Templates go one level deep: one that holds a template, or itself, is refused.
fn nested_or(kind: CK_ATTRIBUTE_TYPE, value: &[u8]) -> Result<Cow<'_, [u8]>> {
    if !is_template(kind) {
        return Ok(Cow::Borrowed(value));
    }
    let count = value.len() / size_of::<CK_ATTRIBUTE>();
    if !value.len().is_multiple_of(size_of::<CK_ATTRIBUTE>()) {
        return Rv::AttributeValueInvalid.err(format!("attribute {kind:#x}: not an array of CK_ATTRIBUTE"));
    }
    // SAFETY: as many bytes as `count` attributes, which the caller says are such; checked for alignment inside.
    let inner = unsafe { flat(value.as_ptr().cast_mut().cast(), count as CK_ULONG) }?;
    if inner.iter().any(|(kind, _)| is_template(*kind)) {
        return Rv::AttributeValueInvalid.err("a template inside a template");
    }
    if inner.iter().map(|(_, value)| value.len()).sum::<usize>() > LONGEST {
        return Rv::AttributeValueInvalid.err(format!("attribute {kind:#x}: longer than {LONGEST} bytes"));
    }
    let draft: Draft = inner.into_iter().collect();
    Ok(Cow::Owned(draft.pack().packed().to_vec()))
}

/// Attributes whose value is itself an array of attributes.
pub fn is_template(kind: CK_ATTRIBUTE_TYPE) -> bool {
    matches!(
        kind,
        CKA_WRAP_TEMPLATE | CKA_UNWRAP_TEMPLATE | CKA_DERIVE_TEMPLATE | CKA_ENCAPSULATE_TEMPLATE | CKA_DECAPSULATE_TEMPLATE
    )
}

/// A template to fill (C_GetAttributeValue).
pub struct Query<'a>(&'a mut [CK_ATTRIBUTE]);

impl Arg for Query<'_> {
    type Raw = *mut CK_ATTRIBUTE;
    type Len = CK_ULONG;

    unsafe fn from_c(raw: *mut CK_ATTRIBUTE, count: CK_ULONG) -> Result<Self> {
        if raw.is_null() {
            return Rv::ArgumentsBad.err("NULL template");
        }
        if count == 0 {
            return Ok(Self(&mut []));
        }
        // SAFETY: the caller's array.
        let len = unsafe { array(raw, count) }?.len();
        // SAFETY: not NULL, aligned and of sane length as just checked; the caller's to write during the call, and nobody else's.
        Ok(Self(unsafe { std::slice::from_raw_parts_mut(raw, len) }))
    }
}

impl Query<'_> {
    /// True when the value of this attribute is to be written somewhere.
    pub fn wants(&self, kind: CK_ATTRIBUTE_TYPE) -> bool {
        self.0.iter().any(|attribute| attribute.type_ == kind && !attribute.pValue.is_null())
    }

    /// Answers each attribute with what `read` says. All are processed; of several troubles the last is told (§5.7.5).
    pub fn answer<'o>(self, mut read: impl FnMut(CK_ATTRIBUTE_TYPE) -> Reading<'o>) -> Result<()> {
        let mut outcome = Ok(());
        for attribute in self.0 {
            let told = match read(attribute.type_) {
                Reading::Value(value) if is_template(attribute.type_) => give_nested(attribute, value),
                Reading::Value(value) => give(attribute, value),
                Reading::Sensitive => refuse(attribute, Rv::AttributeSensitive),
                Reading::Absent => refuse(attribute, Rv::AttributeTypeInvalid),
            };
            outcome = told.and(outcome);
        }
        outcome
    }
}

fn refuse(attribute: &mut CK_ATTRIBUTE, rv: Rv) -> Result<()> {
    attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
    rv.err(format!("attribute {:#x}", attribute.type_))
}

fn give(attribute: &mut CK_ATTRIBUTE, value: &[u8]) -> Result<()> {
    let room = std::mem::replace(&mut attribute.ulValueLen, value.len() as CK_ULONG);
    if attribute.pValue.is_null() {
        return Ok(());
    }
    if room < value.len() as CK_ULONG {
        return refuse(attribute, Rv::BufferTooSmall);
    }
    // SAFETY: not NULL, writable for `room` bytes by the caller's word, of which `value.len()` are used; `value` is ours.
    unsafe { std::ptr::copy_nonoverlapping(value.as_ptr(), attribute.pValue.cast(), value.len()) };
    Ok(())
}

/// An array attribute: NULL asks for its size, a buffer holds CK_ATTRIBUTEs to be answered one by one.
fn give_nested(attribute: &mut CK_ATTRIBUTE, packed: &[u8]) -> Result<()> {
    let inner: Vec<_> = crate::object::attributes::entries(packed).collect();
    let size = (inner.len() * size_of::<CK_ATTRIBUTE>()) as CK_ULONG;
    let room = std::mem::replace(&mut attribute.ulValueLen, size);
    if attribute.pValue.is_null() {
        return Ok(());
    }
    if room < size {
        return refuse(attribute, Rv::BufferTooSmall);
    }
    // SAFETY: the caller's array of as many attributes as `size` says; checked for alignment inside.
    let query = unsafe { Query::from_c(attribute.pValue.cast(), inner.len() as CK_ULONG) }?;
    let mut outcome = Ok(());
    for (attribute, (kind, value)) in query.0.iter_mut().zip(inner) {
        attribute.type_ = kind;
        outcome = give(attribute, value).and(outcome);
    }
    outcome
}

/// # Safety
/// `raw` must be readable for `count` attributes during `'a`, unless NULL.
unsafe fn array<'a>(raw: *mut CK_ATTRIBUTE, count: CK_ULONG) -> Result<&'a [CK_ATTRIBUTE]> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    match (raw.is_null(), count) {
        (_, 0) => Ok(&[]),
        (true, _) => Rv::ArgumentsBad.err("NULL template with a count"),
        _ if count > MOST || !raw.is_aligned() => Rv::ArgumentsBad.err("impossible template"),
        // SAFETY: not NULL, aligned, of sane length, readable by this function's contract.
        _ => Ok(unsafe { std::slice::from_raw_parts(raw, count) }),
    }
}
