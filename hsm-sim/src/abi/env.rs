//! Environment variables, ignored in a setuid process; and for whom it runs.

use std::ffi::{CStr, CString, c_char};

// Of glibc and musl; the libc crate does not declare it.
unsafe extern "C" {
    fn secure_getenv(name: *const c_char) -> *mut c_char;
}

/// The user the process runs for.
pub fn user() -> u32 {
    // SAFETY: no arguments, no failure, nothing is touched.
    unsafe { libc::getuid() }
}

/// The variable's value, unless it is unset, empty, not UTF-8, or the process runs with raised privileges.
pub fn var(name: &str) -> Option<String> {
    let name = CString::new(name).ok()?;
    // SAFETY: `name` is a C string; the result is NULL or a C string that is copied before anything can change the environment.
    let value = unsafe { secure_getenv(name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: not NULL, and a C string by secure_getenv's contract.
    let value = unsafe { CStr::from_ptr(value) };
    value.to_str().ok().filter(|value| !value.is_empty()).map(str::to_owned)
}
