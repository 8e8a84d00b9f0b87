//! The sets in force, each a public, read-only data object that any PKCS#11 tool can list.
//!
//! What makes such an object real is an attribute of ours that no template can set; its row is sealed like any other.

use std::sync::Arc;

use cryptoki_sys::*;
use hsm_shares::{manifest::Manifest, share::SetId, text, time::Time, wire::Set};

use crate::{
    error::{Result, Rv},
    object::{Object, attributes::Draft, attributes::Lookup, build, rules::CKA_HSM_SIM_RECOVERY},
    token::{
        Token,
        access::{Access, StoredObject},
    },
};

const APPLICATION: &[u8] = b"hsm-sim recovery";

/// A set in force.
pub struct Standing {
    pub stored: StoredObject,
    pub set: Set,
    pub manifest: Manifest,
}

impl Standing {
    pub fn id(&self) -> SetId {
        self.manifest.core.set
    }
}

/// All sets of the token.
pub fn all(token: &Token, access: &Access) -> Result<Vec<Standing>> {
    let class = CKO_DATA.to_le_bytes();
    let found = token.look(access, &[(CKA_CLASS, &class[..]), (CKA_HSM_SIM_RECOVERY, &[CK_TRUE])])?;
    found.into_iter().map(standing).collect()
}

/// All sets, as anybody may read them before a login.
pub fn visible(token: &Token) -> Result<Vec<Set>> {
    let class = CKO_DATA.to_le_bytes();
    let found = token.find(&[(CKA_CLASS, &class[..]), (CKA_HSM_SIM_RECOVERY, &[CK_TRUE])])?;
    let read = |handle| token.object(handle).map(|object| serde_json::from_slice(object.attributes().bytes(CKA_VALUE)).ok());
    found.into_iter().map(read).filter_map(Result::transpose).collect()
}

/// The set of a key.
pub fn of_key(token: &Token, access: &Access, key: &[u8]) -> Result<Option<Standing>> {
    Ok(all(token, access)?.into_iter().find(|standing| standing.manifest.core.key.id == key))
}

/// The object of a set that comes into force.
pub fn object(manifest: &Manifest, verified: Time) -> Result<Arc<Object>> {
    let mut draft = Draft::default();
    for kind in [CKA_PRIVATE, CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE] {
        draft.set_flag(kind, false);
    }
    draft.set_flag(CKA_TOKEN, true);
    draft.set_flag(CKA_HSM_SIM_RECOVERY, true);
    draft.set_ulong(CKA_CLASS, CKO_DATA);
    draft.set(CKA_APPLICATION, APPLICATION);
    draft.set(CKA_OBJECT_ID, &[]);
    draft.set(CKA_UNIQUE_ID, &build::unique_id()?);
    describe(&mut draft, manifest, verified)?;
    Object::new(draft.pack())
}

/// The object of a set, with the dealing now in force and the moment its shares last proved to work.
pub fn renewed(stored: &StoredObject, manifest: &Manifest, verified: Time) -> Result<Arc<Object>> {
    let mut draft = stored.object.attributes().draft();
    describe(&mut draft, manifest, verified)?;
    Object::new(draft.pack())
}

fn describe(draft: &mut Draft, manifest: &Manifest, verified: Time) -> Result<()> {
    let core = &manifest.core;
    let set = Set {
        set: text::hex(&core.set.0),
        epoch: core.epoch,
        key: text::hex(&core.key.id),
        threshold: core.policy.quorum().threshold(),
        total: core.policy.quorum().total(),
        check: text::hex(&core.commitment[..4]),
        dealt: core.dealt.to_string(),
        verified: verified.to_string(),
        expires: core.policy.expires().map(str::to_owned),
        manifest: manifest.text().to_owned(),
    };
    let json = serde_json::to_vec(&set).map_err(|_| Rv::FunctionFailed.because("the set has no JSON form"))?;
    let (threshold, total, epoch) = (set.threshold, set.total, set.epoch);
    draft.set(CKA_LABEL, format!("recovery set {}: {threshold} of {total}, epoch {epoch}", set.set).as_bytes());
    draft.set(CKA_VALUE, &json);
    Ok(())
}

fn standing(stored: StoredObject) -> Result<Standing> {
    let set: Option<Set> = serde_json::from_slice(stored.object.attributes().bytes(CKA_VALUE)).ok();
    let manifest = set.as_ref().and_then(|set| Manifest::parse(&set.manifest).ok());
    match (set, manifest) {
        (Some(set), Some(manifest)) => Ok(Standing { stored, set, manifest }),
        _ => Rv::DeviceError.err("the object of a recovery set is of another version"),
    }
}
