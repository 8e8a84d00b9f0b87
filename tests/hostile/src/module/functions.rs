//! The functions of the 3.2 list, called with words.

use cryptoki_sys::*;
use hsm_sim as _;
use hsm_tests::{Entry, Rv, V3_2_COUNT, invoke};
use std::ptr::null_mut;
use std::sync::LazyLock;

// The module itself, as linked: the library exports these names.
unsafe extern "C" {
    fn C_GetInterface(name: *mut CK_UTF8CHAR, version: *mut CK_VERSION, found: *mut *mut CK_INTERFACE, flags: CK_FLAGS) -> CK_RV;
}

/// Where the list of an interface lies: a CK_VERSION padded to a word, and the functions.
pub fn interface(name: &std::ffi::CStr, version: (u8, u8)) -> usize {
    let mut version = CK_VERSION { major: version.0, minor: version.1 };
    let mut found = null_mut();
    // SAFETY: a C string, a version and a place, all alive during the call.
    let rv = unsafe { C_GetInterface(name.as_ptr().cast_mut().cast(), &mut version, &mut found, 0) };
    assert_eq!(Rv(rv), Rv(CKR_OK), "C_GetInterface of {name:?}");
    // SAFETY: with CKR_OK it leads to an interface that lives as long as the process.
    unsafe { (*found).pFunctionList as usize }
}

static LIST: LazyLock<[usize; V3_2_COUNT]> = LazyLock::new(|| {
    let list = interface(c"PKCS 11", (3, 2)) + size_of::<usize>();
    // SAFETY: the 3.2 list has so many function pointers behind its version.
    unsafe { *(list as *const [usize; V3_2_COUNT]) }
});

/// Calls a function of the list.
///
/// # Safety
/// `words` are as many as the function has arguments, and what they point to is what the function may read and write.
pub unsafe fn call(entry: Entry, words: &[usize]) -> Rv {
    // SAFETY: by this function's contract.
    unsafe { invoke(LIST[entry.index], words) }
}
