//! The key of a label that signs now, for a process that runs longer than a key does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Signer, SigningKey};
use crate::error::Result;

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

    /// The key that signs now. Where it cannot be looked up anew, the one that was held serves on until it retires.
    ///
    /// # Errors
    /// Those of [`Signer::find`].
    pub fn key(&self) -> Result<Arc<SigningKey>> {
        let mut held = self.held.lock();
        let usable = held.as_ref().filter(|(key, _)| key.is_active());
        if let Some((key, at)) = usable
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
            (Err(_), Some((key, _))) => Ok(Arc::clone(key)),
            (Err(error), None) => Err(error),
        }
    }
}
