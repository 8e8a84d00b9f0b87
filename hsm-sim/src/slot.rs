//! Slots: one for each token, and a spare one where the next token is made (PKCS#11 v3.2 §5.5).
//!
//! A slot's id is the low 31 bits of its token's serial number, so that it stays the same between runs; the spare slot is 0 and last.

use std::sync::Arc;

use cryptoki_sys::*;
use parking_lot::{Mutex, RwLock};

use crate::{
    config::Config,
    error::{Result, Rv},
    log,
    recovery::{self, Recovery},
    rng,
    store::directory::Directory,
    token::{Role, Token},
};

/// Id of the spare slot.
pub const SPARE: CK_SLOT_ID = 0;

/// A slot with its token.
pub struct Slot {
    pub id: CK_SLOT_ID,
    pub token: Arc<Token>,
    pub recovery: Recovery,
    sessions: Mutex<Sessions>,
}

/// Sessions open on a slot, counted.
#[derive(Clone, Copy, Default)]
pub struct Sessions {
    pub all: usize,
    pub read_write: usize,
}

impl Slot {
    fn new(token: Token) -> Result<Self> {
        Ok(Self {
            id: slot_id(token.serial())?,
            token: Arc::new(token),
            recovery: Recovery::default(),
            sessions: Mutex::default(),
        })
    }

    /// How many sessions are open.
    pub fn sessions(&self) -> Sessions {
        *self.sessions.lock()
    }

    /// Counts a new session in, if the token's state allows it (§5.6.1).
    pub fn admit(&self, read_write: bool, most: usize) -> Result<()> {
        let mut sessions = self.sessions.lock();
        if !read_write && self.token.role() == Some(Role::So) {
            return Rv::SessionReadWriteSoExists.err("the SO is logged in; only read/write sessions can be opened");
        }
        if sessions.all >= most {
            return Rv::SessionCount.err(format!("{most} sessions are open"));
        }
        sessions.all += 1;
        sessions.read_write += usize::from(read_write);
        Ok(())
    }

    /// Counts a session out; the last one takes the login with it (§5.6.3).
    pub fn leave(&self, read_write: bool) {
        let mut sessions = self.sessions.lock();
        sessions.all -= 1;
        sessions.read_write -= usize::from(read_write);
        if sessions.all == 0 && self.token.role().is_some() {
            // Somebody is logged in, so this cannot fail.
            let _ = self.token.logout();
        }
    }

    /// C_Login for the roles of the token.
    pub fn login(&self, role: Role, pin: &[u8]) -> Result<()> {
        self.token.in_turn(role.name(), || {
            let sessions = self.sessions.lock();
            if role == Role::So && sessions.all > sessions.read_write {
                return Rv::SessionReadOnlyExists.err("a read-only session is open; the SO cannot log in");
            }
            self.token.login(role, pin)
        })
    }

    /// C_LoginUser with a name.
    pub fn login_user(&self, name: &[u8], pin: &[u8]) -> Result<()> {
        self.token.in_turn_of(name, || {
            // Keeps the last session from closing meanwhile.
            let _sessions = self.sessions.lock();
            self.token.login_user(name, pin)
        })
    }

    /// C_InitToken on a token that is there.
    fn reinitialize(&self, label: &[u8; 32], so_pin: &[u8]) -> Result<()> {
        self.token.in_turn(Role::So.name(), || {
            let sessions = self.sessions.lock();
            if sessions.all > 0 {
                return Rv::SessionExists.err("sessions are open on the token");
            }
            self.token.reinitialize(label, so_pin, recovery::may_be_made_anew)
        })?;
        self.recovery.forget();
        Ok(())
    }
}

/// All slots.
pub struct Slots {
    config: Arc<Config>,
    directory: Directory,
    list: RwLock<List>,
}

#[derive(Default)]
struct List {
    slots: Vec<Arc<Slot>>,
    /// The token just made through the spare slot: until the list is read anew, its id means that token.
    made: Option<Arc<Slot>>,
}

impl Slots {
    /// The slots of the configured directory.
    pub fn open(config: Arc<Config>) -> Result<Self> {
        let directory = Directory::new(&config.token_dir);
        let slots = Self { config, directory, list: RwLock::default() };
        slots.refresh()?;
        Ok(slots)
    }

    /// Looks for tokens that came or went. A token that cannot be read is left out, with the reason in the log.
    pub fn refresh(&self) -> Result<()> {
        let serials = self.directory.serials()?;
        let mut list = self.list.write();
        list.made = None;
        let stays = |slot: &Slot| slot.token.is_present() && serials.iter().any(|serial| serial == slot.token.serial());
        list.slots.retain(|slot| slot.sessions().all > 0 || stays(slot));
        for serial in serials {
            if list.slots.iter().any(|slot| slot.token.serial() == serial) {
                continue;
            }
            match self.existing(&serial) {
                Ok(Some(slot)) if list.slots.iter().all(|other| other.id != slot.id) => list.slots.push(Arc::new(slot)),
                Ok(_) => log::debug(format_args!("token {serial}: not finished, or its slot is taken")),
                Err(error) => log::warn(format_args!("token {serial} is left out: {}: {}", error.rv.name(), error.why)),
            }
        }
        list.slots.sort_by(|a, b| a.token.serial().cmp(b.token.serial()));
        Ok(())
    }

