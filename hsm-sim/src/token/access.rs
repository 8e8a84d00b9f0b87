//! Access to a token apart from who is logged in now: a ceremony reads and writes with the keys it was given when it began.
//!
//! The SO's access opens what is public. The user's needs the user's PIN, also when it is the SO who conducts the ceremony.

use std::sync::Arc;

use cryptoki_sys::CK_ATTRIBUTE_TYPE;
use zeroize::Zeroizing;

use super::{
    Login, Token,
    header::Stored,
    objects::Cache,
    pin,
    revisions::Revisions,
    role::{Role, RoleKeys, Wrapped},
    seal::Vault,
    tags,
    telling::Attempt,
};
use crate::{
    abi::locked::LockedSecret,
    audit::{Event, told},
    crypto::hkdf_sha256,
    error::{Result, Rv},
    object::Object,
    secret::Secret,
    store::{Change, Guard, ObjectId, Outcome, Record, RecordChange, Row, RowChange},
};

/// Keys, and the state of the token they are good for.
pub struct Access {
    vault: Arc<Vault>,
    user_key: Option<LockedSecret>,
    header: Vec<u8>,
    guard: Guard<'static>,
}

/// An object as it is in the store.
pub struct StoredObject {
    pub id: ObjectId,
    pub object: Arc<Object>,
    row: Row,
}

/// What a ceremony writes, in one step.
#[derive(Default)]
pub struct Writing<'w> {
    pub added: Vec<Arc<Object>>,
    pub changed: Vec<(&'w StoredObject, Arc<Object>)>,
    pub removed: Vec<ObjectId>,
    /// Name, revision expected, bytes.
    pub records: Vec<(String, u64, Vec<u8>)>,
    /// Numbers beyond the objects' own in the list of changed objects, so that an older record does not pass for the current one.
    pub marks: Vec<(ObjectId, u64)>,
    /// What the audit log says of it, by whoever is logged in.
    pub events: Vec<String>,
}

impl Access {
    /// Access without the user's key.
    pub(super) fn so(vault: Arc<Vault>, stored: &Stored) -> Self {
        Self { vault, user_key: None, header: stored.bytes.clone(), guard: stored.guard() }
    }

    /// A key that only this token has, for one purpose.
    pub fn derive(&self, purpose: &[u8]) -> Result<Secret> {
        Secret::filled(32, |key| hkdf_sha256(self.vault.shared().expose(), &[], &[purpose], key)).map_err(Into::into)
    }

    /// A tag over bytes that belong to the token.
    pub fn mac(&self, bytes: &[u8]) -> Result<[u8; 32]> {
        self.vault.mac(false, bytes)
    }

    /// The user's key, where the user has consented.
    pub fn user_key(&self) -> Option<&[u8]> {
        self.user_key.as_ref().map(LockedSecret::expose)
    }

    /// The token's header, which what is sealed for this token is bound to.
    pub fn header(&self) -> &[u8] {
        &self.header
    }
}

impl Token {
    /// What the SO may read and write, while the SO is logged in.
    pub fn so_access(&self) -> Result<Access> {
        let state = self.state.read();
        let Login::So(vault, _) = &state.login else { return Rv::UserNotLoggedIn.err("a ceremony is conducted by the SO") };
        Ok(Access::so(Arc::clone(vault), &state.stored))
    }

    /// What whoever is logged in may read.
    pub fn reading_access(&self) -> Result<Access> {
        let state = self.state.read();
        let (Login::User(vault, _) | Login::So(vault, _)) = &state.login else {
            return Rv::UserNotLoggedIn.err("nobody is logged in who could tell whether the token's records are genuine");
        };
        Ok(Access::so(Arc::clone(vault), &state.stored))
    }

    /// What the user may read and write, given the user's PIN. It is counted like any other try.
    pub fn consent(&self, pin: &[u8]) -> Result<Access> {
        self.in_turn(Role::User.name(), || self.consent_now(pin))
    }

