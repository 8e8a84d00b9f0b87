//! Parameters of key agreement: PKCS#11 v3.2 §6.3.17.

use cryptoki_sys::*;

use super::Mechanism;
use crate::error::Result;

/// CK_ECDH1_DERIVE_PARAMS.
pub struct Ecdh<'a> {
    pub kdf: CK_EC_KDF_TYPE,
    pub shared_info: &'a [u8],
    /// The other party's point.
    pub public: &'a [u8],
}

impl<'a> Mechanism<'a> {
    /// CK_ECDH1_DERIVE_PARAMS.
    pub fn ecdh(&self) -> Result<Ecdh<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_ECDH1_DERIVE_PARAMS>() }?;
        // SAFETY: the caller's pointers and lengths.
        let (shared_info, public) =
            unsafe { (self.within(p.pSharedData, p.ulSharedDataLen)?, self.within(p.pPublicData, p.ulPublicDataLen)?) };
        Ok(Ecdh { kdf: p.kdf, shared_info, public })
    }
}
