//! What every example begins with: module, token, PIN and key store from the variables that the command `hsm` takes too.
//!
//!     export HSM_MODULE=target/release/libhsm_sim.so      # or any other PKCS#11 module
//!     export HSM_TOKEN=work                               # label or serial number; not needed when there is only one
//!     export HSM_PIN_SOURCE=file:pin                      # or env:NAME
//!     export HSM_STORE=keyring.db                         # made if it is not there

// Each example uses its own part of this.
#![allow(dead_code)]

use std::env::var;
use std::path::Path;
use std::sync::Arc;

use hsm_client::adapter::TokenKey;
use hsm_client::hsm::{KeyKind, locate, module::Module, pkcs11::Token, selector::Selector};
use hsm_client::keyring::Keyring;
use hsm_client::secret::Secret;
use hsm_client::signer::Signer;
use hsm_client::store::SqliteStore;
use hsm_client::{Error, Kind, Result};

/// The token's data keys.
pub fn keyring() -> Result<Keyring> {
    Ok(Keyring::new(token()?, store()?))
}

/// The token's signing keys.
pub fn signer() -> Result<Signer> {
    Ok(Signer::new(token()?, store()?))
}

/// The signing key `label`, made if it is not there.
pub fn key(signer: &Signer, label: &str, kind: KeyKind) -> Result<TokenKey> {
    let key = match signer.find(label) {
        Err(error) if error.kind() == Kind::NotFound => signer.create(label, kind, None, false),
        found => found,
    };
    Ok(TokenKey::new(signer.clone(), key?))
}

/// The token, logged in to.
pub fn token() -> Result<Arc<Token>> {
    let module = Module::load(&locate::module(None)?)?;
    let selector = var("HSM_TOKEN").map_or_else(|_| Ok(Selector::default()), |text| Selector::parse(&text))?;
    Ok(Arc::new(Token::open(&module, &selector, Some(&pin()?))?))
}

/// The key store.
pub fn store() -> Result<Arc<SqliteStore>> {
    let path = var("HSM_STORE").unwrap_or_else(|_| "keyring.db".to_owned());
    Ok(Arc::new(SqliteStore::open(Path::new(&path))?))
}

fn pin() -> Result<Secret> {
    let source = var("HSM_PIN_SOURCE").unwrap_or_default();
    let mut pin = match source.split_once(':') {
        Some(("file", path)) => std::fs::read_to_string(path).map_err(|error| Error::io(path, &error))?,
        Some(("env", name)) => var(name).map_err(|_| Error::new(Kind::Pin, format!("the variable {name} holds no PIN")))?,
        _ => return Err(Error::new(Kind::Usage, "no PIN").next("set HSM_PIN_SOURCE to file:PATH or env:NAME")),
    };
    pin.truncate(pin.trim_end_matches(['\r', '\n']).len());
    Ok(Secret::take(pin.into_bytes()))
}
