//! The interface "Vendor hsm-sim Audit" 1.0, described in `hsm-sim/AUDIT.md`: what the audit log says, whether it is whole, and taking out its
//! beginning.

use cryptoki_sys::*;
use hsm_shares::text;
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::entry;
use crate::{
    abi::{input::In, output::Out},
    error::{Result, Rv},
    reply::{Reply, Room},
    store::Last,
    token::Token,
};

/// The name it is asked for by.
pub const NAME: &[u8] = b"Vendor hsm-sim Audit\0";
/// Its version.
pub const VERSION: (u8, u8) = (1, 0);

/// Lines of one reply.
const MOST: usize = 1000;
/// An upper bound for the reply of Cut, which may be a reason.
const MOST_CUT: usize = 8 * 1024;

/// What the interface leads to.
#[repr(C)]
#[allow(non_snake_case, reason = "named as PKCS#11 names its functions")]
pub struct List {
    version: CK_VERSION,
    Read: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV,
    Verify: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV,
    Cut: unsafe extern "C" fn(CK_SESSION_HANDLE, *mut CK_BYTE, CK_ULONG, *mut CK_BYTE, *mut CK_ULONG) -> CK_RV,
}

/// The list.
pub static LIST: List =
    List { version: CK_VERSION { major: VERSION.0, minor: VERSION.1 }, Read: Audit_Read, Verify: Audit_Verify, Cut: Audit_Cut };

/// Which lines.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Those after this number.
    after: u64,
    /// So many at most, and never more than [`MOST`].
    most: usize,
}

/// A line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    last: u64,
    /// Hexadecimal.
    hash: String,
}

entry! {
    /// Lines of the log, as they were written; SO or standard user are logged in.
    hidden Audit_Read(session: CK_SESSION_HANDLE, request[request_len]: In<'_>, reply[reply_len]: Out) |module| {
        let open = module.session(session)?;
        reply.answer_from(request, |request, room| document(&read(&open.slot.token, request)?, room))
    }
}

entry! {
    /// Checks the whole log: its last line, and how far somebody who was logged in vouches for it.
    hidden Audit_Verify(session: CK_SESSION_HANDLE, reply[reply_len]: Out) |module| {
        let open = module.session(session)?;
        reply.answer(|room| document(&verified(&open.slot.token)?, room))
    }
}

entry! {
    /// Takes out the lines up to one that the caller names by number and hash; the SO is logged in.
    hidden Audit_Cut(session: CK_SESSION_HANDLE, request[request_len]: In<'_>, reply[reply_len]: Out) |module| {
        let open = module.session(session)?;
        reply.document(request, MOST_CUT, |request| cut(&open.slot.token, request))
    }
}

fn cut(token: &Token, request: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let named: Named = serde_json::from_slice(request)
        .map_err(|e| Rv::DataInvalid.because(format!("the request is {{\"last\": N, \"hash\": \"...\"}}: {e}")))?;
    let hash = text::unhex_array(&named.hash, "hash").map_err(|e| Rv::DataInvalid.because(e.to_string()))?;
    token.cut_log(Last { number: named.last, hash })?;
    Ok(Zeroizing::new(json!({ "cut": named.last }).to_string().into_bytes()))
}

fn read(token: &Token, request: &[u8]) -> Result<Value> {
    let wanted: Wanted = serde_json::from_slice(request)
        .map_err(|e| Rv::ArgumentsBad.because(format!("the request is {{\"after\": N, \"most\": N}}: {e}")))?;
    Ok(json!({ "lines": token.read_log(wanted.after, wanted.most.min(MOST))? }))
}

fn verified(token: &Token) -> Result<Value> {
    let verdict = token.verify_log()?.unwrap_or_default();
    Ok(json!({
        "last": verdict.head.number,
        "hash": text::hex(&verdict.head.hash),
        "vouched": verdict.vouched,
        "broken": verdict.broken,
        "begins_after": { "last": verdict.begins_after.number, "hash": text::hex(&verdict.begins_after.hash) },
    }))
}

fn document(value: &Value, room: Room<'_>) -> Result<Reply> {
    let document = value.to_string();
    room.fill(document.len(), |buffer| {
        buffer.copy_from_slice(document.as_bytes());
        Ok(document.len())
    })
}
