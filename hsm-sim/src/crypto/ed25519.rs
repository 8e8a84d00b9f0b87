//! Ed25519 (RFC 8032).
use super::engine::Engine;
use super::{Error, Result};
use crate::secret::Secret;

pub enum EdVariant<'a> {
    Pure,
    Context(&'a [u8]),
    Prehashed(&'a [u8]),
}
pub struct EdPublicKey([u8; 32]);
impl EdPublicKey {
    pub fn new(_point: &[u8]) -> Result<Self> {
        Err(Error::Unsupported)
    }
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
    pub fn verify(
        &self,
        _variant: EdVariant<'_>,
        _message: &[u8],
        _signature: &[u8],
    ) -> Result<()> {
        Err(Error::Unsupported)
    }
}
pub struct EdPrivateKey(EdPublicKey);
impl EdPrivateKey {
    pub fn new(_seed: &[u8]) -> Result<Self> {
        Err(Error::Unsupported)
    }
    pub fn with_engine(_engine: Engine, _seed: &[u8]) -> Result<Self> {
        Err(Error::Unsupported)
    }
    pub fn generate() -> Result<Self> {
        Err(Error::Unsupported)
    }
    pub fn public(&self) -> &EdPublicKey {
        &self.0
    }
    pub fn seed(&self) -> Secret {
        Secret::copy(&[])
    }
    pub fn sign(&self, _variant: EdVariant<'_>, _message: &[u8], _out: &mut [u8]) -> Result<usize> {
        Err(Error::Unsupported)
    }
}
