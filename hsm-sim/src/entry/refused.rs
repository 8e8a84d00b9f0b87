//! Honest refusals: functions that exist in every list and do nothing yet. They answer CKR_FUNCTION_NOT_SUPPORTED, whatever they are
//! given, and no mechanism or flag promises otherwise.

use cryptoki_sys::*;

use crate::{abi::guard::guard, error::Rv, module};

type Session = CK_SESSION_HANDLE;
type Object = CK_OBJECT_HANDLE;
type Bytes = *mut CK_BYTE;
type Length = *mut CK_ULONG;
type Number = CK_ULONG;

macro_rules! refuse {
    ($($name:ident($($type:ty),*)),* $(,)?) => { $(
        /// Not supported yet.
        ///
        /// # Safety
        /// None needed: no argument is looked at.
        #[allow(non_snake_case, reason = "the standard's names")]
        #[allow(clippy::too_many_arguments, reason = "the standard's signature")]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($(_: $type),*) -> CK_RV {
            guard(stringify!($name), module::abandon, || {
                drop(module::current()?);
                Rv::FunctionNotSupported.err("not supported yet")
            })
        }
    )* };
}

refuse! {
    C_GetOperationState(Session, Bytes, Length),
    C_SetOperationState(Session, Bytes, Number, Object, Object),
}
