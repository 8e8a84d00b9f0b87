//! What ML-DSA and SLH-DSA sign: M', which tells pure from pre-hash signatures and carries the context (FIPS 204, 5.2 and 5.4;
//! FIPS 205, 10.2).

use sha2::{Sha224, Sha256, Sha384, Sha512};
use sha3::{Digest, Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use shake::{ExtendableOutput, Shake128, Shake256, Update, XofReader};

use super::{Error, Result};

/// A hash function for pre-hash signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PreHash {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha3_224,
    Sha3_256,
    Sha3_384,
    Sha3_512,
    /// 256 bits of output.
    Shake128,
    /// 512 bits of output.
    Shake256,
}

impl PreHash {
    /// Every one there is here.
    pub const ALL: [Self; 10] = [
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha3_224,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
        Self::Shake128,
        Self::Shake256,
    ];

    /// Length of the digest in bytes.
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha224 | Self::Sha3_224 => 28,
            Self::Sha256 | Self::Sha3_256 | Self::Shake128 => 32,
            Self::Sha384 | Self::Sha3_384 => 48,
            Self::Sha512 | Self::Sha3_512 | Self::Shake256 => 64,
        }
    }

    /// Starts a hash.
    pub fn start(self) -> Box<dyn Absorb> {
        match self {
            Self::Sha224 => Box::new(Fixed(Sha224::new())),
            Self::Sha256 => Box::new(Fixed(Sha256::new())),
            Self::Sha384 => Box::new(Fixed(Sha384::new())),
            Self::Sha512 => Box::new(Fixed(Sha512::new())),
            Self::Sha3_224 => Box::new(Fixed(Sha3_224::new())),
            Self::Sha3_256 => Box::new(Fixed(Sha3_256::new())),
            Self::Sha3_384 => Box::new(Fixed(Sha3_384::new())),
            Self::Sha3_512 => Box::new(Fixed(Sha3_512::new())),
            Self::Shake128 => Box::new(Extendable(Shake128::default(), self.output_len())),
            Self::Shake256 => Box::new(Extendable(Shake256::default(), self.output_len())),
        }
    }

    /// The last arc of the object identifier under 2.16.840.1.101.3.4.2.
    const fn arc(self) -> u8 {
        match self {
            Self::Sha224 => 4,
            Self::Sha256 => 1,
            Self::Sha384 => 2,
            Self::Sha512 => 3,
            Self::Sha3_224 => 7,
            Self::Sha3_256 => 8,
            Self::Sha3_384 => 9,
            Self::Sha3_512 => 10,
            Self::Shake128 => 11,
            Self::Shake256 => 12,
        }
    }
}

/// Longest output of an [`Absorb`] in bytes.
pub const LONGEST: usize = 64;

/// Something that takes a message part by part.
pub trait Absorb: Send {
    /// Takes a part.
    fn update(&mut self, part: &[u8]);
    /// Writes what comes of the parts to the start of `out`; its length.
    fn finish(self: Box<Self>, out: &mut [u8; LONGEST]) -> usize;
}

struct Fixed<D>(D);

impl<D: Digest + Send> Absorb for Fixed<D> {
    fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    fn finish(self: Box<Self>, out: &mut [u8; LONGEST]) -> usize {
        let digest = self.0.finalize();
        out[..digest.len()].copy_from_slice(&digest);
        digest.len()
    }
}

/// A function of any output length, and the length asked of it.
pub(super) struct Extendable<X>(pub(super) X, pub(super) usize);

impl<X: ExtendableOutput + Update + Send> Absorb for Extendable<X> {
    fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    fn finish(self: Box<Self>, out: &mut [u8; LONGEST]) -> usize {
        self.0.finalize_xof().read(&mut out[..self.1]);
        self.1
    }
}

/// What stands in M' before the message, or before its digest by `hash`. A context of more than 255 bytes is
/// [`Error::InvalidParameter`].
pub fn message_prefix(hash: Option<PreHash>, context: &[u8]) -> Result<Vec<u8>> {
    let len = u8::try_from(context.len()).map_err(|_| Error::InvalidParameter)?;
    let mut prefix = vec![u8::from(hash.is_some()), len];
    prefix.extend_from_slice(context);
    if let Some(hash) = hash {
        prefix.extend_from_slice(&[0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, hash.arc()]);
    }
    Ok(prefix)
}

/// Whether signatures of the same message differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hedge {
    /// Fresh randomness goes into each signature, against faults and side channels.
    Hedged,
    /// The same message gives the same signature.
    Deterministic,
}
