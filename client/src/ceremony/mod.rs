//! Recovery ceremonies: the master key split among custodians, and back.
//!
//! [`Recovery`] is the port: six verbs over the documents of [`shares::wire`]. [`vendor`] drives a token that holds ceremonies itself
//! (interface `Vendor hsm-sim Recovery`), so that the key never leaves it; [`host`] holds the same ceremony on this machine, for
//! any other token. [`sheet`] prints what custodians take home.

mod driver;
mod fault;
pub mod host;
pub mod sheet;
pub mod vendor;

pub use hsm_shares as shares;

use hsm_shares::wire::{Approve, Begin, Cancel, Contribute, Finish, Report, Status};

use crate::error::Result;

/// Who holds a ceremony. One is open at a time.
///
/// Every verb fails with [`crate::Kind::Conflict`] when the ceremony is not at that point, or another one is open.
pub trait Recovery {
    /// Begins a ceremony.
    ///
    /// # Errors
    /// [`crate::Kind::Pin`] when the user PIN in the request is wrong.
    fn begin(&mut self, request: &Begin) -> Result<Report>;

    /// Counts an approval in.
    ///
    /// # Errors
    /// [`crate::Kind::Authentication`] for a signature that is not good.
    fn approve(&mut self, request: &Approve) -> Result<Report>;

    /// Hands in a share. A share that is refused is no error: the report's verdict says why.
    ///
    /// # Errors
    /// When no share is awaited.
    fn contribute(&mut self, request: &Contribute) -> Result<Report>;

    /// Where it stands.
    ///
    /// # Errors
    /// Those of the token.
    fn status(&mut self, request: &Status) -> Result<Report>;

    /// Carries out what the ceremony was for, and ends it. When it fails, the ceremony stays open.
    ///
    /// # Errors
    /// When shares or approvals are missing; those of the token.
    fn finish(&mut self, request: &Finish) -> Result<Report>;

    /// Ends it without doing anything.
    ///
    /// # Errors
    /// When there is none.
    fn cancel(&mut self, request: &Cancel) -> Result<Report>;
}

#[cfg(test)]
mod tests;
