//! RSA encryption: PKCS #1 v1.5, OAEP and X.509 (PKCS#11 v3.2 §6.1; RFC 8017). The public key encrypts, the private key decrypts.

use super::{
    Cipher, Direction, Mechanism, Row,
    aes::{plain, sealed},
    digests,
    gather::Gather,
    rsa::{self, private, public},
    table::{RSA, row},
};
use crate::{
    abi::params,
    crypto::{Error, Hash, Oaep, RsaPublicKey},
    error::{Result, Rv},
    object::key::Key,
};

/// The mechanisms.
pub const ROWS: &[Row] = &[
    row!(CKM_RSA_PKCS, rsa::PKCS1, cipher: Some(pkcs1), wraps: true, sign_recover: Some(rsa::sign_pkcs1), verify_recover: Some(recover_pkcs1)),
    row!(CKM_RSA_PKCS_OAEP, RSA, cipher: Some(oaep), wraps: true),
    row!(
        CKM_RSA_X_509,
        RSA,
        cipher: Some(raw),
        sign: Some(rsa::sign_raw),
        verify: Some(rsa::verify_raw),
        sign_recover: Some(rsa::sign_raw),
        verify_recover: Some(recover_raw),
    ),
];

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
    let oaep = OwnedOaep::of(&mechanism.oaep()?)?;
    Ok(match direction {
        Direction::Encrypt => {
            let key = public(key)?;
            let len = key.modulus_len();
            Gather::boxed(move |_| len, move |i, o| key.encrypt_oaep(&oaep.borrow(), i, o).map_err(plain))
        }
        Direction::Decrypt => {
            let key = private(key)?;
            let len = key.public().modulus_len();
            Gather::boxed(move |_| len, move |i, o| key.decrypt_oaep(&oaep.borrow(), i, o).map_err(sealed))
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

/// What a signature by CKM_RSA_PKCS was made of (C_VerifyRecover).
pub fn recover_pkcs1(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Cipher>> {
    mechanism.none()?;
    let key = public(key)?;
    let len = key.modulus_len();
    Ok(Gather::boxed(
        move |_| len,
        move |signature, output| {
            let block = recovered(&key, signature)?;
            // RFC 8017 §9.2: 0, 1, at least eight times 255, 0, and the data. All of it is public.
            let data = block.strip_prefix(&[0, 1]).map(|rest| (rest, rest.iter().take_while(|byte| **byte == 0xff).count()));
            match data {
                Some((rest, filled)) if filled >= 8 && rest.get(filled) == Some(&0) => {
                    let data = &rest[filled + 1..];
                    output[..data.len()].copy_from_slice(data);
                    Ok(data.len())
                }
                _ => Rv::SignatureInvalid.err("the signature is not valid"),
            }
        },
    ))
}

/// What a signature by CKM_RSA_X_509 was made of: a number as long as the modulus.
pub fn recover_raw(mechanism: &Mechanism<'_>, key: &Key) -> Result<Box<dyn Cipher>> {
    mechanism.none()?;
    let key = public(key)?;
    let len = key.modulus_len();
    Ok(Gather::boxed(
        move |_| len,
        move |signature, output| {
            output[..len].copy_from_slice(&recovered(&key, signature)?);
            Ok(len)
        },
    ))
}

fn recovered(key: &RsaPublicKey, signature: &[u8]) -> Result<Vec<u8>> {
    if signature.len() != key.modulus_len() {
        return Rv::SignatureLenRange.err("a signature is as long as the modulus");
    }
    let mut block = vec![0; signature.len()];
    key.raw(signature, &mut block).map_err(|_| Rv::SignatureInvalid.because("the signature is not valid"))?;
    Ok(block)
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

/// CK_RSA_PKCS_OAEP_PARAMS, understood and kept.
pub struct OwnedOaep {
    hash: Hash,
    mgf: Hash,
    label: Vec<u8>,
}

impl OwnedOaep {
    /// CKR_MECHANISM_PARAM_INVALID for hashes that are not here.
    pub fn of(parameter: &params::Oaep<'_>) -> Result<Self> {
        let (hash, mgf) = (digests::hash(parameter.hash)?, digests::mgf(parameter.mgf)?);
        Ok(Self { hash, mgf, label: parameter.label.to_vec() })
    }

    /// What the algorithm takes.
    pub fn borrow(&self) -> Oaep<'_> {
        Oaep { hash: self.hash, mgf: self.mgf, label: &self.label }
    }
}
