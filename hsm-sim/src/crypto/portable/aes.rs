//! AES and its modes over RustCrypto's traits, with the key length chosen at run time.

use ::aes::cipher::array::{Array, sizes::U16};
use ::aes::cipher::inout::InOutBuf;
use ::aes::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, IvState, KeyInit, StreamCipherCore,
};
use ::aes::{Aes128, Aes192, Aes256};

use crate::crypto::aes::{CounterState, Direction};
use crate::crypto::{BLOCK, Error, Result};
use crate::secret::{SHALLOW, scrubbed};

type Block = Array<u8, U16>;
type Counter<'c, C> = ::ctr::CtrCore<&'c C, ::ctr::flavors::Ctr128BE>;

/// A key schedule for both directions; erased on drop.
pub(in crate::crypto) enum Aes {
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

/// Evaluates an expression with the concrete cipher of an [`Aes`]. The crate copies its round keys to the stack.
macro_rules! with_cipher {
    ($aes:expr, $cipher:ident => $body:expr) => {
        scrubbed::<SHALLOW, _>(|| match $aes {
            Aes::Aes128($cipher) => $body,
            Aes::Aes192($cipher) => $body,
            Aes::Aes256($cipher) => $body,
        })
    };
}

impl Aes {
    pub(in crate::crypto) fn new(key: &[u8]) -> Result<Self> {
        match key.len() {
            16 => Aes128::new_from_slice(key).map(Self::Aes128),
            24 => Aes192::new_from_slice(key).map(Self::Aes192),
            _ => Aes256::new_from_slice(key).map(Self::Aes256),
        }
        .map_err(|_| Error::InvalidKey)
    }

    pub(in crate::crypto) fn block(&self, direction: Direction, block: &mut [u8; BLOCK]) {
        let block: &mut Block = block.into();
        match direction {
            Direction::Encrypt => with_cipher!(self, aes => aes.encrypt_block(block)),
            Direction::Decrypt => with_cipher!(self, aes => aes.decrypt_block(block)),
        }
    }

    pub(in crate::crypto) fn ecb(&self, direction: Direction, input: &[u8], output: &mut [u8]) {
        let Some(blocks) = blocks(input, output) else {
            return;
        };
        match direction {
            Direction::Encrypt => with_cipher!(self, aes => aes.encrypt_blocks_inout(blocks)),
            Direction::Decrypt => with_cipher!(self, aes => aes.decrypt_blocks_inout(blocks)),
        }
    }

    pub(in crate::crypto) fn cbc(&self, direction: Direction, iv: &mut [u8; BLOCK], input: &[u8], output: &mut [u8]) {
        let Some(blocks) = blocks(input, output) else {
            return;
        };
        *iv = match direction {
            Direction::Encrypt => with_cipher!(self, aes => {
                let mut chain = ::cbc::Encryptor::inner_iv_init(aes, (&*iv).into());
                chain.encrypt_blocks_inout(blocks);
                chain.iv_state().into()
            }),
            Direction::Decrypt => with_cipher!(self, aes => {
                let mut chain = ::cbc::Decryptor::inner_iv_init(aes, (&*iv).into());
                chain.decrypt_blocks_inout(blocks);
                chain.iv_state().into()
            }),
        };
    }

    /// Uses up a begun block of key stream, then whole blocks, then begins one for the rest.
    pub(in crate::crypto) fn ctr(&self, state: &mut CounterState, input: &[u8], output: &mut [u8]) {
        let begun = input.len().min((BLOCK - state.used) % BLOCK);
        let rest = begun + (input.len() - begun) / BLOCK * BLOCK;
        state.add(&input[..begun], &mut output[..begun]);
        self.ctr_blocks(state, &input[begun..rest], &mut output[begun..rest]);
        if rest < input.len() {
            state.keystream = state.counter;
            self.block(Direction::Encrypt, &mut state.keystream);
            state.counter = (u128::from_be_bytes(state.counter).wrapping_add(1)).to_be_bytes();
            state.add(&input[rest..], &mut output[rest..]);
        }
    }

    fn ctr_blocks(&self, state: &mut CounterState, input: &[u8], output: &mut [u8]) {
        let Some(blocks) = blocks(input, output) else {
            return;
        };
        let iv: &Block = (&state.counter).into();
        state.counter = with_cipher!(self, aes => {
            let mut stream = Counter::inner_iv_init(aes, iv);
            stream.apply_keystream_blocks_inout(blocks);
            stream.iv_state().into()
        });
    }
}

impl CounterState {
    /// Adds the next bytes of the block of key stream in use, which has as many left.
    fn add(&mut self, input: &[u8], output: &mut [u8]) {
        let keystream = &self.keystream[self.used..];
        for ((out, byte), mask) in output.iter_mut().zip(input).zip(keystream) {
            *out = byte ^ mask;
        }
        self.used = (self.used + input.len()) % BLOCK;
    }
}

/// Input and output as blocks, or `None` when their lengths differ. Callers pass whole blocks of equal length.
fn blocks<'i, 'o>(input: &'i [u8], output: &'o mut [u8]) -> Option<InOutBuf<'i, 'o, Block>> {
    let (blocks, _) = InOutBuf::new(input, output).ok()?.into_chunks();
    Some(blocks)
}
