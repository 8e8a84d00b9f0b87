//! PINs: their length, their failure counters, and the check itself (PKCS#11 v3.2 §5.5.6 to §5.6.8).
//!
//! The counter is raised in the store before the PIN is tried, so killing the process gains no guess.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use super::{
    header::Stored,
    role::{RoleKeys, Wrapped},
};
use crate::{
    error::{Result, Rv},
    store::{Record, TokenStore},
};

/// Shortest PIN, in bytes.
pub const MIN_LEN: usize = 4;
/// Longest PIN, in bytes.
pub const MAX_LEN: usize = 255;

/// Many processes may be about to succeed at once, each with its try counted; wait for them before calling a role locked.
const SETTLING: (u32, Duration) = (25, Duration::from_millis(20));

/// No try waits longer.
const LONGEST: Duration = Duration::from_secs(3);

/// Where a role stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// A PIN was set.
    pub initialized: bool,
    /// Tries left before the role is locked.
    pub tries_left: u32,
    /// Wrong tries since the last success.
    pub failures: u32,
}

/// Refuses PINs of a length that cannot be set, or that are not UTF-8.
pub fn check_new(pin: &[u8]) -> Result<()> {
    if !(MIN_LEN..=MAX_LEN).contains(&pin.len()) {
        return Rv::PinLenRange.err(format!("a PIN has {MIN_LEN} to {MAX_LEN} bytes"));
    }
    match std::str::from_utf8(pin) {
        Ok(_) => Ok(()),
        Err(_) => Rv::PinInvalid.err("a PIN is UTF-8"),
    }
}

/// Where the role of this name stands.
pub fn status(store: &dyn TokenStore, stored: &Stored, role: &str) -> Result<Status> {
    let failures = store.counter(role)?;
    let failures = u32::try_from(failures).unwrap_or(u32::MAX);
    let tries_left = u32::from(stored.header.max_pin_failures).saturating_sub(failures);
    Ok(Status { initialized: store.record(role)?.is_some(), tries_left, failures })
}

/// Opens a role's keys with its PIN. Also returns the role's record, for a change of the PIN. Whoever asks clears the counter.
pub fn open(store: &dyn TokenStore, stored: &Stored, role: &str, pin: &[u8]) -> Result<(RoleKeys, Record)> {
    let Some(record) = store.record(role)?.filter(|record| !record.bytes.is_empty()) else {
        return Rv::UserPinNotInitialized.err(format!("role {role} has no PIN yet"));
    };
    count_try(store, stored, role)?;
    let keys = Wrapped::open(role, &record.bytes, pin, &stored.bytes)?;
    Ok((keys, record))
}

/// How long a try waits after so many that failed: twice as long after each.
fn delayed(first: Duration, failures: u64) -> Duration {
    match u32::try_from(failures) {
        Ok(0) => Duration::ZERO,
        Ok(failures) => first.saturating_mul(2u32.saturating_pow(failures - 1)).min(LONGEST),
        Err(_) => LONGEST,
    }
}

/// Waits after wrong tries, and again after those of others meanwhile; no longer than until somebody succeeds, since a try that is counted
/// may be about to. Whoever is locked out hears so at once: there is nothing to guess.
pub fn wait(store: &dyn TokenStore, role: &str, first: Duration, most: u8) -> Result<()> {
    let (mut waited, mut failures) = (0, store.counter(role)?);
    while waited < failures && failures < u64::from(most) {
        let over = Instant::now() + delayed(first, failures);
        while Instant::now() < over && store.counter(role)? >= failures {
            sleep(SETTLING.1);
        }
        (waited, failures) = (failures, store.counter(role)?);
    }
    Ok(())
}

fn count_try(store: &dyn TokenStore, stored: &Stored, role: &str) -> Result<()> {
    let most = u64::from(stored.header.max_pin_failures);
    for _ in 0..SETTLING.0 {
        if store.counter(role)? < most && store.raise(role)? <= most {
            return Ok(());
        }
        sleep(SETTLING.1);
    }
    Rv::PinLocked.err(format!("role {role} is locked after {most} wrong PINs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_doubles_the_delay_up_to_the_longest() {
        let first = Duration::from_millis(100);
        let delays = [0, 1, 2, 3, 6, 300, u64::MAX].map(|failures| delayed(first, failures).as_millis());
        assert_eq!(delays, [0, 100, 200, 400, 3000, 3000, 3000]);
        assert_eq!(delayed(Duration::ZERO, 9), Duration::ZERO);
    }
}
