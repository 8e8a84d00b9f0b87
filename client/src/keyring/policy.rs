//! The rules of a lineage at work: who looks up the key that encrypts finds one that still may (REQUIREMENTS 14).
//!
//! Age is a habit: a key that is due goes on where the next one cannot be made. An expiry and a limit of use are bounds: there
//! nothing encrypts any more.

use std::time::{Duration, Instant};

use super::lifecycle::{self, Line};
use super::{Keyring, Recipe};
use crate::error::{Error, Kind, Result};
use crate::id::KeyId;
use crate::store::{Demand, KeyRecord, Lineage, Policy, State, Store, Usage};
use crate::time::Timestamp;

/// Tries of a lineage that others change at the same time.
const TRIES: usize = 8;

/// When a rotation for age alone is tried again that failed.
const AGAIN: Duration = Duration::from_secs(60);

/// Part of a key's use that is taken at once, where its use is limited: what a process leaves unused is lost, and no more than this.
const PART: u64 = 64;

/// Use of a key that was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// So much.
    pub usage: Usage,
    /// Of a limit, if there was one.
    pub limit: Option<Usage>,
}

/// Replaces the rules of `name`.
///
/// # Errors
/// [`Kind::NotFound`]; [`Kind::Usage`] for rules under which what encrypts would not decrypt; [`Kind::Conflict`].
pub fn set(store: &dyn Store, name: &str, policy: &Policy) -> Result<Lineage> {
    change(store, name, |_| policy.clone())
}

/// Replaces the rules of `name` by what `change` makes of them, unless somebody else changes them meanwhile.
///
/// # Errors
/// As [`set`].
pub fn change(store: &dyn Store, name: &str, change: impl FnOnce(&Policy) -> Policy) -> Result<Lineage> {
    let line = lifecycle::line_of(store, name)?;
    let policy = change(&line.lineage.policy);
    let bound = line.active().or(line.versions.last()).map_or(0, |key| key.version);
    if policy.rotate_after < 0 || policy.min_decrypt_version > bound {
        return Err(Error::new(Kind::Usage, format!("these rules of the data key \"{name}\" make no sense"))
            .why(format!("version {bound} encrypts, and must decrypt; times are not negative")));
    }
    if policy == line.lineage.policy {
        return Ok(line.lineage);
    }
    let epoch = store.set_policy(&line.lineage.id, line.lineage.epoch, &policy)?;
    Ok(Lineage { epoch, policy, ..line.lineage })
}

/// Refuses to let a version encrypt that the rules of its lineage would not let decrypt, or would have replaced at once.
pub(super) fn may_encrypt(line: &Line, key: &KeyRecord) -> Result<()> {
    let (policy, name) = (&line.lineage.policy, &line.lineage.name);
    let why = if key.version < policy.min_decrypt_version {
        format!("its policy lets versions decrypt from {} on", policy.min_decrypt_version)
    } else if key.is_expired(Timestamp::now()) {
        "it is expired".to_owned()
    } else if policy.auto_rotate && policy.is_due(key, Timestamp::now()) {
        "its policy would replace it at once, for its age".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::new(Kind::KeyInactive, format!("version {} of the data key \"{name}\" may not encrypt", key.version))
        .why(why)
        .next(format!("make another one: hsm dek rotate --name {name}; or change its policy: hsm dek policy --name {name}")))
}

impl Keyring {
    /// The version of `name` that encrypts now, with the use of it that is granted: all that is asked for, where use is not limited.
    /// One that is due, expired or used up is rotated first, where the lineage's policy says so.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::NoActiveVersion`], [`Kind::KeyInactive`] when it is expired or used up and not rotated; those of
    /// [`Self::rotate`].
    pub fn for_encryption(&self, name: &str, demand: Demand) -> Result<(KeyRecord, Grant)> {
        for _ in 0..TRIES {
            let line = lifecycle::line_of(self.store(), name)?;
            let key = line.active().ok_or_else(|| super::refusals::no_active(name))?.clone();
            let now = Timestamp::now();
            let (expired, policy) = (key.is_expired(now), line.lineage.policy.clone());
            if policy.auto_rotate && (expired || (policy.is_due(&key, now) && !self.is_postponed(&line))) {
                match self.rotated(&line, &key) {
                    // Age alone is no reason to stop.
                    Err(error) if !expired && error.kind() != Kind::Conflict => self.postpone(&line),
                    Ok(()) => continue,
                    Err(error) if error.kind() == Kind::Conflict => continue,
                    Err(error) => return Err(error),
                }
            }
            if expired {
                return Err(super::refusals::expired(name, &key));
            }
            match self.granted(&policy, &key, demand)? {
                Some(usage) => return Ok((key, Grant { usage, limit: policy.limit() })),
                None if policy.auto_rotate => self.rotated(&line, &key).or_else(outrun)?,
                None => return Err(used_up(name, &key)),
            }
        }
        Err(Error::new(Kind::Conflict, format!("the data key \"{name}\" is being changed by others all the time"))
            .next("try again"))
    }

