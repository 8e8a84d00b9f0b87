//! A token in memory, for tests: what the contract means, without a disk.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use super::{
    BEGIN, Change, End, Found, Guard, HEAD, LASTING, Last, Line, Lines, ObjectId, Query, Record, RecordChange, Row, Tell,
    TokenStore,
};
use crate::error::{Result, Rv};

/// The store.
#[derive(Default)]
pub struct MemoryStore(Mutex<Content>);

#[derive(Default)]
struct Content {
    records: BTreeMap<String, Record>,
    counters: BTreeMap<String, u64>,
    objects: BTreeMap<ObjectId, Row>,
    last: ObjectId,
    lines: Vec<Line>,
}

impl TokenStore for MemoryStore {
    fn record(&self, name: &str) -> Result<Option<Record>> {
        Ok(self.0.lock().records.get(name).cloned())
    }

    fn names(&self, beginning: &str) -> Result<Vec<String>> {
        let mut names: Vec<_> = self.0.lock().records.keys().filter(|name| name.starts_with(beginning)).cloned().collect();
        names.sort();
        Ok(names)
    }

    fn write(&self, change: Change<'_>) -> Result<Option<Vec<ObjectId>>> {
        let mut content = self.0.lock();
        change.guard.map_or(Ok(()), |guard| content.check(guard))?;
        if !content.fits(&change) {
            return Ok(None);
        }
        // What may fail comes first: making rows.
        let ids: Vec<_> = (content.last + 1..).take(change.added).collect();
        let told = change.told.map_or(Ok(Lines::default()), |told| content.told(told))?;
        let rows: Result<Vec<_>> = ids.iter().enumerate().map(|(position, id)| (change.make)(position, *id)).collect();
        content.objects.extend(ids.iter().copied().zip(rows?));
        content.last += change.added as ObjectId;
        for RecordChange { name, expected, bytes } in change.records {
            content.records.insert((*name).to_owned(), Record { revision: expected + 1, bytes: bytes.to_vec() });
        }
        content.objects.extend(change.replaced.iter().map(|replaced| (replaced.id, replaced.row.clone())));
        change.removed.iter().for_each(|id| _ = content.objects.remove(id));
        change.cleared.iter().for_each(|counter| _ = content.counters.remove(*counter));
        content.extend(told);
        let [after, last] = change.cut;
        content.lines.retain(|line| line.number <= after || line.number > last);
        Ok(Some(ids))
    }

    fn reset(&self, records: &[(&str, &[u8])], told: Option<&dyn Tell>) -> Result<()> {
        let mut content = self.0.lock();
        let told = told.map_or(Ok(Lines::default()), |told| content.told(told))?;
        let lines = std::mem::take(&mut content.lines);
        let (last, before) = (content.last, std::mem::take(&mut content.records));
        let kept = [HEAD, BEGIN].into_iter().filter_map(|name| before.get(name).map(|record| (name.to_owned(), record.clone())));
        let kept = kept.collect();
        let lasting = content.counters.remove_entry(LASTING);
        *content = Content { last, lines, records: kept, counters: lasting.into_iter().collect(), ..Content::default() };
        for (name, bytes) in records {
            let revision = 1 + before.get(*name).map_or(0, |record| record.revision);
            let record = Record { revision, bytes: bytes.to_vec() };
            if content.records.insert((*name).to_owned(), record).is_some() {
                return Rv::FunctionFailed.err("a record was named twice");
            }
        }
        content.extend(told);
        Ok(())
    }

    fn append(&self, guard: Option<Guard<'_>>, told: &dyn Tell) -> Result<()> {
        let mut content = self.0.lock();
        guard.map_or(Ok(()), |guard| content.check(guard))?;
        let told = content.told(told)?;
        content.extend(told);
        Ok(())
    }

    fn lines(&self, after: u64, most: usize) -> Result<Vec<Line>> {
        Ok(self.0.lock().lines.iter().filter(|line| line.number > after).take(most).cloned().collect())
    }

    fn raise(&self, counter: &str) -> Result<u64> {
        let mut content = self.0.lock();
        let value = content.counters.entry(counter.to_owned()).or_default();
        *value += 1;
        Ok(*value)
    }

    fn counter(&self, counter: &str) -> Result<u64> {
        Ok(self.0.lock().counters.get(counter).copied().unwrap_or(0))
    }

    fn object(&self, id: ObjectId) -> Result<Option<Row>> {
        Ok(self.0.lock().objects.get(&id).cloned())
    }

    fn find(&self, query: &Query) -> Result<Vec<Found>> {
        let fits = |tags: Option<[i64; 2]>, tag: i64| tags.is_none_or(|tags| tags.contains(&tag));
        let content = self.0.lock();
        let found = content.objects.iter().filter(|(_, row)| {
            !(query.public_only && row.private)
                && fits(query.class, row.tags.class)
                && fits(query.id, row.tags.id)
                && fits(query.label, row.tags.label)
        });
        Ok(found.map(|(id, row)| Found { id: *id, private: row.private }).collect())
    }

    fn generation(&self) -> Result<u64> {
        Ok(0)
    }

    fn snapshot(&self) -> Result<Vec<u8>> {
        Rv::FunctionFailed.err("a token in memory has no file")
    }

    fn ailments(&self) -> Result<Vec<String>> {
        Ok(vec![])
    }

    fn is_idle(&self) -> bool {
        true
    }

    fn let_go(&self) -> Result<()> {
        Ok(())
    }
}

impl Content {
    fn told(&self, told: &dyn Tell) -> Result<Lines> {
        let last = self.lines.last().map_or(Last::default(), |line| Last { number: line.number, hash: line.hash });
        let bytes = |name| self.records.get(name).map(|record| record.bytes.clone());
        let (head, begin) = (bytes(HEAD), bytes(BEGIN));
        let hash_of = |number| Ok(self.lines.iter().find(|line| line.number == number).map(|line| line.hash));
        told.lines(&End { last, head, begin, hash_of: &hash_of })
    }

    fn extend(&mut self, told: Lines) {
        self.lines.extend(told.lines);
        if let Some(bytes) = told.head {
            let revision = 1 + self.records.get(HEAD).map_or(0, |record| record.revision);
            self.records.insert(HEAD.to_owned(), Record { revision, bytes });
        }
    }

    fn check(&self, guard: Guard<'_>) -> Result<()> {
        match self.records.get(guard.name) {
            Some(record) if record.revision == guard.revision => Ok(()),
            _ => Err(guard.failed()),
        }
    }

    fn fits(&self, change: &Change<'_>) -> bool {
        let record = |name: &str| self.records.get(name).map_or(0, |record| record.revision);
        let object = |id| self.objects.get(&id).map(|row: &Row| row.revision);
        change.records.iter().all(|change| record(change.name) == change.expected)
            && change.replaced.iter().all(|change| object(change.id) == Some(change.expected))
            && change.removed.iter().all(|id| object(*id).is_some())
    }
}
