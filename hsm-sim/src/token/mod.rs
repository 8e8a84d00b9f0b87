//! A token: its roles and PINs, who is logged in, and its objects.

pub mod access;
mod audit_log;
mod current;
#[cfg(test)]
mod dying;
mod escrow;
pub mod handle;
mod header;
mod hex;
mod objects;
mod pin;
mod revisions;
pub mod rights;
mod role;
mod seal;
mod session_objects;
mod settling;
mod sound;
mod tags;
mod telling;
mod told;
mod turns;
mod user_list;
pub mod users;
pub mod uses;

use std::borrow::Cow;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use parking_lot::{RwLock, RwLockWriteGuard};

use crate::{
    audit::{Audit, AuditKey, Event, Level, RECORD, told},
    config::Config,
    error::{Result, Rv},
    rng,
    secret::Secret,
    store::{Guard, LASTING, Outcome, Query, RecordChange, Tell, TokenStore},
};
use access::Access;
use header::Stored;
pub use header::{Header, NAME as HEADER, described};
use objects::Cache;
pub use pin::{MAX_LEN as MAX_PIN_LEN, MIN_LEN as MIN_PIN_LEN, Status as PinStatus, check_new as check_new_pin};
use revisions::Revisions;
pub use rights::Rights;
pub use role::Role;
use role::{RoleKeys, Wrapped};
use seal::Vault;
use session_objects::SessionObjects;
use telling::Attempt;
use turns::Turns;
pub use user_list::{ACCOUNT, Claim};
use users::Person;
use uses::Uses;

/// The user's key, wrapped for the SO where the token was made so.
const ESCROW: &str = "escrow";

/// A token that has been initialised.
pub struct Token {
    store: Box<dyn TokenStore>,
    config: Arc<Config>,
    audit: Audit,
    serial: String,
    state: RwLock<State>,
    cache: RwLock<Cache>,
    session_objects: SessionObjects,
    uses: Uses,
    turns: Turns,
    /// Moves with every login and logout, and is odd while the user is logged in: handles of private objects end with it.
    logins: AtomicU64,
    /// Seals saved operations; this process's alone.
    state_key: OnceLock<Secret>,
}

struct State {
    stored: Stored,
    login: Login,
}

/// Who is logged in, for all sessions of this application (§5.6.8).
#[derive(Clone)]
enum Login {
    Public,
    User(Arc<Vault>, Person),
    So(Arc<Vault>, Arc<RoleKeys>),
}

impl Login {
    /// The name of the record and of the failure counter of whoever is logged in; of the user when nobody is.
    fn account(&self) -> Cow<'static, str> {
        match self {
            Login::Public => Role::User.name().into(),
            Login::User(_, person) => person.account(),
            Login::So(..) => Role::So.name().into(),
        }
    }
}

impl Token {
    /// The token in a store; `None` when it was never finished.
    pub fn open(store: Box<dyn TokenStore>, config: Arc<Config>) -> Result<Option<Self>> {
        let stored = header::read(&*store)?;
        if stored.is_none() && !(store.names("")?.is_empty() && store.find(&Query::default())?.is_empty()) {
            return Rv::TokenNotRecognized.err("the token's header is gone");
        }
        Ok(stored.map(|stored| Self::with(store, config, stored)))
    }

    /// Makes a token in a new store (C_InitToken on the spare slot).
    pub fn create(
        store: Box<dyn TokenStore>,
        config: Arc<Config>,
        serial: &str,
        label: &[u8; 32],
        so_pin: &[u8],
    ) -> Result<Self> {
        pin::check_new(so_pin)?;
        let audit = Audit::new(config.audit);
        let stored = initialise(&*store, &config, Making { serial, label, so_pin, audit: &audit, key: None })?;
        Ok(Self::with(store, config, stored))
    }

    fn with(store: Box<dyn TokenStore>, config: Arc<Config>, stored: Stored) -> Self {
        Self {
            store,
            audit: Audit::new(config.audit),
            config,
            serial: stored.header.serial.clone(),
            state: RwLock::new(State { stored, login: Login::Public }),
            cache: RwLock::default(),
            session_objects: SessionObjects::default(),
            uses: Uses::default(),
            turns: Turns::default(),
            logins: AtomicU64::new(0),
            state_key: OnceLock::new(),
        }
    }

