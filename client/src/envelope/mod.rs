//! Envelopes: data encrypted under a data key that is named, wrapped, elsewhere. The format is `client/FORMAT.md`.

mod chunks;
mod derive;
pub mod format;
mod open;
mod seal;
mod segment;

pub use format::{FormatError, Header};
pub use open::{Reader, open, read_header};
pub use seal::seal;

#[cfg(test)]
mod tests;
