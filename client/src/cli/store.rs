//! Where the key store is: a file, or a database on a server; and `hsm store`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;
use hsm_client::store::{SqliteStore, Store};
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

    /// The store; a file is made if it is not there.
    pub(super) fn open(&self, global: &Global) -> Result<Opened> {
        match self {
            Self::File(path) => SqliteStore::open(path).map(Opened::File),
            Self::Server(url) => server::open(global, url, false),
        }
    }

    /// The store if it is there already.
    pub(super) fn open_existing(&self, global: &Global) -> Result<Option<Opened>> {
        match self {
            Self::File(path) if !path.exists() => Ok(None),
            _ => self.open(global).map(Some),
        }
    }
}

/// A store that is open, in nobody's name yet.
pub(super) enum Opened {
    /// The file.
    File(SqliteStore),
    /// The database.
    #[cfg(feature = "postgres")]
    Server(Box<hsm_client::store::PostgresStore>),
}

impl Opened {
    /// The store, its journal in the name of a user of the token who has logged in, if there is one.
    pub(super) fn in_name_of(self, user: Option<&str>) -> Arc<dyn Store> {
        match (self, user) {
            (Self::File(store), None) => Arc::new(store),
            (Self::File(store), Some(user)) => Arc::new(store.on_behalf_of(user)),
            #[cfg(feature = "postgres")]
            (Self::Server(store), None) => Arc::new(*store),
            #[cfg(feature = "postgres")]
            (Self::Server(store), Some(user)) => Arc::new(store.on_behalf_of(user)),
        }
    }
}

pub(super) fn run(global: &Global, command: &Command) -> Result<()> {
    let place = global.store_place()?;
    let store = match (command, &place) {
        (Command::Prepare, Place::Server(url)) => server::open(global, url, true)?,
        (Command::Prepare, Place::File(_)) => place.open(global)?,
        (Command::Info, _) => place.open_existing(global)?.ok_or_else(|| {
            Error::new(Kind::NotFound, "there is no key store yet").next("make a data key: hsm dek create --name NAME")
        })?,
    };
    let shown = match &place {
        Place::File(path) => path.display().to_string(),
        Place::Server(url) => url.clone(),
    };
    told(global, shown, &*store.in_name_of(None))
}

fn told(global: &Global, shown: String, store: &dyn Store) -> Result<()> {
    let lineages = store.lineages()?;
    let mut versions = 0;
    for lineage in &lineages {
        versions += store.versions(&lineage.id)?.len();
    }
    let (meks, signing_keys, head) = (store.meks()?.len(), store.signing_keys()?.len(), store.journal_head()?);
    if global.json {
        return output::json(&json!({
            "store": shown, "deks": lineages.len(), "dek_versions": versions, "meks": meks, "signing_keys": signing_keys,
            "journal_entries": head.seq, "head": head.to_string(),
        }));
    }
    output::facts(&[
        ("key store", shown),
        ("data keys", format!("{} in {versions} versions", lineages.len())),
        ("master keys known", meks.to_string()),
        ("signing keys known", signing_keys.to_string()),
        ("journal", format!("{} entries", head.seq)),
    ])
}

#[cfg(feature = "postgres")]
mod server {
    use super::{Global, Opened, Result};
    use crate::cli::pin::{PinSource, STORE_PASSWORD};
    use hsm_client::store::PostgresStore;

    /// Opens the store at `url`, or makes its tables first.
    pub(super) fn open(global: &Global, url: &str, prepare: bool) -> Result<Opened> {
        let source = global.store_password_source.as_deref().map(|text| PinSource::parse_as(STORE_PASSWORD, text)).transpose()?;
        let password = source.map(|source| source.read_as(STORE_PASSWORD, "Password of the key store: ")).transpose()?;
        let open = if prepare { PostgresStore::prepare } else { PostgresStore::open };
        open(url, password.as_ref()).map(|store| Opened::Server(Box::new(store)))
    }
}

#[cfg(not(feature = "postgres"))]
mod server {
    use super::{Error, Global, Kind, Opened, Result};

    pub(super) fn open(_global: &Global, _url: &str, _prepare: bool) -> Result<Opened> {
        Err(Error::new(Kind::Usage, "this command was built without PostgreSQL")
            .next("build it with: cargo build --release -p hsm-client --features postgres"))
    }
}
