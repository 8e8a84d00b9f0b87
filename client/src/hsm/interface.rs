//! Interfaces of a module that cryptoki does not reach, found by C_GetInterface (PKCS#11 v3.2 section 5.4.3).
#![allow(unsafe_code)]

use std::ffi::{CStr, c_void};

use cryptoki_sys::{CK_FLAGS, CK_INTERFACE, CK_RV, CK_UTF8CHAR, CK_VERSION, CKR_OK};
use libloading::Library;

use super::module::Module;
use crate::error::{Error, Kind, Result};

/// A function list, and the library whose memory and code it points into.
pub(crate) struct Interface {
    list: *const c_void,
    library: Library,
}

type GetInterface = unsafe extern "C" fn(*mut CK_UTF8CHAR, *mut CK_VERSION, *mut *mut CK_INTERFACE, CK_FLAGS) -> CK_RV;

impl Interface {
    /// The interface `name` of this version, or none where the module has no such thing.
    ///
    /// # Errors
    /// [`Kind::HsmUnavailable`] when the module cannot be loaded.
    pub(crate) fn find(module: &Module, name: &CStr, mut version: CK_VERSION) -> Result<Option<Self>> {
        // SAFETY: the file is the one `module` loaded from this very path and has initialised. The loader hands out the same
        // library again, so that none of its initialisers runs a second time.
        let library = unsafe { Library::new(module.path()) }.map_err(|error| {
            Error::new(Kind::HsmUnavailable, format!("loading {} failed", module.path().display())).why(error.to_string())
        })?;
        // SAFETY: PKCS#11 v3 section 5.4.3 gives a function of that name this type; a module before v3 exports none.
        let Ok(get) = (unsafe { library.get::<GetInterface>(b"C_GetInterface\0") }) else { return Ok(None) };
        // A copy: the standard's pointer is not const, and literals must not be written to.
        let mut name = name.to_bytes_with_nul().to_vec();
        let mut found: *mut CK_INTERFACE = std::ptr::null_mut();
        // SAFETY: the name ends in NUL; all three pointers are to variables that outlive the call; the module is initialised.
        let code = unsafe { get(name.as_mut_ptr(), &mut version, &mut found, 0) };
        if code != CKR_OK || found.is_null() || !found.is_aligned() {
            return Ok(None);
        }
        // SAFETY: on CKR_OK the pointer is to an interface that stays as long as the module is loaded, which `library` keeps up.
        let list = unsafe { (*found).pFunctionList }.cast_const();
        Ok((!list.is_null()).then_some(Self { list, library }))
    }

    /// A copy of the function list, if `fits` its version, and the library that must be kept as long as its functions are called.
    ///
    /// # Safety
    /// An interface of this name, with a list of a version that `fits`, has at least the members of `T`, which is `repr(C)`, begins
    /// with its CK_VERSION and has nothing but function pointers after it, NULL or not.
    pub(crate) unsafe fn list<T: Copy>(self, fits: impl FnOnce(CK_VERSION) -> bool) -> Option<(T, Library)> {
        let (version, list) = (self.list.cast::<CK_VERSION>(), self.list.cast::<T>());
        if !list.is_aligned() {
            return None;
        }
        // SAFETY: not NULL; aligned for `T`, hence for its first member. Every function list begins with its version (section 5.2),
        // and stays as long as the module is loaded.
        if !fits(unsafe { *version }) {
            return None;
        }
        // SAFETY: as above; the caller vouches that a list of this version has these members.
        Some((unsafe { *list }, self.library))
    }
}
