//! What PKCS #12 makes of passwords (RFC 7292, appendix B.2), with SHA-1.

use zeroize::Zeroizing;

use crate::crypto::{Hash, digest};

/// What the output is for (appendix B.3).
#[derive(Clone, Copy)]
pub enum Purpose {
    Key = 1,
    Iv = 2,
    MacKey = 3,
}

/// SHA-1's block in bytes, `v` in the RFC.
const BLOCK: usize = 64;
/// SHA-1's output in bytes, `u` in the RFC.
const OUTPUT: usize = 20;

/// Fills `output`. The password is the bytes that are hashed: a BMPString that ends in two zeros. `iterations` is at least 1.
pub fn pkcs12(purpose: Purpose, password: &[u8], salt: &[u8], iterations: u32, output: &mut [u8]) {
    let diversifier = [purpose as u8; BLOCK];
    let mut blocks = Zeroizing::new(Vec::with_capacity(whole(salt) + whole(password)));
    blocks.extend(salt.iter().cycle().take(whole(salt)));
    blocks.extend(password.iter().cycle().take(whole(password)));
    for part in output.chunks_mut(OUTPUT) {
        let mut last = Zeroizing::new([0; OUTPUT]);
        digest(Hash::Sha1, &[&diversifier, &blocks], &mut *last);
        for _ in 1..iterations {
            let again = last.clone();
            digest(Hash::Sha1, &[&*again], &mut *last);
        }
        part.copy_from_slice(&last[..part.len()]);
        blocks.chunks_mut(BLOCK).for_each(|block| add(block, &last));
    }
}

/// Length of as many blocks as the bytes begin.
fn whole(bytes: &[u8]) -> usize {
    bytes.len().next_multiple_of(BLOCK)
}

/// Adds the output, repeated to fill a block, and 1, as numbers of a block's length.
fn add(block: &mut [u8], output: &[u8; OUTPUT]) {
    let mut carry = 1;
    for (at, byte) in block.iter_mut().enumerate().rev() {
        carry += u16::from(*byte) + u16::from(output[at % OUTPUT]);
        *byte = carry as u8;
        carry >>= 8;
    }
}
