//! A token in memory, for tests: what the contract means, without a disk.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use super::{Found, Guard, MakeRow, ObjectId, Outcome, Query, Record, RecordChange, Row, TokenStore};
use crate::error::{Result, Rv};

/// The store.
#[derive(Default)]
pub struct MemoryStore(Mutex<Content>);

#[derive(Default)]
struct Content {
    records: BTreeMap<String, Record>,
    counters: BTreeMap<String, u32>,
    objects: BTreeMap<ObjectId, Row>,
    last: ObjectId,
}

impl TokenStore for MemoryStore {
    fn record(&self, name: &str) -> Result<Option<Record>> {
        Ok(self.0.lock().records.get(name).cloned())
    }

    fn change_records(&self, guard: Option<Guard<'_>>, changes: &[RecordChange<'_>]) -> Result<Outcome> {
        let mut content = self.0.lock();
        guard.map_or(Ok(()), |guard| content.check(guard))?;
        Ok(content.apply(changes))
    }

    fn reset(&self, records: &[(&str, &[u8])]) -> Result<()> {
        let mut content = self.0.lock();
        let (last, before) = (content.last, std::mem::take(&mut content.records));
        *content = Content { last, ..Content::default() };
        for (name, bytes) in records {
            let revision = 1 + before.get(*name).map_or(0, |record| record.revision);
            let record = Record { revision, bytes: bytes.to_vec() };
            if content.records.insert((*name).to_owned(), record).is_some() {
                return Rv::FunctionFailed.err("a record was named twice");
            }
        }
        Ok(())
    }

    fn raise(&self, counter: &str) -> Result<u32> {
        let mut content = self.0.lock();
        let value = content.counters.entry(counter.to_owned()).or_default();
        *value += 1;
        Ok(*value)
    }

    fn counter(&self, counter: &str) -> Result<u32> {
        Ok(self.0.lock().counters.get(counter).copied().unwrap_or(0))
    }

    fn clear(&self, counter: &str) -> Result<()> {
        self.0.lock().counters.remove(counter);
        Ok(())
    }

    fn insert(&self, guard: Guard<'_>, count: usize, make: MakeRow<'_>) -> Result<Vec<ObjectId>> {
        let mut content = self.0.lock();
        content.check(guard)?;
        let ids: Vec<_> = (content.last + 1..).take(count).collect();
        let rows: Result<Vec<_>> = ids.iter().enumerate().map(|(position, id)| make(position, *id)).collect();
        content.objects.extend(ids.iter().copied().zip(rows?));
        content.last += count as ObjectId;
        Ok(ids)
    }

    fn object(&self, id: ObjectId) -> Result<Option<Row>> {
        Ok(self.0.lock().objects.get(&id).cloned())
    }

    fn replace(&self, guard: Guard<'_>, id: ObjectId, expected: u64, row: &Row, records: &[RecordChange<'_>]) -> Result<Outcome> {
        let mut content = self.0.lock();
        content.check(guard)?;
        if content.objects.get(&id).is_none_or(|found| found.revision != expected) {
            return Ok(Outcome::Conflict);
        }
        let outcome = content.apply(records);
        if outcome == Outcome::Done {
            content.objects.insert(id, row.clone());
        }
        Ok(outcome)
    }

    fn remove(&self, id: ObjectId) -> Result<bool> {
        Ok(self.0.lock().objects.remove(&id).is_some())
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

    fn let_go(&self) -> Result<()> {
        Ok(())
    }
}

impl Content {
    fn check(&self, guard: Guard<'_>) -> Result<()> {
        match self.records.get(guard.name) {
            Some(record) if record.revision == guard.revision => Ok(()),
            _ => Err(guard.failed()),
        }
    }

    fn apply(&mut self, changes: &[RecordChange<'_>]) -> Outcome {
        let current = |name: &str| self.records.get(name).map_or(0, |record| record.revision);
        if changes.iter().any(|change| current(change.name) != change.expected) {
            return Outcome::Conflict;
        }
        for change in changes {
            let record = Record { revision: change.expected + 1, bytes: change.bytes.to_vec() };
            self.records.insert(change.name.to_owned(), record);
        }
        Outcome::Done
    }
}
