//! A loaded module: its interfaces and C_Initialize. PKCS#11 v3.2 section 5.4.

use crate::answer::{Answer, Rv};
use crate::entries::{Since, V2_40_COUNT, V3_0_COUNT, V3_2_COUNT};
use cryptoki_sys::*;
use libloading::Library;
use std::ffi::{CStr, CString};
use std::path::Path;
use std::ptr::{null, null_mut};

/// A module that was dlopened; dropping it dlcloses.
pub struct Module {
    functions: *const CK_FUNCTION_LIST,
    get_interface: CK_C_GetInterface,
    get_interface_list: CK_C_GetInterfaceList,
    library: Library,
}

/// One answer of C_GetInterfaceList or C_GetInterface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    pub name: String,
    pub version: (u8, u8),
    pub flags: CK_FLAGS,
    /// Address of the function list.
    pub list: usize,
}

// SAFETY: the pointers are to the module's static tables, and PKCS#11 functions may be called from every thread
// (the tests initialise with CKF_OS_LOCKING_OK).
unsafe impl Send for Module {}
// SAFETY: as above.
unsafe impl Sync for Module {}

impl Module {
    pub fn load(path: &Path) -> Module {
        // SAFETY: a PKCS#11 module's initialisers must not harm their host; that is part of what is tested.
        let library = unsafe { Library::new(path) }.unwrap_or_else(|e| panic!("dlopen {}: {e}", path.display()));
        let get_list: CK_C_GetFunctionList = symbol(&library, c"C_GetFunctionList");
        let mut functions = null_mut();
        // SAFETY: the place outlives the call.
        let rv = unsafe { get_list.expect("C_GetFunctionList is exported")(&mut functions) };
        assert_eq!(Rv(rv), Rv(CKR_OK), "C_GetFunctionList");
        assert!(!functions.is_null());
        Module {
            functions,
            get_interface: symbol(&library, c"C_GetInterface"),
            get_interface_list: symbol(&library, c"C_GetInterfaceList"),
            library,
        }
    }

    /// The 2.40 list.
    pub fn functions(&self) -> &CK_FUNCTION_LIST {
        // SAFETY: C_GetFunctionList gave it; it lives as long as the library.
        unsafe { &*self.functions }
    }

    /// The 3.0 list, if the module has one.
    pub fn v3_0(&self) -> Option<&CK_FUNCTION_LIST_3_0> {
        let found = self.interface(Some("PKCS 11"), Some((3, 0)), 0).ok()?;
        // SAFETY: an interface of that name and version points to that structure, which lives as long as the library.
        Some(unsafe { &*(found.list as *const CK_FUNCTION_LIST_3_0) })
    }

    /// The 3.2 list, if the module has one.
    pub fn v3_2(&self) -> Option<&CK_FUNCTION_LIST_3_2> {
        let found = self.interface(Some("PKCS 11"), Some((3, 2)), 0).ok()?;
        // SAFETY: an interface of that name and version points to that structure, which lives as long as the library.
        Some(unsafe { &*(found.list as *const CK_FUNCTION_LIST_3_2) })
    }

    /// The functions of one list, as words: NULL where there is none. None if the module has no such list.
    pub(crate) fn entries(&self, list: Since) -> Option<&[usize]> {
        let (place, count) = match list {
            Since::V2_40 => (self.functions as usize, V2_40_COUNT),
            Since::V3_0 => (self.interface(Some("PKCS 11"), Some((3, 0)), 0).ok()?.list, V3_0_COUNT),
            Since::V3_2 => (self.interface(Some("PKCS 11"), Some((3, 2)), 0).ok()?.list, V3_2_COUNT),
        };
        // SAFETY: each list is a CK_VERSION, padded to a word, and then `count` function pointers.
        Some(unsafe { std::slice::from_raw_parts((place + size_of::<usize>()) as *const usize, count) })
    }

    /// Whether the library exports a function of this name.
    pub fn exports(&self, name: &str) -> bool {
        let name = CString::new(name).expect("a name");
        // SAFETY: only the presence of the symbol is looked at.
        unsafe { self.library.get::<*const u8>(name.as_bytes_with_nul()) }.is_ok()
    }

