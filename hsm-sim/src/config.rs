//! Configuration: TOML, found by pReserved of `C_Initialize`, `HSM_SIM_CONF`, the XDG directories, `/etc`, or not needed at all.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{
    abi::env,
    audit,
    crypto::Argon2Cost,
    error::{Result, Rv},
    log,
    mechanism::offer::Offer,
    object::curve::PointForm,
};

/// Everything that can be configured. Unknown keys are refused by name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Directory of the token files. Default: `$XDG_DATA_HOME/hsm-sim`.
    pub token_dir: PathBuf,
    /// `off`, `warn` or `debug`; the environment's `HSM_SIM_LOG` wins.
    pub log: Option<String>,
    /// Wrong PINs in a row before a role is locked; fixed when the token is initialised. 1..=255.
    pub max_pin_failures: u8,
    /// Milliseconds that pass before a PIN is tried after a wrong one; twice as many after each further one, 3000 at most. 0: none.
    pub pin_delay_ms: u64,
    /// Lets the SO set a new user PIN with keys kept; fixed when the token is initialised. The SO can then reach the user's keys.
    pub so_can_reset_user_pin: bool,
    /// Offers obsolete mechanisms too: DES, DSA, MD5 and their like.
    pub legacy: bool,
    /// What the audit log tells: `off`, `changes`, `uses` or `every`.
    pub audit: audit::Level,
    /// Keys are used within CKA_START_DATE and CKA_END_DATE only.
    pub enforce_dates: bool,
    /// Which mechanisms are offered.
    pub mechanisms: Offer,
    /// Sessions a process may have open on one token.
    pub max_sessions: usize,
    /// How CKA_EC_POINT of Edwards keys is written.
    pub edwards_point: PointForm,
    /// Cost of turning a PIN into a key, for PINs set from now on.
    pub argon2: Argon2,
}

/// Argon2id parameters (RFC 9106).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Argon2 {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            token_dir: data_home().join("hsm-sim"),
            log: None,
            max_pin_failures: 10,
            pin_delay_ms: 100,
            so_can_reset_user_pin: false,
            legacy: false,
            audit: audit::Level::default(),
            enforce_dates: false,
            mechanisms: Offer::default(),
            max_sessions: 4096,
            edwards_point: PointForm::OctetString,
            argon2: Argon2::default(),
        }
    }
}

impl Default for Argon2 {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

impl Config {
    /// Reads the configuration; `reserved` is the path an application passed in `pReserved`. What is wrong with it is always logged:
    /// Cryptoki has no word for it.
    pub fn load(reserved: Option<PathBuf>) -> Result<Self> {
        log::set(named_level(None));
        Self::loaded(reserved).inspect_err(|error| log::warn(format_args!("{}", error.why)))
    }

    fn loaded(reserved: Option<PathBuf>) -> Result<Self> {
        let path = reserved.or_else(found);
        let config = path.as_deref().map_or_else(|| Ok(Self::default()), Self::read)?.checked()?;
        log::set(named_level(config.log.as_deref()));
        let origin = path.map_or_else(|| "the defaults".into(), |path| path.display().to_string());
        log::debug(format_args!("configured by {origin}; tokens in {}", config.token_dir.display()));
        Ok(config)
    }

    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| Rv::GeneralError.because(format!("configuration {}: {e}", path.display())))?;
        toml::from_str(&text).map_err(|e| Rv::GeneralError.because(format!("configuration {}: {}", path.display(), e.message())))
    }

    /// The configuration, if its values are possible ones.
    pub fn checked(mut self) -> Result<Self> {
        self.mechanisms.legacy = self.legacy;
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> Result<()> {
        if !self.argon2_cost().is_reasonable() {
            return Rv::GeneralError.err("configuration: argon2 must be 19456 KiB to 1 GiB, 2 to 100 passes, 1 to 64 lanes");
        }
        self.mechanisms.check()?;
        if self.max_pin_failures == 0 {
            return Rv::GeneralError.err("configuration: max_pin_failures must be at least 1");
        }
        if let Some(name) = self.log.as_deref().filter(|name| log::level(name).is_none()) {
            return Rv::GeneralError.err(format!("configuration: log = {name:?} is not off, warn or debug"));
        }
        Ok(())
    }

    /// The cost for PINs set from now on.
    pub fn argon2_cost(&self) -> Argon2Cost {
        Argon2Cost { memory_kib: self.argon2.memory_kib, passes: self.argon2.passes, lanes: self.argon2.lanes }
    }
}

/// The level the environment names, or else the configuration, or else the usual one.
fn named_level(configured: Option<&str>) -> log::Level {
    let named = env::var("HSM_SIM_LOG");
    named.as_deref().or(configured).and_then(log::level).unwrap_or(log::Level::Warn)
}

/// The configuration file in force: a path named by the environment must exist, the usual places may be empty.
fn found() -> Option<PathBuf> {
    if let Some(named) = env::var("HSM_SIM_CONF") {
        return Some(named.into());
    }
    let usual = [config_home().join("hsm-sim/hsm-sim.toml"), PathBuf::from("/etc/hsm-sim/hsm-sim.toml")];
    usual.into_iter().find(|path| path.is_file())
}

fn config_home() -> PathBuf {
    env::var("XDG_CONFIG_HOME").map_or_else(|| home().join(".config"), PathBuf::from)
}

fn data_home() -> PathBuf {
    env::var("XDG_DATA_HOME").map_or_else(|| home().join(".local/share"), PathBuf::from)
}

fn home() -> PathBuf {
    env::var("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from)
}
