//! Reasons, on standard error.
//!
//! `HSM_SIM_LOG` is `off`, `warn` (the default: only what an owner must hear, such as a tampered object) or `debug` (why each call
//! failed). No global logger is installed in the host process, and nothing here ever holds a value of a key or PIN.

use std::{
    fmt::Arguments,
    sync::atomic::{AtomicU8, Ordering},
};

use crate::abi::stderr;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Off,
    Warn,
    Debug,
}

static LEVEL: AtomicU8 = AtomicU8::new(Level::Warn as u8);

/// Sets the level for this process.
pub fn set(level: Level) {
    LEVEL.store(level as u8, Ordering::Relaxed);
}

/// The level of that name.
pub fn level(name: &str) -> Option<Level> {
    match name {
        "off" => Some(Level::Off),
        "warn" => Some(Level::Warn),
        "debug" => Some(Level::Debug),
        _ => None,
    }
}

/// Says something the token's owner must hear.
pub fn warn(what: Arguments<'_>) {
    say(Level::Warn, what);
}

/// Says why a call failed.
pub fn debug(what: Arguments<'_>) {
    say(Level::Debug, what);
}

fn say(level: Level, what: Arguments<'_>) {
    if LEVEL.load(Ordering::Relaxed) >= level as u8 {
        stderr::write(format!("hsm-sim: {what}\n").as_bytes());
    }
}