    /// C_GetInterfaceList; none if the module is older than 3.0.
    pub fn interfaces(&self) -> Option<Vec<Interface>> {
        let list = self.get_interface_list?;
        let mut count = 0;
        // SAFETY: the place outlives the call.
        assert_eq!(Rv(unsafe { list(null_mut(), &mut count) }), Rv(CKR_OK), "interface count");
        let empty = CK_INTERFACE { pInterfaceName: null_mut(), pFunctionList: null_mut(), flags: 0 };
        let mut all = vec![empty; count as usize];
        // SAFETY: there is room for `count`.
        assert_eq!(Rv(unsafe { list(all.as_mut_ptr(), &mut count) }), Rv(CKR_OK), "interface list");
        Some(all.iter().take(count as usize).map(Interface::from_c).collect())
    }

    /// C_GetInterface.
    pub fn interface(&self, name: Option<&str>, version: Option<(u8, u8)>, flags: CK_FLAGS) -> Answer<Interface> {
        let get = self.get_interface.ok_or(Rv(CKR_FUNCTION_NOT_SUPPORTED))?;
        let name = name.map(|n| CString::new(n).expect("a name"));
        let mut version = version.map(|(major, minor)| CK_VERSION { major, minor });
        let name = name.as_ref().map_or(null(), |n| n.as_ptr()).cast_mut().cast();
        let version = version.as_mut().map_or(null_mut(), |v| v as *mut CK_VERSION);
        let mut found = null_mut();
        // SAFETY: name, version and the pointer's place outlive the call.
        let rv = Rv(unsafe { get(name, version, &mut found, flags) });
        // SAFETY: with CKR_OK the pointer is to an interface that lives as long as the library.
        rv.map(|| Interface::from_c(unsafe { &*found }))
    }

    /// C_Initialize as most hosts call it: CKF_OS_LOCKING_OK.
    pub fn initialize(&self) -> Answer {
        let mut arguments = initialize_arguments(CKF_OS_LOCKING_OK);
        self.initialize_with(Some(&mut arguments))
    }

    pub fn initialize_with(&self, arguments: Option<&mut CK_C_INITIALIZE_ARGS>) -> Answer {
        let pointer = arguments.map_or(null_mut(), |a| (&raw mut *a).cast());
        // SAFETY: the arguments outlive the call.
        Rv(unsafe { self.functions().C_Initialize.expect("C_Initialize")(pointer) }).answer()
    }

    pub fn finalize(&self) -> Answer {
        // SAFETY: NULL is what the standard asks for.
        Rv(unsafe { self.functions().C_Finalize.expect("C_Finalize")(null_mut()) }).answer()
    }

    /// C_Finalize with something in pReserved.
    pub fn finalize_with(&self, reserved: &mut CK_ULONG) -> Answer {
        let pointer = (&raw mut *reserved).cast();
        // SAFETY: what is pointed to outlives the call.
        Rv(unsafe { self.functions().C_Finalize.expect("C_Finalize")(pointer) }).answer()
    }

    /// C_WaitForSlotEvent.
    pub fn wait_for_slot_event(&self, flags: CK_FLAGS) -> Rv {
        let mut slot = 0;
        let wait = self.functions().C_WaitForSlotEvent.expect("C_WaitForSlotEvent");
        // SAFETY: the place outlives the call.
        Rv(unsafe { wait(flags, &mut slot, null_mut()) })
    }

    pub fn info(&self) -> Answer<CK_INFO> {
        let mut info = CK_INFO::default();
        // SAFETY: the structure outlives the call.
        Rv(unsafe { self.functions().C_GetInfo.expect("C_GetInfo")(&mut info) }).map(|| info)
    }
}

/// Arguments with `flags` and nothing else.
pub fn initialize_arguments(flags: CK_FLAGS) -> CK_C_INITIALIZE_ARGS {
    CK_C_INITIALIZE_ARGS {
        CreateMutex: None,
        DestroyMutex: None,
        LockMutex: None,
        UnlockMutex: None,
        flags,
        pReserved: null_mut(),
    }
}

impl Interface {
    fn from_c(c: &CK_INTERFACE) -> Interface {
        // SAFETY: an interface has a NUL-terminated name, and its function list begins with a CK_VERSION.
        let (name, version) = unsafe { (CStr::from_ptr(c.pInterfaceName.cast()), &*c.pFunctionList.cast::<CK_VERSION>()) };
        Interface {
            name: name.to_string_lossy().into_owned(),
            version: (version.major, version.minor),
            flags: c.flags,
            list: c.pFunctionList as usize,
        }
    }
}

/// A function of the library, or none.
fn symbol<F: Copy>(library: &Library, name: &CStr) -> Option<F> {
    // SAFETY: the callers ask for the type that the standard gives that name.
    unsafe { library.get::<F>(name.to_bytes_with_nul()) }.ok().map(|s| *s)
}
