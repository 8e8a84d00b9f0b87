//! Who logs in: the security officer, the user, or a user with a name; and the change of a PIN.

use cryptoki::error::{Error as Pkcs11Error, RvError};
use cryptoki::session::{Session, UserType};

use super::codes::explain;
use super::module::{self, Module};
use super::named;
use super::selector::Selector;
use crate::error::Result;
use crate::secret::Secret;

/// Who logs in.
#[derive(Clone, Copy)]
pub enum Login<'p> {
    /// Nobody.
    Nobody,
    /// The security officer.
    Officer(&'p Secret),
    /// The user.
    User(&'p Secret),
}

/// A read-write session with the token `selector` means. The PIN is tried once.
///
/// # Errors
/// [`crate::Kind::NotFound`], [`crate::Kind::Pin`], [`crate::Kind::HsmUnavailable`].
pub(crate) fn session(module: &Module, selector: &Selector, login: Login<'_>) -> Result<Session> {
    let (slot, state) = module.locate(selector)?;
    let (who, pin, what) = match login {
        Login::Nobody => (UserType::User, None, ""),
        Login::Officer(pin) => (UserType::So, Some(pin), "logging in as the security officer"),
        Login::User(pin) => (UserType::User, Some(pin), "logging in"),
    };
    let pin = pin.map(|pin| module::pin(pin, state.pin_length)).transpose()?;
    let session = module.context().open_rw_session(slot).map_err(|error| explain(&error, "opening a session"))?;
    if let Some(pin) = pin {
        session.login(who, Some(&pin)).map_err(|error| explain(&error, what))?;
    }
    Ok(session)
}

/// Logs a user in: the one of this name, or the standard one. The PIN is tried once.
pub(super) fn user(module: &Module, session: &Session, name: Option<&str>, pin: &Secret, range: (usize, usize)) -> Result<()> {
    // A PIN shorter than the minimum is simply wrong: say so without spending one of the token's tries.
    let checked = module::pin(pin, range)?;
    if let Some(name) = name {
        return named::login(module, session, name, pin);
    }
    match session.login(UserType::User, Some(&checked)) {
        Ok(()) | Err(Pkcs11Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(error) => Err(explain(&error, "logging in")),
    }
}

/// Changes the PIN of a user: the one of this name, or the standard one (C_SetPIN, PKCS#11 v3.1 section 5.5.9).
///
/// # Errors
/// [`crate::Kind::NotFound`], [`crate::Kind::Pin`] when the old PIN is wrong or the new one is refused,
/// [`crate::Kind::HsmUnavailable`].
pub fn set_pin(module: &Module, selector: &Selector, name: Option<&str>, old: &Secret, new: &Secret) -> Result<()> {
    let (slot, state) = module.locate(selector)?;
    let pins = (module::pin(old, state.pin_length)?, module::pin(new, state.pin_length)?);
    let session = module.context().open_rw_session(slot).map_err(|error| explain(&error, "opening a session"))?;
    user(module, &session, name, old, state.pin_length)?;
    session.set_pin(&pins.0, &pins.1).map_err(|error| explain(&error, "changing the PIN"))
}
