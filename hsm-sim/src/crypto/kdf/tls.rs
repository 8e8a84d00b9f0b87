//! The pseudo random functions of TLS: of 1.2, P_hash of a label and a seed (RFC 5246, §5); of 1.0 and 1.1, P_MD5 and P_SHA-1 added up
//! (RFC 2246, §5); and what SSL 3.0 has in their place (RFC 6101, §6.1).

use super::{Prf, ssl3::ssl3_expand};
use crate::{
    crypto::{Hash, Result},
    secret::Secret,
};

/// How a version makes secrets of secrets.
#[derive(Clone, Copy)]
pub enum Handshake {
    /// Knows no labels.
    Ssl3,
    /// TLS 1.0 and 1.1.
    Tls1,
    Tls12(Hash),
}

impl Handshake {
    /// `len` bytes of a secret; `seed` comes in as many parts as is convenient.
    pub fn expand(self, secret: &[u8], label: &[u8], seed: &[&[u8]], len: usize) -> Result<Secret> {
        match self {
            Self::Ssl3 => ssl3_expand(secret, seed, len),
            Self::Tls1 => tls1_prf(secret, &[&[label], seed].concat(), len),
            Self::Tls12(hash) => tls_prf(&Prf::hmac(hash, secret), &[&[label], seed].concat(), len),
        }
    }
}

/// `len` bytes; `seed` is the label followed by the seed, in as many parts as is convenient.
pub fn tls_prf(secret: &Prf, seed: &[&[u8]], len: usize) -> Result<Secret> {
    let mut a = secret.of(seed)?;
    secret.chain(len, &[], |_, _| {
        let output = secret.of(&[&[a.expose()], seed].concat())?;
        a = secret.of(&[a.expose()])?;
        Ok(output)
    })
}

/// Each half of the secret, which share a byte where it is of odd length, goes to a hash of its own.
fn tls1_prf(secret: &[u8], seed: &[&[u8]], len: usize) -> Result<Secret> {
    let half = secret.len().div_ceil(2);
    let md5 = tls_prf(&Prf::hmac(Hash::Md5, &secret[..half]), seed, len)?;
    let sha1 = tls_prf(&Prf::hmac(Hash::Sha1, &secret[secret.len() - half..]), seed, len)?;
    Secret::filled(len, |output| {
        for ((sum, md5), sha1) in output.iter_mut().zip(md5.expose()).zip(sha1.expose()) {
            *sum = md5 ^ sha1;
        }
        Ok(())
    })
}
