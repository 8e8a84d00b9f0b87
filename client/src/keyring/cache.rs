//! Open data keys that are kept for a while, so that a record does not cost a call to the token each (REQUIREMENTS 23, 28).
//!
//! Of many threads that want a key which is not there, one opens it and the others wait for it. Before a key's time is over one thread
//! opens it anew while the others go on with the old one; when the token cannot be reached then, the old one is good until its time is
//! over, and no longer. A key that was disabled or deleted in the store is noticed when it is opened next. Keys are kept in locked memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::policy::Grant;
use super::{Dek, Keyring};
use crate::error::{Error, Kind, Result};
use crate::id::KeyId;
use crate::store::{Demand, Usage};

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
    /// By the cache's clock.
    opened: Duration,
    used: Usage,
    /// What the store granted of its use, and of what limit.
    granted: Grant,
}

/// Open data keys of a keyring, shared by threads. They are erased when they go, at the latest with the cache.
pub struct Cache {
    pub(crate) keyring: Keyring,
    limits: Limits,
    slots: Mutex<HashMap<Wanted, Arc<Slot>>>,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
}

impl Cache {
    /// An empty cache.
    pub fn new(keyring: Keyring, limits: Limits) -> Self {
        let start = Instant::now();
        Self::on_clock(keyring, limits, move || start.elapsed())
    }

    /// An empty cache that asks `clock` how long it has been there: for programs in which time passes otherwise.
    pub fn on_clock(keyring: Keyring, limits: Limits, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { keyring, limits, slots: Mutex::default(), clock: Box::new(clock) }
    }

    /// The key that encrypts under `name`, for one message of `bytes`.
    ///
    /// # Errors
    /// Those of [`Keyring::for_encryption`] and [`Keyring::open`].
    pub fn for_encryption(&self, name: &str, bytes: u64) -> Result<Arc<Dek>> {
        self.get(Wanted::Active(name.to_owned()), bytes)
    }

    /// The key an envelope names, for decrypting one message of `bytes`.
    ///
    /// # Errors
    /// Those of [`Keyring::for_decryption`] and [`Keyring::open`]; [`Kind::Authentication`] should the store give another key.
    pub fn for_decryption(&self, id: &KeyId, version: u32, bytes: u64) -> Result<Arc<Dek>> {
        self.get(Wanted::Version(*id, version), bytes)
    }

    /// Forgets every key now: after a rotation, say, or when the process is told to let go of its secrets.
    pub fn clear(&self) {
        self.slots.lock().clear();
    }

    fn get(&self, wanted: Wanted, bytes: u64) -> Result<Arc<Dek>> {
        let slot = self.slot(&wanted);
        let mut kept = slot.kept.lock();
        if let Some(dek) = kept.as_mut().and_then(|kept| self.take(&wanted, kept, bytes)) {
            let due = kept.as_ref().is_some_and(|kept| self.age(kept) >= self.limits.refresh);
            drop(kept);
            if due && !slot.refreshing.swap(true, Ordering::AcqRel) {
                self.refresh(&wanted, &slot);
                slot.refreshing.store(false, Ordering::Release);
            }
            return Ok(dek);
        }
        // Whoever wants the same key waits here for this one call.
        *kept = None;
        let mut fresh = self.open(&wanted, bytes)?;
        fresh.used = Usage { messages: 1, bytes };
        let dek = Arc::clone(&fresh.dek);
        *kept = Some(fresh);
        Ok(dek)
    }

    /// The key for one message more, unless a limit is reached; asks the store for more use of it where that is counted.
    fn take(&self, wanted: &Wanted, kept: &mut Kept, bytes: u64) -> Option<Arc<Dek>> {
        let after = Usage { messages: kept.used.messages + 1, bytes: kept.used.bytes.saturating_add(bytes) };
        let limits = &self.limits;
        if self.age(kept) >= limits.ttl || after.messages > limits.messages || after.bytes > limits.bytes {
            return None;
        }
        if after.messages > kept.granted.usage.messages || after.bytes > kept.granted.usage.bytes {
            let Wanted::Active(name) = wanted else { return None };
            let (record, more) = self.keyring.for_encryption(name, self.demand(bytes)).ok()?;
            if record.key_id != kept.dek.key_id {
                return None;
            }
            let sum = |a: u64, b: u64| a.saturating_add(b);
            let usage =
                Usage { messages: sum(kept.used.messages, more.usage.messages), bytes: sum(kept.used.bytes, more.usage.bytes) };
            kept.granted = Grant { usage, ..more };
        }
        kept.used = after;
        Some(Arc::clone(&kept.dek))
    }

