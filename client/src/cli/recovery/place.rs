//! Where a ceremony is held: by the token itself, or on this machine.

use std::sync::Arc;

use clap::Args;
use hsm_client::ceremony::host::Host;
use hsm_client::ceremony::shares::manifest::Manifest;
use hsm_client::ceremony::shares::wire::{Set, Status};
use hsm_client::ceremony::{Recovery, vendor};
use hsm_client::hsm::import::Import;
use hsm_client::hsm::login::Login;
use hsm_client::hsm::module::Module;
use hsm_client::hsm::pkcs11::Token;
use hsm_client::secret::Secret;
use hsm_client::{Error, Kind, Result};

use crate::cli::connect::Global;
use crate::cli::pin::PinSource;

/// The options that say where.
#[derive(Args)]
pub(super) struct PlaceArgs {
    /// Hold the ceremony on this machine, even if the token could itself; verify, refresh and rehearse then need no token
    #[arg(long)]
    pub host: bool,
    /// Where the security officer's PIN is, for tokens that hold ceremonies themselves: file:PATH, fd:N, env:NAME or prompt
    #[arg(long, value_name = "SOURCE", env = "HSM_SO_PIN_SOURCE", hide_env_values = true)]
    pub so_pin_source: Option<String>,
}

/// Where.
pub(super) enum Place {
    /// The token, by the interface of this module.
    Token(Arc<Module>),
    /// This machine.
    Host,
}

impl PlaceArgs {
    /// Finds out where.
    pub(super) fn find(&self, global: &Global) -> Result<Place> {
        if self.host {
            return Ok(Place::Host);
        }
        let module = global.module()?;
        Ok(if vendor::offered(&module)? { Place::Token(module) } else { Place::Host })
    }

    /// The ceremony of the token, with the security officer logged in.
    pub(super) fn officer(&self, global: &Global, module: &Arc<Module>) -> Result<Box<dyn Recovery>> {
        let source = self.so_pin_source.as_deref().map_or(Ok(PinSource::Prompt), PinSource::parse)?;
        let selector = global.selector()?;
        let label = module.token(&selector)?.identity.label;
        let pin = source.read(&format!("Security officer's PIN of token \"{label}\": "))?;
        opened(vendor::open(module, &selector, Login::Officer(&pin))?)
    }

    /// The ceremony of the token, for somebody who only looks: with whichever PIN is at hand, so that the token can check what it
    /// tells, else without any.
    pub(super) fn onlooker(&self, global: &Global, module: &Arc<Module>) -> Result<Box<dyn Recovery>> {
        if self.so_pin_source.is_some() {
            return self.officer(global, module);
        }
        let pin = global.pin_source.as_ref().map(|_| user_pin(global, module)).transpose()?;
        opened(vendor::open(module, &global.selector()?, pin.as_ref().map_or(Login::Nobody, Login::User))?)
    }
}

/// The user PIN, asked for once the token is known to be there.
pub(super) fn user_pin(global: &Global, module: &Module) -> Result<Secret> {
    global.standard_user("ceremonies need the standard user")?;
    let label = module.token(&global.selector()?)?.identity.label;
    global.user_pin_source()?.read(&format!("PIN of token \"{label}\": "))
}

/// The token with the user logged in.
pub(super) fn token(global: &Global, module: &Arc<Module>, pin: &Secret) -> Result<Token> {
    Token::open(module, &global.selector()?, Some(pin))
}

/// The ceremony on this machine.
pub(super) fn host(token: Option<Token>, label: &str) -> Box<dyn Recovery> {
    Box::new(Host::new(token.map(|token| Arc::new(token) as Arc<dyn Import>), label))
}

/// The id of the key a token's set is meant by: by its label or id, by a manifest, or the only one.
pub(super) fn key_of_set(token: &mut dyn Recovery, wanted: Option<&str>, manifest: Option<&str>) -> Result<String> {
    let sets = token.status(&Status::default())?.sets.unwrap_or_default();
    let of_manifest = manifest.map(Manifest::parse).transpose()?.map(|manifest| hsm_client::id::hex(&manifest.core.key.id));
    let wanted = wanted.map(str::to_owned).or(of_manifest);
    let fits = |set: &&Set| wanted.as_deref().is_none_or(|name| set.key == name || label(set).as_deref() == Some(name));
    let meant: Vec<_> = sets.iter().filter(fits).collect();
    let known: Vec<_> = sets.iter().map(|set| format!("\"{}\" ({})", label(set).unwrap_or_default(), set.key)).collect();
    match meant.as_slice() {
        [set] => Ok(set.key.clone()),
        [] if sets.is_empty() => Err(Error::new(Kind::NotFound, "the token knows no set of shares")
            .next("deal one: hsm recovery deal; or bring a key back from its manifest: hsm recovery restore --manifest FILE")),
        [] => Err(Error::new(Kind::NotFound, format!("the token knows no set of \"{}\"", wanted.unwrap_or_default()))
            .why(format!("it has sets of {}", known.join(", ")))),
        _ => Err(Error::new(Kind::Usage, "the token has several sets").why(known.join(", ")).next("choose one: --key LABEL")),
    }
}

fn label(set: &Set) -> Option<String> {
    let manifest = Manifest::parse(&set.manifest).ok()?;
    let label = manifest.core.key.attributes.into_iter().find(|(kind, _)| *kind == CKA_LABEL);
    label.map(|(_, value)| String::from_utf8_lossy(&value).into_owned())
}

fn opened(found: Option<vendor::Vendor>) -> Result<Box<dyn Recovery>> {
    found.map(|driver| Box::new(driver) as Box<dyn Recovery>).ok_or_else(|| {
        Error::new(Kind::HsmUnavailable, "the module has lost its recovery interface").next("run the command again")
    })
}

const CKA_LABEL: u64 = 0x3;
