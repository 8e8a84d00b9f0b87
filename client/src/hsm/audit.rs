//! The audit log of a token of hsm-sim: its interface "Vendor hsm-sim Audit" (`hsm-sim/AUDIT.md`), found by C_GetInterface.
#![allow(unsafe_code)]

use std::sync::Arc;

use cryptoki::session::Session;
use cryptoki_sys::{CK_BYTE, CK_RV, CK_SESSION_HANDLE, CK_ULONG, CK_VERSION};
use libloading::Library;
use serde::Deserialize;

use super::document::{ask, raw};
use super::interface::Interface;
use super::login::{self, Login};
use super::module::Module;
use super::selector::Selector;
use crate::audit::Line;
use crate::error::{Error, Kind, Result};
use crate::id::hex;
use crate::store::journal::Head;

/// Lines that are asked for at a time.
const CHUNK: usize = 500;

/// What the interface leads to: `hsm-sim/AUDIT.md`.
#[repr(C)]
#[derive(Clone, Copy)]
struct List {
    _version: CK_VERSION,
    read: Option<unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV>,
    verify: Option<unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV>,
    cut: Option<unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV>,
}

/// The log, with somebody logged in who may read it.
pub struct Audit {
    session: Session,
    list: List,
    _library: Library,
    _module: Arc<Module>,
}

/// What the module found when it checked the whole log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Verdict {
    /// The last line.
    #[serde(flatten)]
    pub head: Place,
    /// The line before the first that is there: 0 unless lines were archived, or the log's key was lost.
    pub begins_after: Place,
    /// Number of the last line of somebody who was logged in: it vouches for all before it.
    pub vouched: u64,
    /// Numbers of lines that tell of a break before them, or before which nothing can be read any more.
    pub broken: Vec<u64>,
}

/// A line, as the module names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Place {
    /// Its number.
    pub last: u64,
    /// Its hash, hexadecimal.
    pub hash: String,
}

impl Place {
    /// As the head of what came until then.
    ///
    /// # Errors
    /// [`Kind::Device`] when it is none.
    pub fn head(&self) -> Result<Head> {
        format!("{}:{}", self.last, self.hash)
            .parse()
            .map_err(|_| Error::new(Kind::Device, "the module names a line of the audit log in a way that cannot be understood"))
    }
}

impl Audit {
    /// The log of the token `selector` means; the security officer or the standard user logs in. The PIN is tried once.
    ///
    /// # Errors
    /// [`Kind::MechanismRefused`] when the module has no such interface, [`Kind::NotFound`], [`Kind::Pin`],
    /// [`Kind::HsmUnavailable`].
    pub fn open(module: &Arc<Module>, selector: &Selector, login: Login<'_>) -> Result<Self> {
        let found = Interface::find(module, c"Vendor hsm-sim Audit", CK_VERSION { major: 1, minor: 0 })?;
        // SAFETY: the interface of this name and version has this list (`hsm-sim/AUDIT.md`).
        let found = found.and_then(|interface| unsafe { interface.list::<List>(|version| version.major == 1) });
        let (list, library) = found.ok_or_else(|| {
            Error::new(Kind::MechanismRefused, "the module keeps no audit log that can be read")
                .why("reading it is an interface of libhsm_sim.so; other tokens have tools of their own, if they have such a log")
        })?;
        let session = login::session(module, selector, login)?;
        Ok(Self { session, list, _library: library, _module: Arc::clone(module) })
    }

    /// All lines after this number, oldest first, as they were written: JSON, chained by SHA-256 (`hsm-sim/AUDIT.md`).
    ///
    /// # Errors
    /// Those of the token, which names the first line that is not what was written.
    pub fn lines(&self, after: u64) -> Result<Vec<String>> {
        let (mut lines, mut after) = (Vec::new(), after);
        loop {
            let part = self.part(after)?;
            after = part.last().map_or(Ok(after), |line| Line::parse(line).map(|line| line.number))?;
            let last = part.len() < CHUNK;
            lines.extend(part);
            if last {
                return Ok(lines);
            }
        }
    }

    fn part(&self, after: u64) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Document {
            lines: Vec<String>,
        }
        let function = self.list.read.ok_or_else(lost)?;
        let request = serde_json::json!({ "after": after, "most": CHUNK }).to_string();
        let document: Document = ask("reading the audit log", |reply, len| {
            let (reply, room) = raw(reply);
            *len = room;
            let (text, size) = (request.as_ptr().cast_mut(), request.len() as CK_ULONG);
            // SAFETY: the library is loaded as long as `self` lives; the request is only read, for its length; the reply is NULL or
            // has `len` bytes.
            unsafe { function(self.session.handle(), text, size, reply, len) }
        })?;
        Ok(document.lines)
    }

    /// Has the module check the whole log against its keys.
    ///
    /// # Errors
    /// Those of the token, which names the first line that is not what was written.
    pub fn verify(&self) -> Result<Verdict> {
        let function = self.list.verify.ok_or_else(lost)?;
        ask("verifying the audit log", |reply, len| {
            let (reply, room) = raw(reply);
            *len = room;
            // SAFETY: as for `part`, without a request.
            unsafe { function(self.session.handle(), reply, len) }
        })
    }
}

impl Audit {
    /// Takes the lines up to `last` out of the token; the security officer is logged in. They are lost unless they were kept.
    ///
    /// # Errors
    /// [`Kind::Pin`] for anybody else; those of the token, which says why.
    pub fn cut(&self, last: Head) -> Result<()> {
        #[derive(Deserialize)]
        struct Document {}
        let function = self.list.cut.ok_or_else(lost)?;
        let request = serde_json::json!({ "last": last.seq, "hash": hex(&last.hash) }).to_string();
        ask("taking lines out of the audit log", |reply, len| {
            let (reply, room) = raw(reply);
            *len = room;
            let (text, size) = (request.as_ptr().cast_mut(), request.len() as CK_ULONG);
            // SAFETY: as for `part`.
            unsafe { function(self.session.handle(), text, size, reply, len) }
        })
        .map(|Document {}| ())
    }
}

fn lost() -> Error {
    Error::new(Kind::MechanismRefused, "the module leaves out part of its interface for the audit log")
}
