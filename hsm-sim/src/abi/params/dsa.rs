//! The parameter of DSA domain parameter generation: PKCS#11 v3.2 §6.2.1.

use cryptoki_sys::*;

use super::Mechanism;
use crate::error::{Result, Rv};

/// CK_DSA_PARAMETER_GEN_PARAM that gets a seed.
pub struct DsaGeneration {
    pub hash: CK_MECHANISM_TYPE,
    /// Bytes of the seed.
    pub seed_len: usize,
    seed: *mut CK_BYTE,
}

/// CK_DSA_PARAMETER_GEN_PARAM that brings one.
pub struct DsaBase<'a> {
    pub hash: CK_MECHANISM_TYPE,
    pub seed: &'a [u8],
    pub index: CK_ULONG,
}

impl DsaGeneration {
    /// Gives the seed, as long as was asked for.
    pub fn put_seed(self, seed: &[u8]) {
        // SAFETY: not NULL, as `dsa_generation` checked; writable for so many bytes by the caller's word; `seed` is ours.
        unsafe { std::ptr::copy_nonoverlapping(seed.as_ptr(), self.seed, seed.len().min(self.seed_len)) };
    }
}

impl<'a> Mechanism<'a> {
    /// CK_DSA_PARAMETER_GEN_PARAM with a place for the seed.
    pub fn dsa_generation(&self) -> Result<DsaGeneration> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_DSA_PARAMETER_GEN_PARAM>() }?;
        match usize::try_from(p.ulSeedLen) {
            Ok(seed_len @ 1..=LONGEST_SEED) if !p.pSeed.is_null() => Ok(DsaGeneration { hash: p.hash, seed_len, seed: p.pSeed }),
            _ => Rv::MechanismParamInvalid.err(format!("the seed needs a place of at most {LONGEST_SEED} bytes")),
        }
    }

    /// CK_DSA_PARAMETER_GEN_PARAM with a seed and an index.
    pub fn dsa_base(&self) -> Result<DsaBase<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_DSA_PARAMETER_GEN_PARAM>() }?;
        // SAFETY: the caller's pointer and length.
        Ok(DsaBase { hash: p.hash, seed: unsafe { self.within(p.pSeed, p.ulSeedLen) }?, index: p.ulIndex })
    }
}

/// Bytes: as many as the longest digest.
const LONGEST_SEED: usize = 64;
