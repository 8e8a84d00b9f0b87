//! Encrypting a stream into an envelope.

use std::io::{Read, Write};

use super::chunks::Chunks;
use super::derive;
use super::format::{Header, USUAL_SEGMENT_LOG2};
use crate::context::EncryptionContext;
use crate::error::{Error, Result};
use crate::keyring::Dek;
use crate::random;

/// Encrypts all of `input` under `dek` into `output`; `progress` hears the plaintext bytes done so far. Returns the
/// header. Memory use is two segments, whatever the length.
///
/// # Errors
/// [`crate::Kind::Io`] from either stream; [`crate::Kind::Usage`] beyond 2^32 segments (256 TiB).
pub fn seal(
    dek: &Dek,
    context: &EncryptionContext,
    input: impl Read,
    output: impl Write,
    progress: impl FnMut(u64),
) -> Result<Header> {
    seal_with(dek, context, (USUAL_SEGMENT_LOG2, random::public()?), input, output, progress)
}

/// [`seal`] with a chosen segment size and salt. A salt must never be used twice with one data key: for test vectors.
pub(super) fn seal_with(
    dek: &Dek,
    context: &EncryptionContext,
    chosen: (u8, [u8; 32]),
    input: impl Read,
    mut output: impl Write,
    mut progress: impl FnMut(u64),
) -> Result<Header> {
    let (header, segments) = derive::begin(dek, context, chosen)?;
    let wrote = |error: std::io::Error| Error::io("writing the envelope", &error);
    output.write_all(&header.to_bytes()).map_err(wrote)?;
    let mut chunks = Chunks::new(input, header.segment_len(), "the data to encrypt");
    let mut done = 0;
    for index in 0.. {
        let (mut piece, last) = chunks.next()?;
        done += piece.len() as u64;
        segments.seal(index, last, &mut piece)?;
        output.write_all(&piece).map_err(wrote)?;
        progress(done);
        if last {
            break;
        }
    }
    output.flush().map_err(wrote)?;
    Ok(header)
}
