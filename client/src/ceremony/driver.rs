//! The ceremony of a token that holds it itself: requests out, reports back.
//!
//! Requests hold PINs and shares, replies hold shares: both live in buffers that are made at their full size and erased.

use cryptoki_sys::{
    CK_RV, CKR_ACTION_PROHIBITED, CKR_BUFFER_TOO_SMALL, CKR_DATA_INVALID, CKR_FUNCTION_CANCELED, CKR_KEY_HANDLE_INVALID, CKR_OK,
    CKR_OPERATION_ACTIVE, CKR_OPERATION_NOT_INITIALIZED, CKR_USER_NOT_LOGGED_IN, CKR_USER_TYPE_INVALID,
};
use hsm_shares::wire::{Approve, Begin, Cancel, Contribute, Finish, Report, Status};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Recovery;
use crate::error::{Error, Kind, Result};
use crate::hsm::codes;

/// A function of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Begin.
    Begin,
    /// Approve.
    Approve,
    /// Contribute.
    Contribute,
    /// Status.
    Status,
    /// Finish.
    Finish,
    /// Cancel.
    Cancel,
}

/// What a call came to.
#[derive(Clone, Copy)]
pub struct Answer {
    /// CKR_...
    pub code: CK_RV,
    /// Bytes written, or needed.
    pub len: usize,
}

/// The interface, as bytes.
pub trait Call {
    /// Calls `verb`; without a reply buffer it only asks for the length, which has no effect.
    fn call(&self, verb: Verb, request: &[u8], reply: Option<&mut [u8]>) -> Answer;
}

/// Drives the ceremony of a token.
pub struct Driver<C>(pub(super) C);

impl<C: Call> Driver<C> {
    fn exchange(&self, verb: Verb, request: &impl Serialize) -> Result<Report> {
        let request = encoded(request)?;
        let asked = self.0.call(verb, &request, None);
        if asked.code != CKR_OK {
            return Err(refused(verb, asked.code, ""));
        }
        let mut room = asked.len;
        for _ in 0..ATTEMPTS {
            // A refusal writes its reason into the same buffer: there must be room for that too.
            let mut reply = Zeroizing::new(vec![0; room.clamp(LEAST_ROOM, MOST_ROOM)]);
            let answer = self.0.call(verb, &request, Some(&mut reply));
            let written = &reply[..answer.len.min(reply.len())];
            match answer.code {
                CKR_OK => return report(verb, written),
                CKR_BUFFER_TOO_SMALL => room = answer.len,
                code => return Err(refused(verb, code, &reason(written))),
            }
        }
        Err(strange(verb, "it never has room enough for its reply"))
    }
}

impl<C: Call> Recovery for Driver<C> {
    fn begin(&mut self, request: &Begin) -> Result<Report> {
        self.exchange(Verb::Begin, request)
    }

    fn approve(&mut self, request: &Approve) -> Result<Report> {
        self.exchange(Verb::Approve, request)
    }

    fn contribute(&mut self, request: &Contribute) -> Result<Report> {
        self.exchange(Verb::Contribute, request)
    }

    fn status(&mut self, request: &Status) -> Result<Report> {
        self.exchange(Verb::Status, request)
    }

    fn finish(&mut self, request: &Finish) -> Result<Report> {
        self.exchange(Verb::Finish, request)
    }

    fn cancel(&mut self, request: &Cancel) -> Result<Report> {
        self.exchange(Verb::Cancel, request)
    }
}

/// A request as JSON. It is written twice, first to be measured: a buffer that grows leaves pieces of a PIN behind.
fn encoded(request: &impl Serialize) -> Result<Zeroizing<Vec<u8>>> {
    let unwritable =
        |error: serde_json::Error| Error::new(Kind::Malformed, "the request cannot be written").why(error.to_string());
    let mut measure = Measure(0);
    serde_json::to_writer(&mut measure, request).map_err(unwritable)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(measure.0));
    serde_json::to_writer(&mut *bytes, request).map_err(unwritable)?;
    Ok(bytes)
}

struct Measure(usize);

impl std::io::Write for Measure {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn report(verb: Verb, reply: &[u8]) -> Result<Report> {
    let report: Report = serde_json::from_slice(reply).map_err(|error| {
        // The parser's own words may quote the reply, and shares are in it.
        strange(verb, format!("byte {} of it is no report", error.column()))
    })?;
    if report.state.is_empty() { Err(strange(verb, "it says no state")) } else { Ok(report) }
}

/// What the module says of a refusal.
fn reason(reply: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    serde_json::from_slice::<Refusal>(reply).map(|refusal| refusal.error).unwrap_or_default()
}

/// The codes of `hsm-sim/RECOVERY.md`; any other is what it is everywhere.
fn refused(verb: Verb, code: CK_RV, reason: &str) -> Error {
    let error = codes::explain_code(code, &format!("the ceremony's {verb:?}"));
    let told = if reason.is_empty() { error.reason().to_owned() } else { format!("{reason} ({})", error.reason()) };
    let (kind, next) = match code {
        CKR_OPERATION_ACTIVE => (Kind::Conflict, "see it: hsm recovery status; end it: hsm recovery cancel"),
        CKR_OPERATION_NOT_INITIALIZED => (Kind::NotFound, "begin one: hsm recovery deal, verify, restore, refresh or rehearse"),
        CKR_USER_NOT_LOGGED_IN | CKR_USER_TYPE_INVALID => (Kind::Pin, "say where the security officer's PIN is: --so-pin-source"),
        CKR_DATA_INVALID => (Kind::Malformed, ""),
        CKR_ACTION_PROHIBITED => (Kind::Conflict, "see where it stands: hsm recovery status"),
        CKR_FUNCTION_CANCELED => (Kind::Conflict, "begin it again"),
        CKR_KEY_HANDLE_INVALID => (Kind::NotFound, "see the sets of the token: hsm recovery status"),
        _ => (error.kind(), error.next_step()),
    };
    Error::new(kind, error.what()).why(told).next(next)
}

fn strange(verb: Verb, why: impl Into<String>) -> Error {
    Error::new(Kind::Device, format!("the token's answer to {verb:?} cannot be read")).why(why)
}

const ATTEMPTS: usize = 4;
const LEAST_ROOM: usize = 4096;
/// Two hundred and fifty-five shares, encrypted, with their manifest, stay far below this.
const MOST_ROOM: usize = 16 << 20;

#[cfg(test)]
mod tests;
