//! Keys from keys and from passwords, all built on pseudo random functions.

mod hkdf;
mod pbkdf2;
mod prf;
mod ssl3;
mod tls;

pub use hkdf::{expand, extract};
pub use pbkdf2::pbkdf2;
pub use prf::Prf;
pub use ssl3::Ssl3Mac;
pub use tls::{Handshake, tls_prf};
