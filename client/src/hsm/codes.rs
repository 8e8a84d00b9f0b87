//! PKCS#11 return values turned into errors a person can act on (PKCS#11 v3.1 section 5.1).

use cryptoki::context::Function;
use cryptoki::error::{Error as Pkcs11Error, Rv, RvError};
use cryptoki_sys::CK_RV;

use crate::error::{Error, Kind};

/// A failure inside a session: the module's, or our own judgement of what it answered.
pub(super) enum Fault {
    /// The module answered an error.
    Module(Pkcs11Error),
    /// We refuse.
    Ours(Error),
}

impl From<Pkcs11Error> for Fault {
    fn from(error: Pkcs11Error) -> Self {
        Self::Module(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl Fault {
    /// True when another session may still do it.
    pub(super) fn is_lost_session(&self) -> bool {
        let Self::Module(Pkcs11Error::Pkcs11(code, _)) = self else { return false };
        matches!(code, RvError::SessionHandleInvalid | RvError::SessionClosed)
    }

    /// The error to show; `what` was being tried.
    pub(super) fn explain(self, what: &str) -> Error {
        match self {
            Self::Ours(error) => error,
            Self::Module(error) => explain(&error, what),
        }
    }
}

/// The error to show for `error`; `what` was being tried.
pub(super) fn explain(error: &Pkcs11Error, what: &str) -> Error {
    let what = format!("{what} failed");
    match error {
        Pkcs11Error::Pkcs11(code, function) => {
            let (kind, next) = match (function, code) {
                (Function::UnwrapKey | Function::UnwrapKeyAuthenticated, RvError::GeneralError) => {
                    (Kind::Authentication, NOT_OPENED)
                }
                // Nothing is wrong with what was to be opened.
                (Function::UnwrapKey | Function::UnwrapKeyAuthenticated, RvError::KeyFunctionNotPermitted) => {
                    (Kind::Pin, "log in as a user with the right to use keys; or the master key lacks CKA_UNWRAP")
                }
                _ => classify(*code),
            };
            let why = format!("C_{function:?} answered {}", name(*code));
            Error::new(kind, what).why(why).next(next)
        }
        Pkcs11Error::LibraryLoading(error) => Error::new(Kind::HsmUnavailable, what)
            .why(error.to_string())
            .next("check that the path names a PKCS#11 module for this machine"),
        Pkcs11Error::NotSupported | Pkcs11Error::NullFunctionPointer => {
            Error::new(Kind::MechanismRefused, what).why(error.to_string())
        }
        other => Error::new(Kind::Device, what).why(other.to_string()),
    }
}

/// The error to show for a bare return value; `what` was being tried.
pub(crate) fn explain_code(code: CK_RV, what: &str) -> Error {
    let Rv::Error(code) = Rv::from(code) else {
        return Error::new(Kind::Device, format!("{what} failed")).why(format!("the module answered {code:#x}"));
    };
    let (kind, next) = classify(code);
    Error::new(kind, format!("{what} failed")).why(format!("the module answered {}", name(code))).next(next)
}

/// The standard's name of a return value: `PinIncorrect` is CKR_PIN_INCORRECT.
pub(super) fn name(code: RvError) -> String {
    let mut name = String::from("CKR");
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

/// Who is at fault, and what may help.
fn classify(code: RvError) -> (Kind, &'static str) {
    use RvError as Rv;
    match code {
        Rv::PinIncorrect => (Kind::Pin, "check the PIN before trying again: a few wrong PINs lock the token"),
        Rv::PinLocked => (Kind::Pin, "the security officer must set a new user PIN"),
        Rv::PinInvalid | Rv::PinLenRange | Rv::PinTooWeak => (Kind::Pin, "choose another PIN"),
        Rv::PinExpired => (Kind::Pin, "change the PIN with the token's own tool"),
        Rv::UserPinNotInitialized => (Kind::Pin, "the security officer must set a user PIN first: hsm token init-pin"),
        Rv::UserNotLoggedIn => (Kind::Pin, "give the PIN: --pin-source file:PATH, fd:N or env:NAME"),
        Rv::TokenNotPresent | Rv::TokenNotRecognized | Rv::DeviceRemoved | Rv::SlotIdInvalid => {
            (Kind::HsmUnavailable, "see which tokens there are: hsm token list")
        }
        Rv::SessionCount => (Kind::HsmUnavailable, "the token has no session left; close other programs that use it"),
        Rv::DeviceError | Rv::DeviceMemory | Rv::HostMemory | Rv::GeneralError => {
            (Kind::HsmUnavailable, "look at the module's own log for the reason")
        }
        Rv::CryptokiNotInitialized | Rv::SessionHandleInvalid | Rv::SessionClosed => {
            (Kind::HsmUnavailable, "the connection to the token was lost; run the command again")
        }
        Rv::SignatureInvalid | Rv::SignatureLenRange => (Kind::Authentication, ""),
        Rv::EncryptedDataInvalid | Rv::EncryptedDataLenRange | Rv::WrappedKeyInvalid | Rv::WrappedKeyLenRange => {
            (Kind::Authentication, NOT_OPENED)
        }
        _ if is_refusal(code) => (Kind::MechanismRefused, "see what the token offers: hsm token mechanisms"),
        _ => (Kind::Device, ""),
    }
}

/// SoftHSMv2 calls a failed integrity check of RFC 3394 and RFC 5649 a general error.
const NOT_OPENED: &str = "the wrapped key was altered, or belongs to another master key; restore the store's backup";

/// The token understood and will not do it with this mechanism, key or template: another one may do.
pub(super) fn is_refusal(code: RvError) -> bool {
    use RvError as Rv;
    matches!(
        code,
        Rv::MechanismInvalid
            | Rv::MechanismParamInvalid
            | Rv::ArgumentsBad
            | Rv::FunctionNotSupported
            | Rv::FunctionFailed
            | Rv::CurveNotSupported
            | Rv::DomainParamsInvalid
            | Rv::KeyFunctionNotPermitted
            | Rv::KeyTypeInconsistent
            | Rv::KeySizeRange
            | Rv::KeyNotWrappable
            | Rv::KeyUnextractable
            | Rv::WrappingKeyTypeInconsistent
            | Rv::WrappingKeySizeRange
            | Rv::WrappingKeyHandleInvalid
            | Rv::UnwrappingKeyTypeInconsistent
            | Rv::UnwrappingKeySizeRange
            | Rv::TemplateInconsistent
            | Rv::TemplateIncomplete
            | Rv::AttributeValueInvalid
            | Rv::AttributeTypeInvalid
            | Rv::AttributeReadOnly
            | Rv::AttributeSensitive
            | Rv::ActionProhibited
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_keep_their_name_and_find_their_kind() {
        for (code, kind, text) in [
            (RvError::PinIncorrect, Kind::Pin, "CKR_PIN_INCORRECT"),
            (RvError::DeviceRemoved, Kind::HsmUnavailable, "CKR_DEVICE_REMOVED"),
            (RvError::MechanismInvalid, Kind::MechanismRefused, "CKR_MECHANISM_INVALID"),
            (RvError::WrappedKeyInvalid, Kind::Authentication, "CKR_WRAPPED_KEY_INVALID"),
        ] {
            let error = explain(&Pkcs11Error::Pkcs11(code, Function::Login), "trying");
            assert_eq!(error.kind(), kind);
            assert_eq!(error.to_string(), format!("trying failed: C_Login answered {text}"));
        }
    }
}
