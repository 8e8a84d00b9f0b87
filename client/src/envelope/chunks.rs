//! A stream cut into pieces of one length, with the last one known as such.

use std::io::Read;

use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Reads one piece ahead, so that each piece comes with the word whether it is the last.
pub(super) struct Chunks<R> {
    input: R,
    len: usize,
    ahead: Option<Zeroizing<Vec<u8>>>,
    subject: &'static str,
}

impl<R: Read> Chunks<R> {
    /// Pieces of `len` bytes of `input`, called `subject` in errors.
    pub(super) fn new(input: R, len: usize, subject: &'static str) -> Self {
        Self { input, len, ahead: None, subject }
    }

    /// The next piece, and whether it is the last. The last may be short; an empty input has one empty piece.
    pub(super) fn next(&mut self) -> Result<(Zeroizing<Vec<u8>>, bool)> {
        let current = match self.ahead.take() {
            Some(ready) => ready,
            None => self.fill()?,
        };
        if current.len() < self.len {
            return Ok((current, true));
        }
        let next = self.fill()?;
        let last = next.is_empty();
        if !last {
            self.ahead = Some(next);
        }
        Ok((current, last))
    }

    fn fill(&mut self) -> Result<Zeroizing<Vec<u8>>> {
        // Room for the tag from the start: growing would leave a copy of the plaintext behind.
        let mut piece = Zeroizing::new(Vec::with_capacity(self.len + super::format::TAG_LEN));
        let limit = self.len as u64;
        (&mut self.input)
            .take(limit)
            .read_to_end(&mut piece)
            .map_err(|error| Error::io(format!("reading {}", self.subject), &error))?;
        Ok(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_piece_is_known() {
        let cut = |text: &'static str| {
            let mut chunks = Chunks::new(text.as_bytes(), 3, "text");
            let mut all = Vec::new();
            loop {
                let (piece, last) = chunks.next().unwrap();
                all.push(String::from_utf8(piece.to_vec()).unwrap());
                if last {
                    return all.join("|");
                }
            }
        };
        assert_eq!([cut(""), cut("ab"), cut("abc"), cut("abcd"), cut("abcdef")], ["", "ab", "abc", "abc|d", "abc|def"]);
    }
}
