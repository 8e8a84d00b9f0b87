//! Looking after the token files of hsm-sim: its interface "Vendor hsm-sim Upkeep" (`hsm-sim/UPKEEP.md`), found by C_GetInterface.
#![allow(unsafe_code)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cryptoki_sys::{CK_BYTE, CK_RV, CK_SESSION_HANDLE, CK_ULONG, CK_VERSION};
use libloading::Library;
use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{ask, raw};
use super::interface::Interface;
use super::login::{self, Login};
use super::module::Module;
use super::selector::Selector;
use crate::error::{Error, Kind, Result};

type Asked = unsafe extern "C" fn(*mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV;

/// What the interface leads to: `hsm-sim/UPKEEP.md`.
#[repr(C)]
#[derive(Clone, Copy)]
struct List {
    _version: CK_VERSION,
    check: Option<unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV>,
    backup: Option<unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV>,
    inspect: Option<unsafe extern "C" fn(*mut CK_BYTE, *mut CK_ULONG) -> CK_RV>,
    repair: Option<Asked>,
    restore: Option<Asked>,
}

/// The token files of a module.
pub struct Upkeep {
    list: List,
    _library: Library,
    module: Arc<Module>,
}

/// What a check of a token found.
#[derive(Debug, Clone, Deserialize)]
pub struct Soundness {
    /// Nothing is wrong.
    pub sound: bool,
    /// Objects that were opened.
    pub objects: u64,
    /// Private objects, which the security officer cannot open.
    pub unread: u64,
    /// Number of objects that do not open.
    pub damaged: u64,
    /// The first of them.
    pub damaged_objects: Vec<Damaged>,
    /// What else is wrong.
    pub findings: Vec<String>,
}

/// An object that does not open.
#[derive(Debug, Clone, Deserialize)]
pub struct Damaged {
    /// Its number in the token file.
    pub number: u64,
    /// Why.
    pub why: String,
}

/// A token file as it looks without a PIN.
#[derive(Debug, Clone, Deserialize)]
pub struct TokenFile {
    /// The serial number it is named by.
    pub serial: String,
    /// Where it is.
    pub path: PathBuf,
    /// The token's label, where it can be read.
    pub label: Option<String>,
    /// How many objects it has.
    pub objects: u64,
    /// What is wrong with it.
    pub findings: Vec<String>,
}

/// What came of a repair.
#[derive(Debug, Clone, Deserialize)]
pub struct Repaired {
    /// The damaged file, under its new name.
    pub kept: PathBuf,
    /// What was read of it.
    pub tables: Vec<Table>,
}

/// A table of a token file.
#[derive(Debug, Clone, Deserialize)]
pub struct Table {
    /// `object`, `record`, `counter`, `audit`.
    pub table: String,
    /// Rows that were read.
    pub rows: u64,
    /// It could be read from end to end.
    pub whole: bool,
}

impl Upkeep {
    /// The token files of `module`.
    ///
    /// # Errors
    /// [`Kind::MechanismRefused`] when the module has no such interface, [`Kind::HsmUnavailable`].
    pub fn of(module: &Arc<Module>) -> Result<Self> {
        let found = Interface::find(module, c"Vendor hsm-sim Upkeep", CK_VERSION { major: 1, minor: 0 })?;
        // SAFETY: the interface of this name and version has this list (`hsm-sim/UPKEEP.md`).
        let found = found.and_then(|interface| unsafe { interface.list::<List>(|version| version.major == 1) });
        let (list, library) = found.ok_or_else(|| {
            Error::new(Kind::MechanismRefused, "the module has no token files that this command knows")
                .why("looking after them is an interface of libhsm_sim.so; other tokens have tools of their own")
        })?;
        Ok(Self { list, _library: library, module: Arc::clone(module) })
    }

    /// Reads and authenticates everything in a token, with the keys of whoever logs in.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::Pin`], those of the token.
    pub fn check(&self, selector: &Selector, login: Login<'_>) -> Result<Soundness> {
        let function = self.list.check.ok_or_else(lost)?;
        let session = login::session(&self.module, selector, login)?;
        ask("checking the token", |reply, len| {
            let (reply, room) = raw(reply);
            *len = room;
            // SAFETY: the library is loaded as long as `self` lives; the reply is NULL or has `len` bytes.
            unsafe { function(session.handle(), reply, len) }
        })
    }

    /// Writes an age file with a copy of the token to an absolute path where nothing is yet. Its length in bytes.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::Pin`], those of the token, which says why.
    pub fn backup(&self, selector: &Selector, login: Login<'_>, path: &Path, recipients: &[String]) -> Result<u64> {
        #[derive(Deserialize)]
        struct Made {
            bytes: u64,
        }
        let function = self.list.backup.ok_or_else(lost)?;
        let session = login::session(&self.module, selector, login)?;
        let request = json!({ "path": path, "recipients": recipients }).to_string();
        let made: Made = ask("making the backup", |reply, len| {
            let (reply, room) = raw(reply);
            *len = room;
            let (text, size) = (request.as_ptr().cast_mut(), request.len() as CK_ULONG);
            // SAFETY: as for `check`; the request is only read, for its length.
            unsafe { function(session.handle(), text, size, reply, len) }
        })?;
        Ok(made.bytes)
    }

    /// All token files, also those that are no token any more because they cannot be read.
    ///
    /// # Errors
    /// Those of the module.
    pub fn files(&self) -> Result<Vec<TokenFile>> {
        #[derive(Deserialize)]
        struct Document {
            files: Vec<TokenFile>,
        }
        let function = self.list.inspect.ok_or_else(lost)?;
        let document: Document = ask("looking at the token files", |reply, len| {
            let (reply, room) = raw(reply);
            *len = room;
            // SAFETY: as for `check`.
            unsafe { function(reply, len) }
        })?;
        Ok(document.files)
    }

    /// Replaces a damaged token file by what can be read of it; the damaged one is kept.
    ///
    /// # Errors
    /// Those of the module, which says why.
    pub fn repair(&self, serial: &str) -> Result<Repaired> {
        self.asked(self.list.repair, "repairing the token file", &json!({ "serial": serial }))
    }

    /// Puts a copy of a token, an absolute path, among the token files. Its serial number.
    ///
    /// # Errors
    /// Those of the module, which says why: a token that is there is not touched.
    pub fn restore(&self, path: &Path) -> Result<String> {
        #[derive(Deserialize)]
        struct Restored {
            serial: String,
        }
        let restored: Restored = self.asked(self.list.restore, "restoring the token", &json!({ "path": path }))?;
        Ok(restored.serial)
    }

    fn asked<T: serde::de::DeserializeOwned>(&self, function: Option<Asked>, what: &str, request: &Value) -> Result<T> {
        let function = function.ok_or_else(lost)?;
        let request = request.to_string();
        ask(what, |reply, len| {
            let (reply, room) = raw(reply);
            *len = room;
            // SAFETY: as for `backup`.
            unsafe { function(request.as_ptr().cast_mut(), request.len() as CK_ULONG, reply, len) }
        })
    }
}

fn lost() -> Error {
    Error::new(Kind::MechanismRefused, "the module leaves out part of its interface for token files")
}
