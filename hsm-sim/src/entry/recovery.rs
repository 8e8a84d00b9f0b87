//! The interface "Vendor hsm-sim Recovery" 1.0, described in `hsm-sim/RECOVERY.md`: six functions of one signature.

use cryptoki_sys::*;

use super::entry;
use crate::{
    abi::{input::In, output::Out},
    recovery::document,
};

/// The name it is asked for by (PKCS#11 v3.2 §5.4.6: a vendor's begins so).
pub const NAME: &[u8] = b"Vendor hsm-sim Recovery\0";
/// Its version.
pub const VERSION: (u8, u8) = (1, 0);

/// A request and a reply, both JSON.
type Call = unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV;

/// What the interface leads to.
#[repr(C)]
#[allow(non_snake_case, reason = "named as PKCS#11 names its functions")]
pub struct List {
    version: CK_VERSION,
    Begin: Call,
    Approve: Call,
    Contribute: Call,
    Status: Call,
    Finish: Call,
    Cancel: Call,
}

/// The list.
pub static LIST: List = List {
    version: CK_VERSION { major: VERSION.0, minor: VERSION.1 },
    Begin: Recovery_Begin,
    Approve: Recovery_Approve,
    Contribute: Recovery_Contribute,
    Status: Recovery_Status,
    Finish: Recovery_Finish,
    Cancel: Recovery_Cancel,
};

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident = $verb:ident;)*) => { $(
        entry! {
            $(#[$doc])*
            hidden $name(session: CK_SESSION_HANDLE, request[request_len]: In<'_>, reply[reply_len]: Out) |module| {
                let open = module.session(session)?;
                let (token, recovery) = (&open.slot.token, &open.slot.recovery);
                reply.document(request, recovery.most(request.0), |request| document(&recovery.$verb(token, request)?))
            }
        }
    )* };
}

calls! {
    /// Begins a ceremony; the SO is logged in.
    Recovery_Begin = begin;
    /// Counts an approval in.
    Recovery_Approve = approve;
    /// Takes a share.
    Recovery_Contribute = contribute;
    /// Carries out what the ceremony was for; the SO is logged in.
    Recovery_Finish = finish;
    /// Ends a ceremony; the SO is logged in.
    Recovery_Cancel = cancel;
}

entry! {
    /// Tells where a ceremony stands, and which sets are in force. Changes nothing.
    hidden Recovery_Status(session: CK_SESSION_HANDLE, request[request_len]: In<'_>, reply[reply_len]: Out) |module| {
        let open = module.session(session)?;
        let (token, recovery) = (&open.slot.token, &open.slot.recovery);
        reply.answer_from(request, |request, room| {
            let document = document(&recovery.status(token, request)?)?;
            room.fill(document.len(), |buffer| {
                buffer.copy_from_slice(&document);
                Ok(document.len())
            })
        })
    }
}
