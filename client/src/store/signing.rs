//! What a store keeps of each signing key: above all, when it is published and when it signs.
//!
//! A key is published before it signs, so that whoever verifies has it in time, and stays published after it signed last, exactly as
//! long as a token may live that it signed. Of one label and token one key has no end yet; it is the one that signs, or will.

use crate::id::ObjectId;
use crate::public::Scheme;
use crate::time::Timestamp;

/// A signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyRecord {
    /// JWK thumbprint (RFC 7638): the `kid` others know it by.
    pub kid: String,
    /// CKA_ID of the pair.
    pub object_id: ObjectId,
    /// CKA_LABEL of the pair.
    pub label: String,
    /// Serial number of its token.
    pub token_serial: String,
    /// What it signs with.
    pub scheme: Scheme,
    /// When it was made.
    pub created: Timestamp,
    /// From when on, and until when, it is used.
    pub times: Times,
}

impl SigningKeyRecord {
    /// The key with this end.
    #[must_use]
    pub fn ended(self, ending: Ending) -> Self {
        let times = Times { retire_at: Some(ending.retire_at), remove_at: ending.remove_at, ..self.times };
        Self { times, ..self }
    }
}

/// How much longer than it should somebody may sign with a key, seconds: who holds it learns of its end that much later
/// ([`crate::signer::Current`]), and clocks differ.
pub const LATE: i64 = 60;

/// The times of a signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// In the JWK set from then on.
    pub publish_at: Timestamp,
    /// Signs from then on.
    pub sign_from: Timestamp,
    /// Signs no more from then on; none while no successor is known.
    pub retire_at: Option<Timestamp>,
    /// Out of the JWK set from then on; none while it must stay.
    pub remove_at: Option<Timestamp>,
    /// The longest life of a token it signs, seconds; none where that is not limited: then it stays published until it is revoked.
    pub token_life: Option<i64>,
}

/// Where a signing key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Made, not yet published.
    Waiting,
    /// In the JWK set, not yet signing.
    Published,
    /// Signs.
    Active,
    /// Signs no more; in the JWK set while what it signed lives.
    Retired,
    /// Out of the JWK set.
    Removed,
}

impl Phase {
    /// Its name on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Published => "published",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Removed => "removed",
        }
    }

    /// True while the key belongs into the JWK set.
    pub fn is_public(self) -> bool {
        !matches!(self, Self::Waiting | Self::Removed)
    }
}

impl Times {
    /// Published and signing from `now` on, without an end.
    pub fn from_now(now: Timestamp, token_life: Option<i64>) -> Self {
        Self { publish_at: now, sign_from: now, retire_at: None, remove_at: None, token_life }
    }

    /// Where the key is in its life at `now`. One that retires before it ever signed is published no more.
    pub fn phase(&self, now: Timestamp) -> Phase {
        let reached = |time: Option<Timestamp>| time.is_some_and(|time| time <= now);
        // On a clock that is a little ahead it may have signed.
        let never = self.retire_at.is_some_and(|end| end.plus(LATE) < self.sign_from);
        if reached(self.remove_at) || (never && reached(self.retire_at)) {
            Phase::Removed
        } else if reached(self.retire_at) {
            Phase::Retired
        } else if self.sign_from <= now {
            Phase::Active
        } else if self.publish_at <= now {
            Phase::Published
        } else {
            Phase::Waiting
        }
    }

    /// The end of a key that signs no more from `retire_at` on: it stays published for as long as a token may live that it signs.
    pub fn ending(&self, retire_at: Timestamp) -> Ending {
        Ending { retire_at, remove_at: self.token_life.map(|life| retire_at.plus(life).plus(LATE)) }
    }

    /// True when it signs at `time`, or is to sign after it.
    pub fn lasts_beyond(&self, time: Timestamp) -> bool {
        self.retire_at.is_none_or(|end| end > time && end > self.sign_from)
    }
}

/// When a signing key ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Signs no more from then on.
    pub retire_at: Timestamp,
    /// Out of the JWK set from then on; none for never.
    pub remove_at: Option<Timestamp>,
}

impl Ending {
    /// True when a key of such `times` may end so: an end comes earlier, never later, or tokens would outlive their key.
    pub(super) fn may_follow(&self, times: &Times) -> bool {
        let earlier = |new: Option<Timestamp>, old: Option<Timestamp>| match (new, old) {
            (_, None) => true,
            (Some(new), Some(old)) => new <= old,
            (None, Some(_)) => false,
        };
        earlier(Some(self.retire_at), times.retire_at) && earlier(self.remove_at, times.remove_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_public_before_it_signs_and_while_its_tokens_live() {
        let mut times =
            Times { publish_at: Timestamp(10), sign_from: Timestamp(20), retire_at: None, remove_at: None, token_life: Some(5) };
        let end = times.ending(Timestamp(30));
        assert!(end.may_follow(&times));
        (times.retire_at, times.remove_at) = (Some(end.retire_at), end.remove_at);
        let life = [
            (9, Phase::Waiting, false),
            (10, Phase::Published, true),
            (19, Phase::Published, true),
            (20, Phase::Active, true),
            (29, Phase::Active, true),
            (30, Phase::Retired, true),
            (34 + LATE, Phase::Retired, true),
            (35 + LATE, Phase::Removed, false),
        ];
        for (now, phase, public) in life {
            assert_eq!((times.phase(Timestamp(now)), times.phase(Timestamp(now)).is_public()), (phase, public), "{now}");
        }
        // One that never signed is not published for having been retired.
        let never = Times { retire_at: Some(Timestamp(12)), sign_from: Timestamp(200), remove_at: Some(Timestamp(999)), ..times };
        assert_eq!([11, 12].map(|now| never.phase(Timestamp(now))), [Phase::Published, Phase::Removed]);
        assert!(!times.ending(Timestamp(31)).may_follow(&times), "an end never moves away");
        assert!(Ending { retire_at: Timestamp(3), remove_at: Some(Timestamp(3)) }.may_follow(&times));
    }
}
