//! The minutes of a ceremony: who did what and when, how it ended; signed, and never with a value in it.

use crate::{
    Error, Result, notary,
    notary::Notary,
    text::{self, Reader, Writer},
    time::Time,
};

const TITLE: &str = "hsm-sim recovery transcript 1";

/// Minutes being taken.
pub struct Minutes {
    statement: String,
    events: Vec<(Time, String)>,
}

/// A transcript whose signature is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// The ceremony's id.
    pub ceremony: [u8; 32],
    /// The statement the id is the digest of.
    pub statement: String,
    /// What happened, in order.
    pub events: Vec<(Time, String)>,
    /// How it ended: `done`, `cancelled`, `failed`.
    pub outcome: String,
    /// SHA-256 of the manifest it was about, if there was one.
    pub manifest: Option<[u8; 32]>,
    /// Who signed.
    pub signer: [u8; 32],
}

impl Minutes {
    /// Begins with what the ceremony is about.
    pub fn new(statement: String) -> Self {
        Self { statement, events: Vec::new() }
    }

    /// Notes an event.
    pub fn note(&mut self, now: Time, what: impl Into<String>) {
        let what: String = what.into();
        // A line must stay a line, whatever name is in it.
        self.events.push((now, what.chars().map(|c| if c.is_control() { '?' } else { c }).collect()));
    }

    /// How many events were noted.
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// About how many bytes the transcript will have.
    pub fn len(&self) -> usize {
        2 * self.statement.len() + self.events.iter().map(|(_, what)| what.len() + 32).sum::<usize>()
    }

    /// True before anything was noted.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Signs what was noted.
    pub fn sign(&self, outcome: &str, manifest: Option<[u8; 32]>, notary: &Notary) -> String {
        let mut text = Writer::new(TITLE);
        text.line("ceremony", text::hex(&id(&self.statement)));
        self.statement.lines().for_each(|line| text.line("statement", line));
        for (time, what) in &self.events {
            text.line("event", format_args!("{time} {what}"));
        }
        text.line("outcome", outcome);
        if let Some(manifest) = manifest {
            text.line("manifest", text::hex(&manifest));
        }
        notary.sign(text)
    }
}

/// The id of the ceremony of a statement: its SHA-256.
pub fn id(statement: &str) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(statement).into()
}

impl Transcript {
    /// Reads a transcript and checks it.
    ///
    /// # Errors
    /// [`Error::Malformed`], quoting the line; [`Error::Mismatch`] when it was altered.
    pub fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader::new(text, TITLE)?;
        let ceremony = text::unhex_array(reader.line("ceremony")?, "the ceremony's id")?;
        let statement: String = reader.lines("statement").into_iter().map(|line| format!("{line}\n")).collect();
        let event = |line: &str| {
            let (time, what) = line.split_once(' ').ok_or_else(|| Error::malformed("an event has a time"))?;
            Ok((Time::parse(time)?, what.to_owned()))
        };
        let events = reader.lines("event").into_iter().map(event).collect::<Result<_>>()?;
        let outcome = reader.line("outcome")?.to_owned();
        let manifest =
            reader.optional("manifest").map(|digits| text::unhex_array(digits, "the manifest's digest")).transpose()?;
        let signer = notary::check(reader)?;
        if id(&statement) != ceremony {
            return Err(Error::Mismatch("the ceremony's id is not the digest of its statement".into()));
        }
        Ok(Self { ceremony, statement, events, outcome, manifest, signer })
    }
}
