//! The vendor interface of hsm-sim/USERS.md, as a C program would use it.

use crate::answer::{Answer, Rv};
use crate::module::Module;
use crate::session::Session;
use cryptoki_sys::*;
use serde_json::Value;
use std::ptr::null_mut;

pub const CREATE: CK_FLAGS = 1;
pub const USE: CK_FLAGS = 2;
pub const ROTATE: CK_FLAGS = 4;
pub const DESTROY: CK_FLAGS = 8;

type Text = *mut CK_UTF8CHAR;

/// What C_GetInterface leads to.
#[repr(C)]
struct List {
    version: CK_VERSION,
    add: unsafe extern "C" fn(CK_SESSION_HANDLE, Text, CK_ULONG, Text, CK_ULONG, CK_FLAGS) -> CK_RV,
    remove: unsafe extern "C" fn(CK_SESSION_HANDLE, Text, CK_ULONG) -> CK_RV,
    remove_all: unsafe extern "C" fn(CK_SESSION_HANDLE) -> CK_RV,
    set_rights: unsafe extern "C" fn(CK_SESSION_HANDLE, Text, CK_ULONG, CK_FLAGS) -> CK_RV,
    set_pin: unsafe extern "C" fn(CK_SESSION_HANDLE, Text, CK_ULONG, Text, CK_ULONG) -> CK_RV,
    list: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut u8, *mut CK_ULONG) -> CK_RV,
}

/// The interface.
pub struct Users<'m> {
    list: &'m List,
}

impl<'m> Users<'m> {
    pub fn of(module: &'m Module) -> Users<'m> {
        let found = module.interface(Some("Vendor hsm-sim Users"), Some((1, 0)), 0).expect("the users interface");
        // SAFETY: an interface of that name and version leads to that structure, which lives as long as the library.
        Users { list: unsafe { &*(found.list as *const List) } }
    }

    pub fn add(&self, session: Session<'_>, name: &str, pin: &str, rights: CK_FLAGS) -> Answer {
        let ((name, name_len), (pin, pin_len)) = (text(name), text(pin));
        // SAFETY: name and PIN have these lengths and outlive the call.
        Rv(unsafe { (self.list.add)(session.handle, name, name_len, pin, pin_len, rights) }).answer()
    }

    pub fn remove(&self, session: Session<'_>, name: &str) -> Answer {
        let (name, len) = text(name);
        // SAFETY: the name has that length and outlives the call.
        Rv(unsafe { (self.list.remove)(session.handle, name, len) }).answer()
    }

    pub fn remove_all(&self, session: Session<'_>) -> Answer {
        // SAFETY: a session's handle is all it takes.
        Rv(unsafe { (self.list.remove_all)(session.handle) }).answer()
    }

    pub fn set_rights(&self, session: Session<'_>, name: &str, rights: CK_FLAGS) -> Answer {
        let (name, len) = text(name);
        // SAFETY: the name has that length and outlives the call.
        Rv(unsafe { (self.list.set_rights)(session.handle, name, len, rights) }).answer()
    }

    pub fn set_pin(&self, session: Session<'_>, name: &str, pin: &str) -> Answer {
        let ((name, name_len), (pin, pin_len)) = (text(name), text(pin));
        // SAFETY: name and PIN have these lengths and outlive the call.
        Rv(unsafe { (self.list.set_pin)(session.handle, name, name_len, pin, pin_len) }).answer()
    }

    /// The array of users, by a length query and a second call; again when it grew in between.
    pub fn list(&self, session: Session<'_>) -> Answer<Value> {
        let mut len = 0;
        // SAFETY: NULL asks for the length.
        Rv(unsafe { (self.list.list)(session.handle, null_mut(), &mut len) }).answer()?;
        let mut reply = vec![0; len as usize];
        // SAFETY: the buffer has that length.
        let rv = Rv(unsafe { (self.list.list)(session.handle, reply.as_mut_ptr(), &mut len) });
        if rv == Rv(CKR_BUFFER_TOO_SMALL) {
            return self.list(session);
        }
        rv.answer()?;
        let document: Value = serde_json::from_slice(&reply[..len as usize]).expect("JSON");
        Ok(document["users"].clone())
    }
}

fn text(text: &str) -> (Text, CK_ULONG) {
    (text.as_ptr().cast_mut(), text.len() as CK_ULONG)
}
