//! Why a share is refused when it is entered. The ceremony goes on; what was accepted before stays.

use std::fmt;

/// The reason, for the custodian whose share it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No share text at all.
    NotAShare,
    /// The checksum does not hold: a typing error.
    Mistyped,
    /// A format this build does not know.
    UnknownVersion(u8),
    /// Too short, too long, or not as long as the others.
    WrongLength,
    /// Index 0, or above the total.
    WrongIndex(u8),
    /// The share of a rehearsal, which restores nothing.
    Rehearsal,
    /// A real share, shown at a rehearsal.
    NotRehearsal,
    /// The set of another token.
    OtherToken,
    /// Another set of this token.
    WrongSet,
    /// An older dealing, which a refresh has replaced.
    RetiredEpoch {
        /// Of the share.
        share: u16,
        /// In force.
        current: u16,
    },
    /// Another dealing than the manifest's: one that never came into force, or a newer one, when the manifest is an old print.
    OtherDealing,
    /// Threshold or total differ from the manifest's.
    WrongPolicy,
    /// The key check value differs.
    WrongKey,
    /// Handed in before, by the custodian named.
    Duplicate(String),
    /// It belongs to the custodian named, not to the one who handed it in.
    OtherCustodian(String),
    /// Everything fits but the hash in the manifest.
    Tampered,
    /// The encrypted contribution does not open.
    Unreadable,
}

impl Refusal {
    /// A word for programs; it never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAShare => "not-a-share",
            Self::Mistyped => "mistyped",
            Self::UnknownVersion(_) => "unknown-version",
            Self::WrongLength => "wrong-length",
            Self::WrongIndex(_) => "wrong-index",
            Self::Rehearsal => "rehearsal",
            Self::NotRehearsal => "not-rehearsal",
            Self::OtherToken => "other-token",
            Self::WrongSet => "wrong-set",
            Self::RetiredEpoch { .. } => "retired-epoch",
            Self::OtherDealing => "other-dealing",
            Self::WrongPolicy => "wrong-policy",
            Self::WrongKey => "wrong-key",
            Self::Duplicate(_) => "duplicate",
            Self::OtherCustodian(_) => "other-custodian",
            Self::Tampered => "tampered",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAShare => f.write_str("this is no share: one begins with \"hsmshare1\""),
            Self::Mistyped => f.write_str("the checksum does not hold: there is a typing error in it"),
            Self::UnknownVersion(version) => write!(f, "it has format version {version}, which is not known here"),
            Self::WrongLength => f.write_str("it is too short or too long"),
            Self::WrongIndex(index) => write!(f, "it has index {index}, which the set does not have"),
            Self::Rehearsal => f.write_str("it is the share of a rehearsal and restores nothing"),
            Self::NotRehearsal => f.write_str("it is a real share: put it back, a rehearsal needs its own"),
            Self::OtherToken => f.write_str("it belongs to a set of another token"),
            Self::WrongSet => f.write_str("it belongs to another set of shares"),
            Self::RetiredEpoch { share, current } => {
                write!(f, "it was retired: it is of dealing {share}, and dealing {current} is in force")
            }
            Self::OtherDealing => {
                f.write_str("it is of another dealing than the manifest: one that never came into force, or a newer one")
            }
            Self::WrongPolicy => f.write_str("its threshold or total is not the set's"),
            Self::WrongKey => f.write_str("its key check value is not the set's"),
            Self::Duplicate(name) => write!(f, "the share of {name} was handed in already"),
            Self::OtherCustodian(name) => write!(f, "it is the share of {name}"),
            Self::Tampered => f.write_str("it was altered: its hash is not the one in the manifest"),
            Self::Unreadable => {
                f.write_str("the encrypted contribution is damaged, or not encrypted to this ceremony's recipient")
            }
        }
    }
}

impl std::error::Error for Refusal {}
