//! What an envelope's file begins with: the header alone, or the wrapped key first.

use std::io::Read;

use super::format::{MAGIC, Prelude, PreludeError, START_LEN, columns_len};
use crate::envelope::{Header, read_header};
use crate::error::{Error, Kind, Result};
use crate::id::KeyId;

/// How an envelope's data key is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// By its id, in a store.
    Stored(Header),
    /// In the file itself, wrapped.
    Embedded(Box<Prelude>, Header),
}

impl Form {
    /// Reads what stands before the segments, in whichever form it is.
    ///
    /// # Errors
    /// [`Kind::Malformed`] when it is no envelope; [`Kind::Authentication`] when its wrapped key is another key than its header
    /// names; [`Kind::Io`].
    pub fn read(mut input: impl Read) -> Result<Self> {
        let mut start = Vec::with_capacity(START_LEN);
        read_more(&mut input, &mut start, MAGIC.len())?;
        if start != MAGIC {
            return read_header(start.chain(input)).map(Self::Stored);
        }
        let prelude = rest(start, &mut input)?;
        Self::apart(prelude, read_header(input)?)
    }

    /// The same for a wrapped key that was kept apart from its envelope.
    ///
    /// # Errors
    /// [`Kind::Authentication`] when it is another key than the header names.
    pub fn apart(prelude: Prelude, header: Header) -> Result<Self> {
        belong_together(&prelude, &header)?;
        Ok(Self::Embedded(Box::new(prelude), header))
    }

    /// The header of the envelope.
    pub fn header(&self) -> &Header {
        match self {
            Self::Stored(header) | Self::Embedded(_, header) => header,
        }
    }
}

/// Reads the prelude that `input` begins with.
///
/// # Errors
/// [`Kind::Malformed`], [`Kind::Io`].
pub fn read_prelude(mut input: impl Read) -> Result<Prelude> {
    rest(Vec::with_capacity(START_LEN), &mut input)
}

fn rest(mut bytes: Vec<u8>, input: &mut impl Read) -> Result<Prelude> {
    read_more(input, &mut bytes, START_LEN)?;
    let start = bytes.first_chunk().ok_or(PreludeError::TooShort).map_err(malformed)?;
    let total = START_LEN + columns_len(start).map_err(malformed)?;
    read_more(input, &mut bytes, total)?;
    Prelude::parse(&bytes).map_err(malformed)
}

/// Reads until `bytes` has `total`, or the input ends.
fn read_more(input: &mut impl Read, bytes: &mut Vec<u8>, total: usize) -> Result<()> {
    let wanted = total.saturating_sub(bytes.len()) as u64;
    let done = input.by_ref().take(wanted).read_to_end(bytes);
    done.map(drop).map_err(|error| Error::io("reading the envelope", &error))
}

/// Refuses an envelope under another prelude before the token is asked for anything.
pub(super) fn belong_together(prelude: &Prelude, header: &Header) -> Result<()> {
    let named = KeyId::from_bytes(header.key_id);
    if named == prelude.key_id() && header.key_version == prelude.version() {
        return Ok(());
    }
    Err(Error::authentication("the wrapped key is not that of the envelope").why(format!(
        "it is {} version {}, the envelope names {named} version {}",
        prelude.key_id(),
        prelude.version(),
        header.key_version
    )))
}

fn malformed(error: PreludeError) -> Error {
    Error::new(Kind::Malformed, "this is no wrapped key that can be opened").why(error.to_string())
}
