//! Parameters of HKDF, PBKDF2 and the derivations of IKE: PKCS#11 v3.2 §6.62, §6.37 and §6.64.

use cryptoki_sys::*;

use super::Mechanism;
use crate::{
    abi::probed::word_at,
    error::{Result, Rv},
};

/// CK_HKDF_PARAMS.
pub struct Hkdf<'a> {
    pub extract: bool,
    pub expand: bool,
    pub hash: CK_MECHANISM_TYPE,
    pub salt: Salt<'a>,
    pub info: &'a [u8],
}

/// Where the salt of an extraction comes from.
pub enum Salt<'a> {
    Data(&'a [u8]),
    Key(CK_OBJECT_HANDLE),
}

/// CK_PKCS5_PBKD2_PARAMS2.
pub struct Pbkdf2<'a> {
    pub salt: &'a [u8],
    pub iterations: CK_ULONG,
    pub prf: CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE,
    pub password: &'a [u8],
}

/// CK_IKE2_PRF_PLUS_DERIVE_PARAMS and CK_IKE1_EXTENDED_DERIVE_PARAMS, which mean the same by other names.
pub struct IkeExpansion<'a> {
    pub prf: CK_MECHANISM_TYPE,
    /// The seed key, or g^xy.
    pub key: Option<CK_OBJECT_HANDLE>,
    /// The seed data, or extra data.
    pub data: &'a [u8],
}

/// CK_IKE_PRF_DERIVE_PARAMS.
pub struct IkePrf<'a> {
    pub prf: CK_MECHANISM_TYPE,
    pub data_as_key: bool,
    /// The new key of a rekeying.
    pub new_key: Option<CK_OBJECT_HANDLE>,
    pub initiator: &'a [u8],
    pub responder: &'a [u8],
}

/// CK_IKE1_PRF_DERIVE_PARAMS.
pub struct Ike1Prf<'a> {
    pub prf: CK_MECHANISM_TYPE,
    /// g^xy.
    pub shared: CK_OBJECT_HANDLE,
    pub previous: Option<CK_OBJECT_HANDLE>,
    pub initiator: &'a [u8],
    pub responder: &'a [u8],
    pub number: u8,
}

impl<'a> Mechanism<'a> {
    /// CK_HKDF_PARAMS. What a step that is left out would need is not looked at.
    pub fn hkdf(&self) -> Result<Hkdf<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_HKDF_PARAMS>() }?;
        let (extract, expand) = (p.bExtract != CK_FALSE, p.bExpand != CK_FALSE);
        let salt = match CK_FLAGS::from(p.ulSaltType) {
            _ if !extract => Salt::Data(&[]),
            CKF_HKDF_SALT_NULL => Salt::Data(&[]),
            // SAFETY: the caller's pointer and length.
            CKF_HKDF_SALT_DATA => Salt::Data(unsafe { self.within(p.pSalt, p.ulSaltLen) }?),
            CKF_HKDF_SALT_KEY => Salt::Key(p.hSaltKey),
            _ => return Rv::MechanismParamInvalid.err("HKDF: no such type of salt"),
        };
        // SAFETY: the caller's pointer and length.
        let info = if expand { unsafe { self.within(p.pInfo, p.ulInfoLen) }? } else { &[] };
        Ok(Hkdf { extract, expand, hash: p.prfHashMechanism, salt, info })
    }

    /// CK_PKCS5_PBKD2_PARAMS2, or CK_PKCS5_PBKD2_PARAMS, which differs only in that it points to the password's length.
    ///
    /// Both have the same size, so only that field can tell them apart: no password is as long as the lowest address of a process.
    pub fn pbkdf2(&self) -> Result<Pbkdf2<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_PKCS5_PBKD2_PARAMS2>() }?;
        if p.saltSource != CKZ_SALT_SPECIFIED || !p.pPrfData.is_null() || p.ulPrfDataLen != 0 {
            return Rv::MechanismParamInvalid.err("PBKDF2: the salt must be given, and the function takes no data of its own");
        }
        let len = match p.ulPasswordLen {
            len if len <= LONGEST_PASSWORD => len,
            // Where a length would be, the address of one: the caller has passed a CK_PKCS5_PBKD2_PARAMS.
            address => match word_at(address as usize) {
                Some(len) if len <= LONGEST_PASSWORD => len,
                _ => return Rv::MechanismParamInvalid.err("PBKDF2: an impossible length of the password"),
            },
        };
        Ok(Pbkdf2 {
            // SAFETY: the caller's pointer and length.
            salt: unsafe { self.within(p.pSaltSourceData.cast(), p.ulSaltSourceDataLen) }?,
            iterations: p.iterations,
            prf: p.prf,
            // SAFETY: the caller's pointer and length.
            password: unsafe { self.within(p.pPassword, len) }?,
        })
    }

    /// CK_IKE2_PRF_PLUS_DERIVE_PARAMS.
    pub fn ike2_prf_plus(&self) -> Result<IkeExpansion<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_IKE2_PRF_PLUS_DERIVE_PARAMS>() }?;
        // SAFETY: the caller's pointer and length.
        let data = unsafe { self.within(p.pSeedData, p.ulSeedDataLen) }?;
        Ok(IkeExpansion { prf: p.prfMechanism, key: present(p.bHasSeedKey, p.hSeedKey), data })
    }

    /// CK_IKE1_EXTENDED_DERIVE_PARAMS.
    pub fn ike1_extended(&self) -> Result<IkeExpansion<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_IKE1_EXTENDED_DERIVE_PARAMS>() }?;
        // SAFETY: the caller's pointer and length.
        let data = unsafe { self.within(p.pExtraData, p.ulExtraDataLen) }?;
        Ok(IkeExpansion { prf: p.prfMechanism, key: present(p.bHasKeygxy, p.hKeygxy), data })
    }

    /// CK_IKE_PRF_DERIVE_PARAMS.
    pub fn ike_prf(&self) -> Result<IkePrf<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_IKE_PRF_DERIVE_PARAMS>() }?;
        Ok(IkePrf {
            prf: p.prfMechanism,
            data_as_key: p.bDataAsKey != CK_FALSE,
            new_key: present(p.bRekey, p.hNewKey),
            // SAFETY: the caller's pointer and length.
            initiator: unsafe { self.within(p.pNi, p.ulNiLen) }?,
            // SAFETY: the caller's pointer and length.
            responder: unsafe { self.within(p.pNr, p.ulNrLen) }?,
        })
    }

    /// CK_IKE1_PRF_DERIVE_PARAMS.
    pub fn ike1_prf(&self) -> Result<Ike1Prf<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_IKE1_PRF_DERIVE_PARAMS>() }?;
        Ok(Ike1Prf {
            prf: p.prfMechanism,
            shared: p.hKeygxy,
            previous: present(p.bHasPrevKey, p.hPrevKey),
            // SAFETY: the caller's pointer and length.
            initiator: unsafe { self.within(p.pCKYi, p.ulCKYiLen) }?,
            // SAFETY: the caller's pointer and length.
            responder: unsafe { self.within(p.pCKYr, p.ulCKYrLen) }?,
            number: p.keyNumber,
        })
    }
}

fn present(has: CK_BBOOL, key: CK_OBJECT_HANDLE) -> Option<CK_OBJECT_HANDLE> {
    (has != CK_FALSE).then_some(key)
}

/// Bytes.
const LONGEST_PASSWORD: CK_ULONG = 4096;
