//! A token's objects: opened when first used, kept until somebody changes the store or logs in or out.

use std::sync::{Arc, atomic::Ordering};

use cryptoki_sys::*;

use super::{
    Login, State, Token,
    handle::Handle,
    revisions::Revisions,
    seal::{self, Place, Vault},
    tags,
};
use crate::{
    audit::{Event, Level, told},
    error::{Error, Result, Rv},
    handles::HandleMap,
    log,
    object::{
        Object,
        attributes::{Attributes, Draft, Lookup},
    },
    store::{Found, Guard, ObjectId, Outcome, RowChange},
};

/// More opened objects than this are not kept.
const CAPACITY: usize = 100_000;
/// Tries of a compare-and-set against other writers; each that fails is one that somebody else won.
const TRIES: usize = 1000;

/// Opened objects.
#[derive(Default)]
pub struct Cache {
    generation: Option<u64>,
    objects: HandleMap<Arc<Object>>,
    /// Of public and of private objects.
    revisions: [Option<Arc<Revisions>>; 2],
}

/// Who writes, with which keys, and what the write depends on.
pub struct Writer {
    pub vault: Arc<Vault>,
    pub guard: Guard<'static>,
    /// The name in the log.
    pub by: String,
}

impl Writer {
    /// Whoever is logged in.
    pub fn of(state: &State) -> Result<Self> {
        match &state.login {
            Login::Public => Err(nobody()),
            Login::User(vault, _) | Login::So(vault, _) => {
                Ok(Self { vault: Arc::clone(vault), guard: state.stored.guard(), by: state.login.name() })
            }
        }
    }
}

/// What to do with an object, given what it is now.
pub type Change<'c> = &'c dyn Fn(&Object) -> Result<Draft>;

impl Token {
    /// The object of a handle. CKR_OBJECT_HANDLE_INVALID when it is gone, or private and not the user's to see now.
    pub fn object(&self, handle: CK_OBJECT_HANDLE) -> Result<Arc<Object>> {
        match Handle::decode(handle) {
            Handle::Session { number } => {
                let object = self.session_objects.object(number).ok_or_else(no_object)?;
                if object.traits().private && self.user_login().is_none() { Err(no_object()) } else { Ok(object) }
            }
            Handle::BuiltIn { .. } => Err(no_object()),
            Handle::Token { id, login } => {
                let object = self.token_object(id)?;
                if object.traits().private && Some(login) != self.user_login() { Err(no_object()) } else { Ok(object) }
            }
        }
    }

    /// Adds objects made in a session, all or none; returns their handles. Token objects are durable when this returns.
    pub fn add(&self, owner: CK_SESSION_HANDLE, objects: Vec<Arc<Object>>) -> Result<Vec<CK_OBJECT_HANDLE>> {
        // Those of the store first, in one step: what could fail afterwards, a session object, cannot leave half a pair behind.
        let stored = objects.iter().filter(|object| object.traits().token).map(Arc::clone).collect::<Vec<_>>();
        let mut stored = if stored.is_empty() { vec![] } else { self.add_to_store(stored)? }.into_iter();
        let place = |object: Arc<Object>| match object.traits().token {
            true => stored.next().ok_or(Rv::FunctionFailed.because("the store lost count of new objects")),
            false => self.add_to_session(owner, object),
        };
        objects.into_iter().map(place).collect()
    }

    /// Making a key takes time, in which another thread may log out: the login is held while the object is added.
    fn add_to_session(&self, owner: CK_SESSION_HANDLE, object: Arc<Object>) -> Result<CK_OBJECT_HANDLE> {
        let state = self.state.read();
        if object.traits().private && !matches!(state.login, Login::User(..)) {
            return Rv::UserNotLoggedIn.err("the user logged out while a private object was being made");
        }
        Ok(Handle::Session { number: self.session_objects.add(owner, object) }.encode())
    }

    fn add_to_store(&self, objects: Vec<Arc<Object>>) -> Result<Vec<CK_OBJECT_HANDLE>> {
        let Writer { vault, guard, by } = self.writer()?;
        let created = |object: &Arc<Object>| Event::new(&by, "object-created").of(object);
        let note = self.note_by(Some(&vault), objects.iter().map(created).collect())?;
        let mut make = |position: usize, id| vault.seal(&objects[position], self.place(id, 1));
        let ids = self.store.insert(guard, objects.len(), &mut make, told(&note))?;
        let handles = ids.iter().zip(&objects).map(|(id, object)| self.handle(*id, object.traits().private)).collect();
        let mut cache = self.cache.write();
        if cache.generation.is_some() && cache.objects.len() + objects.len() <= CAPACITY {
            cache.objects.extend(ids.into_iter().zip(objects));
        }
        Ok(handles)
    }

