//! Sessions that ceremonies are held in: of the security officer, or of the user.

use cryptoki::session::{Session, UserType};

use super::codes::explain;
use super::module::{self, Module};
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
