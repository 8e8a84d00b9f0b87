//! A store that dies: for tests of what is left then.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use crate::error::{Result, Rv};

/// Steps that are still done: each look into the store, each begin of a write, each commit before it and after it. Then none is.
pub struct Fault(AtomicU64);

impl Default for Fault {
    fn default() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}

impl Fault {
    /// Dies after so many steps; `u64::MAX` lives.
    pub fn after(&self, steps: u64) {
        self.0.store(steps, SeqCst);
    }

    /// True once a step was refused or would be.
    pub fn is_dead(&self) -> bool {
        self.0.load(SeqCst) == 0
    }

    pub fn step(&self) -> Result<()> {
        let next = |left| if left == u64::MAX { Some(left) } else { u64::checked_sub(left, 1) };
        match self.0.fetch_update(SeqCst, SeqCst, next) {
            Ok(_) => Ok(()),
            Err(_) => Rv::DeviceError.err("the store died, on purpose"),
        }
    }
}
