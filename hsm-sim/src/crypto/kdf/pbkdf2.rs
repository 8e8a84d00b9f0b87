//! PBKDF2 (RFC 8018, §5.2).

use zeroize::Zeroizing;

use crate::crypto::HmacKey;

/// Fills `output`; `password` is the HMAC key made of it, `iterations` at least 1.
pub fn pbkdf2(password: &HmacKey, salt: &[u8], iterations: u32, output: &mut [u8]) {
    let len = password.hash().output_len();
    let mut last = Zeroizing::new(vec![0; len]);
    for (i, block) in (1u32..).zip(output.chunks_mut(len)) {
        let mut running = password.start();
        running.update(salt);
        running.update(&i.to_be_bytes());
        running.finish(&mut last);
        block.copy_from_slice(&last[..block.len()]);
        for _ in 1..iterations {
            let mut running = password.start();
            running.update(&last);
            running.finish(&mut last);
            block.iter_mut().zip(last.iter()).for_each(|(sum, byte)| *sum ^= byte);
        }
    }
}
