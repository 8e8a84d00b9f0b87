//! What goes wrong in a ceremony, as errors a person can act on.

use crate::error::{Error, Kind};

impl From<hsm_shares::Error> for Error {
    fn from(error: hsm_shares::Error) -> Self {
        use hsm_shares::Error as Fault;
        let kind = match error {
            Fault::Malformed(_) => Kind::Malformed,
            Fault::Stage(_) | Fault::Expired => Kind::Conflict,
            Fault::Mismatch(_) => Kind::Authentication,
            Fault::NoRandomness => Kind::Io,
        };
        Self::new(kind, error.to_string())
    }
}

/// The error for a ceremony that is in the way.
pub(super) fn busy() -> Error {
    Error::new(Kind::Conflict, "a ceremony is open already").next("see it: hsm recovery status; end it: hsm recovery cancel")
}

/// The error for a ceremony that is not there.
pub(super) fn idle() -> Error {
    Error::new(Kind::NotFound, "no ceremony is open").next("begin one: hsm recovery deal, verify, restore, refresh or rehearse")
}
