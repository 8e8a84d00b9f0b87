//! Replies of the vendor interfaces of libhsm_sim.so: JSON, by the length convention of PKCS#11 (section 5.2).

use cryptoki_sys::{
    CK_BYTE, CK_RV, CK_ULONG, CKR_BUFFER_TOO_SMALL, CKR_DATA_INVALID, CKR_FUNCTION_FAILED, CKR_OK, CKR_SESSION_EXISTS,
    CKR_TOKEN_NOT_PRESENT, CKR_USER_NOT_LOGGED_IN,
};
use serde::de::DeserializeOwned;

use super::codes::explain_code;
use crate::error::{Error, Kind, Result};

/// No reply is longer, bytes.
const MOST: usize = 64 << 20;
/// A reply that grew more often than this between two calls is none.
const TRIES: usize = 20;

/// Calls for a reply, first for its length; again when it grew in between. A failure says why where the module does.
///
/// `call` gets a buffer and its length, which it may write to; no buffer asks for the length.
///
/// # Errors
/// Those of the token, for `what` was being done; [`Kind::Device`] when the reply is not what it should be.
pub(super) fn ask<T: DeserializeOwned>(what: &str, call: impl Fn(Option<&mut [u8]>, &mut CK_ULONG) -> CK_RV) -> Result<T> {
    let unclear = || Error::new(Kind::Device, format!("{what} failed")).why("the module's reply cannot be understood");
    for _ in 0..TRIES {
        let mut len = 0;
        let asked = call(None, &mut len);
        let room = usize::try_from(len).ok().filter(|len| *len <= MOST).ok_or_else(unclear)?;
        let mut reply = vec![0; room];
        let code = if asked == CKR_OK { call(Some(&mut reply), &mut len) } else { asked };
        match code {
            CKR_BUFFER_TOO_SMALL => continue,
            CKR_OK => {
                reply.truncate(usize::try_from(len).unwrap_or(0));
                return serde_json::from_slice(&reply).map_err(|_| unclear());
            }
            code => return Err(refused(code, what, reply.get(..usize::try_from(len).unwrap_or(0)).unwrap_or_default())),
        }
    }
    Err(unclear())
}

/// A reply's buffer as C wants it: NULL for none.
pub(super) fn raw(reply: Option<&mut [u8]>) -> (*mut CK_BYTE, CK_ULONG) {
    reply.map_or((std::ptr::null_mut(), 0), |reply| (reply.as_mut_ptr(), reply.len() as CK_ULONG))
}

/// What these interfaces mean by a code, where they say why.
fn kind(code: CK_RV) -> Kind {
    match code {
        CKR_TOKEN_NOT_PRESENT => Kind::NotFound,
        CKR_SESSION_EXISTS | CKR_FUNCTION_FAILED => Kind::Conflict,
        CKR_DATA_INVALID => Kind::Usage,
        CKR_USER_NOT_LOGGED_IN => Kind::Pin,
        _ => Kind::Device,
    }
}

fn refused(code: CK_RV, what: &str, reply: &[u8]) -> Error {
    #[derive(serde::Deserialize)]
    struct Why {
        error: String,
    }
    match serde_json::from_slice::<Why>(reply) {
        Ok(why) => Error::new(kind(code), format!("{what} failed")).why(why.error),
        Err(_) => explain_code(code, what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn answer(text: &str, reply: Option<&mut [u8]>, len: &mut CK_ULONG, code: CK_RV) -> CK_RV {
        let room = std::mem::replace(len, text.len() as CK_ULONG);
        match reply {
            None => CKR_OK,
            Some(_) if (room as usize) < text.len() => CKR_BUFFER_TOO_SMALL,
            Some(reply) => {
                reply[..text.len()].copy_from_slice(text.as_bytes());
                code
            }
        }
    }

    #[test]
    fn a_reply_that_grows_is_asked_for_again() {
        let calls = Cell::new(0);
        let told: Vec<u32> = ask("asking", |reply, len| {
            calls.set(calls.get() + 1);
            answer(if calls.get() > 1 { "[1, 2, 3]" } else { "[1]" }, reply, len, CKR_OK)
        })
        .unwrap();
        assert_eq!((told, calls.get()), (vec![1, 2, 3], 4));
    }

    #[test]
    fn a_failure_says_why() {
        let told = ask::<Vec<u32>>("asking", |reply, len| {
            answer(r#"{"error": "no such thing"}"#, reply, len, cryptoki_sys::CKR_DEVICE_ERROR)
        });
        let error = told.unwrap_err();
        assert!(error.to_string().contains("asking") && format!("{error:?}").contains("no such thing"), "{error:?}");
    }
}
