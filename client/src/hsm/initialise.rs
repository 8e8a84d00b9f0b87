//! Making a token: the security officer's PIN, then the user's first one (PKCS#11 v3.1 sections 5.5.7 and 5.5.8).
//!
//! These are two calls, so a token may be left between them: it has a label and no user PIN. [`Module::init_user_pin`]
//! finishes it.

use cryptoki::session::UserType;
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;

use super::codes::explain;
use super::module::{Module, TokenState, pin, state};
use super::selector::Selector;
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

impl Module {
    /// Makes a token in the first slot that has none, with both PINs set, and returns its description.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when a token of that label exists, [`Kind::Usage`] for a bad label, [`Kind::Pin`] for a PIN
    /// of a length the token refuses, [`Kind::HsmUnavailable`] without a free slot.
    pub fn init_token(&self, label: &str, so_pin: &Secret, user_pin: &Secret) -> Result<TokenState> {
        check_label(label)?;
        let before = self.slots()?;
        if let Some((_, same)) = before.iter().find(|(_, state)| state.initialized && state.identity.label == label) {
            return Err(taken(same));
        }
        let (slot, blank) = before.iter().find(|(_, state)| !state.initialized).ok_or_else(no_free_slot)?;
        // Both, before anything is made: a user PIN refused later would leave half a token.
        let (so_pin, user_pin) = (pin(so_pin, blank.pin_length)?, pin(user_pin, blank.pin_length)?);
        self.context().init_token(*slot, &so_pin, label).map_err(|error| explain(&error, "initialising the token"))?;
        // The slot may have moved: find the token again by what it is.
        let (slot, made) = self.locate(&Selector { label: Some(label.to_owned()), ..Selector::default() })?;
        self.set_first_user_pin(slot, &so_pin, &user_pin).map_err(|error| error.next(finish(&made)))
    }

    /// The token that `selector` means, if it was made and still lacks its user PIN.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when the user PIN is set, those of [`Module::token`].
    pub fn unfinished_token(&self, selector: &Selector) -> Result<TokenState> {
        self.locate_unfinished(selector).map(|(_, state)| state)
    }

    /// Sets the first user PIN of a token that has none, as its security officer, and returns its description. A wrong
    /// PIN is tried once.
    ///
    /// # Errors
    /// [`Kind::Conflict`] when the user PIN is set, [`Kind::Pin`], those of [`Module::token`].
    pub fn init_user_pin(&self, selector: &Selector, so_pin: &Secret, user_pin: &Secret) -> Result<TokenState> {
        let (slot, state) = self.locate_unfinished(selector)?;
        let (so_pin, user_pin) = (pin(so_pin, state.pin_length)?, pin(user_pin, state.pin_length)?);
        self.set_first_user_pin(slot, &so_pin, &user_pin)
    }

    fn locate_unfinished(&self, selector: &Selector) -> Result<(Slot, TokenState)> {
        let (slot, state) = self.locate(selector)?;
        if state.user_pin_set {
            return Err(finished(&state));
        }
        if state.so_pin_state == "locked" {
            let what = format!("the security officer's PIN of \"{}\" is locked", state.identity.label);
            return Err(Error::new(Kind::Pin, what)
                .why("it was wrong too often")
                .next("make another token: hsm token init --label LABEL"));
        }
        Ok((slot, state))
    }

    fn set_first_user_pin(&self, slot: Slot, so: &AuthPin, user: &AuthPin) -> Result<TokenState> {
        let set = || {
            let session = self.context().open_rw_session(slot)?;
            session.login(UserType::So, Some(so))?;
            session.init_pin(user)?;
            session.logout()
        };
        set().map_err(|error| explain(&error, "setting the user PIN"))?;
        let info = self.context().get_token_info(slot).map_err(|error| explain(&error, "reading the new token"))?;
        Ok(state(&info))
    }
}

/// CK_TOKEN_INFO.label is 32 bytes, blank-padded: what does not fit, or ends in a blank, would not be found again.
fn check_label(label: &str) -> Result<()> {
    if label.is_empty() || label.len() > 32 || label.trim() != label || label.chars().any(char::is_control) {
        return Err(Error::new(Kind::Usage, format!("\"{label}\" cannot be a token label"))
            .why("a label has 1 to 32 bytes, no blanks at its ends and no control characters"));
    }
    Ok(())
}

fn taken(same: &TokenState) -> Error {
    let (label, serial) = (&same.identity.label, &same.identity.serial);
    let error = Error::new(Kind::Conflict, format!("a token \"{label}\" exists already"));
    if same.user_pin_set {
        return error.why(format!("its serial number is {serial}")).next("choose another label");
    }
    error.why(format!("its serial number is {serial}; its user PIN was never set")).next(finish(same))
}

/// By serial number: a label may hold what a shell reads.
fn finish(token: &TokenState) -> String {
    format!("set its user PIN: hsm token init-pin --token {}", token.identity.serial)
}

fn finished(token: &TokenState) -> Error {
    let label = &token.identity.label;
    Error::new(Kind::Conflict, format!("the user PIN of \"{label}\" is set already"))
        .why("if the security officer sets it anew, the token may lose the user's keys")
        .next(format!(
            "who knows it can change it: pkcs11-tool --module MODULE --token-label \"{label}\" --change-pin; if it is forgotten, \
             ask the token's maker what a new one costs"
        ))
}

fn no_free_slot() -> Error {
    Error::new(Kind::HsmUnavailable, "the module has no free slot for a new token").next("see what there is: hsm token list")
}
