//! One value of a database column, sealed in one piece (`client/FORMAT.md`, section 7).
//!
//! Sealed, a value is [`OVERHEAD`] bytes longer; its text form has four characters for every three bytes, rounded up. Anyone sees
//! how long the value is: pad what must not show.
//!
//! The context says where the value belongs: name the table, the column and the row's id. Then nobody who can write to the database
//! can move a value to another row or column. A value cannot be kept from being replaced by an older one of the same place, though.
//!
//! ```
//! # use hsm_client::{context::EncryptionContext, envelope::field, id::KeyId, keyring::Dek, secret::Secret};
//! # let dek = Dek { key_id: KeyId::random()?, version: 1, key: Secret::copy(&[7; 32]) };
//! let place = EncryptionContext::parse(["table=users", "column=email", "id=42"])?;
//! let sealed = field::seal(&dek, &place, b"alice@example.org")?;
//! assert_eq!(sealed.len(), 17 + field::OVERHEAD);
//! let email = field::open(&sealed, &place, |_header| Ok(&dek))?;
//! assert_eq!(email.expose(), b"alice@example.org");
//! # Ok::<(), hsm_client::Error>(())
//! ```

mod derive;
pub mod format;

use std::borrow::Borrow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::context::EncryptionContext;
use crate::envelope::FormatError;
use crate::error::{Error, Kind, Result};
use crate::keyring::Dek;
use crate::random;
use crate::secret::Secret;

pub use format::{Header, MAX_LEN, OVERHEAD};

/// Seals `value`, which may be empty, under `dek` for the place that `context` names. The result has `value.len() + OVERHEAD` bytes.
///
/// # Errors
/// [`Kind::Usage`] above [`MAX_LEN`]; [`Kind::Io`] without randomness.
pub fn seal(dek: &Dek, context: &EncryptionContext, value: &[u8]) -> Result<Vec<u8>> {
    seal_with(dek, context, random::public()?, value)
}

/// [`seal`] with a chosen salt. A salt must never be used twice with one data key: for test vectors.
fn seal_with(dek: &Dek, context: &EncryptionContext, salt: [u8; 24], value: &[u8]) -> Result<Vec<u8>> {
    if value.len() > MAX_LEN {
        return Err(Error::new(Kind::Usage, "the value is too long for a field")
            .why(format!("it has {} bytes, a field {MAX_LEN} at most", value.len()))
            .next("encrypt it as an envelope, which is a stream: envelope::seal, hsm encrypt"));
    }
    let mut header = Header { key_id: dek.key_id, key_version: dek.version, salt, commitment: [0; 32], check: [0; 4] };
    derive::for_sealing(dek, context, &mut header)?.seal(value)
}

/// Opens what [`seal`] made; `key` is asked for the data key that the header names, which is not authenticated yet. Nothing of the
/// value is given out before key, context and tag were checked.
///
/// # Errors
/// [`Kind::Malformed`] when it is no field; [`Kind::ContextMismatch`] for another context; [`Kind::Authentication`] for another key
/// and everything altered; those of `key`.
pub fn open<K: Borrow<Dek>>(field: &[u8], context: &EncryptionContext, key: impl FnOnce(&Header) -> Result<K>) -> Result<Secret> {
    let (header, body) = Header::parse(field).map_err(malformed)?;
    derive::for_opening(key(&header)?.borrow(), context, &header)?.open(body)
}

/// [`seal`] for a column of text: base64url without padding (RFC 4648 section 5).
///
/// # Errors
/// Those of [`seal`].
pub fn seal_text(dek: &Dek, context: &EncryptionContext, value: &[u8]) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(seal(dek, context, value)?))
}

/// Opens what [`seal_text`] made.
///
/// # Errors
/// [`Kind::Malformed`] when it is not base64url; those of [`open`].
pub fn open_text<K: Borrow<Dek>>(
    text: &str,
    context: &EncryptionContext,
    key: impl FnOnce(&Header) -> Result<K>,
) -> Result<Secret> {
    open(&from_text(text)?, context, key)
}

/// The bytes of the text form.
///
/// # Errors
/// [`Kind::Malformed`] when it is not base64url without padding.
pub fn from_text(text: &str) -> Result<Vec<u8>> {
    // The decoder refuses bits that mean nothing, so that one field has one text.
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Error::new(Kind::Malformed, "this is no sealed field").why("it is not base64url without padding"))
}

fn malformed(error: FormatError) -> Error {
    Error::new(Kind::Malformed, "this is no sealed field that can be opened").why(error.to_string())
}

#[cfg(test)]
mod tests;
