//! One slot per kind of operation in a session; what begins, continues and ends an operation is decided here, once.
//!
//! PKCS#11 v3.2 §5.2: a length query or a short buffer leaves an operation as it was; everything else that finishes or fails ends it.

use crate::{
    error::{Result, Rv},
    reply::Reply,
};

/// An operation of kind `T`, by state. Each step takes the operation out and puts it back only if it goes on.
#[derive(Default)]
pub enum Op<T: ?Sized> {
    #[default]
    Idle,
    /// Initialised; nothing was fed yet.
    Begun(Active<T>),
    /// Parts were fed; a single-part call is no longer allowed.
    Streaming(Active<T>),
}

/// A running operation.
pub struct Active<T: ?Sized> {
    step: Box<T>,
    /// True while a key with CKA_ALWAYS_AUTHENTICATE waits for its context-specific login (§4.9).
    awaits_login: bool,
}

impl<T: ?Sized> Op<T> {
    /// True when an operation is there.
    pub fn active(&self) -> bool {
        !matches!(self, Op::Idle)
    }

    /// Refuses when an operation is there already.
    pub fn ready(&self) -> Result<()> {
        if self.active() { Rv::OperationActive.err("an operation of this kind is active in the session") } else { Ok(()) }
    }

    /// Puts a new operation in place.
    pub fn begin(&mut self, step: Box<T>, awaits_login: bool) -> Result<()> {
        self.ready()?;
        *self = Op::Begun(Active { step, awaits_login });
        Ok(())
    }

    /// The step of an operation that can go on elsewhere, and whether parts were fed; `None` when it awaits a login.
    pub fn saveable(&self) -> Option<(&T, bool)> {
        match self {
            Op::Begun(active) if !active.awaits_login => Some((&active.step, false)),
            Op::Streaming(active) if !active.awaits_login => Some((&active.step, true)),
            _ => None,
        }
    }

    /// An operation that goes on.
    pub fn resumed(step: Box<T>, streaming: bool) -> Self {
        let active = Active { step, awaits_login: false };
        if streaming { Op::Streaming(active) } else { Op::Begun(active) }
    }

    /// Drops the operation.
    pub fn cancel(&mut self) {
        *self = Op::Idle;
    }

    /// Marks the context-specific login as done; true if one was awaited.
    pub fn authenticate(&mut self) -> bool {
        match self {
            Op::Begun(active) | Op::Streaming(active) => std::mem::take(&mut active.awaits_login),
            Op::Idle => false,
        }
    }

    /// True while a context-specific login is awaited.
    pub fn awaits_login(&self) -> bool {
        matches!(self, Op::Begun(active) | Op::Streaming(active) if active.awaits_login)
    }

    /// Feeds a part; an error ends the operation, a length answer leaves it as it was.
    pub fn update(&mut self, step: impl FnOnce(&mut T) -> Result<Reply>) -> Result<Reply> {
        let (active, begun) = match std::mem::take(self) {
            Op::Idle => return idle(),
            Op::Begun(active) => (active, true),
            Op::Streaming(active) => (active, false),
        };
        let mut active = self.authorised(active, begun)?;
        let reply = step(&mut active.step)?;
        *self = if reply.done() || !begun { Op::Streaming(active) } else { Op::Begun(active) };
        Ok(reply)
    }

    /// The one step of a single-part operation.
    pub fn single(&mut self, step: impl FnOnce(&mut T) -> Result<Reply>) -> Result<Reply> {
        match std::mem::take(self) {
            Op::Idle => idle(),
            Op::Begun(active) => self.settle(active, true, step),
            Op::Streaming(active) => {
                *self = Op::Streaming(active);
                Rv::OperationActive.err("parts were fed already: finish with the Final function")
            }
        }
    }

    /// The last step of a multi-part operation.
    pub fn last(&mut self, step: impl FnOnce(&mut T) -> Result<Reply>) -> Result<Reply> {
        match std::mem::take(self) {
            Op::Idle => idle(),
            Op::Begun(active) => self.settle(active, true, step),
            Op::Streaming(active) => self.settle(active, false, step),
        }
    }

    fn settle(&mut self, active: Active<T>, begun: bool, step: impl FnOnce(&mut T) -> Result<Reply>) -> Result<Reply> {
        let mut active = self.authorised(active, begun)?;
        let reply = step(&mut active.step)?;
        if !reply.done() {
            *self = if begun { Op::Begun(active) } else { Op::Streaming(active) };
        }
        Ok(reply)
    }

    /// An operation that awaits its login stays, and refuses (§5.13.2: CKR_USER_NOT_LOGGED_IN).
    fn authorised(&mut self, active: Active<T>, begun: bool) -> Result<Active<T>> {
        if !active.awaits_login {
            return Ok(active);
        }
        *self = if begun { Op::Begun(active) } else { Op::Streaming(active) };
        Rv::UserNotLoggedIn.err("the key demands a context-specific login for each use")
    }
}

fn idle<T>() -> Result<T> {
    Rv::OperationNotInitialized.err("no operation of this kind is active in the session")
}
