//! Triple DES (SP 800-67), and DES with it, in ECB and CBC, on the portable engine: it is there for what is old, not to be fast.

use std::sync::Arc;

use des::TdesEde3;
use des::cipher::{BlockCipherEncrypt, KeyInit};
use zeroize::Zeroizing;

use super::cbc_mac::{Chain, Chained};
use super::{Direction, Error, Result, block_modes};

/// Length of a DES block in bytes.
pub const DES_BLOCK: usize = 8;

/// Two or three DES keys, of 16 or 24 bytes; or one of 8, whose threefold use is DES itself: the first two steps cancel out.
pub struct Des3Key {
    /// With two keys, the first is also the third; a single one is all three.
    triple: Zeroizing<[u8; 24]>,
    len: usize,
    cipher: TdesEde3,
}

impl Des3Key {
    /// Takes 8, 16 or 24 bytes, each of odd parity, else [`Error::InvalidKey`].
    pub fn new(bytes: &[u8]) -> Result<Self> {
        if !matches!(bytes.len(), 8 | 16 | 24) || bytes.iter().any(|byte| byte.count_ones() % 2 == 0) {
            return Err(Error::InvalidKey);
        }
        let mut triple = Zeroizing::new([0; 24]);
        triple.iter_mut().zip(bytes.iter().cycle()).for_each(|(to, from)| *to = *from);
        let cipher = TdesEde3::new((&*triple).into());
        Ok(Self { triple, len: bytes.len(), cipher })
    }

    /// Length in bytes: 8, 16 or 24.
    #[allow(clippy::len_without_is_empty, reason = "a key is never empty")]
    pub fn len(&self) -> usize {
        self.len
    }

    pub(super) fn triple(&self) -> &[u8] {
        &*self.triple
    }
}

/// Gives each byte odd parity: its lowest bit is no part of the key (SP 800-67, 3.1).
pub fn set_odd_parity(key: &mut [u8]) {
    for byte in key {
        *byte ^= u8::from(byte.count_ones().is_multiple_of(2));
    }
}

/// Blocks under Triple DES, each on its own or chained.
pub struct Des3 {
    key: Arc<Des3Key>,
    direction: Direction,
    iv: Option<[u8; DES_BLOCK]>,
}

impl Des3 {
    /// ECB.
    pub fn ecb(key: Arc<Des3Key>, direction: Direction) -> Self {
        Self { key, direction, iv: None }
    }

    /// CBC.
    pub fn cbc(key: Arc<Des3Key>, direction: Direction, iv: &[u8; DES_BLOCK]) -> Self {
        Self { key, direction, iv: Some(*iv) }
    }

    /// Where the chain stands: the block before the next one; `None` without a chain.
    pub fn chain(&self) -> Option<&[u8; DES_BLOCK]> {
        self.iv.as_ref()
    }

    /// Goes on after that block.
    pub fn go_on(&mut self, chain: [u8; DES_BLOCK]) {
        self.iv = Some(chain);
    }

    /// Whole blocks from `input` to `output`, which is as long or longer; else [`Error::InvalidLength`].
    pub fn process(&mut self, input: &[u8], output: &mut [u8]) -> Result<()> {
        block_modes::run(&self.key.cipher, self.direction, self.iv.as_mut().map(|iv| &mut iv[..]), input, output)
    }
}

impl Chained<DES_BLOCK> for Des3Key {
    fn chain(&self, chain: &mut Chain<DES_BLOCK>, data: &[u8]) -> Result<()> {
        chain.update(|block| self.cipher.encrypt_block(block.into()), data);
        Ok(())
    }

    fn close(&self, chain: &mut Chain<DES_BLOCK>) -> Result<[u8; DES_BLOCK]> {
        Ok(chain.pad(|block| self.cipher.encrypt_block(block.into())))
    }
}
