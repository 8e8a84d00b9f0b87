//! RSA signatures by ANSI X9.31 (PKCS#11 v3.2 §6.1.12 and §6.1.15): the block is ours, the trailer the caller's.

use super::{
    Mechanism, Row, Signer, Verifier, digests,
    rsa::{private, public, signer, verifier},
    table::{RSA, row},
};
use crate::{
    crypto::{self, Error, Hash, RsaPublicKey},
    error::{self, Result, Rv},
    object::key::Key,
};

const X931: Row = Row { sign: Some(sign), verify: Some(verify), ..RSA };

/// The mechanisms.
pub const ROWS: &[Row] = &[row!(CKM_RSA_X9_31, X931), row!(CKM_SHA1_RSA_X9_31, X931)];

/// What X9.31 writes after a SHA-1 digest.
const SHA1_TRAILER: [u8; 2] = [0x33, 0xcc];

fn sign(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Signer>> {
    mechanism.none()?;
    let (key, hash) = (private(key)?, digests::inside(mechanism.kind));
    check_size(key.public())?;
    Ok(signer(&key.clone(), hash, move |input, output| key.sign_x931(&with_trailer(hash, input), output).map_err(data_fault)))
}

fn verify(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Verifier>> {
    mechanism.none()?;
    let (key, hash) = (public(key)?, digests::inside(mechanism.kind));
    check_size(&key)?;
    Ok(verifier(&key.clone(), hash, move |input, signature| match key.verify_x931(&with_trailer(hash, input), signature) {
        // Nothing without a trailer was ever signed.
        Err(Error::InvalidParameter) => Err(Error::Rejected),
        outcome => outcome,
    }))
}

/// §6.1.12: at least 128 bytes, and a multiple of 32.
fn check_size(key: &RsaPublicKey) -> Result<()> {
    match key.bits().is_multiple_of(256) {
        true => Ok(()),
        false => Rv::KeySizeRange.err("X9.31: the modulus must have a multiple of 256 bits"),
    }
}

fn with_trailer(hash: Option<Hash>, input: &[u8]) -> Vec<u8> {
    match hash {
        None => input.to_vec(),
        Some(_) => [input, &SHA1_TRAILER].concat(),
    }
}

fn data_fault(error: crypto::Error) -> error::Error {
    match error {
        Error::InvalidParameter => Rv::DataInvalid.because("X9.31: the data does not end in a trailer"),
        error => error.into(),
    }
}
