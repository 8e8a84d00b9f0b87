//! Where the key store is: a file, or a database on a server; and `hsm store`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;
use hsm_client::store::{SqliteStore, Store, journal};
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::connect::Global;
use super::output;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make the key store, or bring it up to date: on a server, as the role that shall own it
    Prepare,
    /// Say where the key store is and what it holds
    Info,
}

/// A key store's place.
pub(super) enum Place {
    /// A file on this machine.
    File(PathBuf),
    /// A PostgreSQL database, by its URL.
    Server(String),
}

impl Place {
    /// The place that `text` names.
    pub(super) fn named(text: &str) -> Self {
        // A file could be called so, and never is: what looks like an address is one.
        match text.contains("://") {
            true => Self::Server(text.to_owned()),
            false => Self::File(PathBuf::from(text)),
        }
    }

    /// The store; a file is made if it is not there. `user` is a user of the token, logged in, in whose name its journal is written.
    pub(super) fn open(&self, global: &Global, user: Option<&str>) -> Result<Arc<dyn Store>> {
        match self {
            Self::File(path) => {
                let store = SqliteStore::open(path)?;
                Ok(match user {
                    Some(user) => Arc::new(store.on_behalf_of(user)),
                    None => Arc::new(store),
                })
            }
            Self::Server(url) => server::open(global, url, user, false),
        }
    }

    /// The store if it is there already.
    pub(super) fn open_existing(&self, global: &Global) -> Result<Option<Arc<dyn Store>>> {
        match self {
            Self::File(path) if !path.exists() => Ok(None),
            _ => self.open(global, None).map(Some),
        }
    }
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    let place = global.store_place()?;
    let store = match (command, &place) {
        (Command::Prepare, Place::Server(url)) => server::open(global, url, None, true)?,
        (Command::Prepare, Place::File(_)) => place.open(global, None)?,
        (Command::Info, _) => place.open_existing(global)?.ok_or_else(|| {
            Error::new(Kind::NotFound, "there is no key store yet").next("make a data key: hsm dek create --name NAME")
        })?,
    };
    let shown = match &place {
        Place::File(path) => path.display().to_string(),
        Place::Server(url) => url.clone(),
    };
    let lineages = store.lineages()?;
    let mut versions = 0;
    for lineage in &lineages {
        versions += store.versions(&lineage.id)?.len();
    }
    let (meks, signing_keys, entries) = (store.meks()?.len(), store.signing_keys()?.len(), store.journal(0)?);
    if global.json {
        return output::json(&json!({
            "store": shown, "deks": lineages.len(), "dek_versions": versions, "meks": meks, "signing_keys": signing_keys,
            "journal_entries": entries.len(), "head": entries.last().map_or(journal::Head::START, |entry| entry.head()).to_string(),
        }));
    }
    output::facts(&[
        ("key store", shown),
        ("data keys", format!("{} in {versions} versions", lineages.len())),
        ("master keys known", meks.to_string()),
        ("signing keys known", signing_keys.to_string()),
        ("journal", format!("{} entries", entries.len())),
    ])
}

#[cfg(feature = "postgres")]
mod server {
    use super::{Arc, Global, Result, Store};
    use crate::cli::pin::{PinSource, STORE_PASSWORD};
    use hsm_client::store::PostgresStore;

    /// Opens the store at `url`, or makes its tables first.
    pub(super) fn open(global: &Global, url: &str, user: Option<&str>, prepare: bool) -> Result<Arc<dyn Store>> {
        let source = global.store_password_source.as_deref().map(|text| PinSource::parse_as(STORE_PASSWORD, text)).transpose()?;
        let password = source.map(|source| source.read_as(STORE_PASSWORD, "Password of the key store: ")).transpose()?;
        let open = if prepare { PostgresStore::prepare } else { PostgresStore::open };
        let store = open(url, password.as_ref())?;
        Ok(match user {
            Some(user) => Arc::new(store.on_behalf_of(user)),
            None => Arc::new(store),
        })
    }
}

#[cfg(not(feature = "postgres"))]
mod server {
    use super::{Arc, Error, Global, Kind, Result, Store};

    pub(super) fn open(_global: &Global, _url: &str, _user: Option<&str>, _prepare: bool) -> Result<Arc<dyn Store>> {
        Err(Error::new(Kind::Usage, "this command was built without PostgreSQL")
            .next("build it with: cargo build --release -p hsm-client --features postgres"))
    }
}
