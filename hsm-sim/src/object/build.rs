//! Making an object: the caller's template against the rules (PKCS#11 v3.2 §4.1, §5.7.1, §5.18).

use cryptoki_sys::*;

use super::{
    attributes::{Draft, Lookup, ulong},
    rules::{self, Default, Rule},
    traits,
};
use crate::{
    error::{Result, Rv},
    rng,
};

/// How an object comes to be; it decides which footnotes apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Create,
    Generate,
    Unwrap,
    /// Derived from another key, or the result of an encapsulation.
    Derive,
}

/// A caller's template.
pub type Given<'t, V> = &'t [(CK_ATTRIBUTE_TYPE, V)];

/// The class and key type a template names, or `fallback` for what the mechanism decides; both must agree.
pub struct Sort {
    pub class: CK_OBJECT_CLASS,
    pub key_type: Option<CK_KEY_TYPE>,
    certificate: Option<CK_CERTIFICATE_TYPE>,
}

impl Sort {
    /// What the template itself says.
    pub fn named<V: AsRef<[u8]>>(given: Given<'_, V>) -> Result<Self> {
        let class = number(given, CKA_CLASS)?.ok_or(Rv::TemplateIncomplete.because("CKA_CLASS is missing"))?;
        let certificate = number(given, CKA_CERTIFICATE_TYPE)?;
        let has_type = rules::PUBLIC | rules::PRIVATE | rules::SECRET | rules::DOMAIN;
        let has_type = traits::class_bit(class, certificate)? & has_type != 0;
        let key_type = number(given, CKA_KEY_TYPE)?;
        match key_type {
            None if has_type => Rv::TemplateIncomplete.err("CKA_KEY_TYPE is missing"),
            _ => Ok(Self { class, key_type, certificate }),
        }
    }

    /// What a mechanism makes; the template may repeat it, but not contradict.
    pub fn made<V: AsRef<[u8]>>(given: Given<'_, V>, class: CK_OBJECT_CLASS, key_type: CK_KEY_TYPE) -> Result<Self> {
        let agrees =
            number(given, CKA_CLASS)?.is_none_or(|c| c == class) && number(given, CKA_KEY_TYPE)?.is_none_or(|k| k == key_type);
        if !agrees {
            return Rv::TemplateInconsistent.err("CKA_CLASS or CKA_KEY_TYPE contradicts the mechanism");
        }
        Ok(Self::key(class, key_type))
    }

    /// A key.
    pub fn key(class: CK_OBJECT_CLASS, key_type: CK_KEY_TYPE) -> Self {
        Self { class, key_type: Some(key_type), certificate: None }
    }
}

/// Checks the template and completes it with the defaults. Key material is the caller's to add.
pub fn draft<V: AsRef<[u8]>>(sort: &Sort, origin: Origin, given: Given<'_, V>, so: bool) -> Result<Draft> {
    let class = traits::class_bit(sort.class, sort.certificate)?;
    if class & rules::BUILT_IN != 0 {
        return Rv::AttributeValueInvalid.err(format!("objects of CKA_CLASS {:#x} are made by the token alone", sort.class));
    }
    let key = sort.key_type.map(traits::key_bit).transpose()?.unwrap_or(rules::ANY);
    let mut draft = Draft::default();
    for (kind, value) in given {
        let rule = known(*kind, class, key)?;
        accept(rule, origin, value.as_ref(), so)?;
        once(&draft, *kind, value.as_ref())?;
        draft.set(*kind, value.as_ref());
    }
    draft.set_ulong(CKA_CLASS, sort.class);
    if let Some(key_type) = sort.key_type {
        draft.set_ulong(CKA_KEY_TYPE, key_type);
    }
    complete(&mut draft, class, key, origin)?;
    consistent(&draft)?;
    draft.set(CKA_UNIQUE_ID, &unique_id()?);
    Ok(draft)
}

/// The standard's history attributes of a fresh key, or of domain parameters (§4.11).
pub fn history(draft: &mut Draft, mechanism: Option<CK_MECHANISM_TYPE>) {
    let local = mechanism.is_some();
    draft.set_flag(CKA_LOCAL, local);
    if draft.ulong(CKA_CLASS) == Some(CKO_DOMAIN_PARAMETERS) {
        return;
    }
    draft.set_ulong(CKA_KEY_GEN_MECHANISM, mechanism.unwrap_or(CK_UNAVAILABLE_INFORMATION));
    if draft.ulong(CKA_CLASS).is_some_and(traits::is_secret) {
        draft.set_flag(CKA_ALWAYS_SENSITIVE, local && draft.flag(CKA_SENSITIVE));
        draft.set_flag(CKA_NEVER_EXTRACTABLE, local && !draft.flag(CKA_EXTRACTABLE));
    }
}

/// The template must not contradict what a key's CKA_UNWRAP_TEMPLATE prescribes (§4.9); what it leaves open is prescribed.
pub fn impose<'v>(given: &[(CK_ATTRIBUTE_TYPE, &'v [u8])], prescribed: &'v [u8]) -> Result<Vec<(CK_ATTRIBUTE_TYPE, &'v [u8])>> {
    let mut merged = given.to_vec();
    for (kind, value) in super::attributes::entries(prescribed) {
        match given.iter().find(|(found, _)| *found == kind) {
            None => merged.push((kind, value)),
            Some((_, found)) if *found == value => {}
            Some(_) => return Rv::TemplateInconsistent.err(format!("attribute {kind:#x} contradicts the key's template")),
        }
    }
    Ok(merged)
}

