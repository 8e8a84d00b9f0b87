//! The module: the one global, its slots and its sessions.

use std::{
    cell::Cell,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use cryptoki_sys::*;
use parking_lot::{Condvar, MappedRwLockReadGuard, Mutex, MutexGuard, RwLock, RwLockReadGuard};

use crate::{
    abi::{fork::Mark, global::Global},
    config::Config,
    error::{Result, Rv},
    handles::HandleMap,
    session::{Origin, Session},
    slot::{Slot, Slots},
    token::Role,
};

/// Sessions are spread over this many locks, so that threads with sessions of their own do not meet.
const SHARDS: usize = 64;
/// So is the module itself, by thread: a call takes one of them for reading, C_Finalize all of them for writing.
const DOORS: usize = 16;

static PROCESS: Global<Process> = Global::new();

thread_local! {
    /// The session the current call works on: after a panic it is closed.
    static AT_WORK: Cell<CK_SESSION_HANDLE> = const { Cell::new(CK_INVALID_HANDLE) };
    /// The door of this thread; `DOORS` until its first call.
    static DOOR: Cell<usize> = const { Cell::new(DOORS) };
}

/// What belongs to one process. A forked child makes its own and never waits for its parent's locks, which threads may hold that the
/// child does not have; of what it inherits it only gives up the files.
struct Process {
    mark: Mark,
    doors: [Door; DOORS],
    next_door: AtomicUsize,
    /// Held by C_Initialize and C_Finalize, so that they follow one another.
    turn: Mutex<()>,
    /// Wakes those who wait for a slot event when the module ends.
    ended: (Mutex<u64>, Condvar),
}

/// One lock of the module, on cache lines of its own.
#[repr(align(128))]
#[derive(Default)]
struct Door(RwLock<Option<Arc<Module>>>);

impl Process {
    fn ours() -> Option<&'static Self> {
        PROCESS.value().filter(|process| process.mark.is_ours())
    }

    fn new() -> Self {
        let doors = std::array::from_fn(|_| Door::default());
        Self {
            mark: Mark::of_this_process(),
            doors,
            next_door: AtomicUsize::new(0),
            turn: Mutex::new(()),
            ended: Default::default(),
        }
    }

    /// In a forked child: gives up the files of the parent's module, if it had one.
    fn let_go(&self) -> Result<()> {
        let busy = Rv::CantLock.because("the process forked while another thread was inside C_Initialize or C_Finalize");
        // The turn is held for as long as files are opened and closed, the doors only while the module is put behind them.
        let (Some(_turn), Some(module)) = (self.turn.try_lock(), self.doors[0].0.try_read()) else { return Err(busy) };
        module.as_ref().map_or(Ok(()), |module| module.slots.let_go())
    }

    fn door(&self) -> &Door {
        let at = match DOOR.get() {
            DOORS => self.next_door.fetch_add(1, Ordering::Relaxed) % DOORS,
            at => at,
        };
        DOOR.set(at);
        &self.doors[at]
    }

    /// Puts the module behind every door, or takes it away; waits for calls that are inside.
    fn set(&self, module: Option<&Arc<Module>>) -> Option<Arc<Module>> {
        let mut before = None;
        for door in &self.doors {
            before = std::mem::replace(&mut *door.0.write(), module.cloned());
        }
        before
    }
}

/// The module, held for one call.
pub type Held = MappedRwLockReadGuard<'static, Module>;

/// An initialised module.
pub struct Module {
    config: Arc<Config>,
    pub slots: Slots,
    sessions: [RwLock<HandleMap<Arc<OpenSession>>>; SHARDS],
    last_session: AtomicU64,
}

/// A session and the slot it is counted in.
pub struct OpenSession {
    pub slot: Arc<Slot>,
    read_write: bool,
    session: Mutex<Session>,
}

impl OpenSession {
    /// The session, for one call at a time.
    pub fn lock(&self) -> MutexGuard<'_, Session> {
        let mut session = self.session.lock();
        session.settle();
        session
    }
}

