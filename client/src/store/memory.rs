//! A store that forgets: for tests and for keys that live as long as the process.

use parking_lot::Mutex;

use super::{KeyRecord, Lineage, MekRecord, SigningKeyRecord, State, Store, rules};
use crate::error::Result;
use crate::id::{KeyId, LineageId};

/// Everything in memory, behind one lock.
#[derive(Default)]
pub struct MemoryStore(Mutex<Tables>);

#[derive(Default, Clone)]
struct Tables {
    lineages: Vec<Lineage>,
    keys: Vec<KeyRecord>,
    meks: Vec<MekRecord>,
    signing: Vec<SigningKeyRecord>,
}

impl Tables {
    fn put_key(&mut self, lineage: &LineageId, record: &KeyRecord) -> Result<()> {
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
        match place {
            Some(at) => self.keys[at] = record.clone(),
            None => self.keys.push(record.clone()),
        }
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
            if tables.keys.iter().any(|key| key.key_id == first.key_id) {
                return Err(rules::taken("a key of that id"));
            }
            tables.put_key(&lineage.id, first)
        })
    }

    fn commit(&self, lineage: &LineageId, epoch: u64, records: &[KeyRecord]) -> Result<u64> {
        self.change(|tables| {
            let line =
                tables.lineages.iter_mut().find(|line| line.id == *lineage).ok_or_else(|| rules::unknown_lineage(lineage))?;
            if line.epoch != epoch {
                return Err(rules::stale(epoch, line.epoch));
            }
            line.epoch += 1;
            records.iter().try_for_each(|record| tables.put_key(lineage, record))?;
            Ok(epoch + 1)
        })
    }

    fn meks(&self) -> Result<Vec<MekRecord>> {
        let mut all = self.0.lock().meks.clone();
        all.sort_by(|a, b| (&a.label, a.version).cmp(&(&b.label, b.version)));
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
            Ok(())
        })
    }

    fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>> {
        let mut all = self.0.lock().signing.clone();
        all.sort_by(|a, b| (&a.label, a.created).cmp(&(&b.label, b.created)));
        Ok(all)
    }

    fn put_signing_key(&self, key: &SigningKeyRecord, replaces: Option<&str>) -> Result<()> {
        self.change(|tables| {
            if tables.signing.iter().any(|other| other.kid == key.kid) {
                return Err(rules::taken("that signing key"));
            }
            let current = tables
                .signing
                .iter_mut()
                .find(|other| other.active && other.label == key.label && other.token_serial == key.token_serial);
            if key.active {
                if current.as_ref().map(|other| other.kid.as_str()) != replaces {
                    return Err(rules::taken(&format!("another active signing key \"{}\"", key.label)));
                }
                if let Some(old) = current {
                    old.active = false;
                }
            }
            tables.signing.push(key.clone());
            Ok(())
        })
    }
}
