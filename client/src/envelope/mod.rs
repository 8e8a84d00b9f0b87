//! Data encrypted under data keys. The formats are `client/FORMAT.md`.
//!
//! An envelope is a stream: [`seal`], [`open`], [`Writer`], [`Stream`], [`Reader`]. It names its data key, which is wrapped in the
//! store, or comes along ([`embedded`]). A [`field`] is one short value of a database. [`encrypt`], [`decrypt`], [`seal_field`] and
//! [`open_field`] find the data key themselves.

mod chunks;
mod derive;
pub mod embedded;
pub mod field;
pub mod format;
mod open;
mod pieces;
mod seal;
mod segment;
mod stream;
mod verbs;
mod writer;

pub use format::{FormatError, Header};
pub use open::{Reader, open, read_header};
pub use seal::seal;
pub use stream::Stream;
pub use verbs::{Keys, decrypt, decrypt_whole, encrypt, open_field, seal_field};
pub use writer::Writer;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod vectors;
