//! A key as the manifest describes it, and back: the attributes that are printed, and the object that is made from them.

use std::sync::Arc;

use cryptoki_sys::*;
use hsm_shares::manifest::Key;

use crate::{
    error::{Result, Rv},
    object::{
        Object,
        attributes::Lookup,
        build::{self, Origin, Sort},
        key,
        rules::{self, Default},
    },
    token::access::StoredObject,
};

/// What a restored key always is, whatever a manifest says: nobody shall plant a key that can leave the token.
const ALWAYS: [(CK_ATTRIBUTE_TYPE, CK_BBOOL); 4] =
    [(CKA_TOKEN, CK_TRUE), (CKA_PRIVATE, CK_TRUE), (CKA_SENSITIVE, CK_TRUE), (CKA_EXTRACTABLE, CK_FALSE)];
/// What the value itself tells, what is new with every object, or what must not be printed.
const OWN: [CK_ATTRIBUTE_TYPE; 6] = [CKA_CLASS, CKA_ID, CKA_VALUE, CKA_VALUE_LEN, CKA_CHECK_VALUE, CKA_UNIQUE_ID];
/// The history of a key, which only the token that saw it can vouch for.
const HISTORY: [CK_ATTRIBUTE_TYPE; 4] = [CKA_LOCAL, CKA_KEY_GEN_MECHANISM, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE];

/// What the manifest says of a key.
pub fn describe(stored: &StoredObject) -> Key {
    let attributes = stored.object.attributes();
    let telling = |(kind, value): &(CK_ATTRIBUTE_TYPE, &[u8])| {
        !OWN.contains(kind) && ALWAYS.iter().all(|(fixed, _)| fixed != kind) && !is_default(*kind, value)
    };
    Key {
        id: attributes.bytes(CKA_ID).to_vec(),
        len: attributes.bytes(CKA_VALUE).len(),
        attributes: attributes.iter().filter(telling).map(|(kind, value)| (kind, value.to_vec())).collect(),
    }
}

/// The object of a key, with its value. `vouched` tells that the manifest is this very token's word.
pub fn object(described: &Key, value: &[u8], vouched: bool) -> Result<Arc<Object>> {
    let mut given: Vec<(CK_ATTRIBUTE_TYPE, &[u8])> = vec![(CKA_ID, &described.id), (CKA_VALUE, value)];
    given.extend(ALWAYS.iter().map(|(kind, flag)| (*kind, std::slice::from_ref(flag))));
    let named = described.attributes.iter().map(|(kind, value)| (*kind, value.as_slice()));
    given.extend(named.filter(|(kind, _)| !HISTORY.contains(kind) && !OWN.contains(kind) && fixed(*kind).is_none()));
    let sort = Sort::key(CKO_SECRET_KEY, CKK_AES);
    let mut draft = build::draft(&sort, Origin::Create, &given, true)?;
    build::history(&mut draft, None);
    if vouched {
        let history = described.attributes.iter().filter(|(kind, _)| HISTORY.contains(kind));
        history.for_each(|(kind, value)| draft.set(*kind, value));
    }
    let key = key::Key::parse(&draft)?;
    key.describe(&mut draft, crate::object::curve::PointForm::OctetString)?;
    Object::with_key(draft.pack(), key)
}

/// Refuses what is no master key: an AES key that can never leave the token.
pub fn check(object: &Object) -> Result<()> {
    let traits = object.traits();
    let kept = traits.private && traits.sensitive && !traits.extractable;
    match traits.key_type {
        Some(CKK_AES) if kept => Ok(()),
        Some(CKK_AES) => Rv::KeyFunctionNotPermitted.err("only a private, sensitive key that cannot be extracted is split"),
        _ => Rv::KeyTypeInconsistent.err("only an AES key is split"),
    }
}

fn fixed(kind: CK_ATTRIBUTE_TYPE) -> Option<CK_BBOOL> {
    ALWAYS.iter().find(|(fixed, _)| *fixed == kind).map(|(_, value)| *value)
}

/// True for what the key would have anyway.
fn is_default(kind: CK_ATTRIBUTE_TYPE, value: &[u8]) -> bool {
    match rules::rule(kind, rules::SECRET, rules::AES).map(|rule| rule.default) {
        Some(Default::Flag(flag)) => value == [u8::from(flag)],
        Some(Default::Number(number)) => value == number.to_le_bytes(),
        Some(Default::Empty) => value.is_empty(),
        // The key type is AES: nothing else is split.
        _ => kind == CKA_KEY_TYPE,
    }
}
