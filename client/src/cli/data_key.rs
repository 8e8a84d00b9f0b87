//! Which data key a message is encrypted or decrypted with: one of the store, or one that comes along.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use hsm_client::context::EncryptionContext;
use hsm_client::envelope::embedded::{self, Form, Prelude};
use hsm_client::envelope::read_header;
use hsm_client::id::KeyId;
use hsm_client::keyring::{Dek, Keyring, Recipe};
use hsm_client::store::{Demand, MemoryStore};
use hsm_client::{Error, Kind, Result};

use super::connect::Global;
use super::files::Input;

/// The data key to encrypt with.
#[derive(Args)]
pub(super) struct Choice {
    /// Data key; not needed when the store has only one
    #[arg(long, alias = "key", value_name = "NAME", conflicts_with = "own")]
    pub dek: Option<String>,
    /// Make a data key for this envelope and put it in, wrapped: no store is needed to decrypt
    #[arg(long, group = "own")]
    pub embed: bool,
    /// Make a data key for this envelope and keep it, wrapped, in a file of its own
    #[arg(long, group = "own", value_name = "FILE")]
    pub wrapped_key: Option<PathBuf>,
    /// Master key that wraps it: label or id; not needed when there is only one
    #[arg(long, requires = "own", value_name = "LABEL")]
    pub mek: Option<String>,
}

/// An open data key, and where it is kept.
pub(super) struct Chosen {
    /// It.
    pub dek: Dek,
    /// Its name in the store.
    pub name: Option<String>,
    /// Its wrapped form, where that is not in the store.
    pub prelude: Option<Prelude>,
    /// Bytes that are counted as its use already.
    pub counted: u64,
}

impl Choice {
    /// Opens the key that is meant, or makes it, for a message of `bytes`, as far as is known.
    pub(super) fn open(&self, keyring: &Keyring, context: &EncryptionContext, bytes: u64) -> Result<Chosen> {
        if self.embed || self.wrapped_key.is_some() {
            let recipe = Recipe { mek: self.mek.clone(), ..Recipe::default() };
            let (dek, prelude) = embedded::generate(keyring, &recipe, context)?;
            return Ok(Chosen { dek, name: None, prelude: Some(prelude), counted: bytes });
        }
        let (name, dek) = to_encrypt(keyring, self.dek.as_deref(), bytes)?;
        Ok(Chosen { dek, name: Some(name), prelude: None, counted: bytes })
    }
}

/// The data key called `name`, or else the only one, opened to encrypt one message of `bytes`.
pub(super) fn to_encrypt(keyring: &Keyring, name: Option<&str>, bytes: u64) -> Result<(String, Dek)> {
    let name = name.map_or_else(|| only_lineage(keyring), |name| Ok(name.to_owned()))?;
    let (record, _) = keyring.for_encryption(&name, Demand::one(bytes))?;
    Ok((name, keyring.open(&record)?))
}

/// What stands before the segments of the envelope in `input`, with the wrapped key from a file of its own if there is one.
pub(super) fn form(input: &mut Input, wrapped_key: Option<&Path>) -> Result<Form> {
    match wrapped_key {
        None => Form::read(&mut input.reader),
        Some(path) => {
            let prelude = embedded::read_prelude(Input::open(Some(path))?.reader)?;
            Form::apart(prelude, read_header(&mut input.reader)?)
        }
    }
}

/// The data key of an envelope. The store is asked only where it holds the key.
pub(super) fn of_envelope(global: &Global, context: &EncryptionContext, form: &Form) -> Result<Dek> {
    match form {
        Form::Stored(header) => {
            let keyring = global.keyring()?;
            keyring.open(&keyring.for_decryption(&KeyId::from_bytes(header.key_id), header.key_version)?)
        }
        Form::Embedded(prelude, _) => {
            let keyring = Keyring::new(global.hsm()?, Arc::new(MemoryStore::default()));
            embedded::unwrap(&keyring, context, prelude)
        }
    }
}

fn only_lineage(keyring: &Keyring) -> Result<String> {
    let mut names: Vec<_> = keyring.store().lineages()?.into_iter().map(|lineage| lineage.name).collect();
    match (names.pop(), names.is_empty()) {
        (Some(name), true) => Ok(name),
        (None, _) => Err(Error::new(Kind::NotFound, "the store holds no data key")
            .why("data is encrypted under a data key, which the master key wraps")
            .next("make one: hsm dek create --name NAME")),
        (Some(last), false) => {
            names.push(last);
            Err(Error::new(Kind::Usage, "the store holds several data keys").why(names.join(", ")).next("choose one: --dek NAME"))
        }
    }
}