    /// Makes the token anew (C_InitToken): the SO's PIN must be right, and `allowed` not object; every object and the user's PIN are
    /// gone afterwards.
    pub fn reinitialize(
        &self,
        label: &[u8; 32],
        so_pin: &[u8],
        allowed: impl FnOnce(&Self, &Access) -> Result<()>,
    ) -> Result<()> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        let so = Attempt { account: Role::So.name(), by: Role::So.name(), purpose: "token-initialised", told: false };
        let (keys, _) = self.open_with_pin(&state.stored, so, so_pin)?;
        let vault = Arc::new(Vault::so(&keys.integrity)?);
        if let Err(refused) = allowed(self, &Access::so(Arc::clone(&vault), &state.stored)) {
            // Wrong tries are forgotten all the same: the log says why.
            let event = Event::new(Role::So.name(), "initialisation-refused").detail(refused.why.clone());
            self.tell(Some(&vault), event)?;
            return Err(refused);
        }
        let making = Making { serial: &self.serial, label, so_pin, audit: &self.audit, key: self.lasting_key(&vault)? };
        let stored = initialise(&*self.store, &self.config, making)?;
        *state = State { stored, login: Login::Public };
        self.forget(false);
        self.uses.take();
        self.session_objects.clear();
        Ok(())
    }

    /// False once its file was deleted or replaced.
    pub fn is_present(&self) -> bool {
        self.store.generation().map_or_else(|error| error.rv != Rv::DeviceRemoved, |_| true)
    }

    /// 16 hexadecimal digits.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The label, 32 bytes, blank-padded, and where the PINs of user and SO stand.
    pub fn status(&self) -> Result<([u8; 32], PinStatus, PinStatus)> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        let status = |role: Role| pin::status(&*self.store, &state.stored, role.name());
        Ok((state.stored.header.label(), status(Role::User)?, status(Role::So)?))
    }

    /// The header's bytes, which are others once the token was made anew.
    pub fn header(&self) -> Vec<u8> {
        self.state.read().stored.bytes.clone()
    }

    /// The key that saved operations are sealed under, as long as the process has the token open.
    pub fn state_key(&self) -> Result<&Secret> {
        if let Some(key) = self.state_key.get() {
            return Ok(key);
        }
        let key = rng::secret(32)?;
        Ok(self.state_key.get_or_init(|| key))
    }

    /// The next value of the token's monotonic counter: greater than every one before, also after the token was made anew.
    pub fn count(&self) -> Result<u64> {
        self.store.raise(LASTING)
    }

    /// Moves with every login and logout, and is odd while the user is logged in.
    pub fn logins(&self) -> u64 {
        self.logins.load(Ordering::SeqCst)
    }

    /// Who is logged in.
    pub fn role(&self) -> Option<Role> {
        match self.state.read().login {
            Login::Public => None,
            Login::User(..) => Some(Role::User),
            Login::So(..) => Some(Role::So),
        }
    }

    /// Who is logged in, and what their writes depend on.
    fn logged_in(&self) -> (Login, Guard<'static>) {
        let state = self.state.read();
        (state.login.clone(), state.stored.guard())
    }

    /// The name of the named user who is logged in.
    pub fn user_name(&self) -> Option<String> {
        match &self.state.read().login {
            Login::User(_, Person::Named(named)) => Some(named.name.clone()),
            _ => None,
        }
    }

    /// The account of whoever is logged in; the user's when nobody is.
    fn account(&self) -> Cow<'static, str> {
        self.state.read().login.account()
    }

    /// The rights of whoever is logged in; those of the SO end where the standard ends them.
    pub fn rights(&self) -> Rights {
        match &self.state.read().login {
            Login::User(_, person) => person.rights(),
            Login::So(..) => Rights::ALL,
            // Not all: whoever logs out in another thread meanwhile has none left.
            Login::Public => Rights::NONE,
        }
    }

    /// Logs in.
    pub fn login(&self, role: Role, pin: &[u8]) -> Result<()> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        match (&state.login, role) {
            (Login::Public, _) => {}
            (Login::User(_, Person::Standard), Role::User) | (Login::So(..), Role::So) => {
                return Rv::UserAlreadyLoggedIn.err("logged in already");
            }
            _ => return Rv::UserAnotherAlreadyLoggedIn.err("somebody else is logged in"),
        }
        let attempt = Attempt { account: role.name(), by: role.name(), purpose: "login", told: true };
        let (keys, _) = self.open_with_pin(&state.stored, attempt, pin)?;
        let login = match role {
            Role::User => Login::User(Arc::new(Vault::user(keys)?), Person::Standard),
            Role::So => Login::So(Arc::new(Vault::so(&keys.integrity)?), Arc::new(keys)),
        };
        self.forget(role == Role::User);
        state.login = login;
        Ok(())
    }

    /// The context-specific login (§5.6.8): the user's PIN once more. Once it is locked the user is logged out (§4.9).
    pub fn reauthenticate(&self, pin: &[u8]) -> Result<()> {
        let logins = self.logins();
        self.in_turn(&self.account(), || self.reauthenticate_now(logins, pin))
    }

    fn reauthenticate_now(&self, logins: u64, pin: &[u8]) -> Result<()> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        if logins != self.logins() {
            return Rv::UserNotLoggedIn.err("the user logged out while the PIN waited for its turn");
        }
        let (account, by) = (state.login.account(), state.login.name());
        let attempt = Attempt { account: &account, by: &by, purpose: "login-for-a-key", told: true };
        let opened = self.open_with_pin(&state.stored, attempt, pin);
        if opened.as_ref().is_err_and(|error| error.rv == Rv::PinLocked) {
            self.end_login(state);
        }
        opened.map(|_| ())
    }

    /// Logs out: keys are forgotten, private session objects are gone.
    pub fn logout(&self) -> Result<()> {
        let state = self.state.write();
        if matches!(state.login, Login::Public) {
            return Rv::UserNotLoggedIn.err("nobody is logged in");
        }
        self.end_login(state);
        Ok(())
    }

    fn end_login(&self, mut state: RwLockWriteGuard<'_, State>) {
        let unsettled = self.unsettled(&state);
        state.login = Login::Public;
        self.forget(false);
        drop(state);
        self.settle(unsettled);
    }

    /// Sets the PIN of whoever is logged in, or of the user when nobody is, given the old one (C_SetPIN).
    pub fn set_pin(&self, old: &[u8], new: &[u8]) -> Result<()> {
        // Before the old one is tried: a try that cannot come to anything is none.
        pin::check_new(new)?;
        let account = self.account();
        self.in_turn(&account, || self.set_pin_now(&account, old, new))
    }

    fn set_pin_now(&self, waited: &str, old: &[u8], new: &[u8]) -> Result<()> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        let account = state.login.account();
        if account != waited {
            return Rv::FunctionFailed.err("somebody logged in or out while the PIN waited for its turn");
        }
        let by = if matches!(state.login, Login::Public) { Role::User.name().to_owned() } else { state.login.name() };
        let attempt = Attempt { account: &account, by: &by, purpose: "pin-changed", told: false };
        let (keys, record) = self.open_with_pin(&state.stored, attempt, old)?;
        let bytes = Wrapped::seal(&account, &keys, new, self.config.argon2_cost(), &state.stored.bytes)?;
        let note = self.note_by(Some(&Vault::so(&keys.integrity)?), vec![Event::new(&by, "pin-changed")])?;
        self.change(&state.stored, &[RecordChange { name: &account, expected: record.revision, bytes: &bytes }], told(&note))
    }

    /// Sets the user's PIN as the SO (C_InitPIN). Once the user has private objects, only a token made for it allows that.
    pub fn init_user_pin(&self, new: &[u8]) -> Result<()> {
        let mut state = self.state.write();
        self.follow(&mut state)?;
        let Login::So(_, so) = &state.login else { return Rv::UserNotLoggedIn.err("only the SO sets the user's PIN") };
        let so = Arc::clone(so);
        pin::check_new(new)?;
        let integrity = || Secret::copy(so.integrity.expose());
        let mut records = Vec::new();
        let own = match self.store.record(ESCROW)? {
            Some(record) => escrow::open(&so, &record.bytes, &state.stored.bytes)?,
            None => {
                let own = self.fresh_user_key(&mut state)?;
                let vault = Vault::user(RoleKeys { own: Secret::copy(own.expose()), integrity: integrity() })?;
                records.push((revisions::name(true), Revisions::empty(&vault, true)?));
                // The users that were added had the key of before: they are gone with it.
                records.push((users::NAME, vec![]));
                if state.stored.header.so_can_reset_user_pin {
                    records.push((ESCROW, escrow::seal(&so, &own, &state.stored.bytes)?));
                }
                own
            }
        };
        let keys = RoleKeys { own, integrity: integrity() };
        let wrapped = Wrapped::seal(Role::User.name(), &keys, new, self.config.argon2_cost(), &state.stored.bytes)?;
        records.push((Role::User.name(), wrapped));
        let note = self.note(&state.login, vec![Event::new(Role::So.name(), "user-pin-set")])?;
        self.put(&state.stored, &records, told(&note))?;
        self.store.clear(Some(state.stored.guard()), Role::User.name(), None)
    }

    /// Writes records over whatever revision they are at now, as long as the token is still the one that was `stored`.
    fn put(&self, stored: &Stored, records: &[(&str, Vec<u8>)], told: Option<&dyn Tell>) -> Result<()> {
        let mut changes = Vec::with_capacity(records.len());
        for (name, bytes) in records {
            let expected = self.store.record(name)?.map_or(0, |record| record.revision);
            changes.push(RecordChange { name, expected, bytes });
        }
        self.change(stored, &changes, told)
    }

    /// A new user key makes existing private objects unreadable, so it is refused while there are any. Before looking, the header's
    /// revision is moved: from then on no process adds any under the old key.
    fn fresh_user_key(&self, state: &mut State) -> Result<Secret> {
        let Stored { bytes, revision, .. } = &state.stored;
        self.change(&state.stored, &[RecordChange { name: header::NAME, expected: *revision, bytes }], None)?;
        state.stored.revision += 1;
        if self.store.find(&Query::default())?.iter().any(|found| found.private) {
            return Rv::FunctionFailed.err(
                "the user has private objects and the SO cannot open them: a forgotten PIN needs the recovery quorum, \
                 or a token initialised with so_can_reset_user_pin",
            );
        }
        Ok(RoleKeys::random()?.own)
    }

    /// Forgets what only the one who was logged in could see; `user` tells whether the user is logged in from now on.
    fn forget(&self, user: bool) {
        let now = self.logins.load(Ordering::SeqCst);
        self.logins.store(now + 1 + (now + 1 + u64::from(user)) % 2, Ordering::SeqCst);
        *self.cache.write() = Cache::default();
        self.session_objects.remove_private();
    }

    /// In a forked child: whether no thread that the child does not have was inside the token's file.
    pub fn is_idle(&self) -> bool {
        self.store.is_idle()
    }

    /// In a forked child: gives up what was inherited.
    pub fn let_go(&self) -> Result<()> {
        self.store.let_go()
    }

    /// A token made anew by another process meanwhile must not get keys of the old one.
    fn change(&self, stored: &Stored, changes: &[RecordChange<'_>], told: Option<&dyn Tell>) -> Result<()> {
        match self.store.change_records(Some(stored.guard()), changes, told)? {
            Outcome::Done => Ok(()),
            Outcome::Conflict => {
                Rv::FunctionFailed.err("another process changed the PIN at the same moment; nothing was changed")
            }
        }
    }

    /// Another process may have made the token anew: then its header is another one and nobody is logged in here.
    fn follow(&self, state: &mut State) -> Result<()> {
        let Some(stored) = header::read(&*self.store)? else {
            return Rv::TokenNotRecognized.err("the token's header is gone");
        };
        if stored.revision != state.stored.revision {
            *state = State { stored, login: Login::Public };
            self.forget(false);
            // Of keys that are gone.
            self.uses.take();
        }
        Ok(())
    }
}

