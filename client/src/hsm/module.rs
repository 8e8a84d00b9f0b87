//! A loaded PKCS#11 module: its tokens, and making a new one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as Pkcs11Error, RvError};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;

use super::TokenIdentity;
use super::codes::explain;
use super::selector::Selector;
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

/// A PKCS#11 module, initialised. Finalised when the last user drops it, if it was us who initialised it.
pub struct Module {
    context: Pkcs11,
    path: PathBuf,
    ours: bool,
}

/// What a module says of itself (C_GetInfo).
#[derive(Debug, Clone)]
pub struct ModuleInfo {
    /// Its file.
    pub path: PathBuf,
    /// Who made it.
    pub manufacturer: String,
    /// What it is.
    pub description: String,
    /// Its own version.
    pub version: String,
    /// The version of PKCS#11 it speaks.
    pub pkcs11: String,
}

/// A token and the state it is in (C_GetTokenInfo).
#[derive(Debug, Clone)]
pub struct TokenState {
    /// Which token.
    pub identity: TokenIdentity,
    /// C_InitToken was done.
    pub initialized: bool,
    /// The user PIN is set.
    pub user_pin_set: bool,
    /// What the token says of its user PIN: `ok`, `count low`, `final try`, `locked`.
    pub user_pin_state: &'static str,
    /// The same for the security officer's PIN.
    pub so_pin_state: &'static str,
    /// Shortest and longest PIN, bytes.
    pub pin_length: (usize, usize),
    /// Firmware version.
    pub firmware: String,
}

impl Module {
    /// Loads and initialises the module at `path`.
    ///
    /// # Errors
    /// [`Kind::HsmUnavailable`] when it cannot be loaded or will not start.
    pub fn load(path: &Path) -> Result<Arc<Self>> {
        let what = format!("loading {} failed", path.display());
        let context = Pkcs11::new(path).map_err(|error| {
            Error::new(Kind::HsmUnavailable, what)
                .why(error.to_string())
                .next("check that the path names a PKCS#11 module built for this machine")
        })?;
        let start = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
        let ours = match context.initialize(start) {
            Ok(()) => true,
            Err(Pkcs11Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => false,
            Err(error) => {
                let reason = explain(&error, &format!("starting {}", path.display()));
                return Err(Error::new(Kind::HsmUnavailable, reason.what())
                    .why(reason.reason())
                    .next("check the module's configuration (SoftHSMv2: SOFTHSM2_CONF, hsm-sim: HSM_SIM_CONF)"));
            }
        };
        Ok(Arc::new(Self { context, path: path.to_owned(), ours }))
    }

    /// What the module says of itself.
    ///
    /// # Errors
    /// [`Kind::Device`] when it will not say.
    pub fn info(&self) -> Result<ModuleInfo> {
        let info = self.context.get_library_info().map_err(|error| explain(&error, "asking the module what it is"))?;
        Ok(ModuleInfo {
            path: self.path.clone(),
            manufacturer: info.manufacturer_id().trim_end().to_owned(),
            description: info.library_description().trim_end().to_owned(),
            version: info.library_version().to_string(),
            pkcs11: info.cryptoki_version().to_string(),
        })
    }

    /// Every token that is present, the uninitialised ones too.
    ///
    /// # Errors
    /// [`Kind::HsmUnavailable`] or [`Kind::Device`] when the module cannot list them.
    pub fn tokens(&self) -> Result<Vec<TokenState>> {
        Ok(self.slots()?.into_iter().map(|(_, state)| state).collect())
    }

    /// The one initialised token that `selector` means.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for none, [`Kind::Usage`] for several: it lists them.
    pub fn token(&self, selector: &Selector) -> Result<TokenState> {
        self.locate(selector).map(|(_, state)| state)
    }

    /// Its file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn context(&self) -> &Pkcs11 {
        &self.context
    }