/// C_Initialize.
pub fn initialize(configuration: Option<PathBuf>) -> Result<()> {
    let process = match (Process::ours(), PROCESS.value()) {
        (Some(ours), _) => ours,
        (None, inherited) => {
            inherited.map_or(Ok(()), Process::let_go)?;
            PROCESS.replace(inherited, Process::new())
        }
    };
    let _turn = process.turn.lock();
    if current().is_ok() {
        return Rv::CryptokiAlreadyInitialized.err("C_Initialize was called before");
    }
    process.set(Some(&Arc::new(Module::new(configuration)?)));
    Ok(())
}

/// C_Finalize. Waits for calls that are under way in other threads.
pub fn finalize() -> Result<()> {
    let Some(process) = Process::ours() else { return Err(Rv::CryptokiNotInitialized.into()) };
    let _turn = process.turn.lock();
    let module = process.set(None);
    let ended = module.map(|module| module.slots.end_uses()).ok_or(Rv::CryptokiNotInitialized.into());
    *process.ended.0.lock() += 1;
    process.ended.1.notify_all();
    ended
}

/// Blocks until C_Finalize; holds no door meanwhile, or C_Finalize would wait for the one who waits for it.
pub fn wait_for_end() -> Result<()> {
    let Some(process) = Process::ours() else { return Err(Rv::CryptokiNotInitialized.into()) };
    let mut ends = process.ended.0.lock();
    let before = *ends;
    while *ends == before && current().is_ok() {
        process.ended.1.wait(&mut ends);
    }
    Rv::CryptokiNotInitialized.err("C_Finalize was called while this thread waited for a slot event")
}

/// The module, for one call. A thread must not ask for it twice at a time: C_Finalize may be waiting in between.
pub fn current() -> Result<Held> {
    AT_WORK.set(CK_INVALID_HANDLE);
    let held = Process::ours().map(|process| process.door().0.read());
    let module = held.and_then(|held| RwLockReadGuard::try_map(held, |module| module.as_deref()).ok());
    module.ok_or(Rv::CryptokiNotInitialized.into())
}

/// Closes the session the current call worked on when it panicked.
pub fn abandon() {
    let handle = AT_WORK.replace(CK_INVALID_HANDLE);
    if let Ok(module) = current() {
        let _ = module.close_session(handle);
    }
}

