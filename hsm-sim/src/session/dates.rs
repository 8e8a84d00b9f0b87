//! CKA_START_DATE and CKA_END_DATE, where the configuration says `enforce_dates`. To the standard they are "for reference only" (§4.8).
//!
//! Before its first day a key does nothing. After its last day it protects nothing more, and still opens and verifies what it
//! protected: the originator's and the recipient's usage periods of NIST SP 800-57 part 1, 5.3.5.

use cryptoki_sys::*;
use hsm_shares::time::Time;

use crate::{
    error::{Result, Rv},
    object::{Object, attributes::Lookup, traits::Usage},
};

/// What protects, and so ends with the last day.
const PROTECTS: [Usage; 5] = [Usage::ENCRYPT, Usage::SIGN, Usage::SIGN_RECOVER, Usage::WRAP, Usage::ENCAPSULATE];

/// CKR_KEY_FUNCTION_NOT_PERMITTED outside of the key's days, which are UTC's.
pub fn allow(object: &Object, usage: Usage) -> Result<()> {
    let today = Time::now().to_string().chars().take(10).filter(|c| *c != '-').collect::<String>();
    let (start, end) = (object.attributes().bytes(CKA_START_DATE), object.attributes().bytes(CKA_END_DATE));
    if !start.is_empty() && today.as_bytes() < start {
        return Rv::KeyFunctionNotPermitted.err("the key's first day is still to come");
    }
    match PROTECTS.contains(&usage) && !end.is_empty() && today.as_bytes() > end {
        true => Rv::KeyFunctionNotPermitted.err("the key's last day is over"),
        false => Ok(()),
    }
}
