//! How the functions are reached: PKCS#11 v3.2 §5.4.4 to §5.4.6. Three lists, from one list of names.

use cryptoki_sys::*;

use super::{
    asynchronous::*, audit, cipher::*, digest::*, dual::*, entry, general::*, keys::*, messages::*, objects::*, random::*,
    recovery, sessions::*, sign::*, signed_messages::*, slots::*, upkeep, users,
};
use crate::{
    abi::{
        args::{InterfaceName, InterfaceVersion},
        output::{List, Put},
    },
    error::Rv,
};

/// Assigning the functions to the fields makes the compiler check every signature against the header.
macro_rules! lists {
    ([$($v2_40:ident),* $(,)?] [$($v3_0:ident),* $(,)?] [$($v3_2:ident),* $(,)?]) => {
        static LIST_2_40: CK_FUNCTION_LIST =
            CK_FUNCTION_LIST { version: CK_VERSION { major: 2, minor: 40 }, $($v2_40: Some($v2_40),)* };
        static LIST_3_0: CK_FUNCTION_LIST_3_0 =
            CK_FUNCTION_LIST_3_0 { version: CK_VERSION { major: 3, minor: 0 }, $($v2_40: Some($v2_40),)* $($v3_0: Some($v3_0),)* };
        static LIST_3_2: CK_FUNCTION_LIST_3_2 = CK_FUNCTION_LIST_3_2 {
            version: CK_VERSION { major: 3, minor: 2 },
            $($v2_40: Some($v2_40),)* $($v3_0: Some($v3_0),)* $($v3_2: Some($v3_2),)*
        };
    };
}

lists! {
    [
        C_Initialize, C_Finalize, C_GetInfo, C_GetFunctionList, C_GetSlotList,
        C_GetSlotInfo, C_GetTokenInfo, C_GetMechanismList, C_GetMechanismInfo, C_InitToken,
        C_InitPIN, C_SetPIN, C_OpenSession, C_CloseSession, C_CloseAllSessions,
        C_GetSessionInfo, C_GetOperationState, C_SetOperationState, C_Login, C_Logout,
        C_CreateObject, C_CopyObject, C_DestroyObject, C_GetObjectSize, C_GetAttributeValue,
        C_SetAttributeValue, C_FindObjectsInit, C_FindObjects, C_FindObjectsFinal, C_EncryptInit,
        C_Encrypt, C_EncryptUpdate, C_EncryptFinal, C_DecryptInit, C_Decrypt,
        C_DecryptUpdate, C_DecryptFinal, C_DigestInit, C_Digest, C_DigestUpdate,
        C_DigestKey, C_DigestFinal, C_SignInit, C_Sign, C_SignUpdate,
        C_SignFinal, C_SignRecoverInit, C_SignRecover, C_VerifyInit, C_Verify,
        C_VerifyUpdate, C_VerifyFinal, C_VerifyRecoverInit, C_VerifyRecover, C_DigestEncryptUpdate,
        C_DecryptDigestUpdate, C_SignEncryptUpdate, C_DecryptVerifyUpdate, C_GenerateKey, C_GenerateKeyPair,
        C_WrapKey, C_UnwrapKey, C_DeriveKey, C_SeedRandom, C_GenerateRandom,
        C_GetFunctionStatus, C_CancelFunction, C_WaitForSlotEvent,
    ]
    [
        C_GetInterfaceList, C_GetInterface, C_LoginUser, C_SessionCancel, C_MessageEncryptInit,
        C_EncryptMessage, C_EncryptMessageBegin, C_EncryptMessageNext, C_MessageEncryptFinal, C_MessageDecryptInit,
        C_DecryptMessage, C_DecryptMessageBegin, C_DecryptMessageNext, C_MessageDecryptFinal, C_MessageSignInit,
        C_SignMessage, C_SignMessageBegin, C_SignMessageNext, C_MessageSignFinal, C_MessageVerifyInit,
        C_VerifyMessage, C_VerifyMessageBegin, C_VerifyMessageNext, C_MessageVerifyFinal,
    ]
    [
        C_EncapsulateKey, C_DecapsulateKey, C_VerifySignatureInit, C_VerifySignature, C_VerifySignatureUpdate,
        C_VerifySignatureFinal, C_GetSessionValidationFlags, C_AsyncComplete, C_AsyncGetID, C_AsyncJoin,
        C_WrapKeyAuthenticated, C_UnwrapKeyAuthenticated,
    ]
}

const NAME: &[u8] = b"PKCS 11\0";

/// Interfaces hold pointers to the statics above and nothing that changes.
struct Interfaces([CK_INTERFACE; 7]);

// SAFETY: the pointers lead to immutable statics.
unsafe impl Sync for Interfaces {}

/// The newest of the standard's first: it is the default.
static INTERFACES: Interfaces = Interfaces([
    interface(NAME, (&raw const LIST_3_2).cast()),
    interface(NAME, (&raw const LIST_3_0).cast()),
    interface(NAME, (&raw const LIST_2_40).cast()),
    interface(recovery::NAME, (&raw const recovery::LIST).cast()),
    interface(users::NAME, (&raw const users::LIST).cast()),
    interface(audit::NAME, (&raw const audit::LIST).cast()),
    interface(upkeep::NAME, (&raw const upkeep::LIST).cast()),
]);

/// Names and versions of [`INTERFACES`], in order.
const NAMED: [(&[u8], (u8, u8)); 7] = [
    (NAME, (3, 2)),
    (NAME, (3, 0)),
    (NAME, (2, 40)),
    (recovery::NAME, recovery::VERSION),
    (users::NAME, users::VERSION),
    (audit::NAME, audit::VERSION),
    (upkeep::NAME, upkeep::VERSION),
];

const fn interface(name: &'static [u8], list: *const std::ffi::c_void) -> CK_INTERFACE {
    CK_INTERFACE { pInterfaceName: name.as_ptr().cast_mut(), pFunctionList: list.cast_mut(), flags: 0 }
}

entry! {
    /// §5.4.4
    C_GetFunctionList(list: Put<*mut CK_FUNCTION_LIST>) before {
        list.put((&raw const LIST_2_40).cast_mut());
        Ok(())
    }
}

entry! {
    /// §5.4.5
    C_GetInterfaceList(interfaces[count]: List<CK_INTERFACE>) before interfaces.put(&INTERFACES.0)
}

entry! {
    /// §5.4.6. No interface keeps working over a fork, so none has CKF_INTERFACE_FORK_SAFE.
    C_GetInterface(
        name: InterfaceName,
        version: InterfaceVersion,
        interface: Put<*mut CK_INTERFACE>,
        flags: CK_FLAGS,
    ) before {
        let name = name.0.as_deref().unwrap_or(&NAME[..NAME.len() - 1]);
        let fits = |(have, at): &(&[u8], (u8, u8))| have[..have.len() - 1] == *name && version.0.is_none_or(|version| version == *at);
        match NAMED.iter().position(fits) {
            Some(position) if flags == 0 => {
                interface.put((&raw const INTERFACES.0[position]).cast_mut());
                Ok(())
            }
            _ => Rv::FunctionFailed.err("no interface of that name, version and flags"),
        }
    }
}