    /// Changes an object in place.
    pub fn change_object(&self, handle: CK_OBJECT_HANDLE, change: Change<'_>) -> Result<()> {
        for _ in 0..TRIES {
            self.object(handle)?;
            let writer = Writer::of(&self.state.read()).ok();
            if self.changed(writer.as_ref(), handle, change)? {
                return Ok(());
            }
        }
        contested()
    }

    /// The same by somebody who may be logged in no more.
    pub(super) fn change_with(&self, writer: Option<&Writer>, handle: CK_OBJECT_HANDLE, change: Change<'_>) -> Result<()> {
        for _ in 0..TRIES {
            if self.changed(writer, handle, change)? {
                return Ok(());
            }
        }
        contested()
    }

    /// False when others changed it meanwhile.
    fn changed(&self, writer: Option<&Writer>, handle: CK_OBJECT_HANDLE, change: Change<'_>) -> Result<bool> {
        match Handle::decode(handle) {
            Handle::Session { number } => {
                let object = self.session_objects.object(number).ok_or_else(no_object)?;
                let changed = Object::new(change(&object)?.pack())?;
                Ok(self.session_objects.replace(number, &object, changed))
            }
            Handle::Token { id, .. } => self.change_stored(writer.ok_or_else(nobody)?, id, change),
            Handle::BuiltIn { .. } => Err(no_object()),
        }
    }

    fn change_stored(&self, writer: &Writer, id: ObjectId, change: Change<'_>) -> Result<bool> {
        let Writer { vault, guard, by } = writer;
        let row = self.store.object(id)?.ok_or_else(no_object)?;
        let (row, revisions) = self.current(id, row, vault, &mut [None, None])?.ok_or_else(no_object)?;
        let object = Object::new(vault.open(&row, self.place(id, row.revision))?)?;
        let changed = Object::new(change(&object)?.pack())?;
        let revision = row.revision + 1;
        let next = vault.seal(&changed, self.place(id, revision))?;
        let list = revisions.with(&[(id, revision)], vault)?;
        let replaced = RowChange { id, expected: row.revision, row: &next };
        let event = Event::new(by, "object-changed").of(&changed).detail(difference(&object, &changed));
        let note = self.note_by(Some(vault), vec![event])?;
        let outcome = self.store.replace(*guard, replaced, &[revisions.change(&list)], told(&note))?;
        let mut cache = self.cache.write();
        cache.objects.remove(&id);
        cache.revisions = Default::default();
        Ok(outcome == Outcome::Done)
    }

    /// Destroys an object.
    pub fn destroy(&self, handle: CK_OBJECT_HANDLE) -> Result<()> {
        let removed = match Handle::decode(handle) {
            Handle::Session { number } => self.session_objects.remove(number),
            Handle::BuiltIn { .. } => false,
            Handle::Token { id, .. } => {
                let Writer { vault, guard, by } = self.writer()?;
                let used = self.uses.get(handle).filter(|_| self.audit.tells(Level::Uses));
                let used = used.iter().flat_map(|used| used.untold(&by));
                let event = Event::new(&by, "object-destroyed").of(&*self.object(handle)?);
                let note = self.note_by(Some(&vault), used.chain([event]).collect())?;
                let removed = self.store.remove(guard, id, told(&note))?;
                self.cache.write().objects.remove(&id);
                removed
            }
        };
        if removed {
            self.uses.forget([handle]);
            Ok(())
        } else {
            Err(no_object())
        }
    }

    /// Destroys what a closing session made.
    pub fn end_session(&self, owner: CK_SESSION_HANDLE) {
        let gone = self.session_objects.remove_of(owner);
        self.uses.forget(gone.into_iter().map(|number| Handle::Session { number }.encode()));
    }

    /// Handles of all objects with these attributes that may be seen now.
    pub fn find<V: AsRef<[u8]>>(&self, template: &[(CK_ATTRIBUTE_TYPE, V)]) -> Result<Vec<CK_OBJECT_HANDLE>> {
        let vault = self.vault();
        let user = vault.as_deref().and_then(Vault::tag_key);
        let token = template.iter().find(|(kind, _)| *kind == CKA_TOKEN).map(|(_, value)| value.as_ref());
        let mut handles = Vec::new();
        if token != Some(&[CK_FALSE]) {
            for Found { id, private } in self.store.find(&tags::query(template, user))? {
                if self.fits(id, template)? {
                    handles.push(self.handle(id, private));
                }
            }
        }
        let fits = |object: &Object| (user.is_some() || !object.traits().private) && object.matches(template);
        let session = self.session_objects.find(fits).into_iter().map(|number| Handle::Session { number }.encode());
        handles.extend(session);
        Ok(handles)
    }

