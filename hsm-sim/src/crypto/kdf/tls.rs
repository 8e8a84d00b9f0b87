//! The pseudo random function of TLS 1.2 (RFC 5246, §5): P_hash of a label and a seed.

use super::Prf;
use crate::{crypto::Result, secret::Secret};

/// `len` bytes; `seed` is the label followed by the seed, in as many parts as is convenient.
pub fn tls_prf(secret: &Prf, seed: &[&[u8]], len: usize) -> Result<Secret> {
    let mut a = secret.of(seed)?;
    secret.chain(len, &[], |_, _| {
        let output = secret.of(&[&[a.expose()], seed].concat())?;
        a = secret.of(&[a.expose()])?;
        Ok(output)
    })
}
