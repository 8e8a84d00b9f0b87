//! The vendor interface of hsm-sim/AUDIT.md, as a C program would use it.

use crate::answer::{Answer, Rv};
use crate::module::Module;
use crate::session::Session;
use cryptoki_sys::*;
use serde_json::{Value, json};
use std::ptr::null_mut;

/// What C_GetInterface leads to.
#[repr(C)]
struct List {
    version: CK_VERSION,
    read: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut u8, CK_ULONG, *mut u8, *mut CK_ULONG) -> CK_RV,
    verify: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut u8, *mut CK_ULONG) -> CK_RV,
    cut: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut u8, CK_ULONG, *mut u8, *mut CK_ULONG) -> CK_RV,
}

/// The interface.
pub struct Audit<'m> {
    list: &'m List,
}

impl<'m> Audit<'m> {
    pub fn of(module: &'m Module) -> Audit<'m> {
        let found = module.interface(Some("Vendor hsm-sim Audit"), Some((1, 0)), 0).expect("the audit interface");
        // SAFETY: an interface of that name and version leads to that structure, which lives as long as the library.
        Audit { list: unsafe { &*(found.list as *const List) } }
    }

    /// The lines after a number, parsed.
    pub fn read(&self, session: Session<'_>, after: u64, most: usize) -> Answer<Vec<Value>> {
        let request = json!({ "after": after, "most": most }).to_string();
        let reply = twice(|reply, len| {
            // SAFETY: the request has that length; the reply is NULL or has `len` bytes.
            Rv(unsafe { (self.list.read)(session.handle, request.as_ptr().cast_mut(), request.len() as CK_ULONG, reply, len) })
        })?;
        let lines = reply["lines"].as_array().expect("an array");
        Ok(lines.iter().map(|line| serde_json::from_str(line.as_str().expect("a line")).expect("JSON")).collect())
    }

    /// All lines.
    pub fn all(&self, session: Session<'_>) -> Vec<Value> {
        self.read(session, 0, 1000).expect("the log")
    }

    /// Numbers of the lines that tell of a break before them.
    pub fn broken(&self, session: Session<'_>) -> Answer<Vec<u64>> {
        let reply = self.verdict(session)?;
        let numbers = reply["broken"].as_array().expect("an array");
        Ok(numbers.iter().map(|number| number.as_u64().expect("a number")).collect())
    }

    fn verdict(&self, session: Session<'_>) -> Answer<Value> {
        // SAFETY: the reply is NULL or has `len` bytes.
        twice(|reply, len| Rv(unsafe { (self.list.verify)(session.handle, reply, len) }))
    }

    /// The number of the line before the first that is there.
    pub fn begins_after(&self, session: Session<'_>) -> Answer<u64> {
        Ok(self.verdict(session)?["begins_after"]["last"].as_u64().expect("a number"))
    }

    /// Takes out the lines up to this one.
    pub fn cut(&self, session: Session<'_>, last: u64, hash: &str) -> Answer<Value> {
        let request = json!({ "last": last, "hash": hash }).to_string();
        twice(|reply, len| {
            // SAFETY: the request has that length; the reply is NULL or has `len` bytes.
            Rv(unsafe { (self.list.cut)(session.handle, request.as_ptr().cast_mut(), request.len() as CK_ULONG, reply, len) })
        })
    }

    /// Last line, its hash, and the last line that is vouched for.
    pub fn verify(&self, session: Session<'_>) -> Answer<(u64, String, u64)> {
        let reply = self.verdict(session)?;
        let number = |name: &str| reply[name].as_u64().expect("a number");
        Ok((number("last"), reply["hash"].as_str().expect("a hash").to_owned(), number("vouched")))
    }
}

/// A length query and a second call; again when the answer grew in between.
fn twice(call: impl Fn(*mut u8, &mut CK_ULONG) -> Rv) -> Answer<Value> {
    let mut len = 0;
    call(null_mut(), &mut len).answer()?;
    let mut reply = vec![0; len as usize];
    let rv = call(reply.as_mut_ptr(), &mut len);
    if rv == Rv(CKR_BUFFER_TOO_SMALL) {
        return twice(call);
    }
    rv.answer()?;
    Ok(serde_json::from_slice(&reply[..len as usize]).expect("JSON"))
}
