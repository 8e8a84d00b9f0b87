//! Parameters of key agreement, and of the key wraps that agree on a key first: PKCS#11 v3.2 §6.1.20, §6.3.17,
//! §6.3.24 and §6.4.11.

use cryptoki_sys::*;

use super::{Mechanism, Oaep};
use crate::error::Result;

/// CK_ECDH1_DERIVE_PARAMS.
pub struct Ecdh<'a> {
    pub kdf: CK_EC_KDF_TYPE,
    pub shared_info: &'a [u8],
    /// The other party's point.
    pub public: &'a [u8],
}

/// CK_X9_42_DH1_DERIVE_PARAMS.
pub struct X942<'a> {
    pub kdf: CK_X9_42_DH_KDF_TYPE,
    pub other_info: &'a [u8],
    /// The other party's public value.
    pub public: &'a [u8],
}

/// CK_ECDH_AES_KEY_WRAP_PARAMS.
pub struct EcdhWrap<'a> {
    pub aes_bits: CK_ULONG,
    pub kdf: CK_EC_KDF_TYPE,
    pub shared_info: &'a [u8],
}

/// CK_RSA_AES_KEY_WRAP_PARAMS.
pub struct RsaWrap<'a> {
    pub aes_bits: CK_ULONG,
    pub oaep: Oaep<'a>,
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

    /// CK_X9_42_DH1_DERIVE_PARAMS.
    pub fn x9_42(&self) -> Result<X942<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_X9_42_DH1_DERIVE_PARAMS>() }?;
        // SAFETY: the caller's pointers and lengths.
        let (other_info, public) =
            unsafe { (self.within(p.pOtherInfo, p.ulOtherInfoLen)?, self.within(p.pPublicData, p.ulPublicDataLen)?) };
        Ok(X942 { kdf: p.kdf, other_info, public })
    }

    /// CK_ECDH_AES_KEY_WRAP_PARAMS.
    pub fn ecdh_wrap(&self) -> Result<EcdhWrap<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_ECDH_AES_KEY_WRAP_PARAMS>() }?;
        // SAFETY: the caller's pointer and length.
        let shared_info = unsafe { self.within(p.pSharedData, p.ulSharedDataLen) }?;
        Ok(EcdhWrap { aes_bits: p.ulAESKeyBits, kdf: p.kdf, shared_info })
    }

    /// CK_RSA_AES_KEY_WRAP_PARAMS.
    pub fn rsa_wrap(&self) -> Result<RsaWrap<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_RSA_AES_KEY_WRAP_PARAMS>() }?;
        let len = size_of::<CK_RSA_PKCS_OAEP_PARAMS>() as CK_ULONG;
        // SAFETY: the caller's pointer, which the standard says points to such a structure.
        let parameter = unsafe { self.within(p.pOAEPParams.cast(), len) }?;
        Ok(RsaWrap { aes_bits: p.ulAESKeyBits, oaep: Self { kind: CKM_RSA_PKCS_OAEP, parameter }.oaep()? })
    }
}
