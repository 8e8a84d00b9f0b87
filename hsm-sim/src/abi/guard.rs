//! The outside of every entry: no panic passes, every error becomes a `CK_RV`, and the log learns why.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cryptoki_sys::*;

use crate::{error::Result, log};

/// Runs `body`; a panic becomes CKR_GENERAL_ERROR after `abandon` has dropped what the panic left half done.
pub fn guard(name: &'static str, abandon: impl FnOnce(), body: impl FnOnce() -> Result<()>) -> CK_RV {
    match catch_unwind(AssertUnwindSafe(body)) {
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