impl Module {
    fn new(configuration: Option<PathBuf>) -> Result<Self> {
        let config = Arc::new(Config::load(configuration)?);
        let slots = Slots::open(Arc::clone(&config))?;
        let sessions = std::array::from_fn(|_| RwLock::default());
        Ok(Self { config, slots, sessions, last_session: AtomicU64::new(0) })
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The session of a handle.
    pub fn session(&self, handle: CK_SESSION_HANDLE) -> Result<Arc<OpenSession>> {
        AT_WORK.set(handle);
        let found = self.shard(handle).read().get(&handle).cloned();
        found.ok_or(Rv::SessionHandleInvalid.because("no such session"))
    }

    /// The session of a handle, if it is a read/write one.
    pub fn writable(&self, handle: CK_SESSION_HANDLE) -> Result<Arc<OpenSession>> {
        let open = self.session(handle)?;
        match open.read_write {
            true => Ok(open),
            false => Rv::SessionReadOnly.err("the session is read only"),
        }
    }

    /// C_OpenSession.
    pub fn open_session(&self, slot: CK_SLOT_ID, flags: CK_FLAGS) -> Result<CK_SESSION_HANDLE> {
        if flags & CKF_SERIAL_SESSION == 0 {
            return Rv::SessionParallelNotSupported.err("CKF_SERIAL_SESSION is not set");
        }
        if flags & CKF_ASYNC_SESSION != 0 {
            return Rv::SessionAsyncNotSupported.err("there are no asynchronous sessions");
        }
        let slot = self.slots.with_token(slot)?;
        let read_write = flags & CKF_RW_SESSION != 0;
        slot.admit(read_write, self.config.max_sessions)?;
        let handle = self.last_session.fetch_add(1, Ordering::Relaxed) + 1;
        let session = Session::new(Origin {
            handle,
            slot: slot.id,
            read_write,
            token: Arc::clone(&slot.token),
            config: Arc::clone(&self.config),
        });
        let open = Arc::new(OpenSession { slot, read_write, session: Mutex::new(session) });
        self.shard(handle).write().insert(handle, open);
        Ok(handle)
    }

    /// C_CloseSession.
    pub fn close_session(&self, handle: CK_SESSION_HANDLE) -> Result<()> {
        let removed = self.shard(handle).write().remove(&handle);
        let open = removed.ok_or(Rv::SessionHandleInvalid.because("no such session"))?;
        // A call may be under way in another thread; what it makes goes with the session too.
        drop(open.lock());
        open.slot.token.end_session(handle);
        open.slot.leave(open.read_write);
        Ok(())
    }

    /// C_CloseAllSessions.
    pub fn close_all_sessions(&self, slot: CK_SLOT_ID) -> Result<()> {
        let Some(slot) = self.slots.slot(slot)? else { return Ok(()) };
        for (handle, _) in self.sessions_of(&slot) {
            // Another thread may have closed it in between: that is what was wanted.
            let _ = self.close_session(handle);
        }
        Ok(())
    }

    fn sessions_of(&self, slot: &Arc<Slot>) -> Vec<(CK_SESSION_HANDLE, Arc<OpenSession>)> {
        let mut found = Vec::new();
        for shard in &self.sessions {
            let sessions = shard.read();
            let of_slot = sessions.iter().filter(|(_, open)| Arc::ptr_eq(&open.slot, slot));
            found.extend(of_slot.map(|(handle, open)| (*handle, Arc::clone(open))));
        }
        found
    }

    /// C_Login.
    pub fn login(&self, session: CK_SESSION_HANDLE, user: CK_USER_TYPE, pin: &[u8]) -> Result<()> {
        let open = self.session(session)?;
        match user {
            CKU_USER => open.slot.login(Role::User, pin),
            CKU_SO => open.slot.login(Role::So, pin),
            CKU_CONTEXT_SPECIFIC => open.lock().reauthenticate(pin),
            _ => Rv::UserTypeInvalid.err(format!("user type {user}")),
        }
    }

    /// C_LoginUser. Without a name it is C_Login.
    pub fn login_user(&self, session: CK_SESSION_HANDLE, user: CK_USER_TYPE, pin: &[u8], name: &[u8]) -> Result<()> {
        let open = self.session(session)?;
        match (user, name) {
            (_, []) => self.login(session, user, pin),
            (CKU_USER, name) => open.slot.login_user(name, pin),
            (CKU_CONTEXT_SPECIFIC, name) if open.slot.token.user_name().as_deref().map(str::as_bytes) == Some(name) => {
                open.lock().reauthenticate(pin)
            }
            (CKU_CONTEXT_SPECIFIC, _) => Rv::UserAnotherAlreadyLoggedIn.err("a user of another name is logged in"),
            _ => Rv::UserTypeInvalid.err(format!("user type {user} has no names")),
        }
    }

    /// C_Logout.
    pub fn logout(&self, session: CK_SESSION_HANDLE) -> Result<()> {
        let open = self.session(session)?;
        open.slot.token.logout()?;
        for (_, other) in self.sessions_of(&open.slot) {
            other.lock().end_login();
        }
        Ok(())
    }

    /// C_InitPIN: the SO sets the user's PIN.
    pub fn init_pin(&self, session: CK_SESSION_HANDLE, pin: &[u8]) -> Result<()> {
        self.session(session)?.slot.token.init_user_pin(pin)
    }

    /// C_SetPIN: the PIN of whoever is logged in, or of the user when nobody is (§5.5.9).
    pub fn set_pin(&self, session: CK_SESSION_HANDLE, old: &[u8], new: &[u8]) -> Result<()> {
        self.writable(session)?.slot.token.set_pin(old, new)
    }

    fn shard(&self, handle: CK_SESSION_HANDLE) -> &RwLock<HandleMap<Arc<OpenSession>>> {
        &self.sessions[handle as usize % SHARDS]
    }
}
