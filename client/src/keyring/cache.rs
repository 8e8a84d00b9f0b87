//! Open data keys that are kept for a while, so that a record does not cost a call to the token each (REQUIREMENTS 23, 28).
//!
//! Of many threads that want a key which is not there, one opens it and the others wait for it. Before a key's time is over one thread
//! opens it anew while the others go on with the old one; when the token cannot be reached then, the old one is good until its time is
//! over, and no longer. A key that was disabled or deleted in the store is noticed when it is opened next.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Dek, Keyring};
use crate::error::{Error, Kind, Result};
use crate::id::KeyId;

/// How long, and for how much, an open key is kept.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From when it was opened, whatever it is used for.
    pub ttl: Duration,
    /// From this age on it is opened anew ahead of time; as long as `ttl` for never.
    pub refresh: Duration,
    /// Messages it is given out for.
    pub messages: u64,
    /// Bytes it is given out for.
    pub bytes: u64,
    /// Keys kept at the same time; the oldest goes.
    pub keys: usize,
}

impl Default for Limits {
    /// Five minutes, anew after four; a million messages or 64 GiB; a thousand keys.
    fn default() -> Self {
        let (ttl, refresh) = (Duration::from_secs(300), Duration::from_secs(240));
        Self { ttl, refresh, messages: 1 << 20, bytes: 1 << 36, keys: 1000 }
    }
}

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Wanted {
    /// The version of this name that encrypts.
    Active(String),
    /// The version an envelope names.
    Version(KeyId, u32),
}

#[derive(Default)]
struct Slot {
    kept: Mutex<Option<Kept>>,
    refreshing: AtomicBool,
}

struct Kept {
    dek: Arc<Dek>,
    opened: Instant,
    messages: u64,
    bytes: u64,
}

/// Open data keys of a keyring, shared by threads. They are erased when they go, at the latest with the cache.
pub struct Cache {
    pub(crate) keyring: Keyring,
    limits: Limits,
    slots: Mutex<HashMap<Wanted, Arc<Slot>>>,
}

impl Cache {
    /// An empty cache.
    pub fn new(keyring: Keyring, limits: Limits) -> Self {
        Self { keyring, limits, slots: Mutex::default() }
    }

    /// The key that encrypts under `name`, for one message of `bytes`.
    ///
    /// # Errors
    /// Those of [`Keyring::active`] and [`Keyring::open`].
    pub fn for_encryption(&self, name: &str, bytes: u64) -> Result<Arc<Dek>> {
        self.get(Wanted::Active(name.to_owned()), bytes, || self.keyring.open(&self.keyring.active(name)?))
    }

    /// The key an envelope names, for decrypting one message of `bytes`.
    ///
    /// # Errors
    /// Those of [`Keyring::for_decryption`] and [`Keyring::open`]; [`Kind::Authentication`] should the store give another key.
    pub fn for_decryption(&self, id: &KeyId, version: u32, bytes: u64) -> Result<Arc<Dek>> {
        self.get(Wanted::Version(*id, version), bytes, || {
            let dek = self.keyring.open(&self.keyring.for_decryption(id, version)?)?;
            match dek.key_id == *id && dek.version == version {
                true => Ok(dek),
                false => Err(Error::new(Kind::Authentication, format!("another data key came for {id}"))),
            }
        })
    }

    /// Forgets every key now: after a rotation, say, or when the process is told to let go of its secrets.
    pub fn clear(&self) {
        self.slots.lock().clear();
    }

    fn get(&self, wanted: Wanted, bytes: u64, open: impl Fn() -> Result<Dek>) -> Result<Arc<Dek>> {
        let slot = self.slot(wanted);
        let mut kept = slot.kept.lock();
        if let Some(dek) = kept.as_mut().and_then(|kept| kept.take(bytes, &self.limits)) {
            let due = kept.as_ref().is_some_and(|kept| kept.opened.elapsed() >= self.limits.refresh);
            drop(kept);
            if due && !slot.refreshing.swap(true, Ordering::AcqRel) {
                // The old key is good enough for this message, and for those that come meanwhile.
                if let Ok(fresh) = open() {
                    *slot.kept.lock() = Some(Kept::new(fresh));
                }
                slot.refreshing.store(false, Ordering::Release);
            }
            return Ok(dek);
        }
        // Whoever wants the same key waits here for this one call.
        *kept = None;
        let mut fresh = Kept::new(open()?);
        let dek = fresh.take(bytes, &self.limits).unwrap_or_else(|| Arc::clone(&fresh.dek));
        *kept = Some(fresh);
        Ok(dek)
    }

    fn slot(&self, wanted: Wanted) -> Arc<Slot> {
        let mut slots = self.slots.lock();
        if let Some(slot) = slots.get(&wanted) {
            return Arc::clone(slot);
        }
        if slots.len() >= self.limits.keys.max(1) {
            // A slot that is being filled right now counts as the newest.
            let age = |slot: &Slot| slot.kept.try_lock().map(|kept| kept.as_ref().map(|kept| kept.opened.elapsed()));
            let oldest = slots.iter().max_by_key(|(_, slot)| age(slot)).map(|(wanted, _)| wanted.clone());
            oldest.and_then(|wanted| slots.remove(&wanted));
        }
        Arc::clone(slots.entry(wanted).or_default())
    }
}

impl Kept {
    fn new(dek: Dek) -> Self {
        Self { dek: Arc::new(dek), opened: Instant::now(), messages: 0, bytes: 0 }
    }

    /// The key for one message more, unless a limit is reached.
    fn take(&mut self, bytes: u64, limits: &Limits) -> Option<Arc<Dek>> {
        let after = self.bytes.saturating_add(bytes);
        if self.opened.elapsed() >= limits.ttl || self.messages >= limits.messages || after > limits.bytes {
            return None;
        }
        self.messages += 1;
        self.bytes = after;
        Some(Arc::clone(&self.dek))
    }
}
