//! From a request of Begin to a task: what it is about, and who must agree.

use cryptoki_sys::*;
use hsm_shares::{
    ceremony::{Opening, Task},
    manifest::Manifest,
    policy::{Approval, Policy},
    secret::Secret,
    share::SetId,
    text,
    wire::{Begin, Kind},
};

use super::{
    notary, restored,
    sets::{self, Standing},
};
use crate::{
    error::{Result, Rv},
    token::{
        Token,
        access::{Access, StoredObject},
    },
};

/// A ceremony about to begin.
pub struct Prepared {
    pub opening: Opening,
    /// The user's keys, where the user had to consent.
    pub user: Option<Access>,
}

/// Checks the request against the token.
pub fn prepare(token: &Token, so: &Access, request: Begin) -> Result<Prepared> {
    let sets = sets::all(token, so)?;
    let others = sets.iter().map(Standing::id).collect();
    let (timeout, kind) = (request.timeout, request.kind);
    let mut asked = Asked { token, so, sets, request };
    let (task, user) = match kind {
        Kind::Deal => asked.deal()?,
        Kind::Rehearse => {
            let (set, policy) = (SetId::fresh(token.serial())?, asked.policy()?);
            (Task::Rehearse { token: token.serial().to_owned(), set, policy }, None)
        }
        Kind::Verify => (Task::Verify(asked.standing()?), None),
        Kind::ResetPin => (Task::ResetPin(asked.standing()?), None),
        Kind::Refresh => asked.refresh()?,
        Kind::Restore => asked.restore()?,
        Kind::Destroy => asked.destroy()?,
    };
    let approval = asked.approval(&task);
    let opening = Opening { task, token: token.serial().to_owned(), approval, others, timeout };
    Ok(Prepared { opening, user })
}

/// The keys of that CKA_ID: one, unless somebody made it twice.
pub fn keys(token: &Token, user: &Access, id: &[u8]) -> Result<Vec<StoredObject>> {
    token.look(user, &[(CKA_CLASS, &CKO_SECRET_KEY.to_le_bytes()[..]), (CKA_ID, id)])
}

struct Asked<'a> {
    token: &'a Token,
    so: &'a Access,
    sets: Vec<Standing>,
    request: Begin,
}

type Tasked = (Task, Option<Access>);

