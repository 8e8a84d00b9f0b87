//! A store that forgets: for tests and for keys that live as long as the process.

use std::collections::HashMap;

use parking_lot::Mutex;

use super::journal::{self, Entry, Head, Note};
use super::{Demand, Ending, KeyRecord, Lineage, MekRecord, Policy, SigningKeyRecord, State, Store, Usage, rules};
use crate::error::Result;
use crate::id::{KeyId, LineageId};
use crate::time::Timestamp;

/// Everything in memory, behind one lock.
#[derive(Default)]
pub struct MemoryStore(Mutex<Tables>);

#[derive(Default, Clone)]
struct Tables {
    lineages: Vec<Lineage>,
    keys: Vec<KeyRecord>,
    meks: Vec<MekRecord>,
    signing: Vec<SigningKeyRecord>,
    usage: HashMap<KeyId, Usage>,
    journal: Vec<Entry>,
}

impl Tables {
    fn note(&mut self, notes: impl IntoIterator<Item = Note>) {
        for note in notes {
            let head = self.journal.last().map_or(Head::START, Entry::head);
            self.journal.push(head.follow(Timestamp::now(), "this process", note));
        }
    }

    /// Takes a lineage from `epoch` to the next one.
    fn advance(&mut self, lineage: &LineageId, epoch: u64) -> Result<&mut Lineage> {
        let line = self.lineages.iter_mut().find(|line| line.id == *lineage).ok_or_else(|| rules::unknown_lineage(lineage))?;
        if line.epoch != epoch {
            return Err(rules::stale(epoch, line.epoch));
        }
        line.epoch += 1;
        Ok(line)
    }

    fn put_key(&mut self, name: &str, lineage: &LineageId, record: &KeyRecord) -> Result<()> {
        let place = self.keys.iter().position(|key| key.key_id == record.key_id);
        rules::check(lineage, place.map(|at| &self.keys[at]), record)?;
        let rivals = self.keys.iter().filter(|key| key.lineage_id == *lineage && key.key_id != record.key_id);
        for rival in rivals {
            if rival.version == record.version {
                return Err(rules::taken("that version of the key"));
            }
            if rival.state == State::Active && record.state == State::Active {
                return Err(rules::taken("an active version of the key"));
            }
        }
        self.note(journal::of_key(name, place.map(|at| &self.keys[at]), record));
        match place {
            Some(at) => self.keys[at] = record.clone(),
            None => self.keys.push(record.clone()),
        }
        Ok(())
    }

    fn end(&mut self, kid: &str, ending: Ending) -> Result<()> {
        let key = self.signing.iter_mut().find(|key| key.kid == kid).ok_or_else(|| rules::unknown_signing_key(kid))?;
        rules::check_ending(key, ending)?;
        *key = key.clone().ended(ending);
        let note = journal::of_signing_key("signing-key-ended", key);
        self.note([note]);
        Ok(())
    }
}

impl MemoryStore {
    /// Applies `change` whole or not at all.
    fn change<T>(&self, change: impl FnOnce(&mut Tables) -> Result<T>) -> Result<T> {
        let mut tables = self.0.lock();
        let mut copy = tables.clone();
        let answer = change(&mut copy)?;
        *tables = copy;
        Ok(answer)
    }
}