fn known(kind: CK_ATTRIBUTE_TYPE, class: u16, key: u32) -> Result<&'static Rule> {
    rules::rule(kind, class, key).ok_or_else(|| match rules::is_known(kind) {
        true => Rv::TemplateInconsistent.because(format!("attribute {kind:#x} does not go with this kind of object")),
        false => Rv::AttributeTypeInvalid.because(format!("attribute {kind:#x} is not known")),
    })
}

fn accept(rule: &Rule, origin: Origin, value: &[u8], so: bool) -> Result<()> {
    let kind = rule.kind;
    let banned = match origin {
        Origin::Create => rules::CREATE_NOT,
        Origin::Generate | Origin::Derive => rules::GENERATE_NOT,
        Origin::Unwrap => rules::UNWRAP_NOT,
    };
    if rule.notes & rules::TOKEN_ONLY != 0 {
        return Rv::AttributeReadOnly.err(format!("attribute {kind:#x} is set by the token alone"));
    }
    if rule.notes & banned != 0 {
        return Rv::TemplateInconsistent.err(format!("attribute {kind:#x} must not be given here"));
    }
    if !rule.shape.fits(value) {
        return Rv::AttributeValueInvalid.err(format!("attribute {kind:#x} must be a {:?}", rule.shape));
    }
    if rule.notes & rules::SO_SETS != 0 && value == [CK_TRUE] && !so {
        return Rv::AttributeReadOnly.err(format!("attribute {kind:#x} is for the SO to set"));
    }
    Ok(())
}

/// The same attribute twice is harmless only with the same value.
pub(super) fn once(draft: &Draft, kind: CK_ATTRIBUTE_TYPE, value: &[u8]) -> Result<()> {
    match draft.of(kind) {
        Some(before) if before != value => Rv::TemplateInconsistent.err(format!("attribute {kind:#x} twice with two values")),
        _ => Ok(()),
    }
}

fn complete(draft: &mut Draft, class: u16, key: u32, origin: Origin) -> Result<()> {
    let demanded = match origin {
        Origin::Create => rules::CREATE_MUST,
        Origin::Generate => rules::GENERATE_MUST,
        Origin::Unwrap => rules::UNWRAP_MUST,
        // What such a key must be told varies with the mechanism.
        Origin::Derive => 0,
    };
    for rule in rules::rules(class, key) {
        if draft.of(rule.kind).is_some() {
            continue;
        }
        if rule.notes & demanded != 0 {
            return Rv::TemplateIncomplete.err(format!("attribute {:#x} is missing", rule.kind));
        }
        match rule.default {
            Default::Unset => {}
            // §5.18.4: what is unwrapped can be wrapped again unless the template says otherwise.
            Default::Flag(_) if rule.kind == CKA_EXTRACTABLE && origin == Origin::Unwrap => draft.set_flag(rule.kind, true),
            Default::Flag(flag) => draft.set_flag(rule.kind, flag),
            Default::Number(number) => draft.set_ulong(rule.kind, number),
            Default::Empty => draft.set(rule.kind, &[]),
        }
    }
    Ok(())
}

/// What attributes must say together.
pub fn consistent(draft: &Draft) -> Result<()> {
    if draft.ulong(CKA_CLASS) == Some(CKO_TRUST) && draft.bytes(CKA_HASH_OF_CERTIFICATE).is_empty() && trusts(draft) {
        return Rv::TemplateIncomplete.err("whoever is trusted is named by CKA_HASH_OF_CERTIFICATE too");
    }
    if draft.flag(CKA_ALWAYS_AUTHENTICATE) && !draft.flag(CKA_PRIVATE) {
        return Rv::TemplateInconsistent.err("CKA_ALWAYS_AUTHENTICATE needs CKA_PRIVATE");
    }
    let date = |kind| draft.of(kind).filter(|date| !date.is_empty());
    match (date(CKA_START_DATE), date(CKA_END_DATE)) {
        (Some(start), Some(end)) if start > end => Rv::TemplateInconsistent.err("CKA_END_DATE is before CKA_START_DATE"),
        _ => Ok(()),
    }
}

/// Some usage is more than unknown or not trusted (footnote 2 of §4.7).
fn trusts(draft: &Draft) -> bool {
    let harmless = [CKT_TRUST_UNKNOWN, CKT_NOT_TRUSTED].map(CK_ULONG::from);
    rules::TRUSTS.iter().filter_map(|usage| draft.ulong(*usage)).any(|trust| !harmless.contains(&trust))
}

/// A number in the template; a wrong length is the value's fault.
fn number<V: AsRef<[u8]>>(given: Given<'_, V>, kind: CK_ATTRIBUTE_TYPE) -> Result<Option<CK_ULONG>> {
    let Some((_, value)) = given.iter().find(|(found, _)| *found == kind) else { return Ok(None) };
    match ulong(value.as_ref()) {
        None => Rv::AttributeValueInvalid.err(format!("attribute {kind:#x} must be a CK_ULONG")),
        number => Ok(number),
    }
}

/// CKA_UNIQUE_ID (§4.4.1): a random UUID, version 4 (RFC 9562), 36 characters.
pub fn unique_id() -> Result<[u8; 36]> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut id: [u8; 16] = rng::public()?;
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    let mut text = [b'-'; 36];
    let places = (0..36).filter(|at| ![8, 13, 18, 23].contains(at));
    let digits = id.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    for (place, digit) in places.zip(digits) {
        text[place] = DIGITS[usize::from(digit)];
    }
    Ok(text)
}

/// A fresh CKA_UNIQUE_ID for a copy.
pub fn renew_unique_id(draft: &mut Draft) -> Result<()> {
    draft.set(CKA_UNIQUE_ID, &unique_id()?);
    Ok(())
}
