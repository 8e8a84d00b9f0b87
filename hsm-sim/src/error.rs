//! What can go wrong, as the standard names it, and why it did.
//!
//! [`Rv`] is the exhaustive list of return values this module gives (PKCS#11 v3.2 §5.1). [`Error`] adds the reason, which goes to
//! the log and never to the caller: Cryptoki has no channel for it.

use std::borrow::Cow;

use cryptoki_sys::*;

use crate::{crypto, rng::NoRandomness};

/// The result of everything that can end in a `CK_RV`.
pub type Result<T> = std::result::Result<T, Error>;

/// A return value and the reason for it. Never holds secret material.
#[derive(Debug)]
pub struct Error {
    pub rv: Rv,
    pub why: Cow<'static, str>,
}

impl Rv {
    /// This return value, with the reason for the log.
    pub fn because(self, why: impl Into<Cow<'static, str>>) -> Error {
        Error { rv: self, why: why.into() }
    }

    /// `Err` of this value with a reason.
    pub fn err<T>(self, why: impl Into<Cow<'static, str>>) -> Result<T> {
        Err(self.because(why))
    }
}

impl From<Rv> for Error {
    fn from(rv: Rv) -> Self {
        rv.because("")
    }
}

impl From<NoRandomness> for Error {
    fn from(_: NoRandomness) -> Self {
        Rv::FunctionFailed.because("the operating system gave no randomness")
    }
}

/// Errors of the engines where no operation gave them a better name.
impl From<crypto::Error> for Error {
    fn from(error: crypto::Error) -> Self {
        match error {
            crypto::Error::InvalidKey => Rv::AttributeValueInvalid.because("malformed key material"),
            crypto::Error::InvalidLength => Rv::DataLenRange.because("length not allowed"),
            crypto::Error::InvalidParameter => Rv::MechanismParamInvalid.because("parameter not allowed"),
            crypto::Error::Rejected => Rv::EncryptedDataInvalid.because("authentication or padding failed"),
            crypto::Error::Unsupported => Rv::MechanismInvalid.because("not offered by the crypto engine"),
            crypto::Error::Failed => Rv::FunctionFailed.because("the crypto engine failed"),
        }
    }
}

/// Errors of ceremonies. A share that is refused is none of them.
impl From<hsm_shares::Error> for Error {
    fn from(error: hsm_shares::Error) -> Self {
        use hsm_shares::Error as E;
        let rv = match error {
            E::Malformed(_) => Rv::DataInvalid,
            E::Stage(_) => Rv::ActionProhibited,
            E::Expired => Rv::FunctionCanceled,
            E::Mismatch(_) => Rv::SignatureInvalid,
            E::NoRandomness => Rv::FunctionFailed,
        };
        rv.because(error.to_string())
    }
}

macro_rules! return_values {
    ($($name:ident = $ckr:ident),* $(,)?) => {
        /// The return values of this module, named as in PKCS#11 v3.2 §5.1 without the prefix `CKR_`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Rv { $($name),* }

        impl Rv {
            /// The standard's name.
            pub fn name(self) -> &'static str {
                match self { $(Rv::$name => stringify!($ckr)),* }
            }
        }

        impl From<Rv> for CK_RV {
            fn from(rv: Rv) -> CK_RV {
                match rv { $(Rv::$name => $ckr),* }
            }
        }
    };
}

