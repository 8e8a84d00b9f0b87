//! What is about to be told, as a write takes it.

use std::sync::Arc;

use super::{
    entry::{self, Entry, Event, Process},
    key::{self, AuditKey},
    mark::{Mark, claimed},
    reader,
};
use crate::{
    error::{Result, Rv},
    rng,
    store::{End, Last, Line, Lines, Tell},
};

/// Events for one write.
pub struct Note<'n> {
    pub(super) serial: &'n str,
    pub(super) process: &'n Process,
    pub(super) key: Option<Arc<AuditKey>>,
    pub(super) events: Vec<Event>,
    /// The key is new: there is no head of it yet.
    pub(super) begins: bool,
}

impl Note<'_> {
    fn line(&self, last: Last, event: &Event) -> Result<Line> {
        let number = last.number.checked_add(1).ok_or_else(|| key::edited(last.number))?;
        let entry = Entry::new(number, event, self.process, &rng::public::<16>()?, &last.hash);
        let json = entry.to_json()?;
        let hash = entry::hash(&json);
        let bytes = match &self.key {
            Some(key) => key.seal(self.serial, Last { number, hash }, &json)?,
            None if entry.may_be_in_clear() => key::in_clear(&json),
            None => return Rv::FunctionFailed.err("nothing but a wrong PIN is told in clear"),
        };
        Ok(Line { number, hash, bytes })
    }

    /// What comes first, if anything. The head goes on with what is written now: whatever was cut off before must be told, or it would
    /// never be seen; and where a key begins among lines of another, that is how a reader finds it.
    fn heading(&self, end: &End<'_>) -> Result<Option<Event>> {
        if self.begins {
            let tells = self.events.is_empty() || end.last.number > 0;
            return Ok(tells.then(|| Event::new("token", reader::BEGUN)));
        }
        let Some(key) = &self.key else { return Ok(None) };
        let begin = self.begin(end);
        let why = match end.head.as_ref().map(|head| key.marked(Mark::Head, self.serial, head)) {
            Some(Ok(head)) if head.number > begin.number && (end.hash_of)(head.number)? == Some(head.hash) => return Ok(None),
            Some(Ok(head)) if head.number <= begin.number => {
                format!("the head said {}, and the log begins after {}", head.number, begin.number)
            }
            Some(Ok(head)) => format!("the head said {}, and the log ended at {}", head.number, end.last.number),
            Some(Err(_)) => format!("the head was edited, and the log ended at {}", end.last.number),
            None => format!("the head was gone, and the log ended at {}", end.last.number),
        };
        Ok(Some(Event::new("token", reader::BROKEN).detail(why)))
    }
}

impl Note<'_> {
    /// The line that the log begins after: taking lines out leaves at least the one that tells of it behind. Without a key it is believed:
    /// what is in clear is vouched for by nobody.
    fn begin(&self, end: &End<'_>) -> Last {
        let begin = end.begin.as_ref().and_then(|bytes| match &self.key {
            Some(key) => key.marked(Mark::Begin, self.serial, bytes).ok(),
            None => claimed(bytes).map(|(at, _)| at),
        });
        begin.unwrap_or_default()
    }
}

impl Tell for Note<'_> {
    fn lines(&self, end: &End<'_>) -> Result<Lines> {
        let (begin, mut lines) = (self.begin(end), Vec::new());
        // Numbers go on also where all lines are gone.
        let mut last = if end.last.number < begin.number { begin } else { end.last };
        for event in self.heading(end)?.iter().chain(&self.events) {
            let line = self.line(last, event)?;
            last = Last { number: line.number, hash: line.hash };
            lines.push(line);
        }
        let head = self.key.as_ref().map(|key| key.mark(Mark::Head, self.serial, last));
        Ok(Lines { lines, head })
    }
}

/// A note as a write takes it.
pub fn told<'n>(note: &'n Option<Note<'_>>) -> Option<&'n dyn Tell> {
    note.as_ref().map(|note| note as &dyn Tell)
}