    pub(super) fn locate(&self, selector: &Selector) -> Result<(Slot, TokenState)> {
        let (mut meant, others): (Vec<_>, Vec<_>) = self
            .slots()?
            .into_iter()
            .filter(|(_, state)| state.initialized)
            .partition(|(_, state)| selector.matches(&state.identity));
        match (meant.pop(), meant.is_empty()) {
            (Some(found), true) => Ok(found),
            (None, _) => Err(no_such_token(selector, &others)),
            (Some(last), false) => {
                meant.push(last);
                Err(Error::new(Kind::Usage, format!("{} tokens match {}", meant.len(), selector.describe()))
                    .why(list(&meant))
                    .next("choose one by its serial number: --token SERIAL"))
            }
        }
    }

    pub(super) fn slots(&self) -> Result<Vec<(Slot, TokenState)>> {
        let what = "listing the tokens";
        let slots = self.context.get_slots_with_token().map_err(|error| explain(&error, what))?;
        let mut found = Vec::with_capacity(slots.len());
        for slot in slots {
            match self.context.get_token_info(slot) {
                Ok(info) => found.push((slot, state(&info))),
                // Unplugged in between, or a stranger's token: the others are still good.
                Err(Pkcs11Error::Pkcs11(RvError::TokenNotPresent | RvError::TokenNotRecognized, _)) => {}
                Err(error) => return Err(explain(&error, what)),
            }
        }
        Ok(found)
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        if self.ours {
            // Nothing to be done about a module that will not stop.
            let _ = self.context.clone().finalize();
        }
    }
}

/// The PIN as the binding wants it, if its length fits.
pub(super) fn pin(pin: &Secret, (shortest, longest): (usize, usize)) -> Result<AuthPin> {
    let longest = if longest == 0 { 255 } else { longest };
    if !(shortest..=longest).contains(&pin.len()) {
        return Err(Error::new(Kind::Pin, "the PIN has a length this token does not accept")
            .why(format!("it takes {shortest} to {longest} bytes")));
    }
    match std::str::from_utf8(pin.expose()) {
        Ok(text) => Ok(AuthPin::from(text)),
        Err(_) => Err(Error::new(Kind::Pin, "the PIN is not UTF-8 text")),
    }
}

pub(super) fn state(info: &TokenInfo) -> TokenState {
    let text = |field: &str| field.trim_end_matches([' ', '\0']).to_owned();
    let pin_state = |low, last, locked| match (locked, last, low) {
        (true, _, _) => "locked",
        (_, true, _) => "final try",
        (_, _, true) => "count low",
        _ => "ok",
    };
    TokenState {
        identity: TokenIdentity {
            label: text(info.label()),
            serial: text(info.serial_number()),
            manufacturer: text(info.manufacturer_id()),
            model: text(info.model()),
        },
        initialized: info.token_initialized(),
        user_pin_set: info.user_pin_initialized(),
        user_pin_state: pin_state(info.user_pin_count_low(), info.user_pin_final_try(), info.user_pin_locked()),
        so_pin_state: pin_state(info.so_pin_count_low(), info.so_pin_final_try(), info.so_pin_locked()),
        pin_length: (info.min_pin_length(), info.max_pin_length()),
        firmware: info.firmware_version().to_string(),
    }
}

fn no_such_token(selector: &Selector, others: &[(Slot, TokenState)]) -> Error {
    let error = Error::new(Kind::NotFound, format!("no token matches {}", selector.describe()));
    if others.is_empty() {
        return error.why("the module has no initialised token").next("make one: hsm token init --label LABEL");
    }
    error.why(format!("there are {}", list(others))).next("name one of them: --token LABEL")
}

fn list(tokens: &[(Slot, TokenState)]) -> String {
    let names: Vec<_> =
        tokens.iter().map(|(_, state)| format!("\"{}\" (serial {})", state.identity.label, state.identity.serial)).collect();
    names.join(", ")
}
