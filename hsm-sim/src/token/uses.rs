//! Uses of keys: told to the audit log, and counted against [`CKA_HSM_SIM_USES_LEFT`].
//!
//! A key that may be used so often and no more has its uses taken from the object in blocks, each written before any of it is used: one, then
//! two, four, up to [`BLOCK`]. What is left of a block at a logout or C_Finalize is given back ([`super::settling`]); a process that is
//! killed loses it, so that a key is used less often then, and never more.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use cryptoki_sys::*;
use parking_lot::{Mutex, RwLock};

use super::Token;
use crate::{
    audit::{Event, Level, Subject, told},
    error::{Result, Rv},
    handles::HandleMap,
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

/// A key, how often it was used for what, and what is left of its block. The key itself is not kept: it may be destroyed meanwhile.
pub struct Used {
    subject: Subject,
    times: [AtomicU64; Usage::KINDS],
    block: Mutex<Block>,
}

struct Block {
    left: u64,
    next: u64,
    /// It was given back: whoever comes late begins another.
    over: bool,
}

impl Used {
    fn new(object: &Object) -> Self {
        let block = Mutex::new(Block { left: 0, next: 1, over: false });
        Self { subject: Subject::of(object), times: std::array::from_fn(|_| AtomicU64::new(0)), block }
    }

    /// What is left of the block; nobody uses any of it any more.
    pub fn end(&self) -> u64 {
        let mut block = self.block.lock();
        block.over = true;
        std::mem::take(&mut block.left)
    }

    /// What the log has not heard yet: each use after the first of its kind.
    pub fn untold<'u>(&'u self, by: &'u str) -> impl Iterator<Item = Event> + 'u {
        let times = Usage::all().map(|usage| (usage, self.times[usage.index()].load(Ordering::Acquire)));
        times.filter(|(_, times)| *times > 1).map(|(usage, times)| Event {
            times: Some(times),
            subject: Some(self.subject.clone()),
            ..Event::new(by, "key-used").detail(usage.name())
        })
    }
}

impl Uses {
    fn of(&self, handle: CK_OBJECT_HANDLE, object: &Object) -> Arc<Used> {
        if let Some(used) = self.get(handle) {
            return used;
        }
        Arc::clone(self.0.write().entry(handle).or_insert_with(|| Arc::new(Used::new(object))))
    }

    /// Counts a use of a key that was used so before; false when it was not.
    fn again(&self, handle: CK_OBJECT_HANDLE, usage: Usage) -> bool {
        let used = self.0.read();
        let Some(times) = used.get(&handle).map(|used| &used.times[usage.index()]) else { return false };
        times.load(Ordering::Acquire) > 0 && times.fetch_add(1, Ordering::AcqRel) > 0
    }

    /// What is known of a key.
    pub fn get(&self, handle: CK_OBJECT_HANDLE) -> Option<Arc<Used>> {
        self.0.read().get(&handle).cloned()
    }

    /// Forgets keys that were destroyed.
    pub fn forget(&self, handles: impl IntoIterator<Item = CK_OBJECT_HANDLE>) {
        if !self.0.read().is_empty() {
            let mut used = self.0.write();
            handles.into_iter().for_each(|handle| _ = used.remove(&handle));
        }
    }

    /// Forgets all; returns them.
    pub fn take(&self) -> HandleMap<Arc<Used>> {
        std::mem::take(&mut *self.0.write())
    }
}

impl Token {
    /// A key is about to be used. CKR_KEY_EXHAUSTED when it was used as often as it may be.
    pub fn use_key(&self, handle: CK_OBJECT_HANDLE, object: &Object, usage: Usage, mechanism: &str) -> Result<()> {
        let traits = object.traits();
        let tells = self.audit.tells(Level::Uses) && traits.token && is_secret(traits.class);
        if !tells && !traits.limited {
            return Ok(());
        }
        if !traits.limited && !self.audit.tells(Level::Every) && self.uses.again(handle, usage) {
            return Ok(());
        }
        loop {
            let used = self.uses.of(handle, object);
            // Held while the first use is told: others go on when it is in the log, and not when it could not be written.
            let mut block = used.block.lock();
            if block.over {
                continue;
            }
            if traits.limited {
                self.take(handle, &mut block)?;
            }
            let times = &used.times[usage.index()];
            if tells && (times.load(Ordering::Acquire) == 0 || self.audit.tells(Level::Every)) {
                self.tell_of(object, "key-used", &format!("{} {mechanism}", usage.name()))?;
            }
            if tells {
                times.fetch_add(1, Ordering::AcqRel);
            }
            return Ok(());
        }
    }

    /// A key is about to leave the token, wrapped.
    pub fn wraps_key(&self, key: &Object, wrapping: &Object, mechanism: &str) -> Result<()> {
        let of_nobody = !key.traits().token && !key.traits().private && self.role().is_none();
        if !self.audit.tells(Level::Uses) || of_nobody {
            return Ok(());
        }
        let under = String::from_utf8_lossy(wrapping.attributes().bytes(CKA_UNIQUE_ID)).into_owned();
        self.tell_of(key, "key-wrapped", &format!("under {under} {mechanism}"))
    }

    fn tell_of(&self, object: &Object, what: &'static str, detail: &str) -> Result<()> {
        let (login, guard) = self.logged_in();
        let note = self.note(&login, vec![Event::new(&login.name(), what).of(object).detail(detail)])?;
        told(&note).map_or(Ok(()), |told| self.store.append(Some(guard), told))
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
            *block = Block { left: granted.get(), next: BLOCK.min(2 * block.next), over: false };
        }
        block.left -= 1;
        Ok(())
    }

    /// The number is about to be set by hand: what this process had taken of it is void.
    pub fn void_uses(&self, handle: CK_OBJECT_HANDLE) {
        if let Some(used) = self.uses.get(handle) {
            used.block.lock().left = 0;
        }
    }
}

/// What the object becomes with so many uses left.
pub fn with_left(object: &Object, left: u64) -> Draft {
    let mut draft = object.attributes().draft();
    draft.set_ulong(CKA_HSM_SIM_USES_LEFT, left);
    draft
}