    /// Opens a key anew. The old one is good enough for those who ask meanwhile, and after a failure until its time is over.
    fn refresh(&self, wanted: &Wanted, slot: &Slot) {
        let record = match wanted {
            // Nothing is counted here: what was granted of the same key is good for it still.
            Wanted::Active(name) => self.keyring.for_encryption(name, Demand { least: 0, most: Usage::default() }),
            Wanted::Version(id, version) => self.keyring.for_decryption(id, *version).map(|record| (record, ENDLESS)),
        };
        let fresh = record.and_then(|(record, granted)| Ok((self.keyring.open(&record)?, granted)));
        if let Ok((dek, granted)) = fresh {
            let mut kept = slot.kept.lock();
            // What was granted while another limit held, or none, is asked for anew.
            let same = |kept: &&Kept| kept.dek.key_id == dek.key_id && kept.granted.limit == granted.limit;
            let before = kept.as_ref().filter(same);
            let left = |total: u64, used: u64| total.saturating_sub(used);
            let usage = before.map_or(granted.usage, |kept| Usage {
                messages: left(kept.granted.usage.messages, kept.used.messages),
                bytes: left(kept.granted.usage.bytes, kept.used.bytes),
            });
            let granted = Grant { usage, ..granted };
            *kept = Some(Kept { dek: Arc::new(locked(dek)), opened: (self.clock)(), used: Usage::default(), granted });
        }
    }

    fn open(&self, wanted: &Wanted, bytes: u64) -> Result<Kept> {
        let (dek, granted) = match wanted {
            Wanted::Active(name) => {
                let (record, granted) = self.keyring.for_encryption(name, self.demand(bytes))?;
                (self.keyring.open(&record)?, granted)
            }
            Wanted::Version(id, version) => {
                let dek = self.keyring.open(&self.keyring.for_decryption(id, *version)?)?;
                if dek.key_id != *id || dek.version != *version {
                    return Err(Error::new(Kind::Authentication, format!("another data key came for {id}")));
                }
                (dek, ENDLESS)
            }
        };
        Ok(Kept { dek: Arc::new(locked(dek)), opened: (self.clock)(), used: Usage::default(), granted })
    }

    fn age(&self, kept: &Kept) -> Duration {
        (self.clock)().saturating_sub(kept.opened)
    }

    fn demand(&self, bytes: u64) -> Demand {
        Demand { least: bytes, most: Usage { messages: self.limits.messages.max(1), bytes: self.limits.bytes.max(bytes) } }
    }

    fn slot(&self, wanted: &Wanted) -> Arc<Slot> {
        let mut slots = self.slots.lock();
        if let Some(slot) = slots.get(wanted) {
            return Arc::clone(slot);
        }
        if slots.len() >= self.limits.keys.max(1) {
            // A slot that is being filled right now counts as the newest.
            let age = |slot: &Slot| slot.kept.try_lock().map(|kept| kept.as_ref().map(|kept| self.age(kept)));
            let oldest = slots.iter().max_by_key(|(_, slot)| age(slot)).map(|(wanted, _)| wanted.clone());
            oldest.and_then(|wanted| slots.remove(&wanted));
        }
        Arc::clone(slots.entry(wanted.clone()).or_default())
    }
}

/// A key that stays for a while stays where it is neither swapped out nor dumped.
fn locked(dek: Dek) -> Dek {
    Dek { key: dek.key.locked(), ..dek }
}

/// What decrypts is not counted.
const ENDLESS: Grant = Grant { usage: Usage::ENDLESS, limit: None };