    fn existing(&self, serial: &str) -> Result<Option<Slot>> {
        let store = self.directory.open(serial)?;
        let token = Token::open(Box::new(store), Arc::clone(&self.config))?;
        match &token {
            Some(token) if token.serial() != serial => {
                Rv::TokenNotRecognized.err("the file was renamed: it holds another serial number")
            }
            _ => token.map(Slot::new).transpose(),
        }
    }

    /// Where the token files are.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Refuses a token whose slot is another's.
    pub fn has_place_for(&self, serial: &str) -> Result<()> {
        let id = slot_id(serial)?;
        let others = self.directory.serials()?.into_iter().filter(|other| other != serial);
        match others.into_iter().find(|other| slot_id(other).is_ok_and(|other| other == id)) {
            None => Ok(()),
            Some(other) => {
                Rv::FunctionFailed.err(format!("the token {serial} would be in slot {id}, where the token {other} is"))
            }
        }
    }

    /// Does something to a token file while this process has it not open; no session may be.
    pub fn without<T>(&self, serial: &str, work: impl FnOnce(&Directory) -> Result<T>) -> Result<T> {
        let mut list = self.list.write();
        let is_it = |slot: &Arc<Slot>| slot.token.serial() == serial;
        if list.slots.iter().any(|slot| is_it(slot) && slot.sessions().all > 0) {
            return Rv::SessionExists.err("sessions are open on the token");
        }
        list.slots.retain(|slot| !is_it(slot));
        list.made = list.made.take().filter(|slot| !is_it(slot));
        let done = work(&self.directory);
        drop(list);
        self.refresh()?;
        done
    }

    /// Before the module ends: what is known of uses of keys is written down.
    pub fn end_uses(&self) {
        self.list.read().slots.iter().for_each(|slot| slot.token.end_uses());
    }

    /// In a forked child: gives up what was inherited.
    pub fn let_go(&self) -> Result<()> {
        let busy = Rv::CantLock.because("the process forked while another thread was looking for tokens");
        let list = self.list.try_read().ok_or(busy)?;
        // All of them before the first is closed: SQLite's tokens share locks, and whoever was inside another one may hold them.
        if !list.slots.iter().all(|slot| slot.token.is_idle()) {
            return Rv::CantLock.err("the process forked while another thread was inside a token file");
        }
        list.slots.iter().try_for_each(|slot| slot.token.let_go())
    }

    /// The ids of all slots, the spare one last.
    pub fn ids(&self) -> Vec<CK_SLOT_ID> {
        let list = self.list.read();
        list.slots.iter().map(|slot| slot.id).chain([SPARE]).collect()
    }

    /// The slot of an id; `None` is the spare one.
    pub fn slot(&self, id: CK_SLOT_ID) -> Result<Option<Arc<Slot>>> {
        let list = self.list.read();
        if id == SPARE {
            return Ok(list.made.clone());
        }
        let found = list.slots.iter().find(|slot| slot.id == id);
        found.map(|slot| Some(Arc::clone(slot))).ok_or_else(|| Rv::SlotIdInvalid.because(format!("no slot {id}")))
    }

    /// The slot of an id; CKR_TOKEN_NOT_PRESENT when its token's file is gone.
    pub fn present(&self, id: CK_SLOT_ID) -> Result<Option<Arc<Slot>>> {
        let slot = self.slot(id)?;
        match slot.as_ref().is_none_or(|slot| slot.token.is_present()) {
            true => Ok(slot),
            false => Rv::TokenNotPresent.err("the token's file was deleted or replaced"),
        }
    }

    /// The slot of an id, which must hold a token.
    pub fn with_token(&self, id: CK_SLOT_ID) -> Result<Arc<Slot>> {
        self.present(id)?.ok_or(Rv::TokenNotRecognized.because("the token in the spare slot is not initialised"))
    }

    /// C_InitToken: makes a token in the spare slot, or the token of a slot anew.
    pub fn init_token(&self, id: CK_SLOT_ID, label: &[u8; 32], so_pin: &[u8]) -> Result<()> {
        crate::token::check_new_pin(so_pin)?;
        if let Some(slot) = self.present(id)? {
            return slot.reinitialize(label, so_pin);
        }
        let mut list = self.list.write();
        let serial = free_serial(&list)?;
        let store = self.directory.create(&serial)?;
        let token = Token::create(Box::new(store), Arc::clone(&self.config), &serial, label, so_pin)
            .inspect_err(|_| self.directory.discard(&serial))?;
        let slot = Arc::new(Slot::new(token)?);
        list.slots.push(Arc::clone(&slot));
        list.made = Some(slot);
        Ok(())
    }
}

fn slot_id(serial: &str) -> Result<CK_SLOT_ID> {
    match u64::from_str_radix(serial, 16).map(|serial| serial & 0x7fff_ffff) {
        Ok(id) if id != SPARE => Ok(id),
        _ => Rv::TokenNotRecognized.err(format!("{serial:?} is no serial number that leads to a slot")),
    }
}

/// A random serial number whose slot id is not taken.
fn free_serial(list: &List) -> Result<String> {
    loop {
        let serial = u64::from_be_bytes(rng::public()?);
        let id = serial & 0x7fff_ffff;
        if id != SPARE && list.slots.iter().all(|slot| slot.id != id) {
            return Ok(format!("{serial:016x}"));
        }
    }
}
