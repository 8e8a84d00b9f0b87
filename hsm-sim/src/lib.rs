//! `hsm-sim`: a PKCS#11 software HSM.
//!
//! Programs load the built library and never link this crate; [`crypto`] alone is public, for those who want to test both engines
//! (and, hidden, what `tests/hostile` needs to read records without a token).
//!
//! The rooms, from the C functions down to the ground; a room uses only rooms below it:
//!
//! | room | what is in it |
//! |---|---|
//! | `entry` | the functions of Cryptoki, one expression each |
//! | `module` | the one global: slots and sessions of this process |
//! | `slot` | a token and its sessions, counted |
//! | `upkeep` | token files: are they sound, copies, repairs |
//! | `recovery` | ceremonies: the master key split among custodians, and back |
//! | `session` | rights, and one operation of each kind |
//! | `token` | roles, PINs, sealing, the object table |
//! | `audit` | the log: who did what, in lines chained by hash |
//! | `mechanism` | one file per family, one row per mechanism |
//! | `operation` | what begins, continues and ends an operation |
//! | `store` | where tokens are kept |
//! | `abi` | the only hand-written unsafe: arguments, results, templates, parameters, the panic guard |
//! | `object` | attributes, the standard's rules for them, typed keys |
//! | [`crypto`] | bytes in, bytes out: two engines |
//! | [`secret`], `error`, `reply`, `config`, `log`, [`rng`], `handles` | the ground |
#![deny(unsafe_code)]

mod abi;
mod audit;
mod config;
pub mod crypto;
mod entry;
mod error;
mod handles;
#[doc(hidden)]
pub mod hostile;
mod log;
mod mechanism;
mod module;
mod object;
mod operation;
mod recovery;
mod reply;
pub mod rng;
pub use hsm_shares::secret;
mod session;
mod slot;
mod store;
mod token;
mod upkeep;
