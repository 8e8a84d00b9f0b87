//! The bytes of an envelope, `client/FORMAT.md` sections 1 to 3. Knows no cryptography; every number is checked here.

use std::fmt;

/// First bytes of every envelope. The high bit shows a transfer that kept only seven.
pub const MAGIC: [u8; 4] = *b"\x89HSE";

/// The version of this layout.
pub const VERSION: u8 = 1;

/// HKDF-SHA256, AES-256-GCM in STREAM, HMAC-SHA256.
pub const SUITE: u8 = 1;

/// Bytes of the header.
pub const HEADER_LEN: usize = 128;

/// Bytes of the header that keys are derived from: all before the commitment.
pub const PREFIX_LEN: usize = 96;

/// Bytes of the authentication tag that ends every segment.
pub const TAG_LEN: usize = 16;

/// Segment sizes a reader accepts, as powers of two: 4 KiB to 1 MiB.
pub const SEGMENT_LOG2: std::ops::RangeInclusive<u8> = 12..=20;

/// The segment size we write: 64 KiB.
pub const USUAL_SEGMENT_LOG2: u8 = 16;

/// The header of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Plaintext bytes of a full segment, as a power of two.
    pub segment_log2: u8,
    /// The data key's id.
    pub key_id: [u8; 16],
    /// The data key's version, from 1.
    pub key_version: u32,
    /// Makes the message's own keys unlike those of any other message.
    pub salt: [u8; 32],
    /// What the encryption context was, keyed.
    pub context_digest: [u8; 32],
    /// Commits to the data key and to all of the header before it.
    pub commitment: [u8; 32],
}

/// Why bytes are no envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatError {
    /// Shorter than a header and one tag.
    TooShort,
    /// Another kind of file.
    Magic,
    /// A later version.
    Version(u8),
    /// An unknown suite.
    Suite(u8),
    /// A segment size outside the range.
    Segment(u8),
    /// A reserved byte that is not zero, or a version of zero.
    Reserved,
    /// A body length no envelope can have.
    Length,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => write!(f, "it is shorter than the shortest envelope"),
            Self::Magic => write!(f, "it does not start as an envelope does"),
            Self::Version(found) => write!(f, "it is of version {found}, this command reads version {VERSION}"),
            Self::Suite(found) => write!(f, "it uses suite {found}, this command knows suite {SUITE}"),
            Self::Segment(found) => write!(f, "it claims segments of 2^{found} bytes"),
            Self::Reserved => write!(f, "a field that must be zero is not, or the key version is zero"),
            Self::Length => write!(f, "its length is one no envelope has: it was cut off or added to"),
        }
    }
}

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    /// [`FormatError`], all but `Length`.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        if !bytes.starts_with(&MAGIC[..bytes.len().min(MAGIC.len())]) {
            return Err(FormatError::Magic);
        }
        let bytes: &[u8; HEADER_LEN] = bytes.first_chunk().ok_or(FormatError::TooShort)?;
        match (bytes[4], bytes[5], bytes[6]) {
            (VERSION, SUITE, log2) if SEGMENT_LOG2.contains(&log2) => {}
            (VERSION, SUITE, log2) => return Err(FormatError::Segment(log2)),
            (VERSION, suite, _) => return Err(FormatError::Suite(suite)),
            (version, ..) => return Err(FormatError::Version(version)),
        }
        let key_version = u32::from_be_bytes(field(bytes, 24));
        if bytes[7] != 0 || field::<4>(bytes, 28) != [0; 4] || key_version == 0 {
            return Err(FormatError::Reserved);
        }
        Ok(Self {
            segment_log2: bytes[6],
            key_id: field(bytes, 8),
            key_version,
            salt: field(bytes, 32),
            context_digest: field(bytes, 64),
            commitment: field(bytes, 96),
        })
    }

    /// Writes the header.
    pub fn to_bytes(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..PREFIX_LEN].copy_from_slice(&self.prefix());
        bytes[PREFIX_LEN..].copy_from_slice(&self.commitment);
        bytes
    }

    /// The header without its commitment: what the message's keys are derived from.
    pub fn prefix(&self) -> [u8; PREFIX_LEN] {
        let mut bytes = [0; PREFIX_LEN];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..7].copy_from_slice(&[VERSION, SUITE, self.segment_log2]);
        bytes[8..24].copy_from_slice(&self.key_id);
        bytes[24..28].copy_from_slice(&self.key_version.to_be_bytes());
        bytes[32..64].copy_from_slice(&self.salt);
        bytes[64..96].copy_from_slice(&self.context_digest);
        bytes
    }

    /// Plaintext bytes of a full segment.
    pub fn segment_len(&self) -> usize {
        1 << self.segment_log2
    }
}

