//! What went wrong, why, and what to do next.

use std::fmt;

/// The result of everything in this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error a person can act on: what failed, why, and the next step. It never holds key material or a PIN.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    what: String,
    why: String,
    next: String,
}

/// The sort of failure, for programs that must tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The caller asked for something that makes no sense.
    Usage,
    /// Input that is not what it should be: truncated, foreign, malformed.
    Malformed,
    /// No master key in the token. Never made silently.
    MekMissing,
    /// No key, token or record of that name.
    NotFound,
    /// The lineage exists, but none of its versions is active.
    NoActiveVersion,
    /// The lineage exists, this version of it does not.
    VersionNotFound,
    /// The version's material was destroyed.
    VersionDestroyed,
    /// The key is not in a state that allows this use.
    KeyInactive,
    /// A tag, signature or commitment did not verify: wrong key, or altered data.
    Authentication,
    /// The encryption context, or a claim, is not the one that was authenticated.
    ContextMismatch,
    /// The PIN, or the password of a file, is wrong, locked, missing or unusable.
    Pin,
    /// The module or its token cannot be reached, or failed.
    HsmUnavailable,
    /// The token does not offer, or refused, this mechanism with this key.
    MechanismRefused,
    /// Someone else changed the record first, or it exists already.
    Conflict,
    /// What was to be deleted is still needed.
    InUse,
    /// The key store failed.
    Store,
    /// The operating system refused a file or stream.
    Io,
    /// Anything else the token answered.
    Device,
}

impl Error {
    /// An error of `kind`; `what` is one sentence without a full stop.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), why: String::new(), next: String::new() }
    }

    /// Adds the reason.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Adds what to do about it, usually a command.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    /// The sort of failure.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What failed, one sentence.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The reason, or nothing.
    pub fn reason(&self) -> &str {
        &self.why
    }

    /// The next step, or nothing.
    pub fn next_step(&self) -> &str {
        &self.next
    }

    /// An operating-system failure on the file or stream called `subject`.
    pub fn io(subject: impl fmt::Display, error: &std::io::Error) -> Self {
        Self::new(Kind::Io, format!("{subject}: {error}"))
    }

    /// Data that failed authentication.
    pub fn authentication(what: impl Into<String>) -> Self {
        Self::new(Kind::Authentication, what)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if !self.why.is_empty() {
            write!(f, ": {}", self.why)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
