//! What a lineage may do by itself, and how much its keys were used (REQUIREMENTS 14).

use serde::{Deserialize, Serialize};

use super::record::KeyRecord;
use crate::time::Timestamp;

/// The rules of one lineage. Zero stands for "no such rule" everywhere; without any, only people rotate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Age at which the version that encrypts is due for rotation, seconds.
    pub rotate_after: i64,
    /// Messages that one version encrypts at most.
    pub rotate_messages: u64,
    /// Bytes of plaintext that one version encrypts at most. A version always takes one message, whatever its length.
    pub rotate_bytes: u64,
    /// Versions to keep; [`crate::keyring::deletion::purge`] schedules the oldest beyond them for deletion.
    pub max_versions: u32,
    /// The oldest version that still decrypts.
    pub min_decrypt_version: u32,
    /// Whoever looks up the version that encrypts, and finds it due, used up or expired, makes the next one.
    pub auto_rotate: bool,
}

impl Policy {
    /// True when `key` is older than this policy wants it.
    pub fn is_due(&self, key: &KeyRecord, now: Timestamp) -> bool {
        self.rotate_after > 0 && key.created.plus(self.rotate_after) <= now
    }

    /// How much one version may be used; none when that is not limited.
    pub fn limit(&self) -> Option<Usage> {
        let or_endless = |limit: u64| if limit == 0 { Usage::ENDLESS.messages } else { limit };
        (self.rotate_messages > 0 || self.rotate_bytes > 0)
            .then(|| Usage { messages: or_endless(self.rotate_messages), bytes: or_endless(self.rotate_bytes) })
    }
}

/// Use of a key, or room for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Messages encrypted.
    pub messages: u64,
    /// Bytes of plaintext encrypted.
    pub bytes: u64,
}

/// Room that is asked for, on a key whose use is limited.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    /// Bytes of the one message that must fit.
    pub least: u64,
    /// What is taken if there is room.
    pub most: Usage,
}

impl Usage {
    /// More than any store can count.
    pub const ENDLESS: Self = Self { messages: i64::MAX as u64, bytes: i64::MAX as u64 };

    /// True when there is room for no message.
    pub fn is_none(self) -> bool {
        self.messages == 0
    }

    /// What a key that was `self` used still gives of `limit`. One that was never used takes one message whatever its length.
    pub(super) fn grant(self, demand: Demand, limit: Self) -> Self {
        let messages = demand.most.messages.min(limit.messages.saturating_sub(self.messages));
        let room = limit.bytes.saturating_sub(self.bytes);
        let bytes = if self.is_none() { room.max(demand.least) } else { room };
        if messages < demand.most.messages.min(1) || bytes < demand.least {
            return Self::default();
        }
        Self { messages, bytes: demand.most.bytes.max(demand.least).min(bytes) }
    }

    /// Both added, held at what a store can count.
    pub(super) fn plus(self, more: Self) -> Self {
        let sum = |a: u64, b: u64, end: u64| a.saturating_add(b).min(end);
        Self {
            messages: sum(self.messages, more.messages, Self::ENDLESS.messages),
            bytes: sum(self.bytes, more.bytes, Self::ENDLESS.bytes),
        }
    }
}
