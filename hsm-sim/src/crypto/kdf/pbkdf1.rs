//! PBKDF1 (RFC 8018, §5.1; PKCS #5 v1.5).

use crate::{
    crypto::{Hash, Result, digest},
    secret::Secret,
};

/// All that the hash gives; `iterations` is at least 1.
pub fn pbkdf1(hash: Hash, password: &[u8], salt: &[u8], iterations: u32) -> Result<Secret> {
    let mut last = hashed(hash, &[password, salt])?;
    for _ in 1..iterations {
        last = hashed(hash, &[last.expose()])?;
    }
    Ok(last)
}

fn hashed(hash: Hash, parts: &[&[u8]]) -> Result<Secret> {
    Secret::filled(hash.output_len(), |output| {
        digest(hash, parts, output);
        Ok(())
    })
}
