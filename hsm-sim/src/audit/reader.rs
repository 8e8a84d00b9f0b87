//! Reading the log back, and whether it is what was written.

use hsm_shares::text;

use super::{
    entry::{self, Entry},
    key::{AuditKey, edited},
    mark::Mark,
};
use crate::{
    error::{Result, Rv},
    store::{BEGIN, HEAD, Last, Line, TokenStore},
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
    /// The line before the first that can be read; 0 unless lines were taken out, or the key was lost.
    pub begins_after: Last,
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
        let (beginning, _) = self.beginning()?;
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
        let (begins_after, lost) = self.beginning()?;
        let (mut last, mut vouched, mut broken) = (begins_after, begins_after, Vec::new());
        broken.extend(lost.then_some(begins_after.number + 1));
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
        let head = self.store.record(HEAD)?.map(|head| self.key.marked(Mark::Head, self.serial, &head.bytes)).transpose()?;
        match head {
            Some(head) if !lost && begins_after.number > 0 && head.number <= begins_after.number => Rv::DeviceError.err(format!(
                "the audit log begins after entry {}, and its head says {}: its end was cut off",
                begins_after.number, head.number
            )),
            Some(head) if head == vouched => Ok(Verdict { begins_after, head: last, vouched: vouched.number, broken }),
            Some(head) => Rv::DeviceError.err(format!(
                "the audit log ends at entry {}, and its head says {}: its end was cut off or put back",
                vouched.number, head.number
            )),
            None => Rv::DeviceError.err("the head of the audit log is gone: the token file was edited"),
        }
    }

    /// The line before the first that can be read.
    pub fn begins_after(&self) -> Result<Last> {
        self.beginning().map(|(before, _)| before)
    }

    /// The line before the first that can be read, and whether those before were lost with their key rather than taken out.
    fn beginning(&self) -> Result<(Last, bool)> {
        // One that does not open may be of a key that was lost; of any other the lines tell.
        let begin = self.store.record(BEGIN)?.and_then(|begin| self.key.marked(Mark::Begin, self.serial, &begin.bytes).ok());
        let begin = begin.unwrap_or_default();
        if let Some(begun) = self.key.begun.get().filter(|begun| begun.number > begin.number) {
            return Ok((*begun, true));
        }
        let (mut after, mut lost, mut most) = (begin.number, None, 1);
        loop {
            let lines = self.store.lines(after, most)?;
            for line in &lines {
                match self.key.open(self.serial, line) {
                    Ok((_, true)) if lost.is_none() => return Ok((begin, false)),
                    Ok((json, true)) => {
                        let begun = begins(&json).ok_or_else(|| edited(lost.unwrap_or(line.number)))?;
                        return Ok((*self.key.begun.get_or_init(|| begun), true));
                    }
                    Ok((_, false)) => {}
                    Err(_) => lost = lost.or(Some(line.number)),
                }
                after = line.number;
            }
            if lines.len() < most {
                return lost.map_or(Ok((begin, false)), |lost| Err(edited(lost)));
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

/// The line before one that a key begins with; `None` for any other.
fn begins(json: &[u8]) -> Option<Last> {
    let entry: Entry = serde_json::from_slice(json).ok().filter(|entry: &Entry| entry.event == BEGUN)?;
    Some(Last { number: entry.number.checked_sub(1)?, hash: text::unhex_array(&entry.before, "before").ok()? })
}

fn place(line: &Line) -> Last {
    Last { number: line.number, hash: line.hash }
}
