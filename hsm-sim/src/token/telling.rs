//! What the token tells its audit log: the key it is sealed with, and who is doing what.

use std::sync::Arc;

use super::{Login, Token, header::Stored, pin, role::RoleKeys, seal::Vault, users::Person};
use crate::{
    audit::{AuditKey, Event, Level, Note, RECORD, told},
    error::{Error, Result, Rv},
    store::{Outcome, Record, RecordChange},
};

impl Login {
    /// The name in the log.
    pub(super) fn name(&self) -> String {
        match self {
            Login::Public => "nobody".to_owned(),
            Login::User(_, Person::Standard) => "user".to_owned(),
            Login::User(_, Person::Named(named)) => format!("user {}", named.name),
            Login::So(..) => "so".to_owned(),
        }
    }

    fn vault(&self) -> Option<&Vault> {
        match self {
            Login::Public => None,
            Login::User(vault, _) | Login::So(vault, _) => Some(vault),
        }
    }
}

/// Whose PIN is tried, and what for.
pub(super) struct Attempt<'c> {
    /// Name of the record and of the failure counter.
    pub account: &'c str,
    /// The name in the log.
    pub by: &'c str,
    pub purpose: &'static str,
    /// True when the PIN's being right is told here; else whatever it was asked for tells.
    pub told: bool,
}

impl Token {
    /// Opens an account's keys with its PIN. The try is counted before it is made; its outcome is in the log before anybody learns it.
    pub(super) fn open_with_pin(&self, stored: &Stored, attempt: Attempt<'_>, pin: &[u8]) -> Result<(RoleKeys, Record)> {
        let opened = pin::open(&*self.store, stored, attempt.account, pin);
        let (keys, record) = match opened {
            Ok(opened) => opened,
            Err(error) => return Err(self.tell_failure(&attempt, error)),
        };
        let events = if attempt.told { vec![Event::new(attempt.by, attempt.purpose)] } else { vec![] };
        let guard = Some(stored.guard());
        let written = Vault::so(&keys.integrity)
            .and_then(|vault| self.note_by(Some(&vault), events))
            .and_then(|note| self.store.clear(guard, attempt.account, told(&note)));
        if let Err(error) = written {
            // Nothing is done that cannot be told; but the PIN was right, and is not to be locked for that.
            self.store.clear(guard, attempt.account, None)?;
            return Err(error);
        }
        Ok((keys, record))
    }

    /// The failure that the caller hears: the PIN's, or the log's that could not be written.
    fn tell_failure(&self, attempt: &Attempt<'_>, error: Error) -> Error {
        let what = match error.rv {
            Rv::PinIncorrect => "pin-wrong",
            Rv::PinLocked => "pin-locked",
            _ => return error,
        };
        let told = self.tell(None, Event::new(attempt.by, what).detail(attempt.purpose));
        told.err().unwrap_or(error)
    }

    /// The key of the log that goes on in a token that is made anew; none where it is damaged, and the log begins again.
    pub(super) fn lasting_key(&self, vault: &Vault) -> Result<Option<Arc<AuditKey>>> {
        let Some(record) = self.store.record(RECORD)? else { return Ok(None) };
        Ok(AuditKey::unwrap(vault.shared().expose(), &self.serial, &record.bytes).ok().map(Arc::new))
    }

    /// A note of these events, by whoever is logged in.
    pub(super) fn note(&self, login: &Login, events: Vec<Event>) -> Result<Option<Note<'_>>> {
        match login.vault() {
            Some(vault) => self.note_by(Some(vault), events),
            // In clear it would be a line that anybody can make up.
            None => Rv::UserNotLoggedIn.err("nobody is logged in any more who could tell of it"),
        }
    }

    /// The same with these keys; in clear without.
    pub(super) fn note_by(&self, vault: Option<&Vault>, events: Vec<Event>) -> Result<Option<Note<'_>>> {
        if !self.audit.tells(Level::Changes) || events.is_empty() {
            return Ok(None);
        }
        let key = vault.map(|vault| self.audit_key(vault)).transpose()?;
        Ok(self.audit.note(&self.serial, key, events))
    }

    /// Tells what is no write: durable when this returns.
    pub(super) fn tell(&self, vault: Option<&Vault>, event: Event) -> Result<()> {
        let note = self.note_by(vault, vec![event])?;
        told(&note).map_or(Ok(()), |told| self.store.append(None, told))
    }

    /// The key of the log, made with the log when there is none.
    pub(super) fn audit_key(&self, vault: &Vault) -> Result<Arc<AuditKey>> {
        if let Some(key) = vault.audit().get() {
            return Ok(Arc::clone(key));
        }
        let shared = vault.shared().expose();
        let key = match self.store.record(RECORD)? {
            Some(record) => Arc::new(AuditKey::unwrap(shared, &self.serial, &record.bytes)?),
            None => self.begin_log(shared)?,
        };
        Ok(Arc::clone(vault.audit().get_or_init(|| key)))
    }

    fn begin_log(&self, shared: &[u8]) -> Result<Arc<AuditKey>> {
        let key = Arc::new(AuditKey::random()?);
        let wrapped = key.wrap(shared, &self.serial)?;
        let note = self.audit.beginning(&self.serial, Arc::clone(&key));
        let change = RecordChange { name: RECORD, expected: 0, bytes: &wrapped };
        match (self.store.change_records(None, &[change], Some(&note))?, self.store.record(RECORD)?) {
            (Outcome::Done, _) => Ok(key),
            // Another process was first.
            (Outcome::Conflict, Some(record)) => AuditKey::unwrap(shared, &self.serial, &record.bytes).map(Arc::new),
            (Outcome::Conflict, None) => Rv::FunctionFailed.err("the key of the audit log came and went"),
        }
    }
}
