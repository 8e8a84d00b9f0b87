//! Sessions of the security officer, which ceremonies are held in.

use cryptoki::session::{Session, UserType};

use super::codes::explain;
use super::module::{self, Module};
use super::selector::Selector;
use crate::error::Result;
use crate::secret::Secret;

/// A read-write session with the token `selector` means; with a PIN, the security officer is logged in. Tried once.
///
/// # Errors
/// [`crate::Kind::NotFound`], [`crate::Kind::Pin`], [`crate::Kind::HsmUnavailable`].
pub(crate) fn session(module: &Module, selector: &Selector, so_pin: Option<&Secret>) -> Result<Session> {
    let (slot, state) = module.locate(selector)?;
    let pin = so_pin.map(|pin| module::pin(pin, state.pin_length)).transpose()?;
    let session = module.context().open_rw_session(slot).map_err(|error| explain(&error, "opening a session"))?;
    if let Some(pin) = pin {
        session.login(UserType::So, Some(&pin)).map_err(|error| explain(&error, "logging in as the security officer"))?;
    }
    Ok(session)
}
