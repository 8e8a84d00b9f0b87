//! The interface "Vendor hsm-sim Upkeep" 1.0, described in `hsm-sim/UPKEEP.md`: looking after token files.

use cryptoki_sys::*;
use serde_json::Value;
use zeroize::Zeroizing;

use super::entry;
use crate::{
    abi::{input::In, output::Out},
    error::Result,
    upkeep::{self, MOST},
};

/// The name it is asked for by.
pub const NAME: &[u8] = b"Vendor hsm-sim Upkeep\0";
/// Its version.
pub const VERSION: (u8, u8) = (1, 0);

/// What the interface leads to.
#[repr(C)]
#[allow(non_snake_case, reason = "named as PKCS#11 names its functions")]
pub struct List {
    version: CK_VERSION,
    Check: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV,
    Backup: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV,
    Inspect: unsafe extern "C" fn(*mut CK_BYTE, *mut CK_ULONG) -> CK_RV,
    Repair: unsafe extern "C" fn(*mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV,
    Restore: unsafe extern "C" fn(*mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV,
}

/// The list.
pub static LIST: List = List {
    version: CK_VERSION { major: VERSION.0, minor: VERSION.1 },
    Check: Upkeep_Check,
    Backup: Upkeep_Backup,
    Inspect: Upkeep_Inspect,
    Repair: Upkeep_Repair,
    Restore: Upkeep_Restore,
};

entry! {
    /// Reads and authenticates everything in the token; somebody is logged in.
    hidden Upkeep_Check(session: CK_SESSION_HANDLE, reply[reply_len]: Out) |module| {
        let open = module.session(session)?;
        reply.document(In(&[]), MOST, |_| document(&upkeep::check(&open.slot.token)?))
    }
}

entry! {
    /// Writes an encrypted copy; SO or standard user are logged in.
    hidden Upkeep_Backup(session: CK_SESSION_HANDLE, request[request_len]: In<'_>, reply[reply_len]: Out) |module| {
        let open = module.session(session)?;
        reply.document(request, MOST, |request| document(&upkeep::backup(&open.slot.token, request)?))
    }
}

entry! {
    /// Tells of all token files, also of those that are no slots because they cannot be read.
    hidden Upkeep_Inspect(reply[reply_len]: Out) |module| {
        reply.document(In(&[]), MOST, |_| document(&upkeep::inspect(&module.slots)?))
    }
}

entry! {
    /// Saves what can be read of a damaged token file; no session is open on it.
    hidden Upkeep_Repair(request[request_len]: In<'_>, reply[reply_len]: Out) |module| {
        reply.document(request, MOST, |request| document(&upkeep::repair(&module.slots, request)?))
    }
}

entry! {
    /// Puts back a copy.
    hidden Upkeep_Restore(request[request_len]: In<'_>, reply[reply_len]: Out) |module| {
        reply.document(request, MOST, |request| document(&upkeep::restore(&module.slots, request)?))
    }
}

fn document(value: &Value) -> Result<Zeroizing<Vec<u8>>> {
    Ok(Zeroizing::new(value.to_string().into_bytes()))
}
