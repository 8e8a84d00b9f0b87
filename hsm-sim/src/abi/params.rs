//! Mechanisms and their parameters: PKCS#11 v3.2 §3.6 and §6.

pub mod agreement;

use cryptoki_sys::*;

use super::{Arg, input};
use crate::error::{Result, Rv};

/// `CK_MECHANISM`: the type, and the parameter in whichever shape the mechanism's row asks for.
#[derive(Clone, Copy)]
pub struct Mechanism<'a> {
    /// CKM_ value.
    pub kind: CK_MECHANISM_TYPE,
    parameter: &'a [u8],
}

impl Arg for Mechanism<'_> {
    type Raw = *mut CK_MECHANISM;
    type Len = ();

    unsafe fn from_c(raw: *mut CK_MECHANISM, _: ()) -> Result<Self> {
        if raw.is_null() {
            return Rv::ArgumentsBad.err("NULL mechanism");
        }
        // SAFETY: not NULL; the caller passes a CK_MECHANISM, read without assuming alignment.
        let raw = unsafe { raw.read_unaligned() };
        // SAFETY: pParameter is readable for ulParameterLen bytes by the caller's word.
        match unsafe { input::slice(raw.pParameter.cast(), raw.ulParameterLen) } {
            Some(parameter) => Ok(Self { kind: raw.mechanism, parameter }),
            None => Rv::MechanismParamInvalid.err("NULL mechanism parameter with a length"),
        }
    }
}

/// An Init function's mechanism: NULL cancels the operation that is under way (§5.8.1 and its like).
impl Arg for Option<Mechanism<'_>> {
    type Raw = *mut CK_MECHANISM;
    type Len = ();

    unsafe fn from_c(raw: *mut CK_MECHANISM, _: ()) -> Result<Self> {
        if raw.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller's pointer, as `Arg::from_c` demands.
        unsafe { Mechanism::from_c(raw, ()) }.map(Some)
    }
}

/// CK_GCM_PARAMS (§6.13.3). An all-zero `ulIvBits` is what older callers pass: only the byte length counts.
pub struct Gcm<'a> {
    pub iv: &'a [u8],
    pub aad: &'a [u8],
    /// Bits.
    pub tag_bits: CK_ULONG,
}

/// CK_AES_CTR_PARAMS.
pub struct Ctr {
    pub counter_bits: CK_ULONG,
    pub block: [u8; 16],
}

/// CK_RSA_PKCS_OAEP_PARAMS.
pub struct Oaep<'a> {
    pub hash: CK_MECHANISM_TYPE,
    pub mgf: CK_RSA_PKCS_MGF_TYPE,
    pub label: &'a [u8],
}

/// CK_RSA_PKCS_PSS_PARAMS.
pub struct Pss {
    pub hash: CK_MECHANISM_TYPE,
    pub mgf: CK_RSA_PKCS_MGF_TYPE,
    /// Bytes.
    pub salt_len: CK_ULONG,
}

/// CK_EDDSA_PARAMS.
pub struct Eddsa<'a> {
    pub prehash: bool,
    pub context: &'a [u8],
}

impl<'a> Mechanism<'a> {
    /// For mechanisms without a parameter.
    pub fn none(&self) -> Result<()> {
        if self.parameter.is_empty() { Ok(()) } else { Rv::MechanismParamInvalid.err("this mechanism has no parameter") }
    }

    /// True when no parameter was given.
    pub fn is_bare(&self) -> bool {
        self.parameter.is_empty()
    }