    /// The tags only narrow the search: the object itself decides. One that is damaged is left out, with a word in the log; any other
    /// trouble is the search's, since "not found" would make somebody create the key a second time.
    fn fits<V: AsRef<[u8]>>(&self, id: ObjectId, template: &[(CK_ATTRIBUTE_TYPE, V)]) -> Result<bool> {
        match self.token_object(id) {
            Ok(object) => Ok(object.matches(template)),
            Err(error) if matches!(error.rv, Rv::ObjectDamaged | Rv::ObjectHandleInvalid) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn token_object(&self, id: ObjectId) -> Result<Arc<Object>> {
        let generation = self.store.generation()?;
        let known = {
            let cache = self.cache.read();
            (cache.generation == Some(generation)).then(|| cache.objects.get(&id).cloned())
        };
        match known {
            Some(Some(object)) => Ok(object),
            Some(None) => self.open_object(id, generation),
            None => self.refresh(generation).and_then(|()| self.open_object(id, generation)),
        }
    }

    fn open_object(&self, id: ObjectId, generation: u64) -> Result<Arc<Object>> {
        let login = self.logins.load(Ordering::SeqCst);
        let vault = self.vault();
        let mut cache = self.cache.write();
        if login != self.logins.load(Ordering::SeqCst) {
            // Logged in or out in between: what the keys of before open must not stay behind.
            drop(cache);
            return self.open_object(id, generation);
        }
        if cache.generation != Some(generation) || cache.objects.len() >= CAPACITY {
            *cache = Cache { generation: Some(generation), ..Cache::default() };
        }
        let opened = self.opened(id, vault.as_deref(), &mut cache.revisions).inspect_err(|error| self.warn_of(id, error));
        let object = Object::new(opened?)?;
        cache.objects.insert(id, Arc::clone(&object));
        Ok(object)
    }

    fn warn_of(&self, id: ObjectId, error: &Error) {
        if error.rv == Rv::ObjectDamaged {
            log::warn(format_args!("token {}, object {id}: {}", self.serial, error.why));
        }
    }

    pub(super) fn opened(
        &self,
        id: ObjectId,
        vault: Option<&Vault>,
        lists: &mut [Option<Arc<Revisions>>; 2],
    ) -> Result<Attributes> {
        let row = self.store.object(id)?.ok_or_else(no_object)?;
        if row.private && vault.and_then(Vault::tag_key).is_none() {
            return Err(no_object());
        }
        let Some(vault) = vault else { return seal::open_unverified(&row) };
        let (row, _) = self.current(id, row, vault, lists)?.ok_or_else(no_object)?;
        vault.open(&row, self.place(id, row.revision))
    }

    /// The keys of whoever is logged in.
    fn vault(&self) -> Option<Arc<Vault>> {
        match &self.state.read().login {
            Login::Public => None,
            Login::User(vault, _) | Login::So(vault, _) => Some(Arc::clone(vault)),
        }
    }

    fn writer(&self) -> Result<Writer> {
        Writer::of(&self.state.read())
    }

    /// Somebody else changed the store: what was opened is opened anew, and a token made anew takes the login with it.
    fn refresh(&self, generation: u64) -> Result<()> {
        let mut state = self.state.write();
        let before = state.stored.revision;
        self.follow(&mut state)?;
        let mut cache = self.cache.write();
        if cache.generation != Some(generation) {
            *cache = Cache { generation: Some(generation), ..Cache::default() };
        }
        match state.stored.revision == before {
            true => Ok(()),
            false => Rv::DeviceRemoved.err("the token was initialised anew, or its user got another key: log in again"),
        }
    }

    pub(super) fn place(&self, id: ObjectId, revision: u64) -> Place<'_> {
        Place { serial: &self.serial, id, revision }
    }

    fn handle(&self, id: ObjectId, private: bool) -> CK_OBJECT_HANDLE {
        let login = if private { self.user_login().unwrap_or_default() } else { 0 };
        Handle::Token { id, login }.encode()
    }

    /// The user's login as handles carry it; `None` unless the user is logged in.
    fn user_login(&self) -> Option<u64> {
        let logins = self.logins.load(Ordering::SeqCst);
        (!logins.is_multiple_of(2)).then(|| Handle::fold(logins / 2))
    }
}

/// The attributes that differ, by their numbers.
fn difference(before: &Object, after: &Object) -> String {
    let differs = |(kind, value): &(CK_ATTRIBUTE_TYPE, &[u8])| before.attributes().of(*kind) != Some(value);
    after.attributes().iter().filter(differs).map(|(kind, _)| format!("{kind:#x}")).collect::<Vec<_>>().join(" ")
}

fn contested() -> Result<()> {
    Rv::FunctionFailed.err("the object is being changed by others all the time")
}

fn nobody() -> Error {
    Rv::UserNotLoggedIn.because("token objects are written after a login")
}

fn no_object() -> Error {
    Rv::ObjectHandleInvalid.because("no such object, or not to be seen in this state")
}