impl Store for MemoryStore {
    fn lineages(&self) -> Result<Vec<Lineage>> {
        let mut all = self.0.lock().lineages.clone();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    fn lineage(&self, name: &str) -> Result<Option<Lineage>> {
        let tables = self.0.lock();
        Ok(tables.lineages.iter().find(|line| line.name == name || line.id.to_string() == name).cloned())
    }

    fn versions(&self, lineage: &LineageId) -> Result<Vec<KeyRecord>> {
        let mut all: Vec<_> = self.0.lock().keys.iter().filter(|key| key.lineage_id == *lineage).cloned().collect();
        all.sort_by_key(|key| key.version);
        Ok(all)
    }

    fn key(&self, id: &KeyId) -> Result<Option<KeyRecord>> {
        Ok(self.0.lock().keys.iter().find(|key| key.key_id == *id).cloned())
    }

    fn create_lineage(&self, lineage: &Lineage, first: &KeyRecord) -> Result<()> {
        self.change(|tables| {
            if tables.lineages.iter().any(|line| line.name == lineage.name || line.id == lineage.id) {
                return Err(rules::taken(&format!("a data key \"{}\"", lineage.name)));
            }
            tables.lineages.push(lineage.clone());
            tables.note([journal::of_policy(lineage, &lineage.policy)]);
            if tables.keys.iter().any(|key| key.key_id == first.key_id) {
                return Err(rules::taken("a key of that id"));
            }
            tables.put_key(&lineage.name, &lineage.id, first)
        })
    }

    fn commit(&self, lineage: &LineageId, epoch: u64, records: &[KeyRecord]) -> Result<u64> {
        self.change(|tables| {
            let name = tables.advance(lineage, epoch)?.name.clone();
            records.iter().try_for_each(|record| tables.put_key(&name, lineage, record))?;
            Ok(epoch + 1)
        })
    }

    fn set_policy(&self, lineage: &LineageId, epoch: u64, policy: &Policy) -> Result<u64> {
        self.change(|tables| {
            let line = tables.advance(lineage, epoch)?;
            line.policy = policy.clone();
            let note = journal::of_policy(line, policy);
            tables.note([note]);
            Ok(epoch + 1)
        })
    }

    fn usage(&self, id: &KeyId) -> Result<Usage> {
        let tables = self.0.lock();
        match tables.keys.iter().any(|key| key.key_id == *id) {
            true => Ok(tables.usage.get(id).copied().unwrap_or_default()),
            false => Err(rules::unknown_key(id)),
        }
    }

    fn reserve(&self, id: &KeyId, demand: Demand, limit: Usage) -> Result<Usage> {
        let used = self.usage(id)?;
        let mut tables = self.0.lock();
        let used = tables.usage.get(id).copied().unwrap_or(used);
        let granted = used.grant(demand, limit);
        tables.usage.insert(*id, used.plus(granted));
        Ok(granted)
    }

    fn meks(&self) -> Result<Vec<MekRecord>> {
        let mut all = self.0.lock().meks.clone();
        all.sort_by(|a, b| (&a.label, a.version, &a.token_serial).cmp(&(&b.label, b.version, &b.token_serial)));
        Ok(all)
    }

    fn add_mek(&self, mek: &MekRecord) -> Result<()> {
        self.change(|tables| {
            let id = |mek: &MekRecord| (mek.token_serial.clone(), mek.mek_id.clone());
            let name = |mek: &MekRecord| (mek.token_serial.clone(), mek.label.clone(), mek.version);
            if tables.meks.iter().any(|other| id(other) == id(mek) || name(other) == name(mek)) {
                return Err(rules::taken(&format!("the master key \"{}\" version {}", mek.label, mek.version)));
            }
            tables.meks.push(mek.clone());
            tables.note([journal::of_mek("mek-recorded", mek)]);
            Ok(())
        })
    }

    fn change_mek(&self, old: &MekRecord, new: &MekRecord) -> Result<()> {
        self.change(|tables| {
            let place = |mek: &MekRecord| (&mek.token_serial, &mek.mek_id) == (&old.token_serial, &old.mek_id);
            let found = tables.meks.iter_mut().find(|mek| place(mek));
            rules::check_mek(found.as_deref(), old, new)?;
            found.into_iter().for_each(|mek| *mek = new.clone());
            tables.note([journal::of_mek("mek-state", new)]);
            Ok(())
        })
    }

    fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>> {
        let mut all = self.0.lock().signing.clone();
        all.sort_by(|a, b| (&a.label, a.created, &a.kid).cmp(&(&b.label, b.created, &b.kid)));
        Ok(all)
    }

    fn put_signing_key(&self, key: &SigningKeyRecord, seen: &[SigningKeyRecord], ends: &[(&str, Ending)]) -> Result<()> {
        let same = |other: &SigningKeyRecord| (&other.label, &other.token_serial) == (&key.label, &key.token_serial);
        self.change(|tables| {
            let mut found: Vec<_> = tables.signing.iter().filter(|other| same(other)).cloned().collect();
            found.sort_by(|a, b| (a.created, &a.kid).cmp(&(b.created, &b.kid)));
            rules::check_seen(key, &found, seen)?;
            if tables.signing.iter().any(|other| other.kid == key.kid) {
                return Err(rules::used_before(key));
            }
            ends.iter().try_for_each(|(kid, ending)| tables.end(kid, *ending))?;
            let endless = |other: &SigningKeyRecord| other.times.retire_at.is_none() && key.times.retire_at.is_none();
            if tables.signing.iter().any(|other| same(other) && endless(other)) {
                return Err(rules::another_signs(key));
            }
            tables.signing.push(key.clone());
            tables.note([journal::of_signing_key("signing-key-created", key)]);
            Ok(())
        })
    }

    fn end_signing_key(&self, kid: &str, ending: Ending) -> Result<()> {
        self.change(|tables| tables.end(kid, ending))
    }

    fn journal_head(&self) -> Result<Head> {
        Ok(self.0.lock().journal.last().map_or(Head::START, Entry::head))
    }

    fn journal(&self, from: u64) -> Result<Vec<Entry>> {
        Ok(self.0.lock().journal.iter().filter(|entry| entry.seq >= from).cloned().collect())
    }
}
