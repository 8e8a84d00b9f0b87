//! CBC with ciphertext stealing, the variant CBC-CS1 (SP 800-38A, addendum): no padding, and the ciphertext is as long as the
//! plaintext. Where that is whole blocks, it is CBC.
//!
//! The ciphertext is that of CBC over the plaintext filled with zeros, with as much of the last but one block left out.

use zeroize::Zeroizing;

use super::{AesKey, BLOCK, Direction, Error, Operation, Result};

impl AesKey {
    /// Encrypts or decrypts `input`, at least a block, to `output`, which is as long or longer; else [`Error::InvalidLength`].
    pub fn cts(&self, direction: Direction, iv: &[u8; BLOCK], input: &[u8], output: &mut [u8]) -> Result<()> {
        let output = output.get_mut(..input.len()).ok_or(Error::InvalidLength)?;
        if input.len() < BLOCK {
            return Err(Error::InvalidLength);
        }
        let mut iv = *iv;
        if input.len().is_multiple_of(BLOCK) {
            self.blocks(Operation::BlockModes)?.cbc(direction, &mut iv, input, output);
            return Ok(());
        }
        match direction {
            Direction::Encrypt => self.steal(iv, input, output),
            Direction::Decrypt => self.give_back(iv, input, output),
        }
    }

    fn steal(&self, mut iv: [u8; BLOCK], input: &[u8], output: &mut [u8]) -> Result<()> {
        let blocks = self.blocks(Operation::BlockModes)?;
        let whole = input.len() / BLOCK * BLOCK;
        blocks.cbc(Direction::Encrypt, &mut iv, &input[..whole], &mut output[..whole]);
        let mut last = Zeroizing::new([0; BLOCK]);
        last[..input.len() - whole].copy_from_slice(&input[whole..]);
        let end = input.len() - BLOCK;
        blocks.cbc(Direction::Encrypt, &mut iv, &*last, &mut output[end..]);
        Ok(())
    }

    fn give_back(&self, mut iv: [u8; BLOCK], input: &[u8], output: &mut [u8]) -> Result<()> {
        let blocks = self.blocks(Operation::BlockModes)?;
        let (whole, end) = (input.len() / BLOCK * BLOCK, input.len() - BLOCK);
        let (stolen, before) = (input.len() - whole, whole - BLOCK);
        blocks.cbc(Direction::Decrypt, &mut iv, &input[..before], &mut output[..before]);
        // The last block, decrypted: plaintext over what is left of the block before it, then what was left out of that.
        let mut last = Zeroizing::new([0; BLOCK]);
        last.copy_from_slice(&input[end..]);
        blocks.block(Direction::Decrypt, &mut last);
        let mut second = *last;
        second[..stolen].copy_from_slice(&input[before..end]);
        for (out, (last, second)) in output[whole..].iter_mut().zip(last.iter().zip(&second)) {
            *out = last ^ second;
        }
        blocks.cbc(Direction::Decrypt, &mut iv, &second, &mut output[before..whole]);
        Ok(())
    }
}
