//! Arguments that are plain values, and those that must be NULL.

use std::ffi::c_void;

use cryptoki_sys::*;

use super::Arg;
use crate::error::{Result, Rv};

/// Handles, flags, identifiers and counts are all `CK_ULONG`.
impl Arg for CK_ULONG {
    type Raw = CK_ULONG;
    type Len = ();

    unsafe fn from_c(raw: CK_ULONG, _: ()) -> Result<Self> {
        Ok(raw)
    }
}

/// `CK_BBOOL`: anything but 0 is true.
impl Arg for bool {
    type Raw = CK_BBOOL;
    type Len = ();

    unsafe fn from_c(raw: CK_BBOOL, _: ()) -> Result<Self> {
        Ok(raw != CK_FALSE)
    }
}

/// A pointer the standard reserves: it must be NULL.
pub struct Reserved;

impl Arg for Reserved {
    type Raw = *mut c_void;
    type Len = ();

    unsafe fn from_c(raw: *mut c_void, _: ()) -> Result<Self> {
        if raw.is_null() { Ok(Self) } else { Rv::ArgumentsBad.err("a reserved pointer is not NULL") }
    }
}

/// Data the module has no use for: the application pointer and callback of C_OpenSession.
pub struct Unused;

impl Arg for Unused {
    type Raw = *mut c_void;
    type Len = ();

    unsafe fn from_c(_: *mut c_void, _: ()) -> Result<Self> {
        Ok(Self)
    }
}

/// The notification callback, which is never called: no slot event ever happens during an operation.
pub struct Notify;

impl Arg for Notify {
    type Raw = CK_NOTIFY;
    type Len = ();

    unsafe fn from_c(_: CK_NOTIFY, _: ()) -> Result<Self> {
        Ok(Self)
    }
}

/// The name of an interface: a C string, or NULL for the default.
pub struct InterfaceName(pub Option<Vec<u8>>);

impl Arg for InterfaceName {
    type Raw = *mut CK_UTF8CHAR;
    type Len = ();

    unsafe fn from_c(raw: *mut CK_UTF8CHAR, _: ()) -> Result<Self> {
        if raw.is_null() {
            return Ok(Self(None));
        }
        // SAFETY: not NULL; C_GetInterface (§5.4.6) prescribes a NUL-terminated string.
        let name = unsafe { std::ffi::CStr::from_ptr(raw.cast()) };
        Ok(Self(Some(name.to_bytes().to_vec())))
    }
}

/// The version of an interface, or NULL for any.
pub struct InterfaceVersion(pub Option<(u8, u8)>);

impl Arg for InterfaceVersion {
    type Raw = *mut CK_VERSION;
    type Len = ();

    unsafe fn from_c(raw: *mut CK_VERSION, _: ()) -> Result<Self> {
        // SAFETY: NULL or a readable CK_VERSION, two bytes without alignment.
        let version = unsafe { raw.as_ref() };
        Ok(Self(version.map(|v| (v.major, v.minor))))
    }
}
