//! What the audit log tells of objects, beside what is there: a row that was taken out of the file, and one that was put back after its
//! object was destroyed.
//!
//! The log knows what it heard. What was done while it was off it does not: an object that was destroyed then is missing to it.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::Token;
use crate::error::{Result, Rv};

/// Lines that are read at a time.
const CHUNK: usize = 1000;

#[derive(Deserialize)]
struct Line {
    number: u64,
    event: String,
    subject: Option<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    unique_id: String,
    class: String,
    label: String,
}

/// Objects by CKA_UNIQUE_ID, and how a reader knows them.
#[derive(Default)]
pub struct Told {
    made: HashMap<String, String>,
    destroyed: HashMap<String, String>,
}

impl Told {
    /// What the whole log tells. SO or standard user are logged in.
    pub fn by(token: &Token) -> Result<Self> {
        let (mut told, mut after) = (Self::default(), 0);
        loop {
            let lines = token.read_log(after, CHUNK)?;
            for line in &lines {
                let line: Line =
                    serde_json::from_str(line).map_err(|_| Rv::DeviceError.because("a line of the audit log is none"))?;
                after = line.number;
                told.hear(line);
            }
            if lines.len() < CHUNK {
                return Ok(told);
            }
        }
    }

    fn hear(&mut self, line: Line) {
        match (line.event.as_str(), line.subject) {
            ("token-initialised", _) => *self = Self::default(),
            ("object-created", Some(of)) => _ = self.made.insert(of.unique_id, format!("{} \"{}\"", of.class, of.label)),
            ("object-destroyed", Some(of)) => {
                self.made.remove(&of.unique_id);
                self.destroyed.insert(of.unique_id, format!("{} \"{}\"", of.class, of.label));
            }
            _ => {}
        }
    }

    /// What does not go together with these objects being there, and so many that do not open.
    pub fn against(&self, there: &HashSet<String>, damaged: usize) -> Vec<String> {
        let missing: Vec<_> = self.made.iter().filter(|(id, _)| !there.contains(*id)).collect();
        let back = self.destroyed.iter().filter(|(id, _)| there.contains(*id));
        let mut findings: Vec<_> =
            back.map(|(id, name)| format!("{name} ({id}) is there, and the log says that it was destroyed")).collect();
        if missing.len() > damaged {
            let gone = missing.iter().map(|(id, name)| format!("{name} ({id}) is not there, and the log tells of no end of it"));
            findings.extend(gone);
        }
        findings.sort();
        findings
    }
}
