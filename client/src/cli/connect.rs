//! The options every command has, and what they lead to: the module, the token, the store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use hsm_client::hsm::Hsm;
use hsm_client::hsm::locate;
use hsm_client::hsm::module::Module;
use hsm_client::hsm::pkcs11::Token;
use hsm_client::hsm::selector::Selector;
use hsm_client::hsm::uri::Uri;
use hsm_client::kem::FileKem;
use hsm_client::keyring::Keyring;
use hsm_client::signer::Signer;
use hsm_client::store::Store;
use hsm_client::{Error, Kind, Result};

use super::pin::PinSource;
use super::store::Place;

/// Where things are, and how to answer.
#[derive(Args, Clone)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct Global {
    /// PKCS#11 module [env: HSM_MODULE] [default: libhsm_sim.so beside this command]
    #[arg(long, global = true, value_name = "PATH")]
    pub module: Option<PathBuf>,
    /// Token: label, serial number or PKCS#11 URI; not needed when there is only one
    #[arg(long, global = true, value_name = "TOKEN", env = "HSM_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Where the user PIN is: file:PATH, fd:N, env:NAME or prompt
    #[arg(long, global = true, value_name = "SOURCE", env = "HSM_PIN_SOURCE", hide_env_values = true)]
    pub pin_source: Option<String>,
    /// User with a name, where the token has them; without it, the standard user
    #[arg(long, global = true, value_name = "NAME", env = "HSM_USER")]
    pub user: Option<String>,
    /// Key store: a file, or postgres://ROLE@HOST/DATABASE [default: $XDG_DATA_HOME/hsm/keyring.db]
    #[arg(long, global = true, value_name = "STORE", env = "HSM_STORE")]
    pub store: Option<String>,
    /// Where the password of a store on a server is: file:PATH, fd:N, env:NAME or prompt
    #[arg(long, global = true, value_name = "SOURCE", env = "HSM_STORE_PASSWORD_SOURCE", hide_env_values = true)]
    pub store_password_source: Option<String>,
    /// File with the ML-KEM key that data keys are wrapped by as well, where the token does not hold it
    #[arg(long, global = true, value_name = "FILE", env = "HSM_KEM_FILE")]
    pub kem_file: Option<PathBuf>,
    /// Where the password of that file is: file:PATH, fd:N, env:NAME or prompt
    #[arg(long, global = true, value_name = "SOURCE", env = "HSM_KEM_PASSWORD_SOURCE", hide_env_values = true)]
    pub kem_password_source: Option<String>,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress bar and no remarks
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

impl Global {
    /// The URI in --token, if it is one.
    fn uri(&self) -> Result<Option<Uri>> {
        self.token.as_deref().filter(|text| Uri::is_uri(text)).map(Uri::parse).transpose()
    }

    /// The token that is meant.
    pub(super) fn selector(&self) -> Result<Selector> {
        match self.token.as_deref() {
            Some(text) => Selector::parse(text),
            None => Ok(Selector::default()),
        }
    }

    /// The module, loaded.
    pub(super) fn module(&self) -> Result<Arc<Module>> {
        let in_uri = self.uri()?.and_then(|uri| uri.module_path);
        Module::load(&locate::module(self.module.as_deref().or(in_uri.as_deref()))?)
    }

    /// Where the user PIN is: the option, the URI, else a prompt.
    pub(super) fn user_pin_source(&self) -> Result<PinSource> {
        match (&self.pin_source, self.uri()?.and_then(|uri| uri.pin_source)) {
            (Some(option), _) => PinSource::parse(option),
            (None, Some(in_uri)) => PinSource::parse_in_uri(&in_uri),
            (None, None) => Ok(PinSource::Prompt),
        }
    }

    /// The token, logged in to. The PIN is asked for once the token is known to be there.
    pub(super) fn hsm(&self) -> Result<Arc<dyn Hsm>> {
        Ok(self.logged_in()?)
    }

    /// The same with all that a token behind a module can do.
    pub(super) fn logged_in(&self) -> Result<Arc<Token>> {
        let (module, selector, source) = (self.module()?, self.selector()?, self.user_pin_source()?);
        let state = module.token(&selector)?;
        if state.user_pin_state != "ok" && self.user.is_none() && !self.quiet {
            eprintln!("note: the token says of its user PIN: {}", state.user_pin_state);
        }
        let of = self.user.as_ref().map(|user| format!("{user} on ")).unwrap_or_default();
        let pin = source.read(&format!("PIN of {of}token \"{}\": ", state.identity.label))?;
        Ok(Arc::new(Token::open_as(&module, &selector, self.user.as_deref(), Some(&pin))?))
    }

    /// Refuses a user with a name where none will do.
    pub(super) fn standard_user(&self, why: &str) -> Result<()> {
        match &self.user {
            None => Ok(()),
            Some(user) => {
                Err(Error::new(Kind::Usage, format!("not as \"{user}\"")).why(why).next("leave out --user and HSM_USER"))
            }
        }
    }

    /// The token without logging in: what anyone may see.
    pub(super) fn visitor(&self) -> Result<Token> {
        Token::open(&self.module()?, &self.selector()?, None)
    }

    /// The key store, made if it is not there.
    pub(super) fn store(&self) -> Result<Arc<dyn Store>> {
        Ok(self.store_place()?.open(self)?.in_name_of(None))
    }

    /// The key store if it is there already.
    pub(super) fn existing_store(&self) -> Result<Option<Arc<dyn Store>>> {
        Ok(self.store_place()?.open_existing(self)?.map(|store| store.in_name_of(None)))
    }

    /// Token and store as a keyring.
    pub(super) fn keyring(&self) -> Result<Keyring> {
        // A store that cannot be had is told of before a PIN is asked for.
        let store = self.store_place()?.open(self)?;
        let hsm = self.hsm()?;
        let keyring = Keyring::new(hsm, store.in_name_of(self.user.as_deref()));
        Ok(match self.kem()? {
            Some(kem) => keyring.with_kem(kem),
            None => keyring,
        })
    }

    /// The ML-KEM key of --kem-file.
    pub(super) fn kem(&self) -> Result<Option<FileKem>> {
        self.kem_file.as_deref().map(|path| super::kem::from_file(path, self.kem_password_source.as_deref())).transpose()
    }

    /// Token and store as a signer.
    pub(super) fn signer(&self) -> Result<Signer> {
        let store = self.store_place()?.open(self)?;
        let hsm = self.hsm()?;
        Ok(Signer::new(hsm, store.in_name_of(self.user.as_deref())))
    }

    /// Where the key store is.
    pub(super) fn store_place(&self) -> Result<Place> {
        if let Some(named) = &self.store {
            return Ok(Place::named(named));
        }
        let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        variable("XDG_DATA_HOME")
            .or_else(|| variable("HOME").map(|home| home.join(".local/share")))
            .map(|folder| Place::File(folder.join(Path::new("hsm/keyring.db"))))
            .ok_or_else(|| {
                Error::new(Kind::Usage, "no place for the key store")
                    .why("neither XDG_DATA_HOME nor HOME is set")
                    .next("name one: --store PATH")
            })
    }
}
