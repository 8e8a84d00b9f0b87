//! What is left of secrets: in memory, in a core dump, in the log, in the token's files. SECURITY.md says what the module promises of it.

mod apart;
mod known;
mod left;
mod memory;
mod rsa;
mod search;
mod uses;
mod written;

use hsm_tests::Erasing;

/// The harness copies what it hands to the module; its copies are gone when it is done with them.
#[global_allocator]
static MEMORY: Erasing = Erasing;
