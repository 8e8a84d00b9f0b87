//! What can go wrong in a ceremony. A share that is refused is no error of the ceremony: see [`crate::refusal`].

use std::fmt;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed. Never holds a share or any other secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A document, a name or a number is not what it should be.
    Malformed(String),
    /// The ceremony is not at a point where this can be done.
    Stage(String),
    /// The ceremony took longer than it was given.
    Expired,
    /// A signature, a commitment or a manifest does not match.
    Mismatch(String),
    /// The operating system gave no randomness.
    NoRandomness,
}

impl Error {
    /// A document, a name or a number is not what it should be.
    pub fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed(what.into())
    }

    /// The ceremony is not at a point where this can be done.
    pub fn stage(what: impl Into<String>) -> Self {
        Self::Stage(what.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) | Self::Stage(what) | Self::Mismatch(what) => f.write_str(what),
            Self::Expired => f.write_str("the ceremony's time is over: begin it again"),
            Self::NoRandomness => f.write_str("the operating system gave no randomness"),
        }
    }
}

impl std::error::Error for Error {}

impl From<getrandom::Error> for Error {
    fn from(_: getrandom::Error) -> Self {
        Self::NoRandomness
    }
}
