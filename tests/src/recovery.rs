//! The vendor interface of hsm-sim/RECOVERY.md, as a C program would use it.

use crate::answer::{Answer, Rv};
use crate::module::Module;
use crate::session::Session;
use cryptoki_sys::*;
use serde_json::Value;
use std::ptr::null_mut;

type Function = unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV;

/// A function of the interface, in the order of its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Begin,
    Approve,
    Contribute,
    Status,
    Finish,
    Cancel,
}

impl Call {
    pub const ALL: [Call; 6] = [Call::Begin, Call::Approve, Call::Contribute, Call::Status, Call::Finish, Call::Cancel];
}

/// What C_GetInterface leads to.
#[repr(C)]
struct List {
    version: CK_VERSION,
    calls: [Function; 6],
}

/// The interface.
pub struct Recovery<'m> {
    list: &'m List,
}

impl<'m> Recovery<'m> {
    pub fn of(module: &'m Module) -> Recovery<'m> {
        let found = module.interface(Some("Vendor hsm-sim Recovery"), Some((1, 0)), 0).expect("the recovery interface");
        // SAFETY: an interface of that name and version leads to that structure, which lives as long as the library.
        Recovery { list: unsafe { &*(found.list as *const List) } }
    }

    /// A call as a program makes it: first the length, then the reply. The document also comes with a refusal.
    pub fn ask(&self, session: Session<'_>, call: Call, request: &Value) -> (Rv, Value) {
        let request = request.to_string();
        let (rv, needed, _) = self.raw(session, call, request.as_bytes(), None);
        if rv != Rv(CKR_OK) {
            return (rv, Value::Null);
        }
        let (rv, len, mut reply) = self.raw(session, call, request.as_bytes(), Some(needed));
        reply.truncate(len);
        (rv, serde_json::from_slice(&reply).unwrap_or(Value::Null))
    }

    /// A call that must succeed.
    #[track_caller]
    pub fn must(&self, session: Session<'_>, call: Call, request: &Value) -> Value {
        let (rv, reply) = self.ask(session, call, request);
        assert_eq!(rv, Rv(CKR_OK), "{call:?}: {reply}");
        reply
    }

    /// The code a call is refused with, and why.
    pub fn refused(&self, session: Session<'_>, call: Call, request: &Value) -> (Rv, String) {
        let (rv, reply) = self.ask(session, call, request);
        (rv, reply["error"].as_str().unwrap_or_default().to_owned())
    }

    /// One C call. `room` is the length of the reply buffer, none for NULL. Gives the code, the length told and the buffer.
    pub fn raw(&self, session: Session<'_>, call: Call, request: &[u8], room: Option<usize>) -> (Rv, usize, Vec<u8>) {
        let mut len = room.unwrap_or(0) as CK_ULONG;
        let mut reply = vec![0xa5; room.unwrap_or(0)];
        let buffer = if room.is_some() { reply.as_mut_ptr() } else { null_mut() };
        let function = self.list.calls[call as usize];
        // SAFETY: request and reply have the lengths given and outlive the call.
        let rv = unsafe { function(session.handle, request.as_ptr().cast_mut(), request.len() as CK_ULONG, buffer, &mut len) };
        (Rv(rv), len as usize, reply)
    }

    /// One C call with NULL where a pointer should be: the request, or the reply's length.
    pub fn with_null(&self, session: Session<'_>, call: Call, in_request: bool) -> Answer {
        let mut len = 0;
        let len = if in_request { &raw mut len } else { null_mut() };
        let function = self.list.calls[call as usize];
        // SAFETY: NULL is what is tested; the length outlives the call.
        Rv(unsafe { function(session.handle, null_mut(), if in_request { 10 } else { 0 }, null_mut(), len) }).answer()
    }
}