    fn consent_now(&self, pin: &[u8]) -> Result<Access> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        let user = Attempt { account: Role::User.name(), by: Role::User.name(), purpose: "consent", told: true };
        let (keys, _) = self.open_with_pin(&state.stored, user, pin)?;
        let user_key = LockedSecret::new(Secret::copy(keys.own.expose()))
            .map_err(|e| Rv::DeviceMemory.because(format!("no page for a key: {e}")))?;
        let (header, guard) = (state.stored.bytes.clone(), state.stored.guard());
        Ok(Access { vault: Arc::new(Vault::user(keys)?), user_key: Some(user_key), header, guard })
    }

    /// True while the token is the one that access was given to: not made anew since, by whatever process.
    pub fn is_good(&self, access: &Access) -> Result<bool> {
        let record = self.store.record(access.guard.name)?;
        Ok(record.is_some_and(|record| record.revision == access.guard.revision))
    }

    /// Token objects with these attributes. One that is damaged is an error here: nothing may be decided without it.
    pub fn look<V: AsRef<[u8]>>(&self, access: &Access, template: &[(CK_ATTRIBUTE_TYPE, V)]) -> Result<Vec<StoredObject>> {
        let mut found = Vec::new();
        let user = access.vault.tag_key();
        let mut lists = [None, None];
        for candidate in self.store.find(&tags::query(template, user))? {
            let Some(row) = self.store.object(candidate.id)? else { continue };
            let Some((row, _)) = self.current(candidate.id, row, &access.vault, &mut lists)? else { continue };
            let object = Object::new(access.vault.open(&row, self.place(candidate.id, row.revision))?)?;
            if object.matches(template) {
                found.push(StoredObject { id: candidate.id, object, row });
            }
        }
        Ok(found)
    }

    /// The lists of changed objects, public and private; the latter only with the user's key.
    fn lists(&self, access: &Access) -> Result<[Option<Revisions>; 2]> {
        let read = |private| Revisions::read(&*self.store, &access.vault, private);
        Ok([Some(read(false)?), access.vault.tag_key().map(|_| read(true)).transpose()?])
    }

    /// The revision a mark stands at; 1 when it was never set.
    pub fn mark(&self, access: &Access, mark: ObjectId) -> Result<u64> {
        Ok(Revisions::read(&*self.store, &access.vault, false)?.of(mark))
    }

    /// A record of the token.
    pub fn record(&self, name: &str) -> Result<Option<Record>> {
        self.store.record(name)
    }

    /// Writes; [`Outcome::Conflict`] when somebody else changed any of it meanwhile.
    pub fn carry_out(&self, access: &Access, writing: &Writing<'_>) -> Result<Outcome> {
        let vault = &access.vault;
        let mut moved = [writing.marks.clone(), vec![]];
        let mut rows = Vec::with_capacity(writing.changed.len());
        for (stored, next) in &writing.changed {
            let revision = stored.row.revision + 1;
            moved[usize::from(stored.row.private)].push((stored.id, revision));
            rows.push(vault.seal(next, self.place(stored.id, revision))?);
        }
        let lists = self.lists(access)?;
        let mut records = Vec::new();
        for (list, moved) in lists.iter().flatten().zip(&moved).filter(|(_, moved)| !moved.is_empty()) {
            records.push((list, list.with(moved, vault)?));
        }
        let lists = records.iter().map(|(list, bytes)| list.change(bytes));
        let own = writing.records.iter().map(|(name, expected, bytes)| RecordChange { name, expected: *expected, bytes });
        let replaced = writing.changed.iter().zip(&rows);
        let by = self.state.read().login.name();
        let events = writing.events.iter().map(|event| Event::new(&by, "ceremony").detail(event));
        let changed = self.events_of(access, &by, writing)?;
        let note = self.note_by(Some(vault), events.chain(changed).collect())?;
        let done = self.store.write(Change {
            guard: Some(access.guard),
            told: told(&note),
            cleared: &[],
            records: &own.chain(lists).collect::<Vec<_>>(),
            replaced: &replaced
                .map(|((stored, _), row)| RowChange { id: stored.id, expected: stored.row.revision, row })
                .collect::<Vec<_>>(),
            removed: &writing.removed,
            cut: [0; 2],
            added: writing.added.len(),
            make: &mut |position, id| vault.seal(&writing.added[position], self.place(id, 1)),
        })?;
        *self.cache.write() = Cache::default();
        Ok(if done.is_some() { Outcome::Done } else { Outcome::Conflict })
    }

    fn events_of(&self, access: &Access, by: &str, writing: &Writing<'_>) -> Result<Vec<Event>> {
        let added = writing.added.iter().map(|object| Event::new(by, "object-created").of(object));
        let changed = writing.changed.iter().map(|(_, object)| Event::new(by, "object-changed").of(object));
        let mut events: Vec<_> = added.chain(changed).collect();
        for id in &writing.removed {
            let attributes = self.opened(*id, Some(&access.vault), &mut [None, None])?;
            events.push(Event::new(by, "object-destroyed").of(&*Object::new(attributes)?));
        }
        Ok(events)
    }

    /// The record that gives the user's key to a new PIN; refused unless it is the key the user's objects are under.
    pub fn user_under(&self, access: &Access, user_key: &[u8], new: &[u8]) -> Result<(String, u64, Vec<u8>)> {
        pin::check_new(new)?;
        let integrity = || Secret::copy(access.vault.shared().expose());
        let vault = Vault::user(RoleKeys { own: Secret::copy(user_key), integrity: integrity() })?;
        if Revisions::read(&*self.store, &vault, true).is_err() {
            return Rv::FunctionFailed.err("the user got another key since the shares were dealt");
        }
        let keys = RoleKeys { own: Secret::copy(user_key), integrity: integrity() };
        let bytes = Wrapped::seal(Role::User.name(), &keys, new, self.config.argon2_cost(), &access.header)?;
        let expected = self.store.record(Role::User.name())?.map_or(0, |record| record.revision);
        Ok((Role::User.name().to_owned(), expected, bytes))
    }

    /// Forgets wrong tries of the user's PIN, after it was set anew.
    pub fn forgive_user(&self) -> Result<()> {
        self.store.clear(None, Role::User.name(), None)
    }
}

/// An object's value, for splitting: erased by whoever holds it.
impl StoredObject {
    /// The value of a secret key.
    pub fn value(&self) -> Zeroizing<Vec<u8>> {
        use crate::object::attributes::Lookup;
        Zeroizing::new(self.object.attributes().bytes(cryptoki_sys::CKA_VALUE).to_vec())
    }
}