return_values! {
    ActionProhibited = CKR_ACTION_PROHIBITED,
    AeadDecryptFailed = CKR_AEAD_DECRYPT_FAILED,
    ArgumentsBad = CKR_ARGUMENTS_BAD,
    AttributeReadOnly = CKR_ATTRIBUTE_READ_ONLY,
    AttributeSensitive = CKR_ATTRIBUTE_SENSITIVE,
    AttributeTypeInvalid = CKR_ATTRIBUTE_TYPE_INVALID,
    AttributeValueInvalid = CKR_ATTRIBUTE_VALUE_INVALID,
    BufferTooSmall = CKR_BUFFER_TOO_SMALL,
    CantLock = CKR_CANT_LOCK,
    CryptokiAlreadyInitialized = CKR_CRYPTOKI_ALREADY_INITIALIZED,
    CryptokiNotInitialized = CKR_CRYPTOKI_NOT_INITIALIZED,
    CurveNotSupported = CKR_CURVE_NOT_SUPPORTED,
    DataInvalid = CKR_DATA_INVALID,
    DataLenRange = CKR_DATA_LEN_RANGE,
    DeviceError = CKR_DEVICE_ERROR,
    DeviceMemory = CKR_DEVICE_MEMORY,
    DeviceRemoved = CKR_DEVICE_REMOVED,
    DomainParamsInvalid = CKR_DOMAIN_PARAMS_INVALID,
    EncryptedDataInvalid = CKR_ENCRYPTED_DATA_INVALID,
    EncryptedDataLenRange = CKR_ENCRYPTED_DATA_LEN_RANGE,
    FunctionCanceled = CKR_FUNCTION_CANCELED,
    FunctionFailed = CKR_FUNCTION_FAILED,
    FunctionNotParallel = CKR_FUNCTION_NOT_PARALLEL,
    GeneralError = CKR_GENERAL_ERROR,
    KeyChanged = CKR_KEY_CHANGED,
    KeyFunctionNotPermitted = CKR_KEY_FUNCTION_NOT_PERMITTED,
    KeyHandleInvalid = CKR_KEY_HANDLE_INVALID,
    KeyIndigestible = CKR_KEY_INDIGESTIBLE,
    KeyNeeded = CKR_KEY_NEEDED,
    KeyNotNeeded = CKR_KEY_NOT_NEEDED,
    KeyNotWrappable = CKR_KEY_NOT_WRAPPABLE,
    KeySizeRange = CKR_KEY_SIZE_RANGE,
    KeyTypeInconsistent = CKR_KEY_TYPE_INCONSISTENT,
    KeyUnextractable = CKR_KEY_UNEXTRACTABLE,
    MechanismInvalid = CKR_MECHANISM_INVALID,
    MechanismParamInvalid = CKR_MECHANISM_PARAM_INVALID,
    NeedToCreateThreads = CKR_NEED_TO_CREATE_THREADS,
    NoEvent = CKR_NO_EVENT,
    ObjectDamaged = CKR_DEVICE_ERROR,
    ObjectHandleInvalid = CKR_OBJECT_HANDLE_INVALID,
    OperationActive = CKR_OPERATION_ACTIVE,
    OperationNotInitialized = CKR_OPERATION_NOT_INITIALIZED,
    ParameterSetNotSupported = CKR_PARAMETER_SET_NOT_SUPPORTED,
    PinIncorrect = CKR_PIN_INCORRECT,
    PinInvalid = CKR_PIN_INVALID,
    PinLenRange = CKR_PIN_LEN_RANGE,
    PinLocked = CKR_PIN_LOCKED,
    PublicKeyInvalid = CKR_PUBLIC_KEY_INVALID,
    RandomSeedNotSupported = CKR_RANDOM_SEED_NOT_SUPPORTED,
    SavedStateInvalid = CKR_SAVED_STATE_INVALID,
    SessionAsyncNotSupported = CKR_SESSION_ASYNC_NOT_SUPPORTED,
    SessionCount = CKR_SESSION_COUNT,
    SessionExists = CKR_SESSION_EXISTS,
    SessionHandleInvalid = CKR_SESSION_HANDLE_INVALID,
    SessionParallelNotSupported = CKR_SESSION_PARALLEL_NOT_SUPPORTED,
    SessionReadOnly = CKR_SESSION_READ_ONLY,
    SessionReadOnlyExists = CKR_SESSION_READ_ONLY_EXISTS,
    SessionReadWriteSoExists = CKR_SESSION_READ_WRITE_SO_EXISTS,
    SignatureInvalid = CKR_SIGNATURE_INVALID,
    SignatureLenRange = CKR_SIGNATURE_LEN_RANGE,
    SlotIdInvalid = CKR_SLOT_ID_INVALID,
    StateUnsaveable = CKR_STATE_UNSAVEABLE,
    TemplateIncomplete = CKR_TEMPLATE_INCOMPLETE,
    TemplateInconsistent = CKR_TEMPLATE_INCONSISTENT,
    TokenNotPresent = CKR_TOKEN_NOT_PRESENT,
    TokenNotRecognized = CKR_TOKEN_NOT_RECOGNIZED,
    TokenWriteProtected = CKR_TOKEN_WRITE_PROTECTED,
    UnwrappingKeyHandleInvalid = CKR_UNWRAPPING_KEY_HANDLE_INVALID,
    UnwrappingKeySizeRange = CKR_UNWRAPPING_KEY_SIZE_RANGE,
    UnwrappingKeyTypeInconsistent = CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT,
    UserAlreadyLoggedIn = CKR_USER_ALREADY_LOGGED_IN,
    UserAnotherAlreadyLoggedIn = CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
    UserNotLoggedIn = CKR_USER_NOT_LOGGED_IN,
    UserPinNotInitialized = CKR_USER_PIN_NOT_INITIALIZED,
    UserTypeInvalid = CKR_USER_TYPE_INVALID,
    WrappedKeyInvalid = CKR_WRAPPED_KEY_INVALID,
    WrappedKeyLenRange = CKR_WRAPPED_KEY_LEN_RANGE,
    WrappingKeyHandleInvalid = CKR_WRAPPING_KEY_HANDLE_INVALID,
    WrappingKeySizeRange = CKR_WRAPPING_KEY_SIZE_RANGE,
    WrappingKeyTypeInconsistent = CKR_WRAPPING_KEY_TYPE_INCONSISTENT,
}
