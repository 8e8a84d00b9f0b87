//! The interface "Vendor hsm-sim Users" 1.0, described in `hsm-sim/USERS.md`: who may do what beside the standard user.

use cryptoki_sys::*;

use super::entry;
use crate::{
    abi::{
        input::{In, Pin},
        output::Out,
    },
    error::{Result, Rv},
    token::{Rights, Token},
};

/// The name it is asked for by.
pub const NAME: &[u8] = b"Vendor hsm-sim Users\0";
/// Its version.
pub const VERSION: (u8, u8) = (1, 0);

type Session = CK_SESSION_HANDLE;
type Text = *mut CK_UTF8CHAR;
type Length = CK_ULONG;

/// What the interface leads to.
#[repr(C)]
#[allow(non_snake_case, reason = "named as PKCS#11 names its functions")]
pub struct List {
    version: CK_VERSION,
    Add: unsafe extern "C" fn(Session, Text, Length, Text, Length, CK_FLAGS) -> CK_RV,
    Remove: unsafe extern "C" fn(Session, Text, Length) -> CK_RV,
    RemoveAll: unsafe extern "C" fn(Session) -> CK_RV,
    SetRights: unsafe extern "C" fn(Session, Text, Length, CK_FLAGS) -> CK_RV,
    SetPIN: unsafe extern "C" fn(Session, Text, Length, Text, Length) -> CK_RV,
    List: unsafe extern "C" fn(Session, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV,
}

/// The list.
pub static LIST: List = List {
    version: CK_VERSION { major: VERSION.0, minor: VERSION.1 },
    Add: Users_Add,
    Remove: Users_Remove,
    RemoveAll: Users_RemoveAll,
    SetRights: Users_SetRights,
    SetPIN: Users_SetPIN,
    List: Users_List,
};

entry! {
    /// Adds a user; the standard user is logged in, as for the next four.
    hidden Users_Add(session: CK_SESSION_HANDLE, name[name_len]: In<'_>, pin[pin_len]: Pin<'_>, rights: CK_FLAGS) |module| {
        module.writable(session)?.slot.token.add_user(text(name)?, pin.0, Rights::of(rights)?)
    }
}

entry! {
    /// Removes a user.
    hidden Users_Remove(session: CK_SESSION_HANDLE, name[name_len]: In<'_>) |module| {
        module.writable(session)?.slot.token.remove_user(text(name)?)
    }
}

entry! {
    /// Removes all users, also where the list was damaged.
    hidden Users_RemoveAll(session: CK_SESSION_HANDLE) |module| {
        module.writable(session)?.slot.token.remove_all_users()
    }
}

entry! {
    /// Gives a user other rights.
    hidden Users_SetRights(session: CK_SESSION_HANDLE, name[name_len]: In<'_>, rights: CK_FLAGS) |module| {
        module.writable(session)?.slot.token.set_user_rights(text(name)?, Rights::of(rights)?)
    }
}

entry! {
    /// Gives a user another PIN.
    hidden Users_SetPIN(session: CK_SESSION_HANDLE, name[name_len]: In<'_>, pin[pin_len]: Pin<'_>) |module| {
        module.writable(session)?.slot.token.set_user_pin(text(name)?, pin.0)
    }
}

entry! {
    /// The users as JSON; any user is logged in.
    hidden Users_List(session: CK_SESSION_HANDLE, reply[reply_len]: Out) |module| {
        let open = module.session(session)?;
        reply.answer(|room| {
            let document = listed(&open.slot.token)?;
            room.fill(document.len(), |buffer| {
                buffer.copy_from_slice(document.as_bytes());
                Ok(document.len())
            })
        })
    }
}

fn text(name: In<'_>) -> Result<&str> {
    std::str::from_utf8(name.0).map_err(|_| Rv::ArgumentsBad.because("a user's name is UTF-8"))
}

fn listed(token: &Token) -> Result<String> {
    let user = |(user, pin): (crate::token::users::Named, crate::token::PinStatus)| serde_json::json!({ "name": user.name, "rights": user.rights.names(), "tries_left": pin.tries_left });
    let users: Vec<_> = token.users()?.into_iter().map(user).collect();
    Ok(serde_json::json!({ "users": users }).to_string())
}
