//! Sessions, login and PINs: PKCS#11 v3.2 sections 5.5 and 5.6.

use crate::answer::{Answer, Rv};
use crate::module::Module;
use cryptoki_sys::*;
use std::ptr::null_mut;

/// A session handle. Copies name the same session, so that a test can use one that is closed.
#[derive(Clone, Copy)]
pub struct Session<'m> {
    module: &'m Module,
    pub handle: CK_SESSION_HANDLE,
}

impl<'m> Session<'m> {
    pub fn at(module: &'m Module, handle: CK_SESSION_HANDLE) -> Self {
        Self { module, handle }
    }

    pub fn module(&self) -> &'m Module {
        self.module
    }

    pub fn close(&self) -> Answer {
        // SAFETY: no pointers are passed.
        self.call(|f, h| unsafe { f.C_CloseSession.expect("C_CloseSession")(h) }).answer()
    }

    pub fn info(&self) -> Answer<CK_SESSION_INFO> {
        let mut info = CK_SESSION_INFO::default();
        // SAFETY: the structure outlives the call.
        self.call(|f, h| unsafe { f.C_GetSessionInfo.expect("C_GetSessionInfo")(h, &mut info) }).map(|| info)
    }

    /// CKS_... of section 5.6.
    pub fn state(&self) -> CK_STATE {
        self.info().expect("C_GetSessionInfo").state
    }

    pub fn login(&self, user: CK_USER_TYPE, pin: &str) -> Answer {
        // SAFETY: the PIN outlives the call.
        self.call(|f, h| unsafe { f.C_Login.expect("C_Login")(h, user, text(pin), length(pin)) }).answer()
    }

    /// C_LoginUser of v3.0.
    pub fn login_user(&self, user: CK_USER_TYPE, pin: &str, name: &str) -> Answer {
        let f = self.module.v3_0().expect("a 3.0 interface").C_LoginUser.expect("C_LoginUser");
        // SAFETY: PIN and name outlive the call.
        Rv(unsafe { f(self.handle, user, text(pin), length(pin), text(name), length(name)) }).answer()
    }

    pub fn logout(&self) -> Answer {
        // SAFETY: no pointers are passed.
        self.call(|f, h| unsafe { f.C_Logout.expect("C_Logout")(h) }).answer()
    }

    pub fn init_pin(&self, pin: &str) -> Answer {
        // SAFETY: the PIN outlives the call.
        self.call(|f, h| unsafe { f.C_InitPIN.expect("C_InitPIN")(h, text(pin), length(pin)) }).answer()
    }

    pub fn set_pin(&self, old: &str, new: &str) -> Answer {
        self.call(|f, h| {
            let set = f.C_SetPIN.expect("C_SetPIN");
            // SAFETY: both PINs outlive the call.
            unsafe { set(h, text(old), length(old), text(new), length(new)) }
        })
        .answer()
    }

    /// C_SessionCancel of v3.0.
    pub fn cancel(&self, flags: CK_FLAGS) -> Answer {
        let v3 = self.module.v3_0().expect("a 3.0 interface");
        // SAFETY: no pointers are passed.
        Rv(unsafe { v3.C_SessionCancel.expect("C_SessionCancel")(self.handle, flags) }).answer()
    }

    pub fn random(&self, length: usize) -> Answer<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.call(|f, h| {
            let random = f.C_GenerateRandom.expect("C_GenerateRandom");
            // SAFETY: the buffer has that length.
            unsafe { random(h, bytes.as_mut_ptr(), length as CK_ULONG) }
        })
        .map(|| bytes)
    }

    pub(crate) fn call(&self, call: impl FnOnce(&CK_FUNCTION_LIST, CK_SESSION_HANDLE) -> CK_RV) -> Rv {
        Rv(call(self.module.functions(), self.handle))
    }

    /// A call with an output buffer: none, or one of `room` bytes with a fence behind it. Gives the code, the length
    /// told, and the bytes written (with CKR_OK only).
    pub(crate) fn take(
        &self,
        room: Option<usize>,
        call: impl FnOnce(&CK_FUNCTION_LIST, CK_SESSION_HANDLE, *mut u8, *mut CK_ULONG) -> CK_RV,
    ) -> (Rv, usize, Vec<u8>) {
        let mut length = room.unwrap_or(0) as CK_ULONG;
        let mut buffer = vec![FENCE; room.unwrap_or(0) + 64];
        let place = room.map_or(null_mut(), |_| buffer.as_mut_ptr());
        let rv = self.call(|f, h| call(f, h, place, &mut length));
        let fence = buffer.split_off(room.unwrap_or(0));
        assert!(fence.iter().all(|b| *b == FENCE), "the module wrote past the buffer");
        let written = if rv == Rv(CKR_OK) && room.is_some() { length as usize } else { 0 };
        assert!(written <= buffer.len(), "CKR_OK with more bytes than there was room for");
        buffer.truncate(written);
        (rv, length as usize, buffer)
    }
}

fn text(s: &str) -> *mut CK_UTF8CHAR {
    s.as_ptr().cast_mut()
}

fn length(s: &str) -> CK_ULONG {
    s.len() as CK_ULONG
}

const FENCE: u8 = 0xA5;
