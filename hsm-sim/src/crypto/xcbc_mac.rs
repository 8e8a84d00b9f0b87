//! AES-XCBC-MAC (RFC 3566), for IPsec as it was: CMAC is its successor.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{AesKey, BLOCK, CbcMac, Direction, Ecb, Error, Result};

type Block = Zeroizing<[u8; BLOCK]>;

/// A message being authenticated.
pub struct XcbcMac {
    mac: CbcMac<AesKey, BLOCK>,
    /// What is added to the last block: to a whole one, and to one that was filled.
    last: [Block; 2],
    /// The bytes that may be the last block.
    waiting: Zeroizing<Vec<u8>>,
}

impl XcbcMac {
    /// Begins a message under a key of 16 bytes, else [`Error::InvalidKey`].
    pub fn new(key: &Arc<AesKey>) -> Result<Self> {
        if key.len() != BLOCK {
            return Err(Error::InvalidKey);
        }
        let part = |byte: u8| -> Result<Block> {
            let mut part = Block::default();
            Ecb::new(Arc::clone(key), Direction::Encrypt).process(&[byte; BLOCK], &mut *part)?;
            Ok(part)
        };
        let mac = CbcMac::new(Arc::new(AesKey::new(&*part(1)?)?));
        Ok(Self { mac, last: [part(2)?, part(3)?], waiting: Zeroizing::new(Vec::with_capacity(BLOCK)) })
    }

    /// Adds `data` to the message.
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        let (fill, data) = data.split_at(data.len().min(BLOCK - self.waiting.len()));
        self.waiting.extend_from_slice(fill);
        if data.is_empty() {
            return Ok(());
        }
        let (whole, rest) = data.split_at((data.len() - 1) / BLOCK * BLOCK);
        self.mac.update(&self.waiting)?;
        self.mac.update(whole)?;
        self.waiting.clear();
        self.waiting.extend_from_slice(rest);
        Ok(())
    }

    /// The code.
    pub fn finish(mut self) -> Result<[u8; BLOCK]> {
        let [whole, filled] = &self.last;
        let mut block = match self.waiting.len() {
            BLOCK => whole.clone(),
            short => {
                let mut block = filled.clone();
                block[short] ^= 0x80;
                block
            }
        };
        block.iter_mut().zip(&*self.waiting).for_each(|(byte, data)| *byte ^= data);
        self.mac.update(&*block)?;
        self.mac.finish()
    }
}
