//! DSA and Diffie-Hellman keys and their domain parameters, parsed from attributes and back (PKCS#11 v3.2 §4.11, §6.2, §6.4).

use std::sync::Arc;

use cryptoki_sys::*;

use super::attributes::{Draft, Lookup};
use crate::{
    crypto::{DhPrivateKey, DhPublicKey, DsaPrivateKey, DsaPublicKey, Group, GroupKind},
    error::{Result, Rv},
};

/// What groups of a key type are for; CKR_TEMPLATE_INCONSISTENT for types without domain parameters.
pub fn kind(key_type: CK_KEY_TYPE) -> Result<GroupKind> {
    match key_type {
        CKK_DSA => Ok(GroupKind::Dsa),
        CKK_DH => Ok(GroupKind::Dh),
        CKK_X9_42_DH => Ok(GroupKind::X942),
        _ => Rv::TemplateInconsistent.err(format!("there are no domain parameters for CKA_KEY_TYPE {key_type:#x}")),
    }
}

/// CKA_PRIME, CKA_SUBPRIME and CKA_BASE.
pub fn group(kind: GroupKind, attributes: &impl Lookup) -> Result<Arc<Group>> {
    let subprime = attributes.of(CKA_SUBPRIME);
    Ok(Arc::new(Group::new(kind, attributes.bytes(CKA_PRIME), subprime, attributes.bytes(CKA_BASE))?))
}

/// CKO_PUBLIC_KEY of CKK_DSA.
pub fn dsa_public(attributes: &impl Lookup) -> Result<DsaPublicKey> {
    Ok(DsaPublicKey::new(group(GroupKind::Dsa, attributes)?, attributes.bytes(CKA_VALUE))?)
}

/// CKO_PRIVATE_KEY of CKK_DSA.
pub fn dsa_private(attributes: &impl Lookup) -> Result<DsaPrivateKey> {
    Ok(DsaPrivateKey::new(group(GroupKind::Dsa, attributes)?, attributes.bytes(CKA_VALUE))?)
}

/// CKO_PUBLIC_KEY of CKK_DH and CKK_X9_42_DH.
pub fn dh_public(key_type: CK_KEY_TYPE, attributes: &impl Lookup) -> Result<DhPublicKey> {
    Ok(DhPublicKey::new(group(kind(key_type)?, attributes)?, attributes.bytes(CKA_VALUE))?)
}

/// CKO_PRIVATE_KEY of CKK_DH and CKK_X9_42_DH.
pub fn dh_private(key_type: CK_KEY_TYPE, attributes: &impl Lookup) -> Result<DhPrivateKey> {
    Ok(DhPrivateKey::new(group(kind(key_type)?, attributes)?, attributes.bytes(CKA_VALUE))?)
}

/// Writes a key and its group into `draft`.
pub fn describe(group: &Group, value: &[u8], draft: &mut Draft) {
    describe_group(group, draft);
    draft.set(CKA_VALUE, value);
}

/// Writes a private key into `draft`; of CKK_DH its length, too, which a template may have said but not otherwise.
pub fn describe_dh_private(key: &DhPrivateKey, draft: &mut Draft) -> Result<()> {
    let (group, bits) = (key.public().group(), CK_ULONG::from(key.bits()));
    describe(group, key.scalar().expose(), draft);
    match (group.kind(), draft.ulong(CKA_VALUE_BITS)) {
        (GroupKind::Dh, None) => draft.set_ulong(CKA_VALUE_BITS, bits),
        (GroupKind::Dh, Some(said)) if said != bits => {
            return Rv::TemplateInconsistent.err("CKA_VALUE_BITS is not the key's length");
        }
        _ => {}
    }
    Ok(())
}

/// Checks the domain parameters in `draft`, and completes them with their lengths.
pub fn complete(draft: &mut Draft) -> Result<()> {
    let group = group(kind(draft.ulong(CKA_KEY_TYPE).unwrap_or(CK_UNAVAILABLE_INFORMATION))?, draft)?;
    group.validate()?;
    describe_whole(&group, draft);
    Ok(())
}

/// Writes domain parameters and their lengths into `draft`.
pub fn describe_whole(group: &Group, draft: &mut Draft) {
    describe_group(group, draft);
    draft.set_ulong(CKA_PRIME_BITS, group.bits() as CK_ULONG);
    if let Some(bits) = group.q_bits() {
        draft.set_ulong(CKA_SUBPRIME_BITS, bits as CK_ULONG);
    }
}

fn describe_group(group: &Group, draft: &mut Draft) {
    draft.set(CKA_PRIME, group.p());
    draft.set(CKA_BASE, group.g());
    if let Some(subprime) = group.q() {
        draft.set(CKA_SUBPRIME, subprime);
    }
}
