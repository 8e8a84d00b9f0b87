//! The vendor interface of hsm-sim/UPKEEP.md, as a C program would use it.

use crate::answer::Rv;
use crate::module::Module;
use crate::session::Session;
use cryptoki_sys::*;
use serde_json::Value;

type Length = *mut CK_ULONG;

/// What C_GetInterface leads to.
#[repr(C)]
struct List {
    version: CK_VERSION,
    check: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut u8, Length) -> CK_RV,
    backup: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut u8, CK_ULONG, *mut u8, Length) -> CK_RV,
    inspect: unsafe extern "C" fn(*mut u8, Length) -> CK_RV,
    repair: unsafe extern "C" fn(*mut u8, CK_ULONG, *mut u8, Length) -> CK_RV,
    restore: unsafe extern "C" fn(*mut u8, CK_ULONG, *mut u8, Length) -> CK_RV,
}

/// The interface.
pub struct Upkeep<'m> {
    list: &'m List,
}

/// A return value and the document that came with it: the answer, or why there is none.
pub type Told = (Rv, Value);

impl<'m> Upkeep<'m> {
    pub fn of(module: &'m Module) -> Upkeep<'m> {
        let found = module.interface(Some("Vendor hsm-sim Upkeep"), Some((1, 0)), 0).expect("the upkeep interface");
        // SAFETY: an interface of that name and version leads to that structure, which lives as long as the library.
        Upkeep { list: unsafe { &*(found.list as *const List) } }
    }

    pub fn check(&self, session: Session<'_>) -> Told {
        // SAFETY: the reply has `len` bytes.
        told(|reply, len| unsafe { (self.list.check)(session.handle, reply, len) })
    }

    pub fn backup(&self, session: Session<'_>, request: &Value) -> Told {
        let (request, size) = text(request);
        // SAFETY: the request has that length, the reply `len` bytes.
        told(|reply, len| unsafe { (self.list.backup)(session.handle, request.as_ptr().cast_mut(), size, reply, len) })
    }

    pub fn inspect(&self) -> Told {
        // SAFETY: the reply has `len` bytes.
        told(|reply, len| unsafe { (self.list.inspect)(reply, len) })
    }

    pub fn repair(&self, request: &Value) -> Told {
        let (request, size) = text(request);
        // SAFETY: the request has that length, the reply `len` bytes.
        told(|reply, len| unsafe { (self.list.repair)(request.as_ptr().cast_mut(), size, reply, len) })
    }

    pub fn restore(&self, request: &Value) -> Told {
        let (request, size) = text(request);
        // SAFETY: the request has that length, the reply `len` bytes.
        told(|reply, len| unsafe { (self.list.restore)(request.as_ptr().cast_mut(), size, reply, len) })
    }
}

fn text(request: &Value) -> (String, CK_ULONG) {
    let text = request.to_string();
    let len = text.len() as CK_ULONG;
    (text, len)
}

/// One call with room for any reply: these calls do something, and a length query of theirs is an upper bound.
fn told(call: impl Fn(*mut u8, Length) -> CK_RV) -> Told {
    let mut reply = vec![0; 256 * 1024];
    let mut len = reply.len() as CK_ULONG;
    let rv = Rv(call(reply.as_mut_ptr(), &mut len));
    (rv, serde_json::from_slice(&reply[..len as usize]).unwrap_or(Value::Null))
}
