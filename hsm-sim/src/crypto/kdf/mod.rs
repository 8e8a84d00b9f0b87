//! Keys from keys and from passwords, all built on pseudo random functions.

mod hkdf;
mod pbkdf1;
mod pbkdf2;
mod pkcs12;
mod prf;
mod ssl3;
mod tls;

pub use hkdf::{expand, extract};
pub use pbkdf1::pbkdf1;
pub use pbkdf2::pbkdf2;
pub use pkcs12::{Purpose, pkcs12};
pub use prf::Prf;
pub use ssl3::Ssl3Mac;
pub use tls::{Handshake, tls_prf};
