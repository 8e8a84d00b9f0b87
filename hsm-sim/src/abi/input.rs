//! Bytes that come in.

use cryptoki_sys::*;

use super::Arg;
use crate::error::{Result, Rv};

/// `CK_BYTE_PTR` with its length: data, an IV, a signature. NULL stands for no bytes only when the length is 0.
#[derive(Clone, Copy)]
pub struct In<'a>(pub &'a [u8]);

impl Arg for In<'_> {
    type Raw = *mut CK_BYTE;
    type Len = CK_ULONG;

    unsafe fn from_c(raw: *mut CK_BYTE, len: CK_ULONG) -> Result<Self> {
        // SAFETY: the caller's pointer and length, as `Arg::from_c` demands.
        unsafe { slice(raw, len) }.map(Self).ok_or(Rv::ArgumentsBad.because("NULL or impossible length of input"))
    }
}

/// Bytes that may be left out: NULL (C_VerifyMessageNext).
impl Arg for Option<In<'_>> {
    type Raw = *mut CK_BYTE;
    type Len = CK_ULONG;

    unsafe fn from_c(raw: *mut CK_BYTE, len: CK_ULONG) -> Result<Self> {
        if raw.is_null() && len == 0 {
            return Ok(None);
        }
        // SAFETY: the caller's pointer and length, as `Arg::from_c` demands.
        unsafe { In::from_c(raw, len) }.map(Some)
    }
}

/// A PIN: as [`In`], but NULL is refused even with length 0, since there is no protected authentication path.
pub struct Pin<'a>(pub &'a [u8]);

impl Arg for Pin<'_> {
    type Raw = *mut CK_UTF8CHAR;
    type Len = CK_ULONG;

    unsafe fn from_c(raw: *mut CK_UTF8CHAR, len: CK_ULONG) -> Result<Self> {
        if raw.is_null() {
            return Rv::ArgumentsBad.err("NULL PIN: there is no protected authentication path");
        }
        // SAFETY: the caller's pointer and length, as `Arg::from_c` demands.
        unsafe { In::from_c(raw, len) }.map(|bytes| Self(bytes.0))
    }
}

/// A token label: 32 bytes, blank-padded, without a length (C_InitToken).
pub struct Label(pub [u8; 32]);

impl Arg for Label {
    type Raw = *mut CK_UTF8CHAR;
    type Len = ();

    unsafe fn from_c(raw: *mut CK_UTF8CHAR, _: ()) -> Result<Self> {
        if raw.is_null() {
            return Rv::ArgumentsBad.err("NULL label");
        }
        // SAFETY: not NULL, and C_InitToken prescribes 32 readable bytes; an array of bytes has no alignment.
        Ok(Self(unsafe { raw.cast::<[u8; 32]>().read() }))
    }
}

/// A slice over C memory; `None` when NULL goes with a length, or the length cannot be one.
///
/// # Safety
/// `pointer` must be readable for `len` bytes during `'a`, unless NULL.
pub(super) unsafe fn slice<'a>(pointer: *const u8, len: CK_ULONG) -> Option<&'a [u8]> {
    let len = usize::try_from(len).ok().filter(|len| isize::try_from(*len).is_ok())?;
    match (pointer.is_null(), len) {
        (_, 0) => Some(&[]),
        (true, _) => None,
        // SAFETY: not NULL, readable for `len` bytes by this function's contract, `len` fits isize.
        (false, _) => Some(unsafe { std::slice::from_raw_parts(pointer, len) }),
    }
}

hsm_shares::concealed!(Pin<'_>);
