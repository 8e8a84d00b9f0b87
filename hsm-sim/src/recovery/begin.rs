//! From a request of Begin to a task: what it is about, and who must agree.

use cryptoki_sys::*;
use hsm_shares::{
    ceremony::{Opening, Task},
    manifest::{Core, Manifest},
    policy::{Approval, Policy},
    secret::Secret,
    share::{SetId, commitment},
    text,
    wire::{Begin, Kind},
};
use subtle::ConstantTimeEq;

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
        let secret = Secret::take(&mut key.value());
        self.known_by_this_id(&id, &secret)?;
        let task = Task::Deal {
            token: self.token.serial().to_owned(),
            secret,
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
        key_of_set(self.token, &user, &standing.core)?;
        Ok((Task::Destroy(standing), Some(user)))
    }

    /// Approvers are found by the key's CKA_ID, and its user can change that, or copy the key.
    fn known_by_this_id(&self, id: &[u8], secret: &Secret) -> Result<()> {
        let value = commitment(secret);
        let same = |core: &&Core| core.commitment == value && core.key.id != id && core.policy.approval().needed > 0;
        match self.sets.iter().map(|standing| &standing.manifest.core).find(same) {
            None => Ok(()),
            Some(core) => Rv::ActionProhibited.err(format!(
                "the approvers of this key know it by the CKA_ID {}: deal the key of that CKA_ID",
                text::hex_or_dash(&core.key.id)
            )),
        }
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

    /// Who must approve. Whoever a first policy names proves so that the keys named are really theirs.
    fn approval(&self, task: &Task) -> Approval {
        match task {
            Task::Deal { key, policy, .. } => self.in_charge(&key.id).or_else(|| asked(policy)),
            Task::Refresh { standing, policy, .. } => asked(&standing.core.policy).or_else(|| asked(policy)),
            Task::Destroy(standing) => asked(&standing.core.policy),
            // What is in force comes back without asking. Any other manifest would bring its own approvers, and anybody can sign one.
            Task::Restore(manifest) if self.sets.iter().all(|standing| standing.manifest != *manifest) => {
                self.in_charge(&manifest.core.key.id)
            }
            Task::Rehearse { .. } | Task::Verify(_) | Task::Restore(_) | Task::ResetPin(_) => None,
        }
        .unwrap_or_default()
    }

    /// Who is asked before a set comes into force: for a key that has shares those its policy names; else those of the newest set that
    /// names any, since the new one takes that one's place.
    fn in_charge(&self, key: &[u8]) -> Option<Approval> {
        let cores = || self.sets.iter().map(|standing| &standing.manifest.core);
        let same = cores().find(|core| core.key.id == key).and_then(|core| asked(&core.policy));
        let newest = || cores().filter_map(|core| Some((core.dealt, asked(&core.policy)?))).max_by_key(|(dealt, _)| *dealt);
        same.or_else(|| newest().map(|(_, approval)| approval))
    }
}

/// The approvals a policy asks for, if it does.
fn asked(policy: &Policy) -> Option<Approval> {
    Some(policy.approval().clone()).filter(|approval| approval.needed > 0)
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

/// The key a set is of. Its value decides: any key can be given any CKA_ID by its user.
pub fn key_of_set(token: &Token, user: &Access, core: &Core) -> Result<StoredObject> {
    let key = the_key(token, user, &core.key.id)?;
    match is_of(&key, core) {
        true => Ok(key),
        false => Rv::KeyHandleInvalid.err("the key of this CKA_ID is another one than the shares are of"),
    }
}

/// True when a key has the value a set commits to.
pub fn is_of(key: &StoredObject, core: &Core) -> bool {
    commitment(&Secret::take(&mut key.value())).ct_eq(&core.commitment).into()
}

/// Refuses when a key of that CKA_ID is there.
pub fn absent(token: &Token, user: &Access, id: &[u8]) -> Result<()> {
    match keys(token, user, id)?.is_empty() {
        true => Ok(()),
        false => Rv::ActionProhibited.err("the token has a key of this CKA_ID: nothing is to be restored"),
    }
}
