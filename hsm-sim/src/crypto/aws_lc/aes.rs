//! The bare cipher and its modes.

use std::ffi::{c_int, c_uint};
use std::mem::MaybeUninit;

use aws_lc_sys::{
    AES_DECRYPT, AES_ENCRYPT, AES_KEY, AES_cbc_encrypt, AES_ctr128_encrypt, AES_ecb_encrypt, AES_set_decrypt_key,
    AES_set_encrypt_key,
};
use zeroize::Zeroize;

use crate::crypto::aes::{CounterState, Direction};
use crate::crypto::{BLOCK, Error, Result};

/// Key schedules for both directions; erased on drop.
pub(in crate::crypto) struct Aes {
    encrypt: AES_KEY,
    decrypt: AES_KEY,
}

type Schedule = unsafe extern "C" fn(*const u8, c_uint, *mut AES_KEY) -> c_int;

impl Aes {
    pub(in crate::crypto) fn new(key: &[u8]) -> Result<Self> {
        Ok(Self { encrypt: schedule(key, AES_set_encrypt_key)?, decrypt: schedule(key, AES_set_decrypt_key)? })
    }

    pub(in crate::crypto) fn block(&self, direction: Direction, block: &mut [u8; BLOCK]) {
        let (key, flag) = self.towards(direction);
        let block = block.as_mut_ptr();
        // SAFETY: the block is valid for BLOCK bytes, and the function allows input and output to be the same.
        unsafe { AES_ecb_encrypt(block, block, key, flag) }
    }

    pub(in crate::crypto) fn ecb(&self, direction: Direction, input: &[u8], output: &mut [u8]) {
        let (key, flag) = self.towards(direction);
        let blocks = input.chunks_exact(BLOCK).zip(output.chunks_exact_mut(BLOCK));
        for (input, output) in blocks {
            // SAFETY: both chunks are BLOCK bytes long.
            unsafe { AES_ecb_encrypt(input.as_ptr(), output.as_mut_ptr(), key, flag) }
        }
    }

    pub(in crate::crypto) fn cbc(&self, direction: Direction, iv: &mut [u8; BLOCK], input: &[u8], output: &mut [u8]) {
        let (key, flag) = self.towards(direction);
        let len = input.len().min(output.len()) / BLOCK * BLOCK;
        if len == 0 {
            return;
        }
        let (input, output) = (input.as_ptr(), output.as_mut_ptr());
        // SAFETY: `len` is within both slices and a multiple of BLOCK; the vector is BLOCK bytes.
        unsafe { AES_cbc_encrypt(input, output, len, key, iv.as_mut_ptr(), flag) }
    }

    pub(in crate::crypto) fn ctr(&self, state: &mut CounterState, input: &[u8], output: &mut [u8]) {
        let len = input.len().min(output.len());
        let mut used = (state.used % BLOCK) as c_uint;
        // SAFETY: `len` is within both slices; counter and key stream are BLOCK bytes each; `used` is below BLOCK.
        unsafe {
            AES_ctr128_encrypt(
                input.as_ptr(),
                output.as_mut_ptr(),
                len,
                &self.encrypt,
                state.counter.as_mut_ptr(),
                state.keystream.as_mut_ptr(),
                &mut used,
            );
        }
        state.used = used as usize;
    }

    fn towards(&self, direction: Direction) -> (&AES_KEY, c_int) {
        match direction {
            Direction::Encrypt => (&self.encrypt, AES_ENCRYPT),
            Direction::Decrypt => (&self.decrypt, AES_DECRYPT),
        }
    }
}

impl Drop for Aes {
    fn drop(&mut self) {
        self.encrypt.rd_key.zeroize();
        self.decrypt.rd_key.zeroize();
    }
}

fn schedule(key: &[u8], set: Schedule) -> Result<AES_KEY> {
    let bits = c_uint::try_from(key.len() * 8).map_err(|_| Error::InvalidKey)?;
    let mut schedule = MaybeUninit::<AES_KEY>::zeroed();
    // SAFETY: the key is valid for `bits / 8` bytes, the schedule is writable.
    let outcome = unsafe { set(key.as_ptr(), bits, schedule.as_mut_ptr()) };
    if outcome != 0 {
        return Err(Error::InvalidKey);
    }
    // SAFETY: integers only, zeroed at first and then written.
    Ok(unsafe { schedule.assume_init() })
}
