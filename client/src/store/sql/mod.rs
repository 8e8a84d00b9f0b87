//! One store for every database that speaks SQL: the statements are the same, a [`Database`] runs them.

mod row;
mod statements;
mod write;

use super::journal::{Entry, Head, Note};
use super::{Demand, Ending, KeyRecord, Lineage, MekRecord, Policy, SigningKeyRecord, Store, Usage, rules};
use crate::error::{Error, Result};
use crate::id::{KeyId, LineageId};

pub(super) use row::{Row, Value};

/// A database: connections, transactions, and the errors of one product.
pub trait Database: Send + Sync {
    /// Runs `job`, which changes nothing.
    fn read<T>(&self, job: impl FnOnce(&mut dyn Statements) -> Result<T>) -> Result<T>;

    /// Runs `job`, all of it or nothing. Two writers may run at the same time: the first statement of `job` takes a lock.
    fn write<T>(&self, job: impl FnOnce(&mut dyn Statements) -> Result<T>) -> Result<T>;
}

/// Statements on one connection. Parameters are written `?1`, `?2`, and so on.
pub trait Statements {
    /// Runs a statement that gives rows.
    fn rows(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>>;

    /// Runs a statement that changes rows; how many.
    fn run(&mut self, sql: &str, values: &[Value]) -> Result<u64, Failure>;
}

/// Why a statement changed nothing.
pub enum Failure {
    /// It would have broken a constraint.
    Clash(Error),
    /// Anything else.
    Other(Error),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Clash(error) | Failure::Other(error) => error,
        }
    }
}

/// Key references in an SQL database.
pub struct SqlStore<D> {
    pub(super) database: D,
    /// Who makes the changes, for the journal.
    pub(super) actor: String,
}

impl<D: Database> SqlStore<D> {
    /// The store with the changes that are made through it in the name of `actor`.
    #[must_use]
    pub fn acting_as(self, actor: impl Into<String>) -> Self {
        Self { actor: actor.into(), ..self }
    }

    /// The store with the changes that are made through it in the name of a token's `user`, beside that of this process.
    #[must_use]
    pub fn on_behalf_of(self, user: &str) -> Self {
        let actor = format!("{} as {user}", self.actor);
        self.acting_as(actor)
    }

    pub(super) fn over(database: D) -> Self {
        Self { database, actor: format!("uid {}", rustix::process::getuid().as_raw()) }
    }

    /// Runs `job` and writes into the journal what it notes.
    fn change<T>(&self, job: impl FnOnce(&mut dyn Statements, &mut Vec<Note>) -> Result<T>) -> Result<T> {
        self.database.write(|db| {
            let head = write::lock(db)?;
            let mut notes = Vec::new();
            let answer = job(db, &mut notes)?;
            write::append(db, head, &self.actor, notes)?;
            Ok(answer)
        })
    }

    fn list<T>(&self, sql: &str, values: &[Value], read: impl Fn(Row) -> Result<T>) -> Result<Vec<T>> {
        self.database.read(|db| db.rows(sql, values)?.into_iter().map(&read).collect())
    }
}

impl<D: Database> Store for SqlStore<D> {
    fn lineages(&self) -> Result<Vec<Lineage>> {
        self.list(statements::LINEAGES, &[], row::lineage)
    }

    fn lineage(&self, name: &str) -> Result<Option<Lineage>> {
        let id = name.parse::<LineageId>().map_or(Vec::new(), |id| id.as_bytes().to_vec());
        Ok(self.list(statements::LINEAGE, &[name.into(), id.into()], row::lineage)?.pop())
    }

    fn versions(&self, lineage: &LineageId) -> Result<Vec<KeyRecord>> {
        self.list(statements::VERSIONS, &[lineage.as_bytes().into()], row::key)
    }

    fn key(&self, id: &KeyId) -> Result<Option<KeyRecord>> {
        self.database.read(|db| write::find_key(db, id))
    }

    fn create_lineage(&self, lineage: &Lineage, first: &KeyRecord) -> Result<()> {
        rules::check(&lineage.id, None, first)?;
        self.change(|db, notes| write::create_lineage(db, lineage, first, notes))
    }

    fn commit(&self, lineage: &LineageId, epoch: u64, records: &[KeyRecord]) -> Result<u64> {
        self.change(|db, notes| {
            let line = write::advance(db, lineage, epoch)?;
            records.iter().try_for_each(|record| write::commit_key(db, &line, record, notes))?;
            Ok(line.epoch)
        })
    }

    fn set_policy(&self, lineage: &LineageId, epoch: u64, policy: &Policy) -> Result<u64> {
        self.change(|db, notes| {
            let line = write::advance(db, lineage, epoch)?;
            write::set_policy(db, &line, policy, notes)?;
            Ok(line.epoch)
        })
    }

    fn usage(&self, id: &KeyId) -> Result<Usage> {
        self.database.read(|db| write::usage(db, id))
    }

    fn reserve(&self, id: &KeyId, demand: Demand, limit: Usage) -> Result<Usage> {
        self.database.write(|db| {
            // The key's row is locked first: two who ask at the same time must not both be given the same room.
            write::lock_usage(db, id)?;
            let used = write::usage(db, id)?;
            let granted = used.grant(demand, limit);
            write::count(db, id, used.plus(granted))?;
            Ok(granted)
        })
    }

    fn meks(&self) -> Result<Vec<MekRecord>> {
        self.list(statements::MEKS, &[], row::mek)
    }

    fn add_mek(&self, mek: &MekRecord) -> Result<()> {
        self.change(|db, notes| write::add_mek(db, mek, notes))
    }

    fn change_mek(&self, old: &MekRecord, new: &MekRecord) -> Result<()> {
        self.change(|db, notes| write::change_mek(db, old, new, notes))
    }

    fn signing_keys(&self) -> Result<Vec<SigningKeyRecord>> {
        self.list(statements::SIGNING_KEYS, &[], row::signing_key)
    }

    fn put_signing_key(&self, key: &SigningKeyRecord, seen: &[SigningKeyRecord], ends: &[(&str, Ending)]) -> Result<()> {
        self.change(|db, notes| {
            let values = [key.label.as_str().into(), key.token_serial.as_str().into()];
            let found = db.rows(statements::SIGNING_KEYS_OF_LABEL, &values)?;
            rules::check_seen(key, &found.into_iter().map(row::signing_key).collect::<Result<Vec<_>>>()?, seen)?;
            if !db.rows(statements::SIGNING_KEY, &[key.kid.as_str().into()])?.is_empty() {
                return Err(rules::used_before(key));
            }
            ends.iter().try_for_each(|(kid, ending)| write::end_signing_key(db, kid, *ending, notes))?;
            write::add_signing_key(db, key, notes)
        })
    }

    fn end_signing_key(&self, kid: &str, ending: Ending) -> Result<()> {
        self.change(|db, notes| write::end_signing_key(db, kid, ending, notes))
    }

    fn journal_head(&self) -> Result<Head> {
        self.database.read(write::head)
    }

    fn journal(&self, from: u64) -> Result<Vec<Entry>> {
        self.list(statements::JOURNAL, &[from.into()], row::entry)
    }
}
