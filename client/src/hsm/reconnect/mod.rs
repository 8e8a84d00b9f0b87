//! A token that comes back: opened anew when the connection was lost (REQUIREMENTS 23).
//!
//! Keys are found by CKA_ID at every call, so nothing of the old connection is needed in the new one. Attempts are spaced by a
//! growing delay, with errors at once in between: nobody waits, and a token that comes back is not stormed. A PIN that was refused is
//! never tried again, since a few wrong ones lock a token.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::around::Around;
use super::{Hsm, TokenIdentity};
use crate::error::{Error, Kind, Result};

/// The shortest and the longest time between two attempts.
const DELAYS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(30));

/// How a token is opened, again and again.
pub type Opening = dyn Fn() -> Result<Arc<dyn Hsm>> + Send + Sync;

/// A token, and the way back to it.
pub struct Reconnecting {
    open: Box<Opening>,
    /// Of the token that was opened first; another one is not taken for it.
    identity: TokenIdentity,
    state: Mutex<State>,
}

struct State {
    current: Arc<dyn Hsm>,
    /// Counts connections, so that of many callers that lost the same one, one opens the next.
    generation: u64,
    /// Somebody opens the next one right now.
    opening: bool,
    lost: Option<Lost>,
    /// Of the attempts so far; forgotten once a call succeeded.
    delay: Option<Duration>,
}

struct Lost {
    next: Instant,
    /// The PIN was refused: for good.
    refused: bool,
    why: String,
}

impl Reconnecting {
    /// Opens a token by `open`, and from now on whenever it was lost. `open` must find the same token again: name it by its serial
    /// number, or the PIN would go to another one that has taken its place.
    ///
    /// # Errors
    /// Those of `open`.
    pub fn new(open: impl Fn() -> Result<Arc<dyn Hsm>> + Send + Sync + 'static) -> Result<Self> {
        let current = open()?;
        let identity = current.identity().clone();
        let state = State { current, generation: 0, opening: false, lost: None, delay: None };
        Ok(Self { open: Box::new(open), identity, state: Mutex::new(state) })
    }

    fn connected(&self) -> Result<(Arc<dyn Hsm>, u64)> {
        let state = self.state.lock();
        let (current, generation) = (Arc::clone(&state.current), state.generation);
        let lost = state.lost.is_some();
        drop(state);
        if !lost && current.is_alive() {
            return Ok((current, generation));
        }
        drop(current);
        self.reopened(generation, None)
    }

    /// A connection that is newer than `generation`. One caller opens it, the others are told so at once.
    fn reopened(&self, generation: u64, gone: Option<&Error>) -> Result<(Arc<dyn Hsm>, u64)> {
        let mut state = self.state.lock();
        if state.generation != generation && state.lost.is_none() {
            return Ok((Arc::clone(&state.current), state.generation));
        }
        if let Some(lost) = state.lost.as_ref().filter(|lost| lost.refused || Instant::now() < lost.next) {
            return Err(lost.error());
        }
        if state.opening {
            return Err(Error::new(Kind::HsmUnavailable, "the connection to the token was lost").next("it is being opened anew"));
        }
        let delay = state.delay.map_or(DELAYS.0, |delay| (delay * 2).min(DELAYS.1));
        (state.opening, state.delay) = (true, Some(delay));
        drop(state);
        let opened = (self.open)().and_then(|hsm| self.same(hsm));
        let mut state = self.state.lock();
        state.opening = false;
        let next = Instant::now() + delay;
        match opened {
            Ok(hsm) => {
                state.current = Arc::clone(&hsm);
                state.generation += 1;
                // A token that is gone again at once is not opened again at once.
                state.lost =
                    (!hsm.is_alive()).then(|| Lost { next, refused: false, why: "it was gone again at once".to_owned() });
                match &state.lost {
                    Some(lost) => Err(lost.error()),
                    None => Ok((hsm, state.generation)),
                }
            }
            Err(error) => {
                let why = gone.map_or_else(|| error.to_string(), |gone| format!("{gone}; then {error}"));
                state.lost = Some(Lost { next, refused: error.kind() == Kind::Pin, why });
                Err(error)
            }
        }
    }

    /// The connection answers: whatever happened before is over.
    fn stands_again(&self) {
        self.state.lock().delay = None;
    }

    /// Refuses another token in the place of the one that was lost.
    fn same(&self, hsm: Arc<dyn Hsm>) -> Result<Arc<dyn Hsm>> {
        let (was, is) = (&self.identity.serial, &hsm.identity().serial);
        if was == is {
            return Ok(hsm);
        }
        Err(Error::new(Kind::HsmUnavailable, "another token is in the place of the one that was lost")
            .why(format!("its serial number is {is}, that of the lost one was {was}")))
    }
}

impl Lost {
    fn error(&self) -> Error {
        if self.refused {
            return Error::new(Kind::Pin, "the token was lost, and refused the PIN when it came back")
                .why(self.why.clone())
                .next("look at the token; the PIN is not tried again by this process");
        }
        Error::new(Kind::HsmUnavailable, "the connection to the token was lost")
            .why(self.why.clone())
            .next("it is tried again shortly")
    }
}

impl Around for Reconnecting {
    fn behind(&self) -> &TokenIdentity {
        &self.identity
    }

    fn stands(&self) -> bool {
        let state = self.state.lock();
        state.lost.is_none() && state.current.is_alive()
    }

    /// Runs `job`, and once more on a new connection if the old one was gone when it ended: a token without a login answers no error
    /// when it is asked for its keys, but that it has none.
    fn again<T>(&self, job: impl Fn(&dyn Hsm) -> Result<T>) -> Result<T> {
        let (hsm, generation) = self.connected()?;
        let answer = job(hsm.as_ref());
        if hsm.is_alive() {
            self.stands_again();
            return answer;
        }
        drop(hsm);
        let (hsm, _) = self.reopened(generation, answer.as_ref().err())?;
        job(hsm.as_ref())
    }

    /// Runs `job`, which makes or destroys something, once: whether it was done before the connection broke nobody knows.
    fn once<T>(&self, job: impl FnOnce(&dyn Hsm) -> Result<T>) -> Result<T> {
        job(self.connected()?.0.as_ref())
    }
}

#[cfg(test)]
mod tests;
