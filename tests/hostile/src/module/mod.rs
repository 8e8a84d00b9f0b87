//! The module's C functions, as they are linked into this process: sequences of any calls with any arguments.

mod arguments;
mod call;
mod dictionary;
mod functions;
mod memory;
mod parameter;
mod recipes;
mod stage;
mod targets;
mod template;
mod vendor;

pub use stage::{leave, memory_in_use};
pub use targets::{parameters, sequence, templates};
pub use vendor::{documents, recovery};
