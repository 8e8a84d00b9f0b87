//! The bytes of a sealed field, `client/FORMAT.md` section 7. Knows no cryptography.

use crate::envelope::FormatError;
use crate::id::KeyId;

/// First byte: the high half says that this is a field, the low half is the version, which stands for the suite too.
pub const START: u8 = 0xf1;

/// Bytes before the ciphertext.
pub const HEADER_LEN: usize = 81;

/// Bytes of the header that keys are derived from: all before the commitment.
pub const PREFIX_LEN: usize = 45;

/// Bytes of the authentication tag at the end.
pub const TAG_LEN: usize = 16;

/// Bytes a field is longer than its value, whatever the value: 97.
pub const OVERHEAD: usize = HEADER_LEN + TAG_LEN;

/// Bytes of the longest value: 64 MiB. A field is sealed and opened whole, in memory; what is longer belongs into an envelope.
pub const MAX_LEN: usize = 64 << 20;

/// What stands before the ciphertext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The data key.
    pub key_id: KeyId,
    /// Its version, from 1.
    pub key_version: u32,
    /// Makes the field's own keys unlike those of any other field.
    pub salt: [u8; 24],
    /// Commits to the data key, to all of the header before it, and to the encryption context.
    pub commitment: [u8; 32],
    /// Tells another context from an altered header; guards nothing.
    pub check: [u8; 4],
}

impl Header {
    /// Reads the header of a field, and gives what follows it: ciphertext and tag.
    ///
    /// # Errors
    /// [`FormatError::Magic`], [`FormatError::Version`], [`FormatError::TooShort`]; [`FormatError::Reserved`] for a version of zero;
    /// [`FormatError::Length`] above [`MAX_LEN`].
    pub fn parse(field: &[u8]) -> Result<(Self, &[u8]), FormatError> {
        match field.first() {
            None => return Err(FormatError::TooShort),
            Some(&START) => {}
            Some(other) if other & 0xf0 == START & 0xf0 => return Err(FormatError::Version(other & 0x0f)),
            Some(_) => return Err(FormatError::Magic),
        }
        let (bytes, body) = field.split_first_chunk::<HEADER_LEN>().ok_or(FormatError::TooShort)?;
        if body.len() < TAG_LEN {
            return Err(FormatError::TooShort);
        }
        if body.len() > MAX_LEN + TAG_LEN {
            return Err(FormatError::Length);
        }
        let header = Self {
            key_id: KeyId::from_bytes(part(bytes, 1)),
            key_version: u32::from_be_bytes(part(bytes, 17)),
            salt: part(bytes, 21),
            commitment: part(bytes, PREFIX_LEN),
            check: part(bytes, 77),
        };
        if header.key_version == 0 { Err(FormatError::Reserved) } else { Ok((header, body)) }
    }

    /// Writes the header.
    pub fn to_bytes(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..PREFIX_LEN].copy_from_slice(&self.prefix());
        bytes[PREFIX_LEN..77].copy_from_slice(&self.commitment);
        bytes[77..].copy_from_slice(&self.check);
        bytes
    }

    /// The header before its commitment.
    pub fn prefix(&self) -> [u8; PREFIX_LEN] {
        let mut bytes = [START; PREFIX_LEN];
        bytes[1..17].copy_from_slice(self.key_id.as_bytes());
        bytes[17..21].copy_from_slice(&self.key_version.to_be_bytes());
        bytes[21..].copy_from_slice(&self.salt);
        bytes
    }
}

fn part<const N: usize>(bytes: &[u8; HEADER_LEN], at: usize) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&bytes[at..at + N]);
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header { key_id: KeyId::from_bytes([1; 16]), key_version: 2, salt: [3; 24], commitment: [4; 32], check: [5; 4] }
    }

    #[test]
    fn headers_survive_the_trip() {
        let field = [&header().to_bytes()[..], &[9; 20]].concat();
        assert_eq!(Header::parse(&field), Ok((header(), &[9; 20][..])));
    }

    #[test]
    fn every_fault_has_its_name() {
        let field = [&header().to_bytes()[..], &[9; TAG_LEN]].concat();
        let altered = |at: usize, value| {
            let mut field = field.clone();
            field[at] = value;
            Header::parse(&field).map(|_| ()).unwrap_err()
        };
        assert_eq!(
            [altered(0, 0x89), altered(0, 0xf2), altered(20, 0)],
            [FormatError::Magic, FormatError::Version(2), FormatError::Reserved]
        );
        assert!((0..field.len()).all(|len| Header::parse(&field[..len]) == Err(FormatError::TooShort)));
        assert_eq!(Header::parse(&[&field[..], &vec![0; MAX_LEN + 1]].concat()), Err(FormatError::Length));
    }
}