/// Where the segments of an envelope of known length are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Plaintext bytes of a full segment.
    pub segment_len: u64,
    /// Number of segments, at least one.
    pub segments: u64,
    /// Plaintext bytes in all.
    pub plaintext_len: u64,
}

impl Geometry {
    /// The layout of an envelope of `total` bytes, header included.
    ///
    /// # Errors
    /// [`FormatError::TooShort`], and [`FormatError::Length`] when the last segment would be a lone or partial tag, or
    /// there are more segments than the counter counts.
    pub fn of(header: &Header, total: u64) -> Result<Self, FormatError> {
        let segment_len = header.segment_len() as u64;
        let sealed_len = segment_len + TAG_LEN as u64;
        let body = total.checked_sub(HEADER_LEN as u64).ok_or(FormatError::TooShort)?;
        let segments = body.div_ceil(sealed_len);
        let last = body - segments.saturating_sub(1) * sealed_len;
        if last < TAG_LEN as u64 {
            return Err(if segments <= 1 { FormatError::TooShort } else { FormatError::Length });
        }
        // An empty last segment is written for an empty message only: one message has one form.
        if (last == TAG_LEN as u64 && segments > 1) || segments > u64::from(u32::MAX) {
            return Err(FormatError::Length);
        }
        Ok(Self { segment_len, segments, plaintext_len: body - segments * TAG_LEN as u64 })
    }

    /// Offset and length, in the envelope, of segment `index`.
    pub fn sealed_segment(&self, index: u64) -> (u64, usize) {
        let sealed_len = self.segment_len + TAG_LEN as u64;
        let plain = (self.plaintext_len - (index * self.segment_len).min(self.plaintext_len)).min(self.segment_len);
        (HEADER_LEN as u64 + index * sealed_len, plain as usize + TAG_LEN)
    }
}

fn field<const N: usize>(bytes: &[u8; HEADER_LEN], at: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&bytes[at..at + N]);
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header { segment_log2: 12, key_id: [1; 16], key_version: 2, salt: [3; 32], context_digest: [4; 32], commitment: [5; 32] }
    }

    #[test]
    fn headers_survive_the_trip() {
        assert_eq!(Header::parse(&header().to_bytes()), Ok(header()));
    }

    #[test]
    fn every_wrong_byte_has_its_name() {
        for (at, value, error) in [
            (0, 0, FormatError::Magic),
            (4, 2, FormatError::Version(2)),
            (5, 9, FormatError::Suite(9)),
            (6, 11, FormatError::Segment(11)),
            (6, 21, FormatError::Segment(21)),
            (7, 1, FormatError::Reserved),
            (27, 0, FormatError::Reserved),
            (31, 1, FormatError::Reserved),
        ] {
            let mut bytes = header().to_bytes();
            bytes[at] = value;
            assert_eq!(Header::parse(&bytes), Err(error));
        }
        for cut in 0..HEADER_LEN {
            assert_eq!(Header::parse(&header().to_bytes()[..cut]), Err(FormatError::TooShort));
        }
        assert_eq!(Header::parse(b"hello"), Err(FormatError::Magic));
    }

    #[test]
    fn geometry() {
        let (head, full) = (HEADER_LEN as u64, 4096 + 16);
        let of = |body| Geometry::of(&header(), head + body);
        assert_eq!(of(16).unwrap().plaintext_len, 0);
        assert_eq!(of(full).unwrap().segments, 1);
        let two = of(full + 17).unwrap();
        assert_eq!((two.segments, two.plaintext_len), (2, 4097));
        assert_eq!(two.sealed_segment(0), (128, 4112));
        assert_eq!(two.sealed_segment(1), (128 + 4112, 17));
        assert_eq!(of(15), Err(FormatError::TooShort));
        assert_eq!(of(0), Err(FormatError::TooShort));
        assert_eq!(of(full + 1), Err(FormatError::Length));
        assert_eq!(of(full + 16), Err(FormatError::Length));
        assert_eq!(Geometry::of(&header(), u64::MAX), Err(FormatError::Length));
        assert_eq!(Geometry::of(&header(), 5), Err(FormatError::TooShort));
    }
}
