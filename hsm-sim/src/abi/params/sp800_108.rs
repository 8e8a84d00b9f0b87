//! Parameters of the derivations of SP 800-108: PKCS#11 v3.2 §6.42.3.

use cryptoki_sys::*;

use super::Mechanism;
use crate::{
    abi::{Arg, output::Put, template::Template},
    error::{Result, Rv},
};

/// CK_SP800_108_KDF_PARAMS, or CK_SP800_108_FEEDBACK_KDF_PARAMS.
pub struct Kdf<'a> {
    pub prf: CK_MECHANISM_TYPE,
    /// What the input of the pseudo random function is made of, in this order.
    pub input: Vec<Part<'a>>,
    /// Of feedback mode; empty otherwise.
    pub iv: &'a [u8],
    pub further: Vec<FurtherKey<'a>>,
}

/// CK_PRF_DATA_PARAM.
pub enum Part<'a> {
    /// The iteration variable; in counter mode it has a format.
    Iteration(Option<Number>),
    Counter(Number),
    /// The length of all that is derived, in bits; by the keys or by whole segments.
    Length {
        segments: bool,
        format: Number,
    },
    Bytes(&'a [u8]),
    Key(CK_OBJECT_HANDLE),
}

/// How a number is written: CK_SP800_108_COUNTER_FORMAT, and two fields of CK_SP800_108_DKM_LENGTH_FORMAT.
#[derive(Clone, Copy)]
pub struct Number {
    little_endian: bool,
    /// 1 to 8.
    bytes: usize,
}

/// CK_DERIVED_KEY: a key beyond the first, and where its handle goes.
pub struct FurtherKey<'a> {
    pub template: Template<'a>,
    pub handle: Put<CK_OBJECT_HANDLE>,
}

impl Number {
    fn new(little_endian: CK_BBOOL, bits: CK_ULONG, most: CK_ULONG) -> Result<Self> {
        if bits == 0 || bits > most || !bits.is_multiple_of(8) {
            return Rv::MechanismParamInvalid.err(format!("SP 800-108: a number of 8 to {most} bits, not {bits}"));
        }
        Ok(Self { little_endian: little_endian != CK_FALSE, bytes: bits as usize / 8 })
    }

    /// The number as it is written; `None` if it does not fit.
    pub fn write(self, number: u64) -> Option<Vec<u8>> {
        let (big, little) = (number.to_be_bytes(), number.to_le_bytes());
        let fits = big[..8 - self.bytes].iter().all(|byte| *byte == 0);
        fits.then(|| if self.little_endian { little[..self.bytes].to_vec() } else { big[8 - self.bytes..].to_vec() })
    }
}

