//! What the token writes down of its ceremonies: which one is open, and a log whose entries are chained by hash.
//!
//! The record `recovery` is a tag (32 bytes, under the key both roles have) and JSON. Its revision stands in the token's list of changed
//! objects as number 0, so that an older one cannot be put back alone; together with that list it can (SECURITY.md). Entries are the
//! records `recovery-log-00000001` and so on; each holds the hash of the one before, and the record the hash of the last: none can be cut,
//! edited or moved unnoticed.

use hsm_shares::{
    ceremony::Ceremony,
    text,
    time::Time,
    wire::{Kind, Open, Progress, Report},
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::owner::Owner;
use crate::{
    crypto::{Hash, digest},
    error::{Result, Rv},
    store::{Outcome, Record},
    token::{
        Token,
        access::{Access, Writing},
    },
};

const NAME: &str = "recovery";
const TAG: usize = 32;
/// The record's number in the list of changed objects; objects begin at 1.
const MARK: u64 = 0;

/// The record as it was read, and what is to be added to it.
pub struct Ledger {
    revision: u64,
    body: Body,
    news: Vec<(String, u64, Vec<u8>)>,
    /// The same for the audit log.
    told: Vec<String>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Body {
    open: Option<Opened>,
    /// How many entries the log has.
    entries: u64,
    /// SHA-256 of the last one, hexadecimal.
    last: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opened {
    id: String,
    kind: Kind,
    expires: i64,
    owner: Owner,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    number: u64,
    time: String,
    ceremony: String,
    event: String,
    before: String,
}

impl Ledger {
    /// Reads the record and checks it. Record and mark are read one after the other: where they do not go together, another process may
    /// just have changed both.
    pub fn read(token: &Token, access: &Access) -> Result<Self> {
        loop {
            let record = token.record(NAME)?;
            let revision = record.as_ref().map_or(0, |record| record.revision);
            if let Some(ledger) = Self::checked(record, token.mark(access, MARK)?, access)? {
                return Ok(ledger);
            }
            if token.record(NAME)?.map_or(0, |record| record.revision) == revision {
                return damaged();
            }
        }
    }

    /// The record, if it is genuine and at the revision that its mark tells.
    fn checked(record: Option<Record>, mark: u64, access: &Access) -> Result<Option<Self>> {
        let Some(record) = record else {
            return Ok((mark == 1).then(|| Self { revision: 0, body: Body::default(), news: vec![], told: vec![] }));
        };
        let Some((tag, json)) = record.bytes.split_first_chunk::<TAG>() else { return Ok(None) };
        let genuine = bool::from(access.mac(&bound(record.revision, json))?.ct_eq(tag)) && record.revision + 1 == mark;
        let body = serde_json::from_slice(json).ok().filter(|_| genuine);
        Ok(body.map(|body| Self { revision: record.revision, body, news: vec![], told: vec![] }))
    }

    /// Reads the record without a key to check it with.
    pub fn unverified(token: &Token) -> Result<Self> {
        let record = token.record(NAME)?;
        let json = record.as_ref().and_then(|record| record.bytes.get(TAG..));
        let body = json.and_then(|json| serde_json::from_slice(json).ok()).unwrap_or_default();
        Ok(Self { revision: 0, body, news: vec![], told: vec![] })
    }

    /// True while a ceremony is open: one that is neither expired, nor of a process that ended, nor forgotten by this one.
    pub fn is_busy(&self, here: Option<&Ceremony>, now: Time) -> Result<bool> {
        let Some(open) = &self.body.open else { return Ok(false) };
        let forgotten = open.owner == Owner::current() && !here.is_some_and(|ceremony| self.holds(ceremony));
        Ok(!(now.0 >= open.expires || open.owner.is_gone() || forgotten))
    }

    /// True when it is this ceremony that is open.
    pub fn holds(&self, ceremony: &Ceremony) -> bool {
        self.open_id() == Some(text::hex(ceremony.id()).as_str())
    }

    /// The id of the ceremony that is open.
    pub fn open_id(&self) -> Option<&str> {
        self.body.open.as_ref().map(|open| open.id.as_str())
    }

    /// Notes the end of a ceremony nobody conducts any more.
    pub fn abandon(&mut self, now: Time) {
        self.end(now, "aborted: its time was over, or its process ended");
    }

    /// Notes that the open ceremony was cancelled.
    pub fn cancel(&mut self, now: Time) {
        self.end(now, "cancelled");
    }

    fn end(&mut self, now: Time, event: &str) {
        if let Some(open) = self.body.open.take() {
            self.enter(now, &open.id, event);
        }
    }

    /// Notes that a ceremony was begun.
    pub fn open(&mut self, ceremony: &Ceremony, now: Time) {
        let (id, kind) = (text::hex(ceremony.id()), ceremony.kind());
        self.enter(now, &id, &format!("begun: {kind}"));
        self.body.open = Some(Opened { id, kind, expires: ceremony.expires().0, owner: Owner::current() });
    }

    /// Notes an event of a ceremony. Never a value.
    pub fn note(&mut self, now: Time, ceremony: &[u8; 32], event: &str) {
        self.enter(now, &text::hex(ceremony), event);
    }

    /// No ceremony is open any more.
    pub fn close(&mut self) {
        self.body.open = None;
    }

    /// True when something is not written yet.
    pub fn has_news(&self) -> bool {
        !self.news.is_empty()
    }

    fn enter(&mut self, now: Time, ceremony: &str, event: &str) {
        let number = self.body.entries + 1;
        let before = std::mem::take(&mut self.body.last);
        let entry = Entry { number, time: now.to_string(), ceremony: ceremony.to_owned(), event: event.to_owned(), before };
        let bytes = serde_json::to_vec(&entry).unwrap_or_default();
        (self.body.entries, self.body.last) = (number, hash(&bytes));
        self.news.push((entry_name(number), 0, bytes));
        self.told.push(format!("{ceremony} {event}"));
    }

    /// Writes what is new.
    pub fn write(&mut self, token: &Token, access: &Access) -> Result<()> {
        self.write_with(token, access, Writing::default())
    }

    /// Writes what is new, and whatever else has to change with it, in one step.
    pub fn write_with(&mut self, token: &Token, access: &Access, mut writing: Writing<'_>) -> Result<()> {
        let json = serde_json::to_vec(&self.body).map_err(|_| Rv::FunctionFailed.because("the record has no JSON form"))?;
        let bytes = [&access.mac(&bound(self.revision + 1, &json))?[..], &json].concat();
        writing.records.append(&mut self.news);
        writing.events.append(&mut self.told);
        writing.records.push((NAME.to_owned(), self.revision, bytes));
        // One more than the revision: 1 is the mark of what was never written.
        writing.marks.push((MARK, self.revision + 2));
        match token.carry_out(access, &writing)? {
            Outcome::Done => Ok(()),
            Outcome::Conflict => {
                Rv::FunctionFailed.err("another process changed the token at the same moment; nothing was changed")
            }
        }
    }

    /// What is known here of a ceremony of another process.
    pub fn report(&self, now: Time) -> Report {
        let elsewhere = self.body.open.as_ref().filter(|open| now.0 < open.expires && !open.owner.is_gone());
        let Some(open) = elsewhere else { return Report { state: "idle".into(), ..Report::default() } };
        let ceremony = Open {
            id: open.id.clone(),
            kind: open.kind,
            statement: String::new(),
            expires: Time(open.expires).to_string(),
            approvals: Progress::default(),
            shares: Progress::default(),
            confirming: false,
            recipient: String::new(),
        };
        Report { state: "elsewhere".into(), ceremony: Some(ceremony), ..Report::default() }
    }

    /// The log, oldest entry first; CKR_DEVICE_ERROR when the chain is broken.
    pub fn entries(&self, token: &Token) -> Result<Vec<String>> {
        let (mut entries, mut before) = (Vec::new(), String::new());
        for number in 1..=self.body.entries {
            let Some(record) = token.record(&entry_name(number))? else { return broken(number) };
            let Ok(entry) = serde_json::from_slice::<Entry>(&record.bytes) else { return broken(number) };
            if entry.number != number || entry.before != before {
                return broken(number);
            }
            before = hash(&record.bytes);
            entries.push(format!("{} {} {}", entry.time, entry.ceremony, entry.event));
        }
        if before == self.body.last { Ok(entries) } else { broken(self.body.entries) }
    }
}

fn entry_name(number: u64) -> String {
    format!("recovery-log-{number:08}")
}

fn hash(bytes: &[u8]) -> String {
    let mut hash = [0; 32];
    digest(Hash::Sha256, &[bytes], &mut hash);
    text::hex(&hash)
}

fn bound(revision: u64, json: &[u8]) -> Vec<u8> {
    [b"hsm-sim recovery record v2\0", &revision.to_be_bytes()[..], json].concat()
}

fn damaged<T>() -> Result<T> {
    Rv::DeviceError.err("the record of ceremonies fails authentication: the token file was edited")
}

fn broken<T>(number: u64) -> Result<T> {
    Rv::DeviceError.err(format!("the log of ceremonies is broken at entry {number}: the token file was edited"))
}
