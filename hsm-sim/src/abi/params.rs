//! Mechanisms and their parameters: PKCS#11 v3.2 §3.6 and §6.

pub mod agreement;
pub mod dsa;
pub mod kdf;
mod otp;
mod pbe;
mod rc2;
pub mod sp800_108;
pub mod tls;

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

/// CK_SIGN_ADDITIONAL_CONTEXT.
pub struct SignContext<'a> {
    pub hedge: CK_HEDGE_TYPE,
    pub context: &'a [u8],
}

impl<'a> Mechanism<'a> {
    /// For mechanisms without a parameter.
    pub fn none(&self) -> Result<()> {
        if self.parameter.is_empty() { Ok(()) } else { Rv::MechanismParamInvalid.err("this mechanism has no parameter") }
    }

    /// The parameter's bytes, whatever they mean.
    pub fn bytes(&self) -> &'a [u8] {
        self.parameter
    }

    /// A copy to be used again when the call is over; only a parameter without pointers outlives it.
    pub fn detach(&self, flat: bool) -> Result<Vec<u8>> {
        match flat || self.parameter.is_empty() {
            true => Ok(self.parameter.to_vec()),
            false => Rv::MechanismParamInvalid.err("this parameter cannot stay in force for many messages: leave it out"),
        }
    }

    /// The mechanism of a copied parameter.
    pub fn attached(kind: CK_MECHANISM_TYPE, parameter: &'a [u8]) -> Self {
        Self { kind, parameter }
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

    /// CK_SIGN_ADDITIONAL_CONTEXT, which may be left out.
    pub fn sign_context(&self) -> Result<SignContext<'a>> {
        if self.is_bare() {
            return Ok(SignContext { hedge: CKH_HEDGE_PREFERRED, context: &[] });
        }
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_SIGN_ADDITIONAL_CONTEXT>() }?;
        // SAFETY: the caller's pointer and length.
        Ok(SignContext { hedge: p.hedgeVariant, context: unsafe { self.within(p.pContext, p.ulContextLen) }? })
    }

    /// CK_HASH_SIGN_ADDITIONAL_CONTEXT: a context, and the hash that made the data.
    pub fn hash_sign_context(&self) -> Result<(SignContext<'a>, CK_MECHANISM_TYPE)> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_HASH_SIGN_ADDITIONAL_CONTEXT>() }?;
        // SAFETY: the caller's pointer and length.
        let context = unsafe { self.within(p.pContext, p.ulContextLen) }?;
        Ok((SignContext { hedge: p.hedgeVariant, context }, p.hash))
    }

    /// The parameter as a C structure.
    ///
    /// # Safety
    /// Any bytes must be a value of `T`.
    pub(super) unsafe fn read<T: Copy>(&self) -> Result<T> {
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
    pub(super) unsafe fn within(&self, pointer: *const u8, len: CK_ULONG) -> Result<&'a [u8]> {
        // SAFETY: by contract.
        unsafe { input::slice(pointer, len) }
            .ok_or(Rv::MechanismParamInvalid.because("NULL inside a mechanism parameter with a length"))
    }

    /// Structures a parameter points to, copied; at most `most`.
    ///
    /// # Safety
    /// `pointer` must be readable for `count` structures, unless NULL, and any bytes must be a value of `T`.
    pub(super) unsafe fn array_at<T: Copy>(&self, pointer: *const T, count: CK_ULONG, most: CK_ULONG) -> Result<Vec<T>> {
        if count > most || (pointer.is_null() && count != 0) {
            return Rv::MechanismParamInvalid.err("an impossible array inside a mechanism parameter");
        }
        // SAFETY: not NULL where there is anything to read; readable by contract, without assuming alignment.
        Ok((0..count as usize).map(|i| unsafe { pointer.add(i).read_unaligned() }).collect())
    }
}
