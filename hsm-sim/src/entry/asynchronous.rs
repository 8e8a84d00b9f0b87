//! Asynchronous calls (PKCS#11 v3.2 §5.22), which no session here makes, and validation flags (§5.6.11).

use cryptoki_sys::*;

use super::entry;
use crate::{
    abi::{input::In, output::Put},
    error::Rv,
};

entry! {
    /// §5.22.1. C_OpenSession refuses CKF_ASYNC_SESSION, so no call is ever pending.
    C_AsyncComplete(session: CK_SESSION_HANDLE, function: Put<CK_UTF8CHAR>, result: Put<CK_ASYNC_DATA>) |module| {
        let _ = (function, result);
        module.session(session)?;
        Rv::SessionAsyncNotSupported.err("the session is not asynchronous")
    }
}

entry! {
    /// §5.22.2
    C_AsyncGetID(session: CK_SESSION_HANDLE, function: Put<CK_UTF8CHAR>, id: Put<CK_ULONG>) |module| {
        let _ = (function, id);
        module.session(session)?;
        Rv::SessionAsyncNotSupported.err("the session is not asynchronous")
    }
}

entry! {
    /// §5.22.3
    C_AsyncJoin(
        session: CK_SESSION_HANDLE,
        function: Put<CK_UTF8CHAR>,
        id: CK_ULONG,
        data[data_len]: In<'_>,
    ) |module| {
        let _ = (function, data, id);
        module.session(session)?;
        Rv::SessionAsyncNotSupported.err("the session is not asynchronous")
    }
}

entry! {
    /// §5.6.11. Nothing here was validated by anybody, so no flag is ever set.
    C_GetSessionValidationFlags(session: CK_SESSION_HANDLE, kind: CK_SESSION_VALIDATION_FLAGS_TYPE, flags: Put<CK_FLAGS>) |module| {
        module.session(session)?;
        match kind {
            CKS_LAST_VALIDATION_OK => {
                flags.put(0);
                Ok(())
            }
            _ => Rv::ArgumentsBad.err(format!("validation flags of type {kind} are not known")),
        }
    }
}
