//! What a line of the log says.

use cryptoki_sys::*;
use hsm_shares::{text, time::Time};
use serde::{Deserialize, Serialize};

use crate::{
    crypto::{Hash, digest},
    error::{Result, Rv},
    object::{Object, attributes::Lookup},
};

/// Longer labels and ids are cut: a line names an object and holds nothing of it.
const MOST: usize = 128;

/// Something that happened.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// Who did it: `so`, `user`, `user NAME`, or whom somebody wanted to be.
    pub by: String,
    /// In a word: `login`, `object-created`.
    pub what: &'static str,
    pub subject: Option<Subject>,
    /// The mechanism, the user who was added; empty when there is nothing to add.
    pub detail: String,
    /// How often, where that is counted.
    pub times: Option<u64>,
}

/// The object it was done with.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// CKA_UNIQUE_ID.
    pub unique_id: String,
    pub class: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_type: Option<String>,
    pub label: String,
    /// CKA_ID, hexadecimal.
    pub id: String,
}

/// The process that did it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    pid: u32,
    uid: u32,
    /// Path of the program.
    program: String,
}

/// A line: JSON, chained by the hash of the line before.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub number: u64,
    time: String,
    by: String,
    pub event: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Subject>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    process: Process,
    /// Random: the hash of a line, which stands in clear, tells nothing of what the line says.
    salt: String,
    /// SHA-256 of the line before, hexadecimal; zeros in the first.
    pub before: String,
}

impl Event {
    /// Something about no object.
    pub fn new(by: &str, what: &'static str) -> Self {
        Self { by: by.to_owned(), what, ..Self::default() }
    }

    /// The same with a detail.
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// The same about an object.
    pub fn of(self, object: &Object) -> Self {
        Self { subject: Some(Subject::of(object)), ..self }
    }
}

impl Subject {
    /// How the log names an object.
    pub fn of(object: &Object) -> Self {
        let (attributes, traits) = (object.attributes(), object.traits());
        let text = |kind| String::from_utf8_lossy(attributes.bytes(kind)).chars().take(MOST).collect();
        Self {
            unique_id: text(CKA_UNIQUE_ID),
            class: class(traits.class),
            key_type: traits.key_type.map(|kind| format!("{kind:#x}")),
            label: text(CKA_LABEL),
            id: text::hex(&attributes.bytes(CKA_ID)[..attributes.bytes(CKA_ID).len().min(MOST)]),
        }
    }
}

impl Process {
    /// This one.
    pub fn current() -> Self {
        let program = std::env::current_exe().map(|path| path.display().to_string());
        Self { pid: std::process::id(), uid: crate::abi::env::user(), program: program.unwrap_or_default() }
    }
}

impl Entry {
    /// The line of an event.
    pub fn new(number: u64, event: &Event, process: &Process, salt: &[u8], before: &[u8; 32]) -> Self {
        Self {
            number,
            time: Time::now().to_string(),
            by: event.by.clone(),
            event: event.what.to_owned(),
            subject: event.subject.clone(),
            detail: event.detail.clone(),
            times: event.times,
            process: process.clone(),
            salt: text::hex(salt),
            before: text::hex(before),
        }
    }

    /// True for what may stand in clear: wrong PINs, and nothing else that somebody without the key could make up.
    pub fn may_be_in_clear(&self) -> bool {
        matches!(self.event.as_str(), "pin-wrong" | "pin-locked") && self.subject.is_none() && self.times.is_none()
    }

    /// Its bytes.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|_| Rv::FunctionFailed.because("the line of the audit log has no JSON form"))
    }
}

/// What chains the next line to this one.
pub fn hash(json: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    digest(Hash::Sha256, &[json], &mut hash);
    hash
}

fn class(class: CK_OBJECT_CLASS) -> String {
    let name = match class {
        CKO_DATA => "data",
        CKO_CERTIFICATE => "certificate",
        CKO_PUBLIC_KEY => "public-key",
        CKO_PRIVATE_KEY => "private-key",
        CKO_SECRET_KEY => "secret-key",
        CKO_OTP_KEY => "otp-key",
        CKO_DOMAIN_PARAMETERS => "domain-parameters",
        CKO_TRUST => "trust",
        _ => return format!("{class:#x}"),
    };
    name.to_owned()
}
