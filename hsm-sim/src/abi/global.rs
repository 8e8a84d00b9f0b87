//! One value for the whole process, replaced only after a fork.

use std::{
    ptr::null_mut,
    sync::atomic::{AtomicPtr, Ordering},
};

/// A place for a value that is never freed: calls may be looking at it at any time, and after a fork it belongs to the parent.
pub struct Global<T: 'static>(AtomicPtr<T>);

impl<T: Sync> Global<T> {
    /// An empty place.
    pub const fn new() -> Self {
        Self(AtomicPtr::new(null_mut()))
    }

    /// The value, if one was put here.
    pub fn value(&self) -> Option<&'static T> {
        // SAFETY: NULL or a leaked box that `replace` put here; leaked boxes are never freed or moved, and only shared.
        unsafe { self.0.load(Ordering::Acquire).as_ref() }
    }

    /// Puts `new` in the place of `old`, unless somebody else was first; the value that is there now.
    pub fn replace(&self, old: Option<&'static T>, new: T) -> &'static T {
        let old = old.map_or(null_mut(), |old| std::ptr::from_ref(old).cast_mut());
        let new = Box::leak(Box::new(new));
        match self.0.compare_exchange(old, new, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => new,
            // SAFETY: not NULL, since it differs from `old` and nothing ever puts NULL here; otherwise as in `value`.
            Err(winner) => unsafe { &*winner },
        }
    }
}
