//! What a finished ceremony changes, prepared as one write.

use std::sync::Arc;

use cryptoki_sys::{CKA_DESTROYABLE, CKA_VALUE};
use hsm_shares::{
    ceremony::Work,
    manifest::Manifest,
    secret::Secret,
    time::Time,
    wire::{Finish, Kind},
};

use super::{
    Open, begin, escrow, notary, restored,
    sets::{self, Standing},
};
use crate::{
    error::{Result, Rv},
    object::{Object, attributes::Lookup},
    store::ObjectId,
    token::{
        Token,
        access::{Access, StoredObject, Writing},
    },
};

/// Everything to be written, owned.
#[derive(Default)]
pub struct Prepared {
    added: Vec<Arc<Object>>,
    changed: Vec<(StoredObject, Arc<Object>)>,
    removed: Vec<ObjectId>,
    records: Vec<(String, u64, Vec<u8>)>,
    /// The manifest in force afterwards.
    pub manifest: Option<String>,
    forgive: bool,
}

impl Prepared {
    /// As the token writes it.
    pub fn as_writing(&self) -> Writing<'_> {
        Writing {
            added: self.added.clone(),
            changed: self.changed.iter().map(|(stored, next)| (stored, Arc::clone(next))).collect(),
            removed: self.removed.clone(),
            records: self.records.clone(),
            marks: vec![],
            events: vec![],
        }
    }

    /// What comes before it is written. A wrong try of a PIN that is forgotten for nothing harms nobody: a quorum allowed it.
    pub fn beforehand(&self, token: &Token) -> Result<()> {
        if self.forgive { token.forgive_user() } else { Ok(()) }
    }
}

/// Works out what the ceremony was for.
pub fn prepare(token: &Token, open: &Open, request: &Finish, now: Time) -> Result<Prepared> {
    let user = || open.user.as_ref().ok_or(Rv::UserNotLoggedIn.because("the user has not consented"));
    let work = open.ceremony.work(now)?;
    if request.new_user_pin.is_some() != matches!(work, Work::ResetPin(..)) {
        return Rv::DataInvalid.err("new_user_pin goes with reset-pin, and with nothing else");
    }
    match work {
        Work::Activate(manifest) if open.ceremony.kind() == Kind::Deal => dealt(token, user()?, manifest, now),
        Work::Activate(manifest) => refreshed(token, open, manifest, now),
        Work::Verified(collecting) => verified(token, &open.so, collecting.against(), now),
        Work::Restore(manifest, secret) => made(token, user()?, manifest, secret, now),
        Work::ResetPin(manifest, secret) => {
            let pin = request.new_user_pin.as_ref().map(|pin| pin.expose().as_bytes()).unwrap_or_default();
            pin_reset(token, &open.so, manifest, secret, pin)
        }
        Work::Rehearsed => Ok(Prepared::default()),
        Work::Destroy(manifest) => destroyed(token, user()?, manifest),
    }
}

fn dealt(token: &Token, user: &Access, manifest: &Manifest, now: Time) -> Result<Prepared> {
    let key = begin::key_of_set(token, user, &manifest.core)?;
    let value = Secret::take(&mut key.value());
    let mut prepared = in_force(token, user, manifest, now)?;
    prepared.records.push(escrow::record(token, user, manifest.core.set, value.expose())?);
    protect(&mut prepared, key, manifest)?;
    Ok(prepared)
}

fn refreshed(token: &Token, open: &Open, manifest: &Manifest, now: Time) -> Result<Prepared> {
    let mut prepared = in_force(token, &open.so, manifest, now)?;
    if let Some(user) = &open.user {
        let mut keys = begin::keys(token, user, &manifest.core.key.id)?;
        keys.retain(|key| begin::is_of(key, &manifest.core));
        keys.into_iter().try_for_each(|key| protect(&mut prepared, key, manifest))?;
    }
    Ok(prepared)
}

/// The set's object with this dealing. The set it takes the place of, if it is another one, opens nothing any more.
fn in_force(token: &Token, access: &Access, manifest: &Manifest, now: Time) -> Result<Prepared> {
    let mut prepared = Prepared { manifest: Some(manifest.text().to_owned()), ..Prepared::default() };
    match sets::of_key(token, access, &manifest.core.key.id)? {
        None => prepared.added.push(sets::object(manifest, now)?),
        Some(standing) => {
            if standing.id() != manifest.core.set {
                prepared.records.push(escrow::erased(token, standing.id())?);
            }
            let next = sets::renewed(&standing.stored, manifest, now)?;
            prepared.changed.push((standing.stored, next));
        }
    }
    Ok(prepared)
}

/// A key whose destruction needs approvals is kept from an ordinary C_DestroyObject.
fn protect(prepared: &mut Prepared, key: StoredObject, manifest: &Manifest) -> Result<()> {
    if manifest.core.policy.approval().needed > 0 && key.object.attributes().flag(CKA_DESTROYABLE) {
        let mut draft = key.object.attributes().draft();
        draft.set_flag(CKA_DESTROYABLE, false);
        let next = Object::new(draft.pack())?;
        prepared.changed.push((key, next));
    }
    Ok(())
}

fn verified(token: &Token, so: &Access, manifest: &Manifest, now: Time) -> Result<Prepared> {
    let Some(Standing { stored, .. }) = standing(token, so, manifest)? else {
        return Rv::FunctionFailed.err("the set is no longer in force");
    };
    let next = sets::renewed(&stored, manifest, now)?;
    Ok(Prepared { changed: vec![(stored, next)], manifest: Some(manifest.text().to_owned()), ..Prepared::default() })
}

fn made(token: &Token, user: &Access, manifest: &Manifest, secret: &Secret, now: Time) -> Result<Prepared> {
    begin::absent(token, user, &manifest.core.key.id)?;
    let vouched = *manifest.signer() == notary(user)?.public_key();
    let mut prepared = in_force(token, user, manifest, now)?;
    let mut key = restored::object(&manifest.core.key, secret.expose(), vouched)?;
    if manifest.core.policy.approval().needed > 0 {
        let mut draft = key.attributes().draft();
        draft.set_flag(CKA_DESTROYABLE, false);
        key = Object::new(draft.pack())?;
    }
    debug_assert_eq!(key.attributes().bytes(CKA_VALUE).len(), manifest.core.key.len);
    prepared.added.push(key);
    prepared.records.push(escrow::record(token, user, manifest.core.set, secret.expose())?);
    Ok(prepared)
}

fn pin_reset(token: &Token, so: &Access, manifest: &Manifest, secret: &Secret, pin: &[u8]) -> Result<Prepared> {
    let user_key = escrow::open(token, so, manifest.core.set, secret.expose())?;
    let record = token.user_under(so, user_key.expose(), pin)?;
    Ok(Prepared { records: vec![record], forgive: true, ..Prepared::default() })
}

fn destroyed(token: &Token, user: &Access, manifest: &Manifest) -> Result<Prepared> {
    let key = begin::key_of_set(token, user, &manifest.core)?;
    let set = standing(token, user, manifest)?;
    let removed = [Some(key.id), set.map(|standing| standing.stored.id)].into_iter().flatten().collect();
    Ok(Prepared { removed, records: vec![escrow::erased(token, manifest.core.set)?], ..Prepared::default() })
}

/// The set, if this very dealing is in force.
fn standing(token: &Token, access: &Access, manifest: &Manifest) -> Result<Option<Standing>> {
    Ok(sets::of_key(token, access, &manifest.core.key.id)?.filter(|standing| standing.manifest == *manifest))
}
