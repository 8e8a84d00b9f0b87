//! Honest refusals: functions that exist in every list and do nothing yet. They answer CKR_FUNCTION_NOT_SUPPORTED, whatever they are
//! given, and no mechanism or flag promises otherwise.

use std::ffi::c_void;

use cryptoki_sys::*;

use crate::{abi::guard::guard, error::Rv, module};

type Session = CK_SESSION_HANDLE;
type Object = CK_OBJECT_HANDLE;
type NewObject = *mut CK_OBJECT_HANDLE;
type Mechanism = *mut CK_MECHANISM;
type Template = *mut CK_ATTRIBUTE;
type Bytes = *mut CK_BYTE;
type Length = *mut CK_ULONG;
type Number = CK_ULONG;
type Parameter = *mut c_void;
type Text = *mut CK_UTF8CHAR;
type Flags = CK_FLAGS;
type FlagsOut = *mut CK_FLAGS;
type ValidationType = CK_SESSION_VALIDATION_FLAGS_TYPE;
type AsyncData = *mut CK_ASYNC_DATA;

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
    C_DigestEncryptUpdate(Session, Bytes, Number, Bytes, Length),
    C_DecryptDigestUpdate(Session, Bytes, Number, Bytes, Length),
    C_SignEncryptUpdate(Session, Bytes, Number, Bytes, Length),
    C_DecryptVerifyUpdate(Session, Bytes, Number, Bytes, Length),
    C_MessageEncryptInit(Session, Mechanism, Object),
    C_EncryptMessage(Session, Parameter, Number, Bytes, Number, Bytes, Number, Bytes, Length),
    C_EncryptMessageBegin(Session, Parameter, Number, Bytes, Number),
    C_EncryptMessageNext(Session, Parameter, Number, Bytes, Number, Bytes, Length, Flags),
    C_MessageEncryptFinal(Session),
    C_MessageDecryptInit(Session, Mechanism, Object),
    C_DecryptMessage(Session, Parameter, Number, Bytes, Number, Bytes, Number, Bytes, Length),
    C_DecryptMessageBegin(Session, Parameter, Number, Bytes, Number),
    C_DecryptMessageNext(Session, Parameter, Number, Bytes, Number, Bytes, Length, Flags),
    C_MessageDecryptFinal(Session),
    C_MessageSignInit(Session, Mechanism, Object),
    C_SignMessage(Session, Parameter, Number, Bytes, Number, Bytes, Length),
    C_SignMessageBegin(Session, Parameter, Number),
    C_SignMessageNext(Session, Parameter, Number, Bytes, Number, Bytes, Length),
    C_MessageSignFinal(Session),
    C_MessageVerifyInit(Session, Mechanism, Object),
    C_VerifyMessage(Session, Parameter, Number, Bytes, Number, Bytes, Number),
    C_VerifyMessageBegin(Session, Parameter, Number),
    C_VerifyMessageNext(Session, Parameter, Number, Bytes, Number, Bytes, Number),
    C_MessageVerifyFinal(Session),
    C_VerifySignatureInit(Session, Mechanism, Object, Bytes, Number),
    C_VerifySignature(Session, Bytes, Number),
    C_VerifySignatureUpdate(Session, Bytes, Number),
    C_VerifySignatureFinal(Session),
    C_GetSessionValidationFlags(Session, ValidationType, FlagsOut),
    C_AsyncComplete(Session, Text, AsyncData),
    C_AsyncGetID(Session, Text, Length),
    C_AsyncJoin(Session, Text, Number, Bytes, Number),
    C_WrapKeyAuthenticated(Session, Mechanism, Object, Object, Bytes, Number, Bytes, Length),
    C_UnwrapKeyAuthenticated(Session, Mechanism, Object, Bytes, Number, Template, Number, Bytes, Number, NewObject),
}
