//! An envelope read from its start to its end, by whoever needs an [`io::Read`] and has no file to seek in.

use std::borrow::Borrow;
use std::io::{self, Read};

use zeroize::Zeroizing;

use super::format::Header;
use super::pieces::Pieces;
use super::read_header;
use crate::context::EncryptionContext;
use crate::error::{Error, Result};
use crate::keyring::Dek;

/// Decrypts an envelope while it is read. Each segment is authenticated before a byte of it is given out, but a later segment may
/// still fail: only when `read` answers 0 is the message whole. After an error every read fails, so that a broken message never looks
/// like one that ended.
pub struct Stream<R> {
    pieces: Option<Pieces<R>>,
    piece: Zeroizing<Vec<u8>>,
    position: usize,
}

impl<R: Read> Stream<R> {
    /// Reads the header of `input`, and asks `key` for the data key that it names.
    ///
    /// # Errors
    /// [`Kind::Malformed`], [`Kind::Authentication`], [`Kind::ContextMismatch`], [`Kind::Io`], those of `key`.
    ///
    /// [`Kind::Malformed`]: crate::Kind::Malformed
    /// [`Kind::Authentication`]: crate::Kind::Authentication
    /// [`Kind::ContextMismatch`]: crate::Kind::ContextMismatch
    /// [`Kind::Io`]: crate::Kind::Io
    pub fn new<K: Borrow<Dek>>(
        mut input: R,
        context: &EncryptionContext,
        key: impl FnOnce(&Header) -> Result<K>,
    ) -> Result<Self> {
        let header = read_header(&mut input)?;
        let pieces = Pieces::new(key(&header)?.borrow(), context, &header, input)?;
        Ok(Self { pieces: Some(pieces), piece: Zeroizing::default(), position: 0 })
    }

    /// Loads the next piece; false at the end. Taken out and put back only when all went well.
    fn turn(&mut self) -> Result<bool> {
        let broken = || Error::authentication("the envelope was not genuine").why("an earlier read failed");
        let mut pieces = self.pieces.take().ok_or_else(broken)?;
        let next = pieces.next()?;
        self.pieces = Some(pieces);
        self.position = 0;
        let more = next.is_some();
        self.piece = next.unwrap_or_default();
        Ok(more)
    }
}

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.position >= self.piece.len() && !buffer.is_empty() {
            if !self.turn().map_err(io::Error::other)? {
                return Ok(0);
            }
        }
        let rest = &self.piece[self.position..];
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        self.position += len;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::super::seal::seal_with;
    use super::*;
    use crate::id::KeyId;
    use crate::secret::Secret;

    fn dek() -> Dek {
        Dek { key_id: KeyId::from_bytes([7; 16]), version: 1, key: Secret::copy(&[1; 32]) }
    }

    fn sealed(message: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        seal_with(&dek(), &EncryptionContext::empty(), (12, [9; 32]), message, &mut sealed, |_| {}).unwrap();
        sealed
    }

    fn stream(sealed: &[u8]) -> Stream<&[u8]> {
        Stream::new(sealed, &EncryptionContext::empty(), |_| Ok(dek())).unwrap()
    }

    #[test]
    fn every_length() {
        for len in [0, 1, 4095, 4096, 4097, 10_000] {
            let message: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            let (mut back, sealed) = (Vec::new(), sealed(&message));
            let mut stream = stream(&sealed);
            stream.read_to_end(&mut back).unwrap();
            assert_eq!((back, stream.read(&mut [0; 8]).unwrap()), (message, 0));
        }
    }

    /// The bad segment gives nothing, and reading on does not look like the end.
    #[test]
    fn an_error_stays() {
        let mut sealed = sealed(&[5; 10_000]);
        sealed[128 + 4112 + 50] ^= 1;
        let (mut back, mut stream) = (Vec::new(), stream(&sealed));
        stream.read_to_end(&mut back).unwrap_err();
        assert_eq!(back, [5; 4096]);
        for _ in 0..3 {
            stream.read(&mut [0; 8]).unwrap_err();
        }
    }

    #[test]
    fn cut_at_a_border() {
        let sealed = sealed(&[5; 10_000]);
        for len in [128, 128 + 4112, 128 + 2 * 4112, sealed.len() - 1] {
            stream(&sealed[..len]).read_to_end(&mut Vec::new()).unwrap_err();
        }
    }
}