/// A token to be made.
struct Making<'m> {
    serial: &'m str,
    label: &'m [u8; 32],
    so_pin: &'m [u8],
    audit: &'m Audit,
    /// The key of the log that goes on.
    key: Option<Arc<AuditKey>>,
}

/// Writes a fresh header and SO, and nothing else.
fn initialise(store: &dyn TokenStore, config: &Config, making: Making<'_>) -> Result<Stored> {
    let Making { serial, label, so_pin, audit, key } = making;
    let header = Header {
        format: header::FORMAT,
        serial: serial.to_owned(),
        made: hex::encode(&rng::public::<16>()?),
        label: hex::encode(label),
        max_pin_failures: config.max_pin_failures,
        so_can_reset_user_pin: config.so_can_reset_user_pin,
    };
    let bytes = header.to_bytes()?;
    let keys = RoleKeys::random()?;
    let so = Wrapped::seal(Role::So.name(), &keys, so_pin, config.argon2_cost(), &bytes)?;
    let list = Revisions::empty(&Vault::so(&keys.integrity)?, false)?;
    let mut records = vec![(header::NAME, bytes), (Role::So.name(), so), (revisions::name(false), list)];
    let key_is_new = key.is_none();
    let key = match key {
        None if audit.tells(Level::Changes) => Some(Arc::new(AuditKey::random()?)),
        key => key,
    };
    if let Some(key) = &key {
        records.push((RECORD, key.wrap(keys.integrity.expose(), serial)?));
    }
    let event = Event::new(Role::So.name(), "token-initialised").detail(String::from_utf8_lossy(label).trim_end());
    let note = audit.first(serial, key, event, key_is_new);
    let records: Vec<_> = records.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    store.reset(&records, told(&note))?;
    header::read(store)?.ok_or(Rv::DeviceError.because("the header just written is gone"))
}

hsm_shares::concealed!(Token, Access, Vault, RoleKeys, Cache, SessionObjects);
// Cloning shares the keys.
hsm_shares::concealed!(shared Login);
