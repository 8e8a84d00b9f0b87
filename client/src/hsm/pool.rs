//! Sessions with one token: logged in once, reused, given up when an operation failed in them.
//!
//! Login belongs to the application and the token, not to the session (PKCS#11 v3.1 section 5.6.8): it lasts while one
//! session is open, so one is held open for as long as the pool lives.

use cryptoki::context::Pkcs11;
use cryptoki::session::{Session, SessionState};
use cryptoki::slot::Slot;
use parking_lot::Mutex;

use super::codes::{Fault, explain};
use crate::error::Result;

/// The most idle sessions kept.
const IDLE_LIMIT: usize = 16;

pub(super) struct Pool {
    context: Pkcs11,
    slot: Slot,
    idle: Mutex<Vec<Session>>,
    /// Never used for work; keeps the login.
    anchor: Mutex<Session>,
    /// Whether somebody logged in.
    state: SessionState,
}

impl Pool {
    /// Opens the first session and logs in as `login` does it.
    pub(super) fn open(context: &Pkcs11, slot: Slot, login: impl FnOnce(&Session) -> Result<()>) -> Result<Self> {
        let anchor = context.open_ro_session(slot).map_err(|error| explain(&error, "opening a session"))?;
        login(&anchor)?;
        let state = state(&anchor).map_err(|error| explain(&error, "looking at the session"))?;
        Ok(Self { context: context.clone(), slot, idle: Mutex::default(), anchor: Mutex::new(anchor), state })
    }

    /// True while the login of the first session stands.
    pub(super) fn is_alive(&self) -> bool {
        state(&self.anchor.lock()).is_ok_and(|now| now == self.state)
    }

    /// Does `job` in a read-only session; `what` says what it is for the error.
    pub(super) fn read<T>(&self, what: &str, job: impl Fn(&Session) -> Result<T, Fault>) -> Result<T> {
        let first = self.attempt(&job);
        let result = match first {
            Err(fault) if fault.is_lost_session() => {
                self.idle.lock().clear();
                self.attempt(&job)
            }
            other => other,
        };
        result.map_err(|fault| fault.explain(what))
    }

    /// Does `job` in a read-write session of its own, which creating token objects needs. Never repeated.
    pub(super) fn write<T>(&self, what: &str, job: impl FnOnce(&Session) -> Result<T, Fault>) -> Result<T> {
        let session = self.context.open_rw_session(self.slot).map_err(|error| explain(&error, what))?;
        job(&session).map_err(|fault| fault.explain(what))
    }

    fn attempt<T>(&self, job: &impl Fn(&Session) -> Result<T, Fault>) -> Result<T, Fault> {
        let idle = self.idle.lock().pop();
        let session = match idle {
            Some(session) => session,
            None => self.context.open_ro_session(self.slot)?,
        };
        // After an error an operation may still be active in the session: let it close instead of reusing it.
        let answer = job(&session)?;
        let mut idle = self.idle.lock();
        if idle.len() < IDLE_LIMIT {
            idle.push(session);
        }
        Ok(answer)
    }
}

fn state(session: &Session) -> cryptoki::error::Result<SessionState> {
    session.get_session_info().map(|info| info.session_state())
}
