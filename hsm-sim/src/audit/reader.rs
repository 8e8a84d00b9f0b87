//! Reading the log back, and whether it is what was written.

use hsm_shares::text;

use super::{
    entry::{self, Entry},
    key::{AuditKey, edited},
};
use crate::{
    error::{Result, Rv},
    store::{HEAD, Last, Line, TokenStore},
};

/// Lines that are read from the store at a time.
const CHUNK: usize = 1000;

/// The event of a line that tells of a break before it.
pub const BROKEN: &str = "log-broken";

/// The event of the first line of a key; what stands before it was sealed under another, which was lost.
pub const BEGUN: &str = "log-begun";

/// Reads the log of a token.
pub struct Reader<'r> {
    pub store: &'r dyn TokenStore,
    pub serial: &'r str,
    pub key: &'r AuditKey,
}

/// What a check of the whole log found.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Verdict {
    /// The last line.
    pub head: Last,
    /// Number of the last sealed line: what follows nobody vouches for yet.
    pub vouched: u64,
    /// Numbers of lines that tell of a break before them, or before which nothing can be read any more.
    pub broken: Vec<u64>,
}

impl Reader<'_> {
    /// At most so many lines after this number, as JSON; none that was sealed under a key that was lost. CKR_DEVICE_ERROR names the first
    /// that is not what was written.
    pub fn read(&self, after: u64, most: usize) -> Result<Vec<String>> {
        if i64::try_from(after).is_err() {
            return Ok(vec![]);
        }
        let beginning = self.beginning()?;
        let before = match after <= beginning.number {
            true => Some(beginning),
            false => self.store.lines(after - 1, 1)?.first().map(place).filter(|before| before.number == after),
        };
        let Some(mut before) = before else { return Ok(vec![]) };
        let mut lines = Vec::new();
        for line in self.store.lines(before.number, most)? {
            let (json, ..) = self.checked(&line, before)?;
            before = place(&line);
            lines.push(String::from_utf8(json).map_err(|_| edited(line.number))?);
        }
        Ok(lines)
    }

    /// Checks all of it, the end against the head.
    pub fn verify(&self) -> Result<Verdict> {
        let beginning = self.beginning()?;
        let (mut last, mut vouched, mut broken) = (beginning, beginning, Vec::new());
        broken.extend((beginning.number > 0).then_some(beginning.number + 1));
        loop {
            let lines = self.store.lines(last.number, CHUNK)?;
            for line in &lines {
                let (_, sealed, tells_of_a_break) = self.checked(line, last)?;
                last = place(line);
                broken.extend(tells_of_a_break.then_some(last.number));
                vouched = if sealed { last } else { vouched };
            }
            if lines.len() < CHUNK {
                break;
            }
        }
        let head = self.store.record(HEAD)?.map(|record| self.key.last(self.serial, &record.bytes)).transpose()?;
        match head {
            Some(head) if head == vouched => Ok(Verdict { head: last, vouched: vouched.number, broken }),
            Some(head) => Rv::DeviceError.err(format!(
                "the audit log ends at entry {}, and its head says {}: its end was cut off or put back",
                vouched.number, head.number
            )),
            None => Rv::DeviceError.err("the head of the audit log is gone: the token file was edited"),
        }
    }

    /// The line before the first that can be read: before all of them, unless the key was lost and the log began again.
    fn beginning(&self) -> Result<Last> {
        let (mut before, mut lost, mut most) = (Last::default(), None, 1);
        loop {
            let lines = self.store.lines(before.number, most)?;
            for line in &lines {
                match self.key.open(self.serial, line) {
                    Ok((_, true)) if lost.is_none() => return Ok(Last::default()),
                    Ok((json, true)) => return lost.filter(|_| !begins(&json)).map_or(Ok(before), |lost| Err(edited(lost))),
                    Ok((_, false)) => {}
                    Err(_) => lost = lost.or(Some(line.number)),
                }
                before = place(line);
            }
            if lines.len() < most {
                return lost.map_or_else(|| Ok(Last::default()), |lost| Err(edited(lost)));
            }
            most = CHUNK;
        }
    }

    /// What a line says, whether it is sealed, and whether it tells of a break.
    fn checked(&self, line: &Line, before: Last) -> Result<(Vec<u8>, bool, bool)> {
        let (json, sealed) = self.key.open(self.serial, line)?;
        let entry: Entry = serde_json::from_slice(&json).map_err(|_| edited(line.number))?;
        let follows = line.number == before.number + 1 && entry.number == line.number && entry.before == text::hex(&before.hash);
        match follows && entry::hash(&json) == line.hash && (sealed || entry.may_be_in_clear()) {
            true => Ok((json, sealed, entry.event == BROKEN)),
            false => Err(edited(before.number + 1)),
        }
    }
}

fn begins(json: &[u8]) -> bool {
    serde_json::from_slice(json).is_ok_and(|entry: Entry| entry.event == BEGUN)
}

fn place(line: &Line) -> Last {
    Last { number: line.number, hash: line.hash }
}
