//! What a new signing key is to be, and from when on it signs.

use crate::error::{Error, Kind, Result};
use crate::hsm::{KeyKind, Leaving, Scheme};
use crate::store::signing::Times;
use crate::time::Timestamp;

/// The longest life of a token that a key signs unless told otherwise: a day, in seconds.
pub const TOKEN_LIFE: i64 = 86_400;

/// What a new signing key is to be.
#[derive(Debug, Clone, Copy)]
pub struct Recipe<'a> {
    /// CKA_LABEL.
    pub label: &'a str,
    /// Its sort.
    pub kind: KeyKind,
    /// What it signs with; what is usual for its sort if absent.
    pub scheme: Option<Scheme>,
    /// Succeed the key that has the label now: that one signs until this one does.
    pub replace: bool,
    /// Whether its private half may leave.
    pub leaving: Leaving,
    /// When it is published, and when it signs.
    pub plan: Plan,
}

/// From when on a new key is used.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// In the JWK set from then on; at once if absent.
    pub publish_at: Option<Timestamp>,
    /// Signs from then on; at once, or when it is published, if absent.
    pub sign_from: Option<Timestamp>,
    /// The longest life of a token it signs, seconds; none for no limit: then a retired key stays published until it is revoked.
    pub token_life: Option<i64>,
}

impl Default for Plan {
    /// At once, for tokens that live up to [`TOKEN_LIFE`].
    fn default() -> Self {
        Self { publish_at: None, sign_from: None, token_life: Some(TOKEN_LIFE) }
    }
}

impl Recipe<'_> {
    /// What it signs with, if label and scheme make sense.
    pub(super) fn checked(&self) -> Result<Scheme> {
        let kind = self.kind;
        let scheme = self.scheme.unwrap_or_else(|| Scheme::usual(kind));
        check_label(self.label)?;
        if !scheme.fits(kind) {
            return Err(Error::new(Kind::Usage, format!("a {kind} key makes no {scheme} signatures")));
        }
        Ok(scheme)
    }
}

impl Plan {
    /// The times of a key made `now`.
    pub(super) fn times(&self, now: Timestamp) -> Result<Times> {
        let publish_at = self.publish_at.unwrap_or(now);
        let times = Times {
            publish_at,
            sign_from: self.sign_from.unwrap_or(publish_at),
            token_life: self.token_life,
            ..Times::from_now(now, None)
        };
        if times.sign_from < publish_at || self.token_life.is_some_and(|life| life <= 0) {
            return Err(Error::new(Kind::Usage, "these times of a signing key make no sense")
                .why("it is published before it signs, and its tokens live for a second at least"));
        }
        Ok(times)
    }
}

/// Refuses what nobody could type or tell apart.
///
/// # Errors
/// [`Kind::Usage`] for an empty label, blanks around it, or control characters in it.
pub fn check_label(label: &str) -> Result<()> {
    if label.is_empty() || label.trim() != label || label.chars().any(char::is_control) {
        return Err(Error::new(Kind::Usage, format!("\"{label}\" cannot be the label of a key")));
    }
    Ok(())
}