impl Asked<'_> {
    fn deal(&mut self) -> Result<Tasked> {
        let (user, id) = (self.consent()?, self.key()?);
        let key = the_key(self.token, &user, &id)?;
        let task = Task::Deal {
            token: self.token.serial().to_owned(),
            secret: Secret::take(&mut key.value()),
            key: restored::describe(&key),
            set: self.fresh_set()?,
            policy: self.policy()?,
        };
        Ok((task, Some(user)))
    }

    fn refresh(&mut self) -> Result<Tasked> {
        let standing = self.standing()?;
        let policy = self.request.policy.take().unwrap_or_else(|| standing.core.policy.clone());
        let newly_approved = policy.approval().needed > 0 && standing.core.policy.approval().needed == 0;
        // The key must be kept from an ordinary C_DestroyObject from then on, and only the user's key can write it.
        let user = if newly_approved || self.request.user_pin.is_some() { Some(self.consent()?) } else { None };
        Ok((Task::Refresh { standing, token: self.token.serial().to_owned(), policy }, user))
    }

    fn restore(&mut self) -> Result<Tasked> {
        let manifest = match self.request.manifest.take() {
            Some(text) => Manifest::parse(&text)?,
            None => self.standing()?,
        };
        if manifest.core.rehearsal {
            return Rv::DataInvalid.err("the manifest is that of a rehearsal: there is nothing to restore");
        }
        let core = &manifest.core;
        let known = self.sets.iter().map(|standing| &standing.manifest.core).find(|known| known.key.id == core.key.id);
        if known.is_some_and(|known| known.set != core.set || known.epoch > core.epoch) {
            return Rv::DataInvalid.err("the manifest was retired: another dealing of this key is in force on this token");
        }
        let user = self.consent()?;
        absent(self.token, &user, &manifest.core.key.id)?;
        // What would fail when the custodians have come shall fail now.
        let vouched = *manifest.signer() == notary(self.so)?.public_key();
        restored::object(&manifest.core.key, &vec![0; manifest.core.key.len], vouched)?;
        Ok((Task::Restore(manifest), Some(user)))
    }

    fn destroy(&mut self) -> Result<Tasked> {
        let standing = self.standing()?;
        let user = self.consent()?;
        the_key(self.token, &user, &standing.core.key.id)?;
        Ok((Task::Destroy(standing), Some(user)))
    }

    fn consent(&self) -> Result<Access> {
        let pin = self.request.user_pin.as_ref();
        let pin = pin.ok_or(Rv::DataInvalid.because("user_pin is missing: the SO alone cannot reach the user's keys"))?;
        self.token.consent(pin.expose().as_bytes())
    }

    fn key(&self) -> Result<Vec<u8>> {
        let key = self.request.key.as_deref().ok_or(Rv::DataInvalid.because("key is missing: the CKA_ID in hexadecimal"))?;
        Ok(text::unhex(key, "key")?)
    }

    fn policy(&mut self) -> Result<Policy> {
        self.request.policy.take().ok_or(Rv::DataInvalid.because("policy is missing: threshold and custodians"))
    }

    /// The manifest in force for the key asked for.
    fn standing(&self) -> Result<Manifest> {
        let id = self.key()?;
        let found = self.sets.iter().find(|standing| standing.manifest.core.key.id == id);
        let none = || Rv::KeyHandleInvalid.because("no shares of this key are in force on this token");
        found.map(|standing| standing.manifest.clone()).ok_or_else(none)
    }

    fn fresh_set(&self) -> Result<SetId> {
        loop {
            let set = SetId::fresh(self.token.serial())?;
            if self.sets.iter().all(|known| known.id() != set) {
                return Ok(set);
            }
        }
    }

    /// Who must approve. For a key that has shares those its policy names; for another key those of the newest set that names any, since
    /// it takes that one's place; and whoever a first policy names proves so that the keys named are really theirs.
    fn approval(&self, task: &Task) -> Approval {
        let of = |policy: &Policy| Some(policy.approval().clone()).filter(|approval| approval.needed > 0);
        let newest = || self.sets.iter().filter_map(|set| Some((set.manifest.core.dealt, of(&set.manifest.core.policy)?)));
        match task {
            Task::Deal { key, policy, .. } => {
                let same = self.sets.iter().find(|set| set.manifest.core.key.id == key.id);
                let standing = same.and_then(|set| of(&set.manifest.core.policy));
                standing.or_else(|| newest().max_by_key(|(dealt, _)| *dealt).map(|(_, approval)| approval)).or_else(|| of(policy))
            }
            Task::Refresh { standing, policy, .. } => of(&standing.core.policy).or_else(|| of(policy)),
            Task::Destroy(standing) => of(&standing.core.policy),
            Task::Rehearse { .. } | Task::Verify(_) | Task::Restore(_) | Task::ResetPin(_) => None,
        }
        .unwrap_or_default()
    }
}

/// The one key of that CKA_ID, which must be a master key.
pub fn the_key(token: &Token, user: &Access, id: &[u8]) -> Result<StoredObject> {
    let mut found = keys(token, user, id)?;
    match (found.pop(), found.is_empty()) {
        (Some(key), true) => restored::check(&key.object).map(|()| key),
        (Some(_), false) => Rv::KeyHandleInvalid.err("several keys have this CKA_ID"),
        (None, _) => Rv::KeyHandleInvalid.err("no key has this CKA_ID"),
    }
}

/// Refuses when a key of that CKA_ID is there.
pub fn absent(token: &Token, user: &Access, id: &[u8]) -> Result<()> {
    match keys(token, user, id)?.is_empty() {
        true => Ok(()),
        false => Rv::ActionProhibited.err("the token has a key of this CKA_ID: nothing is to be restored"),
    }
}
