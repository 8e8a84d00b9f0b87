//! RSA encryption: PKCS #1 v1.5, OAEP and X.509 (PKCS#11 v3.2 §6.1; RFC 8017). The public key encrypts, the private key decrypts.

use super::{
    Cipher, Direction, Mechanism,
    aes::{plain, sealed},
    digests,
    gather::Gather,
    rsa::{private, public},
};
use crate::{
    crypto::{Error, Hash, Oaep},
    error::{Result, Rv},
    object::key::Key,
};

/// CKM_RSA_PKCS. Wrong padding yields random bytes and no error, so that nothing can be learnt from it.
pub fn pkcs1(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    mechanism.none()?;
    Ok(match direction {
        Direction::Encrypt => {
            let key = public(key)?;
            let len = key.modulus_len();
            Gather::boxed(move |_| len, move |i, o| key.encrypt_pkcs1(i, o).map_err(plain))
        }
        Direction::Decrypt => {
            let key = private(key)?;
            let len = key.public().modulus_len();
            Gather::boxed(move |_| len, move |i, o| key.decrypt_pkcs1(i, o).map_err(sealed))
        }
    })
}

/// CKM_RSA_PKCS_OAEP with any hash, mask generation function and label.
pub fn oaep(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    let parameter = mechanism.oaep()?;
    let (hash, mgf) = (digests::hash(parameter.hash)?, digests::mgf(parameter.mgf)?);
    let label = parameter.label.to_vec();
    Ok(match direction {
        Direction::Encrypt => {
            let key = public(key)?;
            let len = key.modulus_len();
            Gather::boxed(move |_| len, move |i, o| key.encrypt_oaep(&named(hash, mgf, &label), i, o).map_err(plain))
        }
        Direction::Decrypt => {
            let key = private(key)?;
            let len = key.public().modulus_len();
            Gather::boxed(move |_| len, move |i, o| key.decrypt_oaep(&named(hash, mgf, &label), i, o).map_err(sealed))
        }
    })
}

/// CKM_RSA_X_509.
pub fn raw(mechanism: &Mechanism<'_>, key: &Key, direction: Direction) -> Result<Box<dyn Cipher>> {
    mechanism.none()?;
    Ok(match direction {
        Direction::Encrypt => {
            let key = public(key)?;
            let len = key.modulus_len();
            Gather::boxed(move |_| len, move |i, o| key.raw(i, o).map_err(too_great))
        }
        Direction::Decrypt => {
            let key = private(key)?;
            let len = key.public().modulus_len();
            Gather::boxed(move |_| len, move |i, o| key.raw(i, o).map_err(too_great_sealed))
        }
    })
}

/// A number that is not below the modulus is the data's fault.
pub fn too_great(error: Error) -> crate::error::Error {
    match error {
        Error::InvalidParameter => Rv::DataInvalid.because("the number is not below the modulus"),
        error => plain(error),
    }
}

fn too_great_sealed(error: Error) -> crate::error::Error {
    match error {
        Error::InvalidParameter => Rv::EncryptedDataInvalid.because("the number is not below the modulus"),
        error => sealed(error),
    }
}

fn named(hash: Hash, mgf: Hash, label: &[u8]) -> Oaep<'_> {
    Oaep { hash, mgf, label }
}
