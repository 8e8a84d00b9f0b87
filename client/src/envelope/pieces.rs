//! The plaintext of an envelope, segment by segment, each authenticated.

use std::io::Read;

use zeroize::Zeroizing;

use super::chunks::Chunks;
use super::derive;
use super::format::{FormatError, Header, TAG_LEN};
use super::segment::Segments;
use crate::context::EncryptionContext;
use crate::error::{Error, Result};
use crate::keyring::Dek;

/// The segments that follow a header.
pub(super) struct Pieces<R> {
    chunks: Chunks<R>,
    segments: Segments,
    index: u64,
    ended: bool,
}

impl<R: Read> Pieces<R> {
    /// Those in `input`, whose header was read, if key and context are right.
    pub(super) fn new(dek: &Dek, context: &EncryptionContext, header: &Header, input: R) -> Result<Self> {
        let segments = derive::for_opening(dek, context, header)?;
        let chunks = Chunks::new(input, header.segment_len() + TAG_LEN, "the envelope");
        Ok(Self { chunks, segments, index: 0, ended: false })
    }

    /// The next piece; none after the last one was authenticated as such. After an error it must not be asked again.
    pub(super) fn next(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>> {
        if self.ended {
            return Ok(None);
        }
        let (mut piece, last) = self.chunks.next()?;
        // An empty last segment is good for an empty message only.
        if piece.len() < TAG_LEN || (piece.len() == TAG_LEN && self.index > 0) {
            return Err(Error::authentication("the envelope does not end as it should")
                .why(FormatError::Length.to_string())
                .next("fetch an unharmed copy; nothing of this one was released"));
        }
        self.segments.open(self.index, last, &mut piece)?;
        self.index += 1;
        self.ended = last;
        Ok(Some(piece))
    }
}
