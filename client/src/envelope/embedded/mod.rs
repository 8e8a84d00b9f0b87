//! Envelopes that need no store: the data key comes along, wrapped (`client/FORMAT.md`, section 8).
//!
//! Each message has a data key of its own, made in the token. Its wrapped form, the [`Prelude`], stands before the envelope
//! ([`seal`], [`open`]), or is kept elsewhere: detached, as bytes of its own ([`generate`], [`unwrap`]). The context is bound to the
//! wrapping and to the message.
//!
//! What a store would know is missing here: such a key has no name, does not expire, and cannot be disabled. Whoever has the token
//! and the context opens it for as long as the master key is there.

mod columns;
mod form;
pub mod format;

use std::io::{Read, Seek, Write};

use super::format::Header;
use super::{Reader, read_header};
use crate::context::EncryptionContext;
use crate::error::{Error, Kind, Result};
use crate::keyring::hybrid::Layer;
use crate::keyring::mek::Mek;
use crate::keyring::{Dek, Keyring, Recipe};
use crate::store::KeyRecord;

pub use form::{Form, read_prelude};
pub use format::{Prelude, PreludeError};

/// Makes a data key of its own and encrypts all of `input` under it: prelude and envelope go to `output`. `progress` hears the
/// plaintext bytes done so far. The master key is that of `recipe`, which sets no expiry and no metadata here.
///
/// # Errors
/// Those of [`generate`]; [`Kind::Io`].
pub fn seal(
    keyring: &Keyring,
    recipe: &Recipe,
    context: &EncryptionContext,
    input: impl Read,
    mut output: impl Write,
    progress: impl FnMut(u64),
) -> Result<(Prelude, Header)> {
    let (dek, prelude) = generate(keyring, recipe, context)?;
    output.write_all(&prelude.to_bytes()).map_err(|error| Error::io("writing the envelope", &error))?;
    let header = super::seal(&dek, context, input, output, progress)?;
    Ok((prelude, header))
}

/// Decrypts prelude and envelope in `input` to `output`. What [`super::open`] says of a later segment holds here too: a caller that
/// must not act on part of a message keeps `output` back until this returns.
///
/// # Errors
/// [`Kind::Malformed`]; those of [`unwrap`] and [`super::open`].
pub fn open(
    keyring: &Keyring,
    context: &EncryptionContext,
    mut input: impl Read,
    output: impl Write,
    progress: impl FnMut(u64),
) -> Result<u64> {
    let prelude = read_prelude(&mut input)?;
    let header = read_header(&mut input)?;
    form::belong_together(&prelude, &header)?;
    super::open(&unwrap(keyring, context, &prelude)?, context, &header, input, output, progress)
}

/// Reads at any place of the envelope that follows its prelude in `input`, which is at the start.
///
/// # Errors
/// [`Kind::Malformed`]; those of [`unwrap`] and [`Reader::new`].
pub fn reader<R: Read + Seek>(keyring: &Keyring, context: &EncryptionContext, mut input: R) -> Result<Reader<R>> {
    let prelude = read_prelude(&mut input)?;
    Reader::new(input, context, |header| {
        form::belong_together(&prelude, header)?;
        unwrap(keyring, context, &prelude)
    })
}

/// Makes a data key, open and wrapped. For the detached form: encrypt under it with [`super::seal`], and keep [`Prelude::to_bytes`]
/// beside the envelope.
///
/// # Errors
/// [`Kind::Usage`] for a recipe with an expiry or metadata, which nothing would keep; those of [`Keyring::generate_data_key`].
pub fn generate(keyring: &Keyring, recipe: &Recipe, context: &EncryptionContext) -> Result<(Dek, Prelude)> {
    if recipe.expires.is_some() || !recipe.metadata.is_empty() || recipe.kem.is_some() {
        return Err(Error::new(
            Kind::Usage,
            "a data key that is not in the store has no expiry, no metadata and no second wrapping",
        )
        .next("make it in the store: hsm dek create"));
    }
    let (dek, record) = keyring.generate_data_key(recipe, context)?;
    Ok((dek, prelude(&record)?))
}

/// Opens the data key of a prelude.
///
/// # Errors
/// [`Kind::Authentication`] for another context or an altered prelude, which look alike; [`Kind::NotFound`] when the master key is
/// in another token; those of the token.
pub fn unwrap(keyring: &Keyring, context: &EncryptionContext, prelude: &Prelude) -> Result<Dek> {
    keyring.decrypt_data_key(&prelude.record(), context).map_err(refused)
}

/// Wraps the data key anew by `mek`, inside the token; the envelope stays as it is. The result takes the place of `prelude`.
///
/// # Errors
/// As [`unwrap`]; [`Kind::MechanismRefused`] when the token cannot.
pub fn rewrap(keyring: &Keyring, context: &EncryptionContext, prelude: &Prelude, mek: &Mek) -> Result<Prelude> {
    self::prelude(&keyring.rewrap_record(&prelude.record(), context, mek, &Layer::Keep).map_err(refused)?)
}

fn prelude(record: &KeyRecord) -> Result<Prelude> {
    Prelude::of(record).map_err(|error| {
        Error::new(Kind::Malformed, "the token's wrapped key does not fit beside an envelope").why(error.to_string())
    })
}

/// The keyring speaks of rows in a store; here there is none.
fn refused(error: Error) -> Error {
    match error.kind() {
        Kind::Authentication => Error::authentication("the wrapped key does not open")
            .why("the context is not the one it was encrypted with, or it was altered")
            .next("give the same --context key=value options as for encryption"),
        _ => error,
    }
}

#[cfg(test)]
mod tests;
