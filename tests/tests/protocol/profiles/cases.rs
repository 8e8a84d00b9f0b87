//! The cases, call by call.

use hsm_tests::*;

/// A case: a name, and its calls with what they must answer.
pub struct Case {
    pub name: &'static str,
    pub calls: &'static [Call],
}

/// A call of a case. Slot and session are the first slot listed, and the session opened last; an object is the one found last, or
/// that of an index.
pub enum Call {
    Initialize,
    /// Version 3.2, no flags.
    GetInfo,
    /// Twice: for the count, then for the ids.
    GetSlotList,
    GetSlotInfo(CK_FLAGS),
    /// Flags, longest and shortest PIN.
    GetTokenInfo(CK_FLAGS, CK_ULONG, CK_ULONG),
    /// Twice; the list must contain these.
    GetMechanismList(&'static [CK_MECHANISM_TYPE]),
    /// The flags it must have.
    GetMechanismInfo(CK_MECHANISM_TYPE, CK_FLAGS),
    OpenSession(CK_FLAGS),
    Login,
    /// C_FindObjectsInit: class and label, each if given, with CKA_TOKEN.
    FindObjectsInit(Option<CK_OBJECT_CLASS>, Option<&'static [u8]>),
    /// C_FindObjects with this much room, which must be filled.
    FindObjects(usize),
    FindObjectsFinal,
    /// The attribute of the object of an index, by a query for its length and a second call; its value, where it is known.
    GetAttributeValue(usize, CK_ATTRIBUTE_TYPE, Option<&'static [u8]>),
    SignInit(CK_MECHANISM_TYPE),
    /// The signature's length. That it is right, the public key's holder checks: here the module.
    Sign(&'static [u8], usize),
    Logout,
    CloseSession,
    CloseAllSessions,
    Finalize,
}

use Call::*;

const SERIAL: CK_FLAGS = CKF_SERIAL_SESSION;
const WRITE: CK_FLAGS = CKF_RW_SESSION | CKF_SERIAL_SESSION;
const TOKEN_FLAGS: CK_FLAGS = CKF_RNG | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_TOKEN_INITIALIZED;

/// Label of the first object of CERT-M-1-32.
pub const FIRST_LABEL: &[u8] = b"builtin object labelled";
/// The value of its second one.
pub const CERTIFICATE: &[u8] = b"0\x03\x02\x01\x00";

pub const BL_M_1: Case = Case {
    name: "BL-M-1-32",
    calls: &[
        Initialize,
        GetInfo,
        GetSlotList,
        GetSlotInfo(CKF_TOKEN_PRESENT),
        GetTokenInfo(TOKEN_FLAGS, 255, 4),
        OpenSession(SERIAL),
        FindObjectsInit(None, None),
        FindObjects(1),
        FindObjectsFinal,
        CloseSession,
        CloseAllSessions,
        Finalize,
    ],
};

pub const EXT_M_1: Case = Case {
    name: "EXT-M-1-32",
    calls: &[
        Initialize,
        GetInfo,
        GetSlotList,
        GetSlotInfo(CKF_TOKEN_PRESENT),
        GetTokenInfo(TOKEN_FLAGS, 255, 4),
        GetMechanismList(&[CKM_SHA512, CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS]),
        GetMechanismInfo(CKM_SHA512, CKF_DIGEST),
        GetMechanismInfo(CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR),
        GetMechanismInfo(CKM_RSA_PKCS, CKF_ENCRYPT | CKF_DECRYPT | CKF_SIGN | CKF_VERIFY | CKF_WRAP | CKF_UNWRAP),
        OpenSession(WRITE),
        Login,
        FindObjectsInit(None, None),
        FindObjects(1),
        FindObjectsFinal,
        Logout,
        CloseSession,
        CloseAllSessions,
        Finalize,
    ],
};

pub const AUTH_M_1: Case = Case {
    name: "AUTH-M-1-32",
    calls: &[
        Initialize,
        GetInfo,
        GetSlotList,
        OpenSession(WRITE),
        Login,
        FindObjectsInit(Some(CKO_PUBLIC_KEY), Some(b"testrsa-pub")),
        FindObjects(1),
        FindObjectsFinal,
        GetAttributeValue(0, CKA_MODULUS, None),
        GetAttributeValue(0, CKA_PUBLIC_EXPONENT, Some(&[1, 0, 1])),
        FindObjectsInit(Some(CKO_PRIVATE_KEY), Some(b"testrsa-pri")),
        FindObjects(1),
        FindObjectsFinal,
        SignInit(CKM_SHA256_RSA_PKCS),
        Sign(b"the inside of a certification request", 256),
        Logout,
        CloseSession,
        CloseAllSessions,
        Finalize,
    ],
};

pub const CERT_M_1: Case = Case {
    name: "CERT-M-1-32",
    calls: &[
        Initialize,
        GetInfo,
        GetSlotList,
        OpenSession(SERIAL),
        FindObjectsInit(None, None),
        FindObjects(5),
        GetAttributeValue(0, CKA_LABEL, Some(FIRST_LABEL)),
        GetAttributeValue(1, CKA_VALUE, Some(CERTIFICATE)),
        FindObjectsFinal,
        CloseSession,
        CloseAllSessions,
        Finalize,
    ],
};
