//! Camellia (RFC 3713) in ECB and CBC, on the portable engine.

use std::sync::Arc;

use ::camellia::{Camellia128, Camellia192, Camellia256};
use des::cipher::{BlockCipherEncrypt, KeyInit};

use super::cbc_mac::{Chain, Chained};
use super::{BLOCK, Direction, Error, Result, block_modes};

/// A key of 16, 24 or 32 bytes.
pub struct CamelliaKey(Cipher);

enum Cipher {
    Short(Box<Camellia128>),
    Middle(Box<Camellia192>),
    Long(Box<Camellia256>),
}

impl CamelliaKey {
    /// Takes 16, 24 or 32 bytes, else [`Error::InvalidKey`].
    pub fn new(bytes: &[u8]) -> Result<Self> {
        Ok(Self(match bytes.len() {
            16 => Cipher::Short(scheduled(bytes)?),
            24 => Cipher::Middle(scheduled(bytes)?),
            _ => Cipher::Long(scheduled(bytes)?),
        }))
    }

    /// Length in bytes: 16, 24 or 32.
    #[allow(clippy::len_without_is_empty, reason = "a key is never empty")]
    pub fn len(&self) -> usize {
        match self.0 {
            Cipher::Short(_) => 16,
            Cipher::Middle(_) => 24,
            Cipher::Long(_) => 32,
        }
    }

    fn block(&self, block: &mut [u8; BLOCK]) {
        match &self.0 {
            Cipher::Short(cipher) => cipher.encrypt_block(block.into()),
            Cipher::Middle(cipher) => cipher.encrypt_block(block.into()),
            Cipher::Long(cipher) => cipher.encrypt_block(block.into()),
        }
    }
}

fn scheduled<C: KeyInit>(bytes: &[u8]) -> Result<Box<C>> {
    C::new_from_slice(bytes).map(Box::new).map_err(|_| Error::InvalidKey)
}

impl Chained<BLOCK> for CamelliaKey {
    fn chain(&self, chain: &mut Chain<BLOCK>, data: &[u8]) -> Result<()> {
        chain.update(|block| self.block(block), data);
        Ok(())
    }

    fn close(&self, chain: &mut Chain<BLOCK>) -> Result<[u8; BLOCK]> {
        Ok(chain.pad(|block| self.block(block)))
    }
}

/// Blocks under Camellia, each on its own or chained.
pub struct Camellia {
    key: Arc<CamelliaKey>,
    direction: Direction,
    iv: Option<[u8; BLOCK]>,
}

impl Camellia {
    /// ECB without an initial value, CBC with one.
    pub fn new(key: Arc<CamelliaKey>, direction: Direction, iv: Option<[u8; BLOCK]>) -> Self {
        Self { key, direction, iv }
    }

    /// Where the chain stands: the block before the next one; `None` without a chain.
    pub fn chain(&self) -> Option<&[u8; BLOCK]> {
        self.iv.as_ref()
    }

    /// Goes on after that block.
    pub fn go_on(&mut self, chain: [u8; BLOCK]) {
        self.iv = Some(chain);
    }

    /// Whole blocks from `input` to `output`, which is as long or longer; else [`Error::InvalidLength`].
    pub fn process(&mut self, input: &[u8], output: &mut [u8]) -> Result<()> {
        let (direction, iv) = (self.direction, self.iv.as_mut().map(|iv| &mut iv[..]));
        match &self.key.0 {
            Cipher::Short(cipher) => block_modes::run(&**cipher, direction, iv, input, output),
            Cipher::Middle(cipher) => block_modes::run(&**cipher, direction, iv, input, output),
            Cipher::Long(cipher) => block_modes::run(&**cipher, direction, iv, input, output),
        }
    }
}
