//! Uses of keys: told to the audit log, and counted against [`CKA_HSM_SIM_USES_LEFT`].
//!
//! A key that may be used so often and no more has its uses taken from the object in blocks, each written before any of it is used: one, then
//! two, four, up to [`BLOCK`]. What is left of a block at a logout or C_Finalize is given back; a process that is killed loses it, so
//! that a key is used less often then, and never more.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use cryptoki_sys::*;
use parking_lot::{Mutex, RwLock};

use super::{Login, Token};
use crate::{
    audit::{Event, Level, told},
    error::{Result, Rv},
    handles::HandleMap,
    log,
    object::{
        Object,
        attributes::{Draft, Lookup},
        rules::CKA_HSM_SIM_USES_LEFT,
        traits::{Usage, is_secret},
    },
};

/// Uses taken at a time, at most.
const BLOCK: u64 = 1024;

/// The keys used in this login.
#[derive(Default)]
pub struct Uses(RwLock<HandleMap<Arc<Used>>>);

/// A key, how often it was used for what, and what is left of its block.
struct Used {
    object: Arc<Object>,
    times: [AtomicU64; Usage::KINDS],
    block: Mutex<Block>,
}

struct Block {
    left: u64,
    next: u64,
}

impl Uses {
    fn of(&self, handle: CK_OBJECT_HANDLE, object: &Arc<Object>) -> Arc<Used> {
        if let Some(used) = self.0.read().get(&handle) {
            return Arc::clone(used);
        }
        let fresh = || {
            let (times, block) = (std::array::from_fn(|_| AtomicU64::new(0)), Mutex::new(Block { left: 0, next: 1 }));
            Arc::new(Used { object: Arc::clone(object), times, block })
        };
        Arc::clone(self.0.write().entry(handle).or_insert_with(fresh))
    }

    /// Counts a use of a key that was used so before; false when it was not.
    fn again(&self, handle: CK_OBJECT_HANDLE, usage: Usage) -> bool {
        let used = self.0.read();
        let Some(times) = used.get(&handle).map(|used| &used.times[usage.index()]) else { return false };
        times.load(Ordering::Acquire) > 0 && times.fetch_add(1, Ordering::AcqRel) > 0
    }

    /// Forgets them.
    pub fn clear(&self) {
        self.0.write().clear();
    }
}

impl Token {
    /// A key is about to be used. CKR_KEY_EXHAUSTED when it was used as often as it may be.
    pub fn use_key(&self, handle: CK_OBJECT_HANDLE, object: &Arc<Object>, usage: Usage, mechanism: &str) -> Result<()> {
        let traits = object.traits();
        let tells = self.audit.tells(Level::Uses) && traits.token && is_secret(traits.class);
        if !tells && !traits.limited {
            return Ok(());
        }
        if !traits.limited && !self.audit.tells(Level::Every) && self.uses.again(handle, usage) {
            return Ok(());
        }
        let used = self.uses.of(handle, object);
        // Held while the first use is told: others go on when it is in the log, and not when it could not be written.
        let mut block = used.block.lock();
        if traits.limited {
            self.take(handle, &mut block)?;
        }
        let times = &used.times[usage.index()];
        if tells && (times.load(Ordering::Acquire) == 0 || self.audit.tells(Level::Every)) {
            self.tell_of(object, "key-used", &format!("{} {mechanism}", usage.name()))?;
        }
        times.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// A key is about to leave the token, wrapped.
    pub fn wraps_key(&self, key: &Object, wrapping: &Object, mechanism: &str) -> Result<()> {
        if !self.audit.tells(Level::Uses) {
            return Ok(());
        }
        let under = String::from_utf8_lossy(wrapping.attributes().bytes(CKA_UNIQUE_ID)).into_owned();
        self.tell_of(key, "key-wrapped", &format!("under {under} {mechanism}"))
    }

    fn tell_of(&self, object: &Object, what: &'static str, detail: &str) -> Result<()> {
        let login = self.state.read().login.clone();
        let note = self.note(&login, vec![Event::new(&login.name(), what).of(object).detail(detail)])?;
        told(&note).map_or(Ok(()), |told| self.store.append(told))
    }

    fn take(&self, handle: CK_OBJECT_HANDLE, block: &mut Block) -> Result<()> {
        if block.left == 0 {
            let granted = Cell::new(0);
            self.change_object(handle, &|object| {
                let left = object.attributes().ulong(CKA_HSM_SIM_USES_LEFT).unwrap_or_default();
                granted.set(left.min(block.next));
                match left {
                    0 => Rv::KeyExhausted.err("the key was used as often as it may be"),
                    left => Ok(with_left(object, left - granted.get())),
                }
            })?;
            *block = Block { left: granted.get(), next: BLOCK.min(2 * block.next) };
        }
        block.left -= 1;
        Ok(())
    }

    /// The number is about to be set by hand: what this process had taken of it is void.
    pub fn void_uses(&self, handle: CK_OBJECT_HANDLE) {
        let used = self.uses.0.read().get(&handle).cloned();
        if let Some(used) = used {
            used.block.lock().left = 0;
        }
    }

    /// The login is about to end: what was taken and not used is given back, and the log learns how often keys were used.
    pub fn end_uses(&self) {
        let used = std::mem::take(&mut *self.uses.0.write());
        if used.is_empty() {
            return;
        }
        let login = self.state.read().login.clone();
        let given = used.iter().map(|(handle, used)| self.give_back(*handle, used)).fold(Ok(()), Result::and);
        let done = given.and(self.tell_times(&login, used.values().map(|used| &**used)));
        if let Err(error) = done {
            log::warn(format_args!("token {}: uses of keys were not written down: {}", self.serial, error.why));
        }
    }

    fn give_back(&self, handle: CK_OBJECT_HANDLE, used: &Used) -> Result<()> {
        let unused = std::mem::take(&mut used.block.lock().left);
        if unused == 0 {
            return Ok(());
        }
        let given = self.change_object(handle, &|object| {
            match object.attributes().ulong(CKA_HSM_SIM_USES_LEFT) {
                // Somebody may have ended the key meanwhile: nothing revives it.
                None | Some(0) => Ok(object.attributes().draft()),
                Some(left) => Ok(with_left(object, left.saturating_add(unused))),
            }
        });
        // A key that was destroyed meanwhile has nothing to be given.
        given.or_else(|error| if error.rv == Rv::ObjectHandleInvalid { Ok(()) } else { Err(error) })
    }

    fn tell_times<'u>(&self, login: &Login, used: impl Iterator<Item = &'u Used>) -> Result<()> {
        if !self.audit.tells(Level::Uses) {
            return Ok(());
        }
        let by = login.name();
        let events = used.flat_map(|used| {
            let times = Usage::all().map(|usage| (usage, used.times[usage.index()].load(Ordering::Relaxed)));
            let told = times.filter(|(_, times)| *times > 1);
            told.map(|(usage, times)| Event {
                times: Some(times),
                ..Event::new(&by, "key-used").of(&used.object).detail(usage.name())
            })
        });
        let note = self.note(login, events.collect())?;
        told(&note).map_or(Ok(()), |told| self.store.append(told))
    }
}

fn with_left(object: &Object, left: u64) -> Draft {
    let mut draft = object.attributes().draft();
    draft.set_ulong(CKA_HSM_SIM_USES_LEFT, left);
    draft
}
