//! An envelope written piece by piece, by whoever has no stream to read from.

use std::io::{self, Write};

use zeroize::Zeroizing;

use super::derive;
use super::format::{Header, TAG_LEN, USUAL_SEGMENT_LOG2};
use super::segment::Segments;
use crate::context::EncryptionContext;
use crate::error::{Error, Kind, Result};
use crate::keyring::Dek;
use crate::random;

/// Encrypts what is written to it into the envelope that goes to `W`. Memory use is one segment, whatever the length.
///
/// Only [`Writer::finish`] writes the last segment: dropped before it, the writer leaves an envelope that does not open, since
/// nothing tells a message that was broken off from one that was cut off. `flush` flushes `W`; a segment that is not full stays here.
/// After an error the writer is of no more use.
pub struct Writer<W> {
    output: W,
    header: Header,
    sealer: Option<Sealer>,
}

/// What the next segment is sealed with. It is taken out for that and put back only when all went well: a segment that is sealed
/// twice, with something else in it, would tell both.
struct Sealer {
    segments: Segments,
    index: u64,
    piece: Zeroizing<Vec<u8>>,
}

impl<W: Write> Writer<W> {
    /// Begins an envelope under `dek`: writes its header to `output`.
    ///
    /// # Errors
    /// [`Kind::Io`] from `output`, or without randomness.
    pub fn new(dek: &Dek, context: &EncryptionContext, output: W) -> Result<Self> {
        Self::new_with(dek, context, (USUAL_SEGMENT_LOG2, random::public()?), output)
    }

    /// [`Writer::new`] with a chosen segment size and salt, see [`super::seal::seal_with`].
    pub(super) fn new_with(dek: &Dek, context: &EncryptionContext, chosen: (u8, [u8; 32]), mut output: W) -> Result<Self> {
        let (header, segments) = derive::begin(dek, context, chosen)?;
        output.write_all(&header.to_bytes()).map_err(|error| wrote(&error))?;
        // Room for the tag from the start: growing would leave a copy of the plaintext behind.
        let piece = Zeroizing::new(Vec::with_capacity(header.segment_len() + TAG_LEN));
        let sealer = Sealer { segments, index: 0, piece };
        Ok(Self { output, header, sealer: Some(sealer) })
    }

    /// Writes the last segment, flushes `W`, and gives it back with the header of the envelope.
    ///
    /// # Errors
    /// [`Kind::Io`]; [`Kind::Usage`] beyond 2^32 segments.
    pub fn finish(mut self) -> Result<(Header, W)> {
        let Sealer { segments, index, mut piece } = self.sealer.take().ok_or_else(broken)?;
        segments.seal(index, true, &mut piece)?;
        self.output.write_all(&piece).and_then(|()| self.output.flush()).map_err(|error| wrote(&error))?;
        Ok((self.header, self.output))
    }

    /// Seals the piece that is full and begins the next.
    fn turn(&mut self) -> io::Result<()> {
        let Sealer { segments, index, mut piece } = self.sealer.take().ok_or_else(|| io::Error::other(broken()))?;
        segments.seal(index, false, &mut piece).map_err(io::Error::other)?;
        self.output.write_all(&piece)?;
        piece.clear();
        self.sealer = Some(Sealer { segments, index: index + 1, piece });
        Ok(())
    }
}

impl<W: Write> Write for Writer<W> {
    /// Takes as much as fits into one segment. The last one must be known as such, so a full one is sealed when more comes.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let full = self.header.segment_len();
        if !bytes.is_empty() && self.sealer.as_ref().is_some_and(|sealer| sealer.piece.len() == full) {
            self.turn()?;
        }
        let sealer = self.sealer.as_mut().ok_or_else(|| io::Error::other(broken()))?;
        let len = bytes.len().min(full - sealer.piece.len());
        sealer.piece.extend_from_slice(&bytes[..len]);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

fn wrote(error: &io::Error) -> Error {
    Error::io("writing the envelope", error)
}

fn broken() -> Error {
    Error::new(Kind::Usage, "the envelope was broken off").why("an earlier write failed").next("begin another")
}

hsm_shares::concealed!(Sealer);

#[cfg(test)]
mod tests {
    use super::super::{open, read_header, seal::seal_with};
    use super::*;
    use crate::id::KeyId;
    use crate::secret::Secret;

    const CHOSEN: (u8, [u8; 32]) = (12, [9; 32]);

    fn dek() -> Dek {
        Dek { key_id: KeyId::from_bytes([7; 16]), version: 1, key: Secret::copy(&[1; 32]) }
    }

    fn written(message: &[u8], step: usize) -> Writer<Vec<u8>> {
        let mut writer = Writer::new_with(&dek(), &EncryptionContext::empty(), CHOSEN, Vec::new()).unwrap();
        message.chunks(step).for_each(|piece| writer.write_all(piece).unwrap());
        writer
    }

    /// The same bytes as from a stream, however they come in.
    #[test]
    fn as_sealed_from_a_stream() {
        for len in [0, 1, 4095, 4096, 4097, 8192, 10_000] {
            let message: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            let mut sealed = Vec::new();
            let header = seal_with(&dek(), &EncryptionContext::empty(), CHOSEN, &message[..], &mut sealed, |_| {}).unwrap();
            for step in [1, 1000, 4096, 20_000] {
                assert!(written(&message, step).finish().unwrap() == (header.clone(), sealed.clone()), "{len} by {step}");
            }
        }
    }

    #[test]
    fn dropped_it_leaves_nothing_that_opens() {
        for len in [0, 1, 4096, 4097, 8192, 10_000] {
            let Writer { output, .. } = written(&vec![3; len], 1000);
            let mut left = output.as_slice();
            let header = read_header(&mut left).unwrap();
            let refused = open(&dek(), &EncryptionContext::empty(), &header, left, io::sink(), |_| {}).unwrap_err();
            assert_eq!(refused.kind(), Kind::Authentication, "{len}");
        }
    }

    /// Fails once, in the middle of the first segment.
    struct Torn(Vec<u8>, bool);

    impl Write for Torn {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0.len() >= 1000 && !std::mem::replace(&mut self.1, true) {
                return Err(io::Error::other("full"));
            }
            let len = bytes.len().min(1000);
            self.0.extend(&bytes[..len]);
            Ok(len)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nothing_is_sealed_after_an_error() {
        let mut writer = Writer::new_with(&dek(), &EncryptionContext::empty(), CHOSEN, Torn(Vec::new(), false)).unwrap();
        writer.write_all(&[1; 5000]).unwrap_err();
        let before = writer.output.0.len();
        writer.write_all(&[1]).unwrap_err();
        assert_eq!(writer.output.0.len(), before);
        assert_eq!(writer.finish().err().unwrap().kind(), Kind::Usage);
    }
}
