//! The users of a token of hsm-sim: its interface "Vendor hsm-sim Users" (`hsm-sim/USERS.md`), found by C_GetInterface.
//!
//! The session is cryptoki's own, and the standard user is logged in to it.
#![allow(unsafe_code)]

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use cryptoki::session::Session;
use cryptoki_sys::{CK_BYTE, CK_FLAGS, CK_RV, CK_SESSION_HANDLE, CK_ULONG, CK_UTF8CHAR, CK_VERSION, CKR_OK};
use libloading::Library;
use serde::Deserialize;

use super::codes::explain_code;
use super::interface::Interface;
use super::login::{self, Login};
use super::module::Module;
use super::selector::Selector;
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Make token objects.
    Create,
    /// Work with private keys.
    Use,
    /// Change token objects, and make successors of keys.
    Rotate,
    /// Destroy token objects.
    Destroy,
}

/// Every right, its name and its number in the interface.
const RIGHTS: [(Right, &str, CK_FLAGS); 4] =
    [(Right::Create, "create", 1), (Right::Use, "use", 2), (Right::Rotate, "rotate", 4), (Right::Destroy, "destroy", 8)];

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = RIGHTS.iter().find(|row| row.0 == *self).map_or("", |row| row.1);
        f.write_str(name)
    }
}

impl FromStr for Right {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = RIGHTS.iter().find(|row| row.1 == text).map(|row| row.0);
        found.ok_or_else(|| {
            Error::new(Kind::Usage, format!("there is no right \"{text}\"")).why("there are create, use, rotate and destroy")
        })
    }
}

/// A user with a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    /// The name.
    pub name: String,
    /// What the user may do.
    pub rights: Vec<Right>,
    /// Wrong PINs until the user is locked.
    pub tries_left: u32,
}

type Name = *mut CK_UTF8CHAR;
type Change = unsafe extern "C" fn(CK_SESSION_HANDLE, Name, CK_ULONG, Name, CK_ULONG) -> CK_RV;

/// The function list. A NULL pointer is None.
#[repr(C)]
#[derive(Clone, Copy)]
struct List {
    version: CK_VERSION,
    add: Option<unsafe extern "C" fn(CK_SESSION_HANDLE, Name, CK_ULONG, Name, CK_ULONG, CK_FLAGS) -> CK_RV>,
    remove: Option<unsafe extern "C" fn(CK_SESSION_HANDLE, Name, CK_ULONG) -> CK_RV>,
    remove_all: Option<unsafe extern "C" fn(CK_SESSION_HANDLE) -> CK_RV>,
    set_rights: Option<unsafe extern "C" fn(CK_SESSION_HANDLE, Name, CK_ULONG, CK_FLAGS) -> CK_RV>,
    set_pin: Option<Change>,
    list: Option<unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV>,
}

/// The users of one token, and the session they are managed in.
pub struct Users {
    // Dropped first: a session closes before its module stops.
    session: Session,
    list: List,
    _library: Library,
    _module: Arc<Module>,
}

