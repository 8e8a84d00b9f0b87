//! Recovery ceremonies: the master key split among custodians, and back.
//!
//! This crate knows no PKCS#11 and touches no file. The module drives it for tokens of its own; the client drives the very same code
//! for tokens that have no recovery interface. Formats are described byte by byte in `hsm-sim/RECOVERY.md`.
//!
//! | room | what is in it |
//! |---|---|
//! | [`ceremony`] | the state machine: approvals, contributions, the outcome |
//! | [`wire`] | requests and replies as JSON |
//! | [`transcript`] | the minutes of a ceremony, signed |
//! | [`manifest`] | the public description of a set of shares, signed |
//! | [`share`], [`refusal`] | a share as text, and why one is refused |
//! | [`shamir`] | splitting and combining, behind a guard |
//! | [`policy`], [`approval`], [`envelope`], [`notary`] | who takes part, who approves, shares encrypted by age, signatures |
//! | [`secret`], [`text`], [`time`], [`error`] | the ground |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod approval;
pub mod ceremony;
pub mod concealed;
pub mod envelope;
pub mod error;
pub mod manifest;
pub mod notary;
pub mod policy;
pub mod refusal;
pub mod secret;
pub mod shamir;
pub mod share;
pub mod text;
pub mod time;
pub mod transcript;
pub mod wire;

pub use error::{Error, Result};

concealed!(secret::Secret, shamir::Part, share::Share, envelope::OneTime, notary::Notary);
concealed!(ceremony::Task, ceremony::Ceremony, ceremony::Collecting, ceremony::Work);
concealed!(wire::SecretText, wire::Begin, wire::Contribute, wire::Finish, wire::Handed, wire::Dealt, wire::Report);
