//! `hsm-sim`: a PKCS#11 software HSM.
//!
//! The rooms, from the C functions down to the ground; a room uses only rooms below it:
//!
//! | room | what is in it |
//! |---|---|
//! | [`entry`] | the functions of Cryptoki, one expression each |
//! | [`module`] | the one global: slots and sessions of this process |
//! | [`slot`] | a token and its sessions, counted |
//! | [`session`] | rights, and one operation of each kind |
//! | [`token`] | roles, PINs, sealing, the object table |
//! | [`mechanism`] | one file per family, one row per mechanism |
//! | [`operation`] | what begins, continues and ends an operation |
//! | [`store`] | where tokens are kept |
//! | [`abi`] | the only hand-written unsafe: arguments, results, templates, parameters, the panic guard |
//! | [`object`] | attributes, the standard's rules for them, typed keys |
//! | [`crypto`] | bytes in, bytes out: two engines |
//! | [`secret`], [`error`], [`reply`], [`config`], [`log`], [`rng`], [`handles`] | the ground |
#![deny(unsafe_code)]

pub mod abi;
pub mod config;
pub mod crypto;
pub mod entry;
pub mod error;
pub mod handles;
pub mod log;
pub mod mechanism;
pub mod module;
pub mod object;
pub mod operation;
pub mod reply;
pub mod rng;
pub mod secret;
pub mod session;
pub mod slot;
pub mod store;
pub mod token;
