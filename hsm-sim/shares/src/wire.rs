//! Requests and replies of the recovery interface, as JSON. Unknown members of a request are refused by name.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use zeroize::Zeroizing;

use crate::policy::Policy;

/// Text that must not outlive its use: a PIN, a share.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes text.
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = SecretText;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<SecretText, E> {
                Ok(SecretText(Zeroizing::new(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text).map_err(|_| D::Error::custom("expected a string"))
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What a ceremony is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Split a key among custodians.
    Deal,
    /// Prove that the shares work; nothing changes.
    Verify,
    /// Bring the key back into a token that lacks it.
    Restore,
    /// New shares of the same key; the old ones are retired.
    Refresh,
    /// Practise with a throw-away secret.
    Rehearse,
    /// Set a forgotten user PIN, keys kept.
    ResetPin,
    /// Destroy a key whose set demands approvals.
    Destroy,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Deal => "deal",
            Self::Verify => "verify",
            Self::Restore => "restore",
            Self::Refresh => "refresh",
            Self::Rehearse => "rehearse",
            Self::ResetPin => "reset-pin",
            Self::Destroy => "destroy",
        })
    }
}

/// Request of Begin.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    /// What for.
    pub kind: Kind,
    /// CKA_ID of the key, hexadecimal. Not for a rehearsal, nor where a manifest names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Deal and rehearse: who takes part. Refresh: if it shall be others than before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// Restore: the manifest, unless the token still has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// Deal, restore and destroy: the user's consent, since the SO alone cannot reach the user's keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_pin: Option<SecretText>,
    /// Seconds until the ceremony is over, 3600 unless given, a week at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
}

/// Request of Contribute.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contribute {
    /// Who hands it in; without a name the share tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custodian: Option<String>,
    /// The share's text, or that text encrypted by age to the ceremony's recipient, armored.
    pub share: SecretText,
}

/// Request of Approve.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// Who approves.
    pub approver: String,
    /// The Ed25519 signature, hexadecimal.
    pub signature: String,
}

/// Request of Status.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// The log too.
    #[serde(default)]
    pub log: bool,
}

/// Request of Finish.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    /// Reset-pin: the new user PIN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_user_pin: Option<SecretText>,
}

/// Request of Cancel.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// The id of the ceremony, when it was begun by another process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceremony: Option<String>,
}

/// The reply of every call. Members that do not apply are left out.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Report {
    /// `idle`, `approving`, `collecting`, `ready`, `done`, `cancelled`, or `elsewhere`: open in another process.
    pub state: String,
    /// The ceremony.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceremony: Option<Open>,
    /// Contribute: what became of the share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// New shares: once, in the reply of the call that dealt them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dealt: Option<Dealt>,
    /// Finish and Cancel: the signed minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// Finish: the manifest now in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// Status: true when somebody was logged in who could tell that the sets and the log are genuine.
    pub genuine: bool,
    /// Status: the sets in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sets: Option<Vec<Set>>,
    /// Status: the token's recovery log, oldest entry first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Vec<String>>,
    /// The public key the token signs manifests and transcripts with, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
}

/// A ceremony that is open.
#[derive(Serialize, Deserialize, Clone)]
pub struct Open {
    /// SHA-256 of the statement, hexadecimal.
    pub id: String,
    /// What for.
    pub kind: Kind,
    /// What is about to happen, in plain text. Empty when the ceremony is open in another process.
    pub statement: String,
    /// When it is over, RFC 3339.
    pub expires: String,
    /// Approvals needed, and who gave theirs.
    pub approvals: Progress,
    /// Shares needed, whose are there, whose are not.
    pub shares: Progress,
    /// True when the shares being collected were just dealt, so that all must be entered again.
    pub confirming: bool,
    /// The one-time age recipient for contributions.
    pub recipient: String,
}

/// How far something is.
#[derive(Serialize, Deserialize, Clone, Default)]
pub struct Progress {
    /// How many it takes.
    pub needed: usize,
    /// Whose are there.
    pub given: Vec<String>,
    /// Whose are not.
    pub missing: Vec<String>,
}

/// What became of a contribution.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Accepted, or refused.
    pub accepted: bool,
    /// Whose it was, as far as that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custodian: Option<String>,
    /// A word for programs: see [`crate::refusal`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// New shares.
#[derive(Serialize, Deserialize)]
pub struct Dealt {
    /// The manifest they belong to; in force once the ceremony is finished.
    pub manifest: String,
    /// One for each custodian.
    pub shares: Vec<Handed>,
}

/// A share for a custodian.
#[derive(Serialize, Deserialize)]
pub struct Handed {
    /// Whose.
    pub custodian: String,
    /// 1 to total.
    pub index: u8,
    /// Under the custodian's age recipient, armored.
    pub encrypted: bool,
    /// The share's text, or the encrypted file.
    pub share: SecretText,
}

/// A set in force.
#[derive(Serialize, Deserialize, Clone)]
pub struct Set {
    /// Hexadecimal.
    pub set: String,
    /// Counts its dealings.
    pub epoch: u16,
    /// CKA_ID of the key, hexadecimal.
    pub key: String,
    /// How many shares restore it.
    pub threshold: u8,
    /// How many there are.
    pub total: u8,
    /// Key check value, hexadecimal.
    pub check: String,
    /// When the shares were dealt, RFC 3339.
    pub dealt: String,
    /// When shares last proved to work.
    pub verified: String,
    /// The day by which they should have been refreshed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The manifest.
    pub manifest: String,
}