impl Users {
    /// The users of the token `selector` means, with the standard user logged in. The PIN is tried once.
    ///
    /// # Errors
    /// [`Kind::MechanismRefused`] when the module has no such interface, [`Kind::NotFound`], [`Kind::Pin`],
    /// [`Kind::HsmUnavailable`].
    pub fn open(module: &Arc<Module>, selector: &Selector, pin: &Secret) -> Result<Self> {
        let (list, library) = functions(module)?;
        let session = login::session(module, selector, Login::User(pin))?;
        Ok(Self { session, list, _library: library, _module: Arc::clone(module) })
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when the name is taken, [`Kind::Pin`] for a PIN the token refuses, those of the token.
    pub fn add(&self, name: &str, pin: &Secret, rights: &[Right]) -> Result<()> {
        let function = self.list.add.ok_or_else(lost)?;
        let ((pin, pin_len), (text, len)) = (raw(pin.expose()), raw(name.as_bytes()));
        // SAFETY: the library is loaded as long as `self` lives; name and PIN are only read, and outlive the call with their lengths.
        let code = unsafe { function(self.session.handle(), text, len, pin, pin_len, bits(rights)) };
        answered(code, name, "adding")
    }

    /// Removes a user.
    ///
    /// # Errors
    /// [`Kind::NotFound`], those of the token.
    pub fn remove(&self, name: &str) -> Result<()> {
        let function = self.list.remove.ok_or_else(lost)?;
        let (text, len) = raw(name.as_bytes());
        // SAFETY: as for `add`.
        answered(unsafe { function(self.session.handle(), text, len) }, name, "removing")
    }

    /// Removes all users with names, also where their list was damaged and nothing else can be done with it.
    ///
    /// # Errors
    /// Those of the token.
    pub fn remove_all(&self) -> Result<()> {
        let function = self.list.remove_all.ok_or_else(lost)?;
        // SAFETY: as for `add`.
        match unsafe { function(self.session.handle()) } {
            CKR_OK => Ok(()),
            code => Err(explain_code(code, "removing all users with names")),
        }
    }

    /// Gives a user these rights and no others, from the next login on.
    ///
    /// # Errors
    /// [`Kind::NotFound`], those of the token.
    pub fn set_rights(&self, name: &str, rights: &[Right]) -> Result<()> {
        let function = self.list.set_rights.ok_or_else(lost)?;
        let (text, len) = raw(name.as_bytes());
        // SAFETY: as for `add`.
        answered(unsafe { function(self.session.handle(), text, len, bits(rights)) }, name, "giving rights to")
    }

    /// Gives a user another PIN, and forgets wrong tries.
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::Pin`] for a PIN the token refuses, those of the token.
    pub fn set_pin(&self, name: &str, pin: &Secret) -> Result<()> {
        let function = self.list.set_pin.ok_or_else(lost)?;
        let ((pin, pin_len), (text, len)) = (raw(pin.expose()), raw(name.as_bytes()));
        // SAFETY: as for `add`.
        answered(unsafe { function(self.session.handle(), text, len, pin, pin_len) }, name, "setting the PIN of")
    }

    /// All users with names.
    ///
    /// # Errors
    /// Those of the token.
    pub fn list(&self) -> Result<Vec<User>> {
        #[derive(Deserialize)]
        struct Document {
            users: Vec<User>,
        }
        let function = self.list.list.ok_or_else(lost)?;
        let mut len = 0;
        // SAFETY: the library is loaded as long as `self` lives; NULL asks for the length, which is a variable of ours.
        let asked = unsafe { function(self.session.handle(), std::ptr::null_mut(), &mut len) };
        let mut reply = vec![0; usize::try_from(len).unwrap_or(0)];
        let code = match asked {
            // SAFETY: as above, and the reply has `len` bytes.
            CKR_OK => unsafe { function(self.session.handle(), reply.as_mut_ptr(), &mut len) },
            refused => refused,
        };
        match code {
            CKR_OK => {}
            // It grew between the two calls.
            cryptoki_sys::CKR_BUFFER_TOO_SMALL => return self.list(),
            code => return Err(explain_code(code, "listing the users")),
        }
        reply.truncate(usize::try_from(len).unwrap_or(0));
        let document: Result<Document, _> = serde_json::from_slice(&reply);
        document.map(|document| document.users).map_err(|_| Error::new(Kind::Device, "the list of users cannot be understood"))
    }
}

fn functions(module: &Module) -> Result<(List, Library)> {
    let version = CK_VERSION { major: 1, minor: 0 };
    let found = Interface::find(module, c"Vendor hsm-sim Users", version)?;
    // SAFETY: the interface of this name and version has this list (`hsm-sim/USERS.md`).
    let found = found.and_then(|interface| unsafe { interface.list::<List>(|version| version.major == 1) });
    found.ok_or_else(|| {
        Error::new(Kind::MechanismRefused, "the module has no users with names")
            .why("managing them is an interface of libhsm_sim.so; other tokens have tools of their own, if they have such users")
    })
}

fn lost() -> Error {
    Error::new(Kind::MechanismRefused, "the module leaves out part of its interface for users")
}

fn raw(bytes: &[u8]) -> (Name, CK_ULONG) {
    (bytes.as_ptr().cast_mut(), bytes.len() as CK_ULONG)
}

fn bits(rights: &[Right]) -> CK_FLAGS {
    RIGHTS.iter().filter(|row| rights.contains(&row.0)).map(|row| row.2).sum()
}

/// CKR_ACTION_PROHIBITED and CKR_USER_TYPE_INVALID are the interface's words for a name that is taken and one that is not there.
fn answered(code: CK_RV, name: &str, what: &str) -> Result<()> {
    match code {
        CKR_OK => Ok(()),
        cryptoki_sys::CKR_ACTION_PROHIBITED => {
            Err(Error::new(Kind::Conflict, format!("there is a user \"{name}\" already")).next("see them: hsm token user list"))
        }
        cryptoki_sys::CKR_USER_TYPE_INVALID => {
            Err(Error::new(Kind::NotFound, format!("there is no user \"{name}\"")).next("see them: hsm token user list"))
        }
        cryptoki_sys::CKR_ARGUMENTS_BAD => {
            Err(Error::new(Kind::Usage, format!("\"{}\" cannot name a user", name.escape_debug()))
                .why("a name has 1 to 64 bytes, no control characters and no blanks at its ends"))
        }
        code => Err(explain_code(code, &format!("{what} the user \"{name}\""))),
    }
}
