//! C_LoginUser of PKCS#11 v3.0 (section 5.6.9), which cryptoki 0.12 cannot call: a login as a user with a name.
#![allow(unsafe_code)]

use cryptoki::session::Session;
use cryptoki_sys::{CK_FUNCTION_LIST_3_0, CK_ULONG, CK_VERSION, CKR_OK, CKU_USER};

use super::codes::explain_code;
use super::interface::Interface;
use super::module::Module;
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

/// Logs in as the user `name`. The PIN is tried once.
///
/// # Errors
/// [`Kind::Pin`] for a wrong PIN or an unknown name, [`Kind::MechanismRefused`] when the module is older than PKCS#11 3.0.
pub(super) fn login(module: &Module, session: &Session, name: &str, pin: &Secret) -> Result<()> {
    let found = Interface::find(module, c"PKCS 11", CK_VERSION { major: 3, minor: 0 })?;
    // SAFETY: the interface "PKCS 11" has this list from version 3.0 on (section 5.2).
    let found = found.and_then(|interface| unsafe { interface.list::<CK_FUNCTION_LIST_3_0>(|version| version.major == 3) });
    let Some((function, _library)) = found.and_then(|(list, library)| Some((list.C_LoginUser?, library))) else {
        return Err(Error::new(Kind::MechanismRefused, format!("the module knows no user \"{name}\""))
            .why("users with names came with PKCS#11 3.0, and it is older")
            .next("leave out --user"));
    };
    let (pin, name_bytes) = (pin.expose(), name.as_bytes());
    // SAFETY: the library is loaded as long as `_library` lives. PIN and name are only read, and outlive the call with their lengths.
    let code = unsafe {
        let (pin, pin_len) = (pin.as_ptr().cast_mut(), pin.len() as CK_ULONG);
        function(session.handle(), CKU_USER, pin, pin_len, name_bytes.as_ptr().cast_mut(), name_bytes.len() as CK_ULONG)
    };
    match code {
        CKR_OK => Ok(()),
        code => Err(explain_code(code, &format!("logging in as \"{name}\""))),
    }
}
