//! Bytes from nowhere, for everything that reads some. Each target takes any bytes, makes of them what a hostile caller, file or peer
//! would send, and panics when what must hold does not. `tests/fuzz` runs them under libFuzzer; the smoke run of this crate replays the
//! corpus and a fixed number of random inputs with every `cargo test`.
//!
//! Targets of the module call its C functions as they are linked into this process; all unsafe code is in `module/`.

pub mod envelopes;
mod files;
mod keys;
mod module;
mod shares;
mod source;
pub mod tokens;

pub use module::{leave, memory_in_use};
pub use source::Random;

/// A target: its name, which is that of its corpus, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 15] = [
    ("abi", module::sequence),
    ("templates", module::templates),
    ("parameters", module::parameters),
    ("recovery", module::recovery),
    ("documents", module::documents),
    ("rows", files::rows),
    ("records", files::records),
    ("configuration", files::configuration),
    ("wrapped_keys", files::wrapped_keys),
    ("shares", shares::shares),
    ("ceremony", shares::requests),
    ("envelopes", envelopes::envelopes),
    ("jwt", tokens::jwt),
    ("key_files", keys::key_files),
    ("bundles", keys::bundles),
];

/// The body called `name`.
pub fn target(name: &str) -> fn(&[u8]) {
    let found = TARGETS.iter().find(|(found, _)| *found == name);
    found.expect("a target of that name").1
}
