//! Why an algorithm refused.

use std::fmt;

/// What went wrong, named by who is to blame: the key, the data, a parameter, the peer, or the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Key material is malformed or inconsistent.
    InvalidKey,
    /// The data, or the room for the result, has a length that is not allowed.
    InvalidLength,
    /// An initialization vector, tag length, salt, exponent or context is not allowed.
    InvalidParameter,
    /// An authentication tag, padding or signature did not verify.
    Rejected,
    /// This engine or curve cannot do it.
    Unsupported,
    /// The engine or the random source failed, or a result did not survive its check against faults.
    Failed,
}

/// The outcome of an algorithm.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidKey => "malformed or inconsistent key material",
            Self::InvalidLength => "length not allowed",
            Self::InvalidParameter => "parameter not allowed",
            Self::Rejected => "tag, padding or signature did not verify",
            Self::Unsupported => "not supported",
            Self::Failed => "the engine or the random source failed",
        })
    }
}

impl std::error::Error for Error {}

impl From<crate::rng::NoRandomness> for Error {
    fn from(_: crate::rng::NoRandomness) -> Self {
        Self::Failed
    }
}
