//! What a derived key inherits: CKA_SENSITIVE, CKA_EXTRACTABLE and their history (PKCS#11 v3.2 §6.21.2, §6.40.5, §6.42.9, §6.43).

use std::sync::Arc;

use cryptoki_sys::*;

use super::derive::Plan;
use crate::{
    error::{Result, Rv},
    mechanism::derivation::Inheritance,
    object::{Object, attributes::Lookup, build},
};

/// Completes the attributes of a key that is made of `base` and `others`.
pub fn inherit(plan: &mut Plan, how: Inheritance, base: &Arc<Object>, others: &[Arc<Object>]) -> Result<()> {
    // §6.42.9 suggests what the base key has, §6.43 lets every key have its say.
    let sources: Vec<_> = match how {
        Inheritance::Bound => std::iter::once(base).chain(others).collect(),
        _ => vec![base],
    };
    let sensitive = sources.iter().any(|key| key.traits().sensitive);
    let extractable = sources.iter().all(|key| key.traits().extractable);
    if how != Inheritance::Free {
        plan.suggest(CKA_SENSITIVE, sensitive);
        plan.suggest(CKA_EXTRACTABLE, extractable);
    }
    let (shown, taken) = (!plan.draft.flag(CKA_SENSITIVE), plan.draft.flag(CKA_EXTRACTABLE));
    let refused = match how {
        Inheritance::Free | Inheritance::Suggested => false,
        Inheritance::Bound => (sensitive && shown) || (!extractable && taken),
        Inheritance::Exact => sensitive == shown || extractable != taken,
    };
    if refused {
        return Rv::TemplateInconsistent.err("the new key would show what a key it is made of must not");
    }
    build::history(&mut plan.draft, None);
    let past = |kind| past(kind, how, base, others);
    let (always, never) = (past(CKA_ALWAYS_SENSITIVE) && !shown, past(CKA_NEVER_EXTRACTABLE) && !taken);
    plan.draft.set_flag(CKA_ALWAYS_SENSITIVE, always);
    plan.draft.set_flag(CKA_NEVER_EXTRACTABLE, never);
    Ok(())
}

/// Whether the keys' past is the new key's too: every key's, but for §6.42.9, which is content with one.
fn past(kind: CK_ATTRIBUTE_TYPE, how: Inheritance, base: &Object, others: &[Arc<Object>]) -> bool {
    let has = |key: &Object| key.attributes().flag(kind);
    match how {
        Inheritance::Suggested => has(base) || others.iter().any(|key| has(key)),
        _ => has(base) && others.iter().all(|key| has(key)),
    }
}
