//! RSA (RFC 8017, FIPS 186-5).
use super::{Engine, Error, Hash, Result};
use crate::secret::Secret;

/// Components of a private key, big-endian; what is absent is computed.
#[derive(Default, Clone, Copy)]
pub struct RsaParts<'a> {
    pub n: &'a [u8],
    pub e: Option<&'a [u8]>,
    pub d: &'a [u8],
    pub p: Option<&'a [u8]>,
    pub q: Option<&'a [u8]>,
    pub dp: Option<&'a [u8]>,
    pub dq: Option<&'a [u8]>,
    pub qinv: Option<&'a [u8]>,
}
pub struct OwnedRsaParts {
    pub n: Box<[u8]>,
    pub e: Box<[u8]>,
    pub d: Secret,
    pub p: Secret,
    pub q: Secret,
    pub dp: Secret,
    pub dq: Secret,
    pub qinv: Secret,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oaep<'a> {
    pub hash: Hash,
    pub mgf: Hash,
    pub label: &'a [u8],
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pss {
    pub hash: Hash,
    pub mgf: Hash,
    pub salt_len: usize,
}

pub struct RsaPublicKey;
impl RsaPublicKey {
    pub fn new(_n: &[u8], _e: &[u8]) -> Result<Self> {
        Err(Error::Unsupported)
    }
    pub fn with_engine(_engine: Engine, _n: &[u8], _e: &[u8]) -> Result<Self> {
        Err(Error::Unsupported)
    }
    pub fn modulus_len(&self) -> usize {
        0
    }
    pub fn bits(&self) -> usize {
        0
    }
    pub fn modulus(&self) -> &[u8] {
        &[]
    }
    pub fn exponent(&self) -> &[u8] {
        &[]
    }
    pub fn raw(&self, _input: &[u8], _output: &mut [u8]) -> Result<usize> {
        Err(Error::Unsupported)
    }
    pub fn encrypt_pkcs1(&self, _input: &[u8], _output: &mut [u8]) -> Result<usize> {
        Err(Error::Unsupported)
    }
    pub fn encrypt_oaep(
        &self,
        _oaep: &Oaep<'_>,
        _input: &[u8],
        _output: &mut [u8],
    ) -> Result<usize> {
        Err(Error::Unsupported)
    }
    pub fn verify_pkcs1(
        &self,
        _hash: Option<Hash>,
        _payload: &[u8],
        _signature: &[u8],
    ) -> Result<()> {
        Err(Error::Unsupported)
    }
    pub fn verify_pss(&self, _pss: &Pss, _digest: &[u8], _signature: &[u8]) -> Result<()> {
        Err(Error::Unsupported)
    }
}
pub struct RsaPrivateKey(RsaPublicKey);
impl RsaPrivateKey {
    pub fn generate(_bits: usize, _e: &[u8]) -> Result<Self> {
        Err(Error::Unsupported)
    }
    pub fn new(_parts: RsaParts<'_>) -> Result<Self> {
        Err(Error::Unsupported)
    }
    pub fn with_engine(_engine: Engine, _parts: RsaParts<'_>) -> Result<Self> {
        Err(Error::Unsupported)
    }
    pub fn public(&self) -> &RsaPublicKey {
        &self.0
    }
    pub fn parts(&self) -> OwnedRsaParts {
        unimplemented!()
    }
    pub fn raw(&self, _input: &[u8], _output: &mut [u8]) -> Result<usize> {
        Err(Error::Unsupported)
    }
    pub fn sign_pkcs1(
        &self,
        _hash: Option<Hash>,
        _payload: &[u8],
        _output: &mut [u8],
    ) -> Result<usize> {
        Err(Error::Unsupported)
    }
    pub fn sign_pss(&self, _pss: &Pss, _digest: &[u8], _output: &mut [u8]) -> Result<usize> {
        Err(Error::Unsupported)
    }
    pub fn decrypt_pkcs1(&self, _input: &[u8], _output: &mut [u8]) -> Result<usize> {
        Err(Error::Unsupported)
    }
    pub fn decrypt_oaep(
        &self,
        _oaep: &Oaep<'_>,
        _input: &[u8],
        _output: &mut [u8],
    ) -> Result<usize> {
        Err(Error::Unsupported)
    }
}
