//! The outside of every entry: no panic passes, every error becomes a `CK_RV`, and the log learns why.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cryptoki_sys::*;

use crate::{
    error::Result,
    log,
    secret::{DEEP, scrubbed},
};

/// Runs `body`; a panic becomes CKR_GENERAL_ERROR after `abandon` has dropped what the panic left half done.
///
/// A call that is not `frequent` leaves nothing of keys on the stack.
pub fn guard(name: &'static str, frequent: bool, abandon: impl FnOnce(), body: impl FnOnce() -> Result<()>) -> CK_RV {
    let run = || catch_unwind(AssertUnwindSafe(body));
    match if frequent { run() } else { scrubbed::<DEEP, _>(run) } {
        Ok(Ok(())) => CKR_OK,
        Ok(Err(error)) => {
            log::debug(format_args!("{name}: {}: {}", error.rv.name(), error.why));
            error.rv.into()
        }
        Err(_) => {
            log::warn(format_args!("{name}: a defect in this module; the session is closed"));
            let _ = catch_unwind(AssertUnwindSafe(abandon));
            CKR_GENERAL_ERROR
        }
    }
}

/// True for the calls of which there are many for one key: they pay for no erasing of the stack. What takes a key apart below them does it
/// there.
pub const fn is_frequent(name: &str) -> bool {
    let name = name.as_bytes();
    let mut at = 0;
    while at < FREQUENT.len() {
        if begins(name, FREQUENT[at].as_bytes()) {
            return !matches!(name, [.., b'K', b'e', b'y']);
        }
        at += 1;
    }
    false
}

/// C_DigestKey is not: it ends in Key.
const FREQUENT: [&str; 8] = ["C_Decrypt", "C_Digest", "C_Encrypt", "C_Find", "C_Get", "C_Message", "C_Sign", "C_Verify"];

const fn begins(name: &[u8], with: &[u8]) -> bool {
    let mut at = 0;
    while at < with.len() {
        if at >= name.len() || name[at] != with[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_done_often_leaves_the_stack() {
        for name in ["C_Sign", "C_EncryptInit", "C_VerifyFinal", "C_FindObjects", "C_MessageDecryptInit", "C_GetAttributeValue"] {
            assert!(is_frequent(name), "{name}");
        }
        for name in ["C_Login", "C_SetPIN", "C_CreateObject", "C_DigestKey", "C_UnwrapKey", "C_DecapsulateKey", "Users_Add", "C_"]
        {
            assert!(!is_frequent(name), "{name}");
        }
    }
}
