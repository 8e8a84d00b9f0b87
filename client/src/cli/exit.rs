//! Exit codes: one number per sort of failure.

use hsm_client::Kind;

/// Shown below every --help.
pub(super) const HELP: &str = "\
Exit codes:
  0  done, and verified where something was to verify
  1  anything not listed here (a file, the store, malformed input, a token's refusal)
  2  the command makes no sense as given, or its output file is there already (--force)
  3  no such token, key, version or file; a missing master key
  4  the key is not active, expired or was destroyed
  5  not authentic: altered data, wrong key, another context, a bad signature, claims that do not hold, a refused share
  6  the PIN or a file's password is wrong or missing, or the PIN is locked (it is never tried twice)
  7  the module or the token cannot be reached
  8  someone else changed the store first, what was to be made exists already, what was to be deleted is needed, or a
     ceremony is open

A PIN is never an argument: it is asked for, or read from --pin-source file:PATH, fd:N or env:NAME.";

/// The exit code for a failure.
pub(super) fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Malformed | Kind::MechanismRefused | Kind::Store | Kind::Io | Kind::Device => 1,
        Kind::Usage => 2,
        Kind::MekMissing | Kind::NotFound | Kind::VersionNotFound => 3,
        Kind::KeyInactive | Kind::NoActiveVersion | Kind::VersionDestroyed => 4,
        Kind::Authentication | Kind::ContextMismatch => 5,
        Kind::Pin => 6,
        Kind::HsmUnavailable => 7,
        Kind::Conflict | Kind::InUse => 8,
    }
}
