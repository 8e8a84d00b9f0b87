//! Decrypted data kept back until all of it was authenticated: in memory that is erased, then in an unnamed file.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use hsm_client::secret::Secret;

/// The most kept in memory, bytes.
const MEMORY_LIMIT: usize = 64 << 20;

/// Takes everything in; gives nothing out before [`Spool::release`].
#[derive(Default)]
pub(super) struct Spool {
    pieces: Vec<Secret>,
    held: usize,
    overflow: Option<File>,
}

impl Spool {
    /// Copies everything to `output`.
    pub(super) fn release(self, mut output: impl Write) -> io::Result<()> {
        for piece in &self.pieces {
            output.write_all(piece.expose())?;
        }
        if let Some(mut file) = self.overflow {
            file.rewind()?;
            let mut buffer = zeroize::Zeroizing::new(vec![0; 1 << 16]);
            loop {
                match file.read(&mut buffer)? {
                    0 => break,
                    n => output.write_all(&buffer[..n])?,
                }
            }
        }
        output.flush()
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.overflow.is_none() && self.held + bytes.len() <= MEMORY_LIMIT {
            self.held += bytes.len();
            self.pieces.push(Secret::copy(bytes));
            return Ok(bytes.len());
        }
        let file = match &mut self.overflow {
            Some(file) => file,
            // Without a name and readable by us only; gone when closed.
            none => none.insert(tempfile::tempfile()?),
        };
        file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

hsm_shares::concealed!(Spool);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_order_across_the_limit() {
        let mut spool = Spool { held: MEMORY_LIMIT - 5, ..Spool::default() };
        for piece in [&b"abc"[..], b"defg", b"h"] {
            spool.write_all(piece).unwrap();
        }
        assert!(spool.overflow.is_some());
        let mut out = Vec::new();
        spool.release(&mut out).unwrap();
        assert_eq!(out, b"abcdefgh");
    }
}
