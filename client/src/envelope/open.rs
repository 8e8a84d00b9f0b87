//! Decrypting an envelope, as a stream or at any place of it.

use std::borrow::Borrow;
use std::io::{self, Read, Seek, SeekFrom, Write};

use zeroize::Zeroizing;

use super::derive;
use super::format::{FormatError, Geometry, HEADER_LEN, Header};
use super::pieces::Pieces;
use super::segment::Segments;
use crate::context::EncryptionContext;
use crate::error::{Error, Kind, Result};
use crate::keyring::Dek;

/// Reads the header that starts `input`.
///
/// # Errors
/// [`Kind::Malformed`] when it is no envelope, [`Kind::Io`].
pub fn read_header(mut input: impl Read) -> Result<Header> {
    let mut bytes = Vec::with_capacity(HEADER_LEN);
    let limit = HEADER_LEN as u64;
    input.by_ref().take(limit).read_to_end(&mut bytes).map_err(sought)?;
    Header::parse(&bytes).map_err(malformed)
}

/// Decrypts the segments that follow `header` in `input` to `output`; `progress` hears the plaintext bytes done so far.
///
/// Each segment is authenticated before any of it is written, but a later segment may still fail: a caller that
/// must not act on part of a message keeps `output` back until this returns.
///
/// # Errors
/// [`Kind::Authentication`], [`Kind::ContextMismatch`], [`Kind::Io`].
pub fn open(
    dek: &Dek,
    context: &EncryptionContext,
    header: &Header,
    input: impl Read,
    mut output: impl Write,
    mut progress: impl FnMut(u64),
) -> Result<u64> {
    let mut pieces = Pieces::new(dek, context, header, input)?;
    let mut done = 0;
    while let Some(piece) = pieces.next()? {
        output.write_all(&piece).map_err(|error| Error::io("writing the decrypted data", &error))?;
        done += piece.len() as u64;
        progress(done);
    }
    output.flush().map_err(|error| Error::io("writing the decrypted data", &error))?;
    Ok(done)
}

/// An envelope read at any place. Opening authenticates the length; reading authenticates each segment it touches.
pub struct Reader<R> {
    input: R,
    segments: Segments,
    geometry: Geometry,
    /// Where the envelope begins in `input`.
    base: u64,
    position: u64,
    held: Option<(u64, Zeroizing<Vec<u8>>)>,
}

impl<R: Read + Seek> Reader<R> {
    /// Reads the envelope that begins where `input` stands and ends where `input` ends: its header, then the last segment, so that
    /// the length is known to be true. `key` is asked for the data key that the header names.
    ///
    /// # Errors
    /// [`Kind::Malformed`], [`Kind::Authentication`], [`Kind::ContextMismatch`], [`Kind::Io`], those of `key`.
    pub fn new<K: Borrow<Dek>>(
        mut input: R,
        context: &EncryptionContext,
        key: impl FnOnce(&Header) -> Result<K>,
    ) -> Result<Self> {
        let base = input.stream_position().map_err(sought)?;
        let end = input.seek(SeekFrom::End(0)).map_err(sought)?;
        input.seek(SeekFrom::Start(base)).map_err(sought)?;
        let header = read_header(&mut input)?;
        let geometry = Geometry::of(&header, end.saturating_sub(base)).map_err(malformed)?;
        let segments = derive::for_opening(key(&header)?.borrow(), context, &header)?;
        let mut reader = Self { input, segments, geometry, base, position: 0, held: None };
        reader.load(geometry.segments - 1)?;
        Ok(reader)
    }

    /// Plaintext bytes in all.
    pub fn len(&self) -> u64 {
        self.geometry.plaintext_len
    }

    /// True when the message is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn load(&mut self, index: u64) -> Result<&[u8]> {
        if self.held.as_ref().is_none_or(|(held, _)| *held != index) {
            self.held = None;
            let (offset, len) = self.geometry.sealed_segment(index);
            let mut piece = Zeroizing::new(vec![0; len]);
            self.input
                .seek(SeekFrom::Start(self.base + offset))
                .and_then(|_| self.input.read_exact(&mut piece))
                .map_err(sought)?;
            self.segments.open(index, index + 1 == self.geometry.segments, &mut piece)?;
            self.held = Some((index, piece));
        }
        Ok(self.held.as_ref().map_or(&[], |(_, piece)| piece))
    }
}

impl<R: Read + Seek> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.len() || buffer.is_empty() {
            return Ok(0);
        }
        let (index, within) = (self.position / self.geometry.segment_len, self.position % self.geometry.segment_len);
        let segment = self.load(index).map_err(io::Error::other)?;
        let rest = segment.get(within as usize..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        self.position += len as u64;
        Ok(len)
    }
}

impl<R: Read + Seek> Seek for Reader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or_else(|| io::Error::other("a place before the start of the message"))?;
        Ok(self.position)
    }
}

fn sought(error: io::Error) -> Error {
    Error::io("reading the envelope", &error)
}

fn malformed(error: FormatError) -> Error {
    Error::new(Kind::Malformed, "this is no envelope that can be opened").why(error.to_string())
}
