//! Session objects: in memory only, gone with the session that made them (PKCS#11 v3.2 §2.3).

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use cryptoki_sys::*;
use parking_lot::RwLock;

use crate::{handles::HandleMap, object::Object};

/// The session objects of one token in this process.
#[derive(Default)]
pub struct SessionObjects {
    objects: RwLock<HandleMap<Entry>>,
    last: AtomicU64,
}

struct Entry {
    owner: CK_SESSION_HANDLE,
    object: Arc<Object>,
}

impl SessionObjects {
    /// Adds an object of a session; returns its number, which is never used again.
    pub fn add(&self, owner: CK_SESSION_HANDLE, object: Arc<Object>) -> u64 {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.objects.write().insert(number, Entry { owner, object });
        number
    }

    /// The object of that number.
    pub fn object(&self, number: u64) -> Option<Arc<Object>> {
        self.objects.read().get(&number).map(|entry| Arc::clone(&entry.object))
    }

    /// Puts a changed object in the place of `before`; false when somebody else was first.
    pub fn replace(&self, number: u64, before: &Arc<Object>, object: Arc<Object>) -> bool {
        match self.objects.write().get_mut(&number) {
            Some(entry) if Arc::ptr_eq(&entry.object, before) => {
                entry.object = object;
                true
            }
            _ => false,
        }
    }

    /// Removes an object; false when it was not there.
    pub fn remove(&self, number: u64) -> bool {
        self.objects.write().remove(&number).is_some()
    }

    /// Removes what a session owns; the numbers of that.
    pub fn remove_of(&self, owner: CK_SESSION_HANDLE) -> Vec<u64> {
        self.objects.write().extract_if(|_, entry| entry.owner == owner).map(|(number, _)| number).collect()
    }

    /// Removes the private ones (logout).
    pub fn remove_private(&self) {
        self.objects.write().retain(|_, entry| !entry.object.traits().private);
    }

    /// Removes all.
    pub fn clear(&self) {
        self.objects.write().clear();
    }

    /// The numbers of those that fit, in the order they were made.
    pub fn find(&self, fits: impl Fn(&Object) -> bool) -> Vec<u64> {
        let objects = self.objects.read();
        let mut found: Vec<_> = objects.iter().filter(|(_, entry)| fits(&entry.object)).map(|(number, _)| *number).collect();
        found.sort_unstable();
        found
    }
}