    /// The parameter's bytes, exactly `N` of them.
    pub fn array<const N: usize>(&self) -> Result<&'a [u8; N]> {
        self.parameter.try_into().map_err(|_| Rv::MechanismParamInvalid.because(format!("the parameter must have {N} bytes")))
    }

    /// CK_KEY_DERIVATION_STRING_DATA: data to mix with a key.
    pub fn string(&self) -> Result<&'a [u8]> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_KEY_DERIVATION_STRING_DATA>() }?;
        // SAFETY: the caller's pointer and length.
        unsafe { self.within(p.pData, p.ulLen) }
    }

    /// CK_GCM_PARAMS, or the older form without `ulIvBits` that some callers still pass.
    pub fn gcm(&self) -> Result<Gcm<'a>> {
        #[repr(C)]
        #[derive(Clone, Copy)]
        struct Older {
            iv: *mut CK_BYTE,
            iv_len: CK_ULONG,
            aad: *mut CK_BYTE,
            aad_len: CK_ULONG,
            tag_bits: CK_ULONG,
        }
        // SAFETY: both shapes are plain C structures for which any bytes are a value.
        let whole = unsafe { self.read::<CK_GCM_PARAMS>() }.map(|p| (p.pIv, p.ulIvLen, p.pAAD, p.ulAADLen, p.ulTagBits));
        // SAFETY: as above.
        let older = || unsafe { self.read::<Older>() }.map(|p| (p.iv, p.iv_len, p.aad, p.aad_len, p.tag_bits));
        let (iv, iv_len, aad, aad_len, tag_bits) = whole.or_else(|_| older())?;
        // SAFETY: the caller's pointers and lengths.
        Ok(Gcm { iv: unsafe { self.within(iv, iv_len) }?, aad: unsafe { self.within(aad, aad_len) }?, tag_bits })
    }

    /// CK_AES_CTR_PARAMS.
    pub fn ctr(&self) -> Result<Ctr> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_AES_CTR_PARAMS>() }?;
        Ok(Ctr { counter_bits: p.ulCounterBits, block: p.cb })
    }

    /// CK_RSA_PKCS_OAEP_PARAMS.
    pub fn oaep(&self) -> Result<Oaep<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_RSA_PKCS_OAEP_PARAMS>() }?;
        // SAFETY: the caller's pointer and length.
        let label = unsafe { self.within(p.pSourceData.cast(), p.ulSourceDataLen) }?;
        match p.source {
            CKZ_DATA_SPECIFIED => Ok(Oaep { hash: p.hashAlg, mgf: p.mgf, label }),
            0 if label.is_empty() => Ok(Oaep { hash: p.hashAlg, mgf: p.mgf, label }),
            _ => Rv::MechanismParamInvalid.err("OAEP: the source of the label must be CKZ_DATA_SPECIFIED"),
        }
    }

    /// CK_RSA_PKCS_PSS_PARAMS.
    pub fn pss(&self) -> Result<Pss> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_RSA_PKCS_PSS_PARAMS>() }?;
        Ok(Pss { hash: p.hashAlg, mgf: p.mgf, salt_len: p.sLen })
    }

    /// CK_EDDSA_PARAMS.
    pub fn eddsa(&self) -> Result<Eddsa<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_EDDSA_PARAMS>() }?;
        // SAFETY: the caller's pointer and length.
        let context = unsafe { self.within(p.pContextData, p.ulContextDataLen) }?;
        Ok(Eddsa { prehash: p.phFlag != CK_FALSE, context })
    }

    /// The parameter as a C structure.
    ///
    /// # Safety
    /// Any bytes must be a value of `T`.
    unsafe fn read<T: Copy>(&self) -> Result<T> {
        if self.parameter.len() != size_of::<T>() {
            return Rv::MechanismParamInvalid.err("the parameter has the wrong length for this mechanism");
        }
        // SAFETY: as many bytes as `T` has, read without assuming alignment; any bytes are a `T` by contract.
        Ok(unsafe { self.parameter.as_ptr().cast::<T>().read_unaligned() })
    }

    /// Bytes a parameter points to.
    ///
    /// # Safety
    /// `pointer` must be readable for `len` bytes during the call, unless NULL.
    unsafe fn within(&self, pointer: *const u8, len: CK_ULONG) -> Result<&'a [u8]> {
        // SAFETY: by contract.
        unsafe { input::slice(pointer, len) }
            .ok_or(Rv::MechanismParamInvalid.because("NULL inside a mechanism parameter with a length"))
    }
}
