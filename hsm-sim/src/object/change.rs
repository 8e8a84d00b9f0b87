//! Changing an object: C_SetAttributeValue (§5.7.6) and C_CopyObject (§5.7.2).

use cryptoki_sys::*;

use super::{
    Object,
    attributes::{self, Draft, Lookup},
    build::{self, Given},
    rules::{self, CKA_HSM_SIM_USES_LEFT, Rule},
};
use crate::error::{Result, Rv};

/// The attributes after C_SetAttributeValue.
pub fn modified<V: AsRef<[u8]>>(object: &Object, given: Given<'_, V>, so: bool) -> Result<Draft> {
    if !object.traits().modifiable {
        return Rv::ActionProhibited.err("CKA_MODIFIABLE is false");
    }
    apply(object, given, rules::MODIFY, so)
}

/// The attributes of a copy.
pub fn copied<V: AsRef<[u8]>>(object: &Object, given: Given<'_, V>, so: bool) -> Result<Draft> {
    if !object.traits().copyable {
        return Rv::ActionProhibited.err("CKA_COPYABLE is false");
    }
    if object.traits().class == CKO_OTP_KEY
        && object.attributes().ulong(CKA_OTP_COUNTER_REQUIREMENT) != Some(CK_OTP_PARAM_MANDATORY)
    {
        return Rv::ActionProhibited.err("a copy would have a counter of its own, and give the same passwords again");
    }
    if object.traits().limited {
        return Rv::ActionProhibited.err("a copy would have uses of its own");
    }
    let mut draft = apply(object, given, rules::MODIFY | rules::COPY, so)?;
    if object.traits().private && !draft.flag(CKA_PRIVATE) {
        return Rv::TemplateInconsistent.err("a copy of a private object stays private");
    }
    build::renew_unique_id(&mut draft)?;
    Ok(draft)
}

fn apply<V: AsRef<[u8]>>(object: &Object, given: Given<'_, V>, allowed: u16, so: bool) -> Result<Draft> {
    let traits = object.traits();
    let (mut draft, mut asked) = (object.attributes().draft(), Draft::default());
    for (kind, value) in given {
        build::once(&asked, *kind, value.as_ref())?;
        asked.set(*kind, value.as_ref());
        let rule = rules::rule(*kind, traits.class_bit(), traits.key_bit()).ok_or_else(|| match rules::is_known(*kind) {
            true => Rv::TemplateInconsistent.because(format!("attribute {kind:#x} does not go with this kind of object")),
            false => Rv::AttributeTypeInvalid.because(format!("attribute {kind:#x} is not known")),
        })?;
        if !rule.shape.fits(value.as_ref()) {
            return Rv::AttributeValueInvalid.err(format!("attribute {kind:#x} must be a {:?}", rule.shape));
        }
        may_become(rule, draft.of(*kind), value.as_ref(), allowed, so)?;
        draft.set(*kind, value.as_ref());
    }
    build::consistent(&draft)?;
    Ok(draft)
}

/// Footnotes 8, 10, 11 and 12. Setting what is set already is no change.
fn may_become(rule: &Rule, now: Option<&[u8]>, value: &[u8], allowed: u16, so: bool) -> Result<()> {
    let kind = rule.kind;
    if now == Some(value) && rule.notes & (rules::TOKEN_ONLY | rules::MATERIAL) == 0 {
        return Ok(());
    }
    if rule.notes & allowed == 0 {
        return Rv::AttributeReadOnly.err(format!("attribute {kind:#x} cannot be changed"));
    }
    if kind == CKA_HSM_SIM_USES_LEFT && now.is_some_and(|now| attributes::ulong(now) < attributes::ulong(value)) {
        return Rv::AttributeReadOnly.err("the uses left of a key are only lowered");
    }
    let stays = (rule.notes & rules::STAYS_TRUE != 0 && now == Some(&[CK_TRUE]))
        || (rule.notes & rules::STAYS_FALSE != 0 && now == Some(&[CK_FALSE]));
    if stays {
        return Rv::AttributeReadOnly.err(format!("attribute {kind:#x} cannot be changed back"));
    }
    if rule.notes & rules::SO_SETS != 0 && value == [CK_TRUE] && !so {
        return Rv::AttributeReadOnly.err(format!("attribute {kind:#x} is for the SO to set"));
    }
    Ok(())
}