    /// A rotation that failed is not tried again at every lookup: each would make a key in the token for nothing.
    fn postpone(&self, line: &Line) {
        self.postponed.lock().insert(line.lineage.id, Instant::now());
    }

    fn is_postponed(&self, line: &Line) -> bool {
        self.postponed.lock().get(&line.lineage.id).is_some_and(|at| at.elapsed() < AGAIN)
    }

    /// Use of `key` as far as `policy` allows; none without room.
    fn granted(&self, policy: &Policy, key: &KeyRecord, demand: Demand) -> Result<Option<Usage>> {
        let Some(limit) = policy.limit().filter(|_| demand.most.messages > 0) else { return Ok(Some(demand.most)) };
        let part = |most: u64, limit: u64| most.min((limit / PART).max(1));
        let most = Usage { messages: part(demand.most.messages, limit.messages), bytes: part(demand.most.bytes, limit.bytes) };
        let granted = self.store().reserve(&key.key_id, Demand { most, ..demand }, limit)?;
        Ok((!granted.is_none()).then_some(granted))
    }

    /// Counts bytes that were encrypted beyond what was granted, of a message whose length nobody knew before: where the lineage's
    /// policy limits them.
    ///
    /// # Errors
    /// Those of the store.
    pub fn count(&self, id: &KeyId, bytes: u64) -> Result<()> {
        if bytes == 0 {
            return Ok(());
        }
        let Some(key) = self.store().key(id)? else { return Ok(()) };
        let lineage = lifecycle::lineage(self.store(), &key.lineage_id.to_string())?;
        if lineage.policy.limit().is_none() {
            return Ok(());
        }
        let demand = Demand { least: bytes, most: Usage { messages: 0, bytes } };
        self.store().reserve(id, demand, Usage::ENDLESS).map(|_| ())
    }

    /// Makes the version after `key`, which lives as long as `key` did.
    fn rotated(&self, line: &Line, key: &KeyRecord) -> Result<()> {
        let life = key.expires.map(|end| end.0.saturating_sub(key.created.0));
        if life.is_some_and(|life| life <= 0) {
            return Err(super::refusals::expired(&line.lineage.name, key));
        }
        let expires = life.map(|life| Timestamp::now().plus(life));
        self.rotate_line(line, &Recipe { expires, ..Recipe::default() }).map(|_| ())
    }
}

/// Someone else rotated: as good.
fn outrun(error: Error) -> Result<()> {
    if error.kind() == Kind::Conflict { Ok(()) } else { Err(error) }
}

fn used_up(name: &str, key: &KeyRecord) -> Error {
    Error::new(Kind::KeyInactive, format!("version {} of the data key \"{name}\" has encrypted all it may", key.version))
        .why("its policy limits how many messages, or bytes, one version encrypts")
        .next(format!("make its next version: hsm dek rotate --name {name}; what it encrypted can still be read"))
}

/// The lineage's policy lets `key` decrypt.
pub(super) fn may_decrypt(store: &dyn Store, key: &KeyRecord) -> Result<()> {
    let lineage = lifecycle::lineage(store, &key.lineage_id.to_string())?;
    if key.version >= lineage.policy.min_decrypt_version || key.state == State::Destroyed {
        return Ok(());
    }
    let (name, least) = (&lineage.name, lineage.policy.min_decrypt_version);
    Err(Error::new(Kind::KeyInactive, format!("version {} of the data key \"{name}\" may not decrypt", key.version))
        .why(format!("its policy lets versions decrypt from {least} on"))
        .next(format!("encrypt anew what is older, or change it: hsm dek policy --name {name}")))
}
