//! ECB and CBC (SP 800-38A, 6.1 and 6.2) with the block ciphers of crates.

use ::cbc::{Decryptor, Encryptor};
use des::cipher::{
    Array, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, IvState, inout::InOutBuf,
};

use super::{Direction, Error, Result};

/// A block cipher, both ways.
pub(super) trait Both: BlockCipherEncrypt + BlockCipherDecrypt {}

impl<C: BlockCipherEncrypt + BlockCipherDecrypt> Both for C {}

/// Whole blocks from `input` to `output`, which is as long or longer; with an `iv` they are chained, and it becomes the last block of
/// ciphertext. Other lengths are [`Error::InvalidLength`].
pub(super) fn run<C: Both>(
    cipher: &C,
    direction: Direction,
    iv: Option<&mut [u8]>,
    input: &[u8],
    output: &mut [u8],
) -> Result<()> {
    let output = output.get_mut(..input.len()).ok_or(Error::InvalidLength)?;
    let (blocks, rest) = InOutBuf::new(input, output).map_err(|_| Error::InvalidLength)?.into_chunks();
    if !rest.is_empty() {
        return Err(Error::InvalidLength);
    }
    match iv {
        None => ecb(cipher, direction, blocks),
        Some(iv) => {
            let last = cbc(cipher, direction, <&Array<_, _>>::try_from(&*iv).map_err(|_| Error::InvalidLength)?, blocks);
            iv.copy_from_slice(&last);
        }
    }
    Ok(())
}

type Blocks<'i, 'o, C> = InOutBuf<'i, 'o, des::cipher::Block<C>>;

fn ecb<C: Both>(cipher: &C, direction: Direction, blocks: Blocks<'_, '_, C>) {
    match direction {
        Direction::Encrypt => cipher.encrypt_blocks_inout(blocks),
        Direction::Decrypt => cipher.decrypt_blocks_inout(blocks),
    }
}

/// The last block of ciphertext.
fn cbc<C: Both>(
    cipher: &C,
    direction: Direction,
    iv: &des::cipher::Block<C>,
    blocks: Blocks<'_, '_, C>,
) -> des::cipher::Block<C> {
    match direction {
        Direction::Encrypt => {
            let mut chain = Encryptor::inner_iv_init(cipher, iv);
            chain.encrypt_blocks_inout(blocks);
            chain.iv_state()
        }
        Direction::Decrypt => {
            let mut chain = Decryptor::inner_iv_init(cipher, iv);
            chain.decrypt_blocks_inout(blocks);
            chain.iv_state()
        }
    }
}
