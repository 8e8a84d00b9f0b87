//! Tries of a PIN wait for one another: of several at one moment each hears of the failures before it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;

use super::{Token, pin};
use crate::error::Result;

/// Whose PIN is being tried, by account. Processes wait by the failure counter alone.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<String, Arc<Mutex<()>>>>);

impl Token {
    /// Waits for tries that are under way and as long as wrong ones demand, then makes one. Nothing else may be held: whoever tries no PIN
    /// does not wait.
    pub fn in_turn<T>(&self, account: &str, attempt: impl FnOnce() -> Result<T>) -> Result<T> {
        let turn = Arc::clone(self.turns.0.lock().entry(account.to_owned()).or_default());
        let _mine = turn.lock();
        let most = self.state.read().stored.header.max_pin_failures;
        pin::wait(&*self.store, account, Duration::from_millis(self.config.pin_delay_ms), most)?;
        attempt()
    }
}
