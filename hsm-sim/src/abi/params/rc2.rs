//! Parameters of RC2: PKCS#11 v2.40 historical mechanisms

use cryptoki_sys::*;

use super::Mechanism;
use crate::error::Result;

/// CK_RC2_CBC_PARAMS.
pub struct Rc2Cbc {
    pub effective_bits: CK_ULONG,
    pub iv: [u8; 8],
}

impl Mechanism<'_> {
    /// CK_RC2_PARAMS: effective bits.
    pub fn rc2(&self) -> Result<CK_ULONG> {
        self.array().map(|bits| CK_ULONG::from_ne_bytes(*bits))
    }

    /// CK_RC2_CBC_PARAMS.
    pub fn rc2_cbc(&self) -> Result<Rc2Cbc> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_RC2_CBC_PARAMS>() }?;
        Ok(Rc2Cbc { effective_bits: p.ulEffectiveBits, iv: p.iv })
    }

    /// CK_RC2_MAC_GENERAL_PARAMS: effective bits, and the length in bytes.
    pub fn rc2_mac_general(&self) -> Result<(CK_ULONG, CK_ULONG)> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_RC2_MAC_GENERAL_PARAMS>() }?;
        Ok((p.ulEffectiveBits, p.ulMacLength))
    }
}
