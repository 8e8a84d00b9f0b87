//! CK_PBE_PARAMS: PKCS#11 v2.40 historical mechanisms.

use cryptoki_sys::*;

use super::Mechanism;
use crate::error::Result;

/// CK_PBE_PARAMS.
pub struct Pbe<'a> {
    /// Where the initialization vector goes, if the caller wants it.
    pub iv: Option<IvOut>,
    pub password: &'a [u8],
    pub salt: &'a [u8],
    pub iterations: CK_ULONG,
}

/// A place for eight bytes.
pub struct IvOut(*mut CK_BYTE);

impl IvOut {
    /// Gives the initialization vector.
    pub fn put(self, iv: &[u8; 8]) {
        // SAFETY: not NULL, as `pbe` checked; writable for eight bytes by the caller's word; `iv` is ours.
        unsafe { std::ptr::copy_nonoverlapping(iv.as_ptr(), self.0, iv.len()) };
    }
}

impl<'a> Mechanism<'a> {
    /// CK_PBE_PARAMS.
    pub fn pbe(&self) -> Result<Pbe<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_PBE_PARAMS>() }?;
        // SAFETY: the caller's pointers and lengths.
        let (password, salt) = unsafe { (self.within(p.pPassword, p.ulPasswordLen)?, self.within(p.pSalt, p.ulSaltLen)?) };
        let iv = (!p.pInitVector.is_null()).then_some(IvOut(p.pInitVector));
        Ok(Pbe { iv, password, salt, iterations: p.ulIteration })
    }
}