impl<'a> Mechanism<'a> {
    /// CK_SP800_108_KDF_PARAMS.
    pub fn sp800_108(&self) -> Result<Kdf<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_SP800_108_KDF_PARAMS>() }?;
        Ok(Kdf {
            prf: p.prfType,
            // SAFETY: the caller's pointer and count.
            input: unsafe { self.parts(p.pDataParams, p.ulNumberOfDataParams) }?,
            iv: &[],
            // SAFETY: the caller's pointer and count.
            further: unsafe { self.further(p.pAdditionalDerivedKeys, p.ulAdditionalDerivedKeys) }?,
        })
    }

    /// CK_SP800_108_FEEDBACK_KDF_PARAMS.
    pub fn sp800_108_feedback(&self) -> Result<Kdf<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_SP800_108_FEEDBACK_KDF_PARAMS>() }?;
        Ok(Kdf {
            prf: p.prfType,
            // SAFETY: the caller's pointer and count.
            input: unsafe { self.parts(p.pDataParams, p.ulNumberOfDataParams) }?,
            // SAFETY: the caller's pointer and length.
            iv: unsafe { self.within(p.pIV, p.ulIVLen) }?,
            // SAFETY: the caller's pointer and count.
            further: unsafe { self.further(p.pAdditionalDerivedKeys, p.ulAdditionalDerivedKeys) }?,
        })
    }

    /// # Safety
    /// `parts` must be readable for `count` structures, unless NULL, and what they point to for their lengths.
    unsafe fn parts(&self, parts: *const CK_PRF_DATA_PARAM, count: CK_ULONG) -> Result<Vec<Part<'a>>> {
        // SAFETY: by contract; a plain C structure.
        let parts = unsafe { self.array_at(parts, count, MOST_PARTS) }?;
        // SAFETY: by contract.
        parts.into_iter().map(|part| unsafe { self.part(&part) }).collect()
    }

    /// # Safety
    /// What the structure points to must be readable for its length, unless NULL.
    unsafe fn part(&self, part: &CK_PRF_DATA_PARAM) -> Result<Part<'a>> {
        // SAFETY: by contract.
        let value = unsafe { self.within(part.pValue.cast(), part.ulValueLen) }?;
        let value = Mechanism { kind: self.kind, parameter: value };
        let counter = || {
            // SAFETY: a plain C structure.
            let p = unsafe { value.read::<CK_SP800_108_COUNTER_FORMAT>() }?;
            Number::new(p.bLittleEndian, p.ulWidthInBits, 32)
        };
        Ok(match part.type_ {
            CK_SP800_108_ITERATION_VARIABLE if value.is_bare() => Part::Iteration(None),
            CK_SP800_108_ITERATION_VARIABLE => Part::Iteration(Some(counter()?)),
            CK_SP800_108_COUNTER => Part::Counter(counter()?),
            CK_SP800_108_DKM_LENGTH => value.dkm_length()?,
            CK_SP800_108_BYTE_ARRAY if !value.is_bare() => Part::Bytes(value.parameter),
            CK_SP800_108_KEY_HANDLE => Part::Key(CK_OBJECT_HANDLE::from_ne_bytes(*value.array()?)),
            kind => return Rv::MechanismParamInvalid.err(format!("SP 800-108: data of type {kind:#x}")),
        })
    }

    /// CK_SP800_108_DKM_LENGTH_FORMAT.
    fn dkm_length(&self) -> Result<Part<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_SP800_108_DKM_LENGTH_FORMAT>() }?;
        let segments = match p.dkmLengthMethod {
            CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS => false,
            CK_SP800_108_DKM_LENGTH_SUM_OF_SEGMENTS => true,
            _ => return Rv::MechanismParamInvalid.err("SP 800-108: no such method for the length"),
        };
        Ok(Part::Length { segments, format: Number::new(p.bLittleEndian, p.ulWidthInBits, 64)? })
    }

    /// # Safety
    /// `keys` must be readable for `count` structures, unless NULL, and their templates; their handles writable.
    unsafe fn further(&self, keys: *const CK_DERIVED_KEY, count: CK_ULONG) -> Result<Vec<FurtherKey<'a>>> {
        // SAFETY: by contract; a plain C structure.
        let keys = unsafe { self.array_at(keys, count, MOST_KEYS) }?;
        let keys = keys.into_iter().map(|key| {
            // SAFETY: by contract.
            let handle = unsafe { Put::from_c(key.phKey, ()) }.map_err(|error| Rv::MechanismParamInvalid.because(error.why))?;
            // SAFETY: by contract.
            let template = unsafe { Template::from_c(key.pTemplate, key.ulAttributeCount) };
            match template {
                Ok(template) => Ok(FurtherKey { template, handle }),
                Err(error) if error.rv == Rv::ArgumentsBad => Rv::MechanismParamInvalid.err(error.why),
                Err(error) => {
                    // §6.42.8: so the caller learns whose template it was.
                    handle.put(CK_INVALID_HANDLE);
                    Err(error)
                }
            }
        });
        keys.collect()
    }
}

/// Far more than any encoding of the input needs.
const MOST_PARTS: CK_ULONG = 1024;
/// Keys beyond the first.
const MOST_KEYS: CK_ULONG = 64;
