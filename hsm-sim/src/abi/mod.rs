//! The boundary: the only room where C pointers are read or written.
//!
//! What PKCS#11 lets us check is checked here (NULL, lengths, alignment); what only the caller can promise (that a pointer is valid
//! for its length) is the precondition every SAFETY comment below leans on. Nothing above this room sees a pointer.
#![allow(unsafe_code)]

pub mod args;
pub mod env;
mod erasing;
pub mod fork;
pub mod global;
pub mod guard;
pub mod initialize;
pub mod input;
pub mod locked;
pub mod message;
pub mod output;
pub mod params;
mod probed;
pub mod stderr;
pub mod symmetric_params;
pub mod template;

use crate::error::Result;

/// An argument as it arrives from C, and what it becomes.
pub trait Arg: Sized {
    /// The C type of the argument.
    type Raw;
    /// The C type of the length that goes with it, `()` where there is none.
    type Len;

    /// Decodes the argument.
    ///
    /// # Safety
    /// Pointers must be valid for what PKCS#11 says the callee does with them, for the duration of the call.
    unsafe fn from_c(raw: Self::Raw, len: Self::Len) -> Result<Self>;
}
