//! Columns read one after the other, each with its length before it.

use std::ops::RangeInclusive;

use super::format::PreludeError;

/// What is left to read.
pub(super) struct Columns<'a>(pub(super) &'a [u8]);

impl<'a> Columns<'a> {
    /// A column of `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PreludeError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(PreludeError::TooShort)?;
        self.0 = rest;
        Ok(*array)
    }

    /// The column called `name`, whose length in bytes must be one of `lengths`.
    pub(super) fn bytes(&mut self, name: &'static str, lengths: RangeInclusive<usize>) -> Result<&'a [u8], PreludeError> {
        let len = usize::from(u16::from_be_bytes(self.array()?));
        if !lengths.contains(&len) {
            return Err(PreludeError::Column(name));
        }
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(PreludeError::TooShort)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// The same, of UTF-8.
    pub(super) fn text(&mut self, name: &'static str, lengths: RangeInclusive<usize>) -> Result<&'a str, PreludeError> {
        str::from_utf8(self.bytes(name, lengths)?).map_err(|_| PreludeError::Column(name))
    }

    /// There is nothing more.
    pub(super) fn end(self) -> Result<(), PreludeError> {
        if self.0.is_empty() { Ok(()) } else { Err(PreludeError::TooLong) }
    }
}
