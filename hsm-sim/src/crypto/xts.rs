//! XTS-AES (IEEE 1619, SP 800-38E), on the portable engine: AWS-LC has it for 256 bits alone.

use ::aes::cipher::KeyInit;
use ::aes::{Aes128, Aes256};
use subtle::ConstantTimeEq;
use xts_mode::Xts128;

use super::{BLOCK, Direction, Error, Result};
use crate::secret::{SHALLOW, scrubbed};

/// Longest data unit in bytes: 2^20 blocks (SP 800-38E, 4).
const MAX_UNIT: usize = BLOCK << 20;

/// Two AES keys, together 32 or 64 bytes; erased on drop.
pub struct XtsKey(Pair);

enum Pair {
    Aes128(Box<Xts128<Aes128>>),
    Aes256(Box<Xts128<Aes256>>),
}

impl XtsKey {
    /// Takes 32 or 64 bytes whose halves differ, else [`Error::InvalidKey`]: with equal halves the tweak protects nothing
    /// (Rogaway, "Efficient Instantiations of Tweakable Blockciphers", 6; FIPS 140-3 IG C.I).
    pub fn new(bytes: &[u8]) -> Result<Self> {
        let (data, tweak) = bytes.split_at(bytes.len() / 2);
        if !matches!(bytes.len(), 32 | 64) || bool::from(data.ct_eq(tweak)) {
            return Err(Error::InvalidKey);
        }
        Ok(Self(match bytes.len() {
            32 => Pair::Aes128(pair(data, tweak)?),
            _ => Pair::Aes256(pair(data, tweak)?),
        }))
    }

    /// Length in bytes: 32 or 64.
    #[allow(clippy::len_without_is_empty, reason = "a key is never empty")]
    pub fn len(&self) -> usize {
        match self.0 {
            Pair::Aes128(_) => 32,
            Pair::Aes256(_) => 64,
        }
    }

    /// Encrypts or decrypts a data unit of 16 bytes to 16 MiB to `output`, which is as long or longer; else
    /// [`Error::InvalidLength`]. `tweak` is the unit's number, little-endian.
    pub fn process(&self, direction: Direction, tweak: &[u8; BLOCK], input: &[u8], output: &mut [u8]) -> Result<()> {
        let output = output.get_mut(..input.len()).ok_or(Error::InvalidLength)?;
        if !(BLOCK..=MAX_UNIT).contains(&input.len()) {
            return Err(Error::InvalidLength);
        }
        output.copy_from_slice(input);
        let tweak = (*tweak).into();
        scrubbed::<SHALLOW, _>(|| match (&self.0, direction) {
            (Pair::Aes128(xts), Direction::Encrypt) => xts.encrypt_sector(output, tweak),
            (Pair::Aes128(xts), Direction::Decrypt) => xts.decrypt_sector(output, tweak),
            (Pair::Aes256(xts), Direction::Encrypt) => xts.encrypt_sector(output, tweak),
            (Pair::Aes256(xts), Direction::Decrypt) => xts.decrypt_sector(output, tweak),
        });
        Ok(())
    }
}

fn pair<C: KeyInit + ::aes::cipher::BlockSizeUser<BlockSize = ::aes::cipher::consts::U16>>(
    data: &[u8],
    tweak: &[u8],
) -> Result<Box<Xts128<C>>> {
    let cipher = |key| C::new_from_slice(key).map_err(|_| Error::InvalidKey);
    Ok(Box::new(Xts128::new(cipher(data)?, cipher(tweak)?)))
}
