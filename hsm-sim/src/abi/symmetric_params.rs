//! Parameters of symmetric mechanisms: PKCS#11 v3.2 §6.13.7, §6.17, §6.58.3 and §6.61.4.

use cryptoki_sys::*;

use super::params::Mechanism;
use crate::{
    crypto::Direction,
    error::{Result, Rv},
};

/// CK_CCM_PARAMS, and CK_CCM_WRAP_PARAMS without its generator.
pub struct Ccm<'a> {
    /// Bytes of plaintext.
    pub data_len: CK_ULONG,
    pub nonce: &'a [u8],
    pub aad: &'a [u8],
    /// Bytes.
    pub tag_len: CK_ULONG,
}

/// CK_CHACHA20_PARAMS.
pub struct ChaCha20<'a> {
    pub counter: &'a [u8],
    pub nonce: &'a [u8],
}

/// CK_SALSA20_CHACHA20_POLY1305_PARAMS.
pub struct ChaCha20Poly1305<'a> {
    pub nonce: &'a [u8],
    pub aad: &'a [u8],
}

/// CK_AES_CBC_ENCRYPT_DATA_PARAMS, and that of DES with its shorter block.
pub struct EncryptData<'a, const BLOCK: usize> {
    pub iv: [u8; BLOCK],
    pub data: &'a [u8],
}

impl<'a> Mechanism<'a> {
    /// CK_CCM_PARAMS.
    pub fn ccm(&self) -> Result<Ccm<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_CCM_PARAMS>() }?;
        // SAFETY: the caller's pointers and lengths.
        let (nonce, aad) = unsafe { (self.within(p.pNonce, p.ulNonceLen)?, self.within(p.pAAD, p.ulAADLen)?) };
        Ok(Ccm { data_len: p.ulDataLen, nonce, aad, tag_len: p.ulMACLen })
    }

    /// CK_CCM_WRAP_PARAMS, or CK_CCM_PARAMS as before v3.2. The nonce is the caller's; unwrapping ignores the generator.
    pub fn ccm_wrap(&self, direction: Direction) -> Result<Ccm<'a>> {
        // SAFETY: a plain C structure.
        let Ok(p) = (unsafe { self.read::<CK_CCM_WRAP_PARAMS>() }) else { return self.ccm() };
        if direction == Direction::Encrypt && p.nonceGenerator != CKG_NO_GENERATE {
            return Rv::MechanismParamInvalid.err("CCM: nonces are not generated here");
        }
        // SAFETY: the caller's pointers and lengths.
        let (nonce, aad) = unsafe { (self.within(p.pNonce, p.ulNonceLen)?, self.within(p.pAAD, p.ulAADLen)?) };
        Ok(Ccm { data_len: p.ulDataLen, nonce, aad, tag_len: p.ulMACLen })
    }

    /// CK_CHACHA20_PARAMS: lengths in bits.
    pub fn chacha20(&self) -> Result<ChaCha20<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_CHACHA20_PARAMS>() }?;
        let bytes = |bits: CK_ULONG| match bits {
            32 | 64 | 96 | 192 => Ok(bits / 8),
            _ => Rv::MechanismParamInvalid.err(format!("ChaCha20: a counter or nonce of {bits} bits")),
        };
        let (counter_len, nonce_len) = (bytes(p.blockCounterBits)?, bytes(p.ulNonceBits)?);
        // SAFETY: the caller's pointers and lengths.
        Ok(unsafe { ChaCha20 { counter: self.within(p.pBlockCounter, counter_len)?, nonce: self.within(p.pNonce, nonce_len)? } })
    }

    /// CK_SALSA20_CHACHA20_POLY1305_PARAMS: the standard counts the nonce in bits, many callers in bytes. No length means both.
    pub fn chacha20_poly1305(&self) -> Result<ChaCha20Poly1305<'a>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_SALSA20_CHACHA20_POLY1305_PARAMS>() }?;
        let nonce_len = nonce_len(p.ulNonceLen)?;
        // SAFETY: the caller's pointers and lengths.
        Ok(unsafe { ChaCha20Poly1305 { nonce: self.within(p.pNonce, nonce_len)?, aad: self.within(p.pAAD, p.ulAADLen)? } })
    }

    /// CK_AES_CBC_ENCRYPT_DATA_PARAMS.
    pub fn encrypt_data(&self) -> Result<EncryptData<'a, 16>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_AES_CBC_ENCRYPT_DATA_PARAMS>() }?;
        // SAFETY: the caller's pointer and length.
        Ok(EncryptData { iv: p.iv, data: unsafe { self.within(p.pData, p.length) }? })
    }

    /// CK_DES_CBC_ENCRYPT_DATA_PARAMS.
    pub fn des_encrypt_data(&self) -> Result<EncryptData<'a, 8>> {
        // SAFETY: a plain C structure.
        let p = unsafe { self.read::<CK_DES_CBC_ENCRYPT_DATA_PARAMS>() }?;
        // SAFETY: the caller's pointer and length.
        Ok(EncryptData { iv: p.iv, data: unsafe { self.within(p.pData, p.length) }? })
    }
}

/// Bytes of a ChaCha20-Poly1305 nonce, by what its parameters say: the standard counts bits, many callers bytes. No length means both.
pub fn nonce_len(told: CK_ULONG) -> Result<CK_ULONG> {
    match told {
        bits @ (64 | 96 | 192) => Ok(bits / 8),
        bytes @ (8 | 12 | 24) => Ok(bytes),
        len => Rv::MechanismParamInvalid.err(format!("ChaCha20-Poly1305: a nonce of {len} bits")),
    }
}
