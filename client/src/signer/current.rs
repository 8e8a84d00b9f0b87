//! The key of a label that signs now, for a process that runs longer than a key does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Signer, SigningKey};
use crate::error::{Error, Kind, Result};
use crate::store::signing::LATE;

/// How old an answer may be: a rotation that others plan is seen that much later at most.
const FRESH: Duration = Duration::from_secs(30);

/// Looks up, now and then, which key of a label signs. Shared by threads.
pub struct Current {
    signer: Signer,
    label: String,
    pub(super) held: Mutex<Option<(Arc<SigningKey>, Instant)>>,
}

impl Current {
    /// The key of `signer` that is called `label`.
    pub fn new(signer: Signer, label: impl Into<String>) -> Self {
        Self { signer, label: label.into(), held: Mutex::default() }
    }

    /// The signer.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The key that signs now. Where it cannot be looked up anew, the one that was held serves on for as long as keys are published longer
    /// than they need be ([`LATE`]), and no longer than it is known to sign.
    ///
    /// # Errors
    /// Those of [`Signer::find`].
    pub fn key(&self) -> Result<Arc<SigningKey>> {
        let mut held = self.held.lock();
        let usable = held.clone().filter(|(key, _)| key.is_active());
        if let Some((key, at)) = &usable
            && at.elapsed() < FRESH
        {
            return Ok(Arc::clone(key));
        }
        let found = self.signer.find(&self.label).map(Arc::new);
        match (found, usable) {
            (Ok(key), _) => {
                *held = Some((Arc::clone(&key), Instant::now()));
                Ok(key)
            }
            (Err(error), Some((key, at))) if is_outage(&error) && at.elapsed() < Duration::from_secs(LATE.unsigned_abs()) => {
                Ok(key)
            }
            (Err(error), _) => {
                *held = None;
                Err(error)
            }
        }
    }
}

/// The token or the store did not answer; anything else is an answer.
fn is_outage(error: &Error) -> bool {
    matches!(error.kind(), Kind::HsmUnavailable | Kind::Device | Kind::Store)
}
