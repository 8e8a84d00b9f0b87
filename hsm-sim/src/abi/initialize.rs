//! The arguments of C_Initialize (PKCS#11 v3.2 §5.4.1).

use std::{
    ffi::{CStr, c_void},
    path::PathBuf,
};

use cryptoki_sys::*;

use super::Arg;
use crate::error::{Result, Rv};

/// `CK_C_INITIALIZE_ARGS`, checked. The module locks with the operating system's own primitives whatever it is given.
pub struct InitializeArgs {
    /// A configuration file named in `pReserved` as the C string `conf=PATH`.
    pub configuration: Option<PathBuf>,
}

impl Arg for InitializeArgs {
    type Raw = *mut c_void;
    type Len = ();

    unsafe fn from_c(raw: *mut c_void, _: ()) -> Result<Self> {
        if raw.is_null() {
            return Ok(Self { configuration: None });
        }
        // SAFETY: not NULL; the caller passes a CK_C_INITIALIZE_ARGS, read without assuming alignment.
        let args = unsafe { raw.cast::<CK_C_INITIALIZE_ARGS>().read_unaligned() };
        locking(&args)?;
        // SAFETY: pReserved is NULL or, as this module documents, a C string.
        let configuration = unsafe { configuration(args.pReserved) }?;
        Ok(Self { configuration })
    }
}

/// All four mutex functions or none; application mutexes alone (no CKF_OS_LOCKING_OK) cannot be honoured.
fn locking(args: &CK_C_INITIALIZE_ARGS) -> Result<()> {
    let given = [args.CreateMutex.is_some(), args.DestroyMutex.is_some(), args.LockMutex.is_some(), args.UnlockMutex.is_some()];
    let (all, any) = (given.iter().all(|g| *g), given.iter().any(|g| *g));
    if any && !all {
        return Rv::ArgumentsBad.err("some mutex functions are given and some are not");
    }
    if all && args.flags & CKF_OS_LOCKING_OK == 0 {
        return Rv::CantLock.err("the application's own mutexes are demanded; CKF_OS_LOCKING_OK is needed");
    }
    Ok(())
}

/// # Safety
/// `reserved` is NULL or points to a NUL-terminated string.
unsafe fn configuration(reserved: *mut c_void) -> Result<Option<PathBuf>> {
    if reserved.is_null() {
        return Ok(None);
    }
    // SAFETY: by this function's contract.
    let text = unsafe { CStr::from_ptr(reserved.cast()) };
    match text.to_str().ok().and_then(|text| text.strip_prefix("conf=")) {
        Some(path) => Ok(Some(path.into())),
        None => Rv::ArgumentsBad.err("pReserved is neither NULL nor a string conf=PATH"),
    }
}
