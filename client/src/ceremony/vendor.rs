//! The recovery interface of hsm-sim, found by C_GetInterface as PKCS#11 v3 section 5.4.3 prescribes (`hsm-sim/RECOVERY.md`).
//!
//! The session is cryptoki's own; what is called here are the six functions of the list that C_GetInterface gives.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::sync::Arc;

use cryptoki::session::Session;
use cryptoki_sys::{CK_BYTE, CK_RV, CK_SESSION_HANDLE, CK_ULONG, CK_VERSION, CKR_FUNCTION_NOT_SUPPORTED};
use libloading::Library;

use super::driver::{Answer, Call, Driver, Verb};
use crate::error::Result;
use crate::hsm;
use crate::hsm::login::{self, Login};
use crate::hsm::module::Module;
use crate::hsm::selector::Selector;

/// The ceremony of a token that holds it itself.
pub type Vendor = Driver<Interface>;

/// The interface, and the session it is used in.
pub struct Interface {
    // Dropped first: a session closes before its module stops.
    session: Session,
    functions: Functions,
    _module: Arc<Module>,
}

/// True when the module has the interface.
///
/// # Errors
/// [`crate::Kind::HsmUnavailable`] when it cannot be loaded.
pub fn offered(module: &Module) -> Result<bool> {
    Functions::of(module).map(|found| found.is_some())
}

/// The ceremony of the token `selector` means, logged in to: the security officer conducts, the user may look. None when the module
/// has no such interface.
///
/// # Errors
/// [`crate::Kind::NotFound`], [`crate::Kind::Pin`], [`crate::Kind::HsmUnavailable`].
pub fn open(module: &Arc<Module>, selector: &Selector, login: Login<'_>) -> Result<Option<Vendor>> {
    let Some(functions) = Functions::of(module)? else { return Ok(None) };
    let session = login::session(module, selector, login)?;
    Ok(Some(Driver(Interface { session, functions, _module: Arc::clone(module) })))
}

impl Call for Interface {
    fn call(&self, verb: Verb, request: &[u8], reply: Option<&mut [u8]>) -> Answer {
        self.functions.call(self.session.handle(), verb, request, reply)
    }
}

/// One function: session, request, length of the request, reply, length of the reply.
type Function = unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV;

/// The function list. A NULL pointer is None.
#[repr(C)]
#[derive(Clone, Copy)]
struct List {
    _version: CK_VERSION,
    begin: Option<Function>,
    approve: Option<Function>,
    contribute: Option<Function>,
    status: Option<Function>,
    finish: Option<Function>,
    cancel: Option<Function>,
}

/// The list, and the library whose code it points into.
struct Functions {
    list: List,
    _library: Option<Library>,
}

impl Functions {
    fn of(module: &Module) -> Result<Option<Self>> {
        let Some(interface) = hsm::Interface::find(module, NAME, CK_VERSION { major: MAJOR, minor: 0 })? else { return Ok(None) };
        // SAFETY: the interface of this name has this list in every version 1 (`hsm-sim/RECOVERY.md`).
        let found = unsafe { interface.list::<List>(|version| version.major == MAJOR) };
        Ok(found.map(|(list, library)| Self { list, _library: Some(library) }))
    }

    fn call(&self, session: CK_SESSION_HANDLE, verb: Verb, request: &[u8], reply: Option<&mut [u8]>) -> Answer {
        let Some(function) = self.function(verb) else { return Answer { code: CKR_FUNCTION_NOT_SUPPORTED, len: 0 } };
        let (room, mut len) = match reply {
            Some(room) => (room.as_mut_ptr(), room.len() as CK_ULONG),
            None => (std::ptr::null_mut(), 0),
        };
        // SAFETY: the library is loaded as long as `self` lives. The request is read only, for its length; the reply is NULL or
        // has `len` bytes to write, borrowed from a caller who waits; `len` is a variable of ours.
        let code = unsafe { function(session, request.as_ptr().cast_mut(), request.len() as CK_ULONG, room, &mut len) };
        Answer { code, len: usize::try_from(len).unwrap_or(usize::MAX) }
    }

    fn function(&self, verb: Verb) -> Option<Function> {
        match verb {
            Verb::Begin => self.list.begin,
            Verb::Approve => self.list.approve,
            Verb::Contribute => self.list.contribute,
            Verb::Status => self.list.status,
            Verb::Finish => self.list.finish,
            Verb::Cancel => self.list.cancel,
        }
    }
}

const NAME: &CStr = c"Vendor hsm-sim Recovery";
const MAJOR: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use cryptoki_sys::CKR_OK;

    /// Answers with the session, then the request backwards.
    unsafe extern "C" fn mirror(
        session: CK_SESSION_HANDLE,
        request: *mut CK_BYTE,
        request_len: CK_ULONG,
        reply: *mut CK_BYTE,
        reply_len: *mut CK_ULONG,
    ) -> CK_RV {
        let needed = request_len + 1;
        // SAFETY: `Functions::call` gives a variable for the length.
        let room = unsafe { std::mem::replace(&mut *reply_len, needed) };
        if reply.is_null() {
            return CKR_OK;
        }
        if room < needed {
            return cryptoki_sys::CKR_BUFFER_TOO_SMALL;
        }
        // SAFETY: `Functions::call` gives a request and a reply of these lengths.
        let (request, reply) = unsafe {
            (std::slice::from_raw_parts(request, request_len as usize), std::slice::from_raw_parts_mut(reply, needed as usize))
        };
        reply[0] = session as u8;
        reply[1..].iter_mut().zip(request.iter().rev()).for_each(|(to, from)| *to = *from);
        CKR_OK
    }

    #[test]
    fn bytes_go_through_the_c_interface() {
        let list = List {
            _version: CK_VERSION { major: 1, minor: 0 },
            begin: None,
            approve: None,
            contribute: None,
            status: Some(mirror),
            finish: None,
            cancel: None,
        };
        let functions = Functions { list, _library: None };
        let asked = functions.call(7, Verb::Status, b"abc", None);
        assert_eq!((asked.code, asked.len), (CKR_OK, 4));
        let mut room = [0; 6];
        let short = functions.call(7, Verb::Status, b"abc", Some(&mut room[..3]));
        assert_eq!((short.code, short.len, room), (cryptoki_sys::CKR_BUFFER_TOO_SMALL, 4, [0; 6]));
        let done = functions.call(7, Verb::Status, b"abc", Some(&mut room));
        assert_eq!((done.code, done.len, &room), (CKR_OK, 4, b"\x07cba\0\0"));
        assert_eq!(functions.call(7, Verb::Begin, b"", None).code, CKR_FUNCTION_NOT_SUPPORTED);
    }
}
