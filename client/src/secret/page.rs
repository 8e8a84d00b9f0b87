//! A page of memory that one secret has for itself: kept out of swap and of core dumps, as far as the system allows.
//!
//! Locking counts whole pages and does not nest: were two secrets on one, the first to go would unlock the other's.
#![allow(unsafe_code)]

use std::ffi::c_void;

use rustix::mm::{Advice, madvise, mlock, munlock};
use zeroize::Zeroize;

/// Bytes that are locked. On systems with smaller pages these are several, on systems with larger ones nothing is locked here: another
/// secret could be on the same page.
const SIZE: usize = 4096;

/// The page.
pub(super) struct Page {
    memory: Box<Aligned>,
    len: usize,
    locked: bool,
}

#[repr(align(4096))]
struct Aligned([u8; SIZE]);

impl Page {
    /// Copies `source` into a page of its own; none when it is too long for one, or the system has other pages.
    pub(super) fn of(source: &[u8]) -> Option<Self> {
        if source.len() > SIZE || rustix::param::page_size() > SIZE {
            return None;
        }
        let mut memory = Box::new(Aligned([0; SIZE]));
        let place = memory.0.as_mut_ptr().cast::<c_void>();
        // SAFETY: the range is exactly one live allocation of ours, aligned to it; locking changes no content.
        let locked = unsafe { mlock(place, SIZE) }.is_ok();
        // SAFETY: as above; the advice concerns core dumps only. It is best effort, as locking is.
        let _ = unsafe { madvise(place, SIZE, Advice::LinuxDontDump) };
        memory.0[..source.len()].copy_from_slice(source);
        Some(Self { memory, len: source.len(), locked })
    }

    /// The secret.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory.0[..self.len]
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.memory.0.zeroize();
        let place = self.memory.0.as_mut_ptr().cast::<c_void>();
        // SAFETY: the range is one live allocation of ours until this function ends. What comes there next may be dumped again.
        let _ = unsafe { madvise(place, SIZE, Advice::LinuxDoDump) };
        if self.locked {
            // SAFETY: as above, and locked by `of`.
            let _ = unsafe { munlock(place, SIZE) };
        }
    }
}
