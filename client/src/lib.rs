//! Envelope encryption, signing and JWTs with the keys of any PKCS#11 token.
//!
//! Tier 1 is the master encryption key (MEK): 256 bits, made in the token, never outside it. Tier 2 are the data
//! encryption keys (DEKs): made in the token, kept in a [`store`] only as wrapped by the MEK, used by [`envelope`] to
//! encrypt data. Signing keys live in the token and sign through [`signer`], [`jwt`] and [`jwks`]. A [`ceremony`] splits the
//! MEK among custodians, and brings it back.
//!
//! Rooms, each using only those below it: `adapter`, `ceremony`, `certify`, `jwt`, `envelope`, `blind_index` -> `jwks`, `signer`, `keyring`
//! -> `store`, `hsm` -> `bundle`, `kem` -> `certificate` -> `keyfile`, `wrap`, `public`, `context`, `id`, `time`, `random`, `secret`, `error`.
// Not `forbid`: a few files call what no crate has bindings for. `hsm/interface.rs` finds it; `hsm/authenticated.rs`,
// `hsm/named.rs`, `hsm/users.rs` and `ceremony/vendor.rs` use it. `secret/page.rs` locks memory. There is no other exception.
#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod adapter;
pub mod audit;
pub mod blind_index;
pub mod bundle;
pub mod ceremony;
pub mod certificate;
pub mod certify;
pub mod context;
pub mod envelope;
pub mod error;
pub mod hsm;
pub mod id;
pub mod jwks;
pub mod jwt;
pub mod kem;
pub mod keyfile;
pub mod keyring;
pub mod public;
pub mod random;
pub mod secret;
pub mod signer;
pub mod store;
pub mod time;
pub mod wrap;

pub use error::{Error, Kind, Result};

/// Compiles the example of README.md, so that it stays true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;

hsm_shares::concealed!(secret::Secret, keyring::Dek, keyring::cache::Cache, kem::FileKem, keyfile::PrivateKey, keyfile::Numbers);
hsm_shares::concealed!(blind_index::BlindIndex, bundle::Bundle, hsm::import::Incoming<'_>);
// A reference to a PIN.
hsm_shares::concealed!(shared hsm::login::Login<'_>);
