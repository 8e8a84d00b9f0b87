//! The length protocol of PKCS#11 v3.2 §5.2, as values.
//!
//! [`Room`] goes down: what the caller has place for. [`Reply`] comes up: what became of it.

use crate::error::Result;

/// What the caller offers for output.
pub enum Room<'a> {
    /// A NULL buffer: the caller asks for the length.
    Query,
    /// A buffer to write to.
    Buffer(&'a mut [u8]),
}

/// What came of a call that produces output.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The length asked for; nothing was done.
    Length(usize),
    /// The buffer is too short for this many bytes; nothing was done.
    Short(usize),
    /// This many bytes were written; the step is done.
    Wrote(usize),
}

impl Room<'_> {
    /// True when so many bytes fit: what is asked for will be done.
    pub fn takes(&self, need: usize) -> bool {
        matches!(self, Room::Buffer(buffer) if buffer.len() >= need)
    }

    /// Runs `make` on the buffer if `need` bytes fit; `make` returns how many it wrote.
    pub fn fill(self, need: usize, make: impl FnOnce(&mut [u8]) -> Result<usize>) -> Result<Reply> {
        match self {
            Room::Query => Ok(Reply::Length(need)),
            Room::Buffer(buffer) if buffer.len() < need => Ok(Reply::Short(need)),
            Room::Buffer(buffer) => Ok(Reply::Wrote(make(&mut buffer[..need])?)),
        }
    }
}

impl Reply {
    /// True when the step was carried out, so that the operation it belongs to is over.
    pub fn done(self) -> bool {
        matches!(self, Reply::Wrote(_))
    }
}
