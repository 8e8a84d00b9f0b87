//! Keys in files: PKCS#8 (RFC 5958), plain and encrypted (PBES2, RFC 8018), the older forms of RSA (RFC 8017) and EC keys (RFC 5915),
//! and SubjectPublicKeyInfo, in DER and PEM (RFC 7468). Knows no token.

mod encrypted;
mod pem;
mod private;

use pkcs8::der::Decode;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};

use crate::error::{Error, Kind, Result};
use crate::public::PublicKey;
use crate::secret::Secret;

pub use private::{Numbers, PrivateKey};

/// What a file holds.
pub enum Content {
    /// A key pair.
    Private(PrivateKey),
    /// The public half alone.
    Public(PublicKey),
}

/// Reads a key from `bytes`. `password` is asked for only when the file is encrypted.
///
/// # Errors
/// [`Kind::Malformed`] when it is no such file, or holds a key of a sort we do not know; [`Kind::Pin`] when the password is wrong;
/// those of `password`.
pub fn read(bytes: &Secret, password: impl FnOnce() -> Result<Secret>) -> Result<Content> {
    if !pem::is_pem(bytes.expose()) {
        return of_der(bytes.expose(), password);
    }
    let (label, der) = pem::first(bytes.expose(), &LABELS)?;
    let der = der.expose();
    match label {
        "PRIVATE KEY" => PrivateKey::from_pkcs8(der).map(Content::Private),
        "ENCRYPTED PRIVATE KEY" => encrypted::open(der, &password()?).map(Content::Private),
        "RSA PRIVATE KEY" => PrivateKey::from_pkcs1(der).map(Content::Private),
        "EC PRIVATE KEY" => PrivateKey::from_sec1(der).map(Content::Private),
        _ => PublicKey::from_spki(der).map(Content::Public),
    }
}

fn of_der(der: &[u8], password: impl FnOnce() -> Result<Secret>) -> Result<Content> {
    if EncryptedPrivateKeyInfoRef::from_der(der).is_ok() {
        return encrypted::open(der, &password()?).map(Content::Private);
    }
    if PrivateKeyInfoRef::from_der(der).is_ok() {
        return PrivateKey::from_pkcs8(der).map(Content::Private);
    }
    if pkcs1::RsaPrivateKeyRef::from_der(der).is_ok() {
        return PrivateKey::from_pkcs1(der).map(Content::Private);
    }
    if sec1::EcPrivateKey::from_der(der).is_ok() {
        return PrivateKey::from_sec1(der).map(Content::Private);
    }
    if pkcs8::SubjectPublicKeyInfoRef::from_der(der).is_ok() {
        return PublicKey::from_spki(der).map(Content::Public);
    }
    Err(unknown().why("it is neither PEM nor the DER of PKCS#8, PKCS#1, SEC1 or SubjectPublicKeyInfo"))
}

impl PrivateKey {
    /// The key as PKCS#8, encrypted with a password (PBES2: PBKDF2 with HMAC-SHA-256, AES-256-CBC), in DER.
    ///
    /// # Errors
    /// [`Kind::Io`] without randomness.
    pub fn to_encrypted_der(&self, password: &Secret) -> Result<Secret> {
        encrypted::seal(self.pkcs8(), password)
    }
}

/// The PKCS#8 in an encrypted PEM file, of whatever algorithm.
pub(crate) fn open_encrypted(file: &Secret, password: &Secret) -> Result<Secret> {
    let (_, der) = pem::first(file.expose(), &[ENCRYPTED])?;
    encrypted::decrypt(der.expose(), password)
}

/// PKCS#8 of whatever algorithm as an encrypted PEM file.
pub(crate) fn seal_encrypted(pkcs8: &Secret, password: &Secret) -> Result<Secret> {
    pem::write(ENCRYPTED, &encrypted::seal(pkcs8, password)?)
}

const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// True when there is a PEM block in `bytes`.
pub(crate) fn is_pem(bytes: &[u8]) -> bool {
    pem::is_pem(bytes)
}

/// What all PEM blocks with this label hold.
pub(crate) fn blocks(bytes: &[u8], label: &str) -> Result<Vec<Vec<u8>>> {
    pem::all(bytes, label)
}

/// `der` as PEM.
///
/// # Errors
/// [`Kind::Malformed`] when it is too long.
pub fn to_pem(label: &str, der: &Secret) -> Result<Secret> {
    pem::write(label, der)
}

fn unknown() -> Error {
    Error::new(Kind::Malformed, "this is no key file we can read")
        .next("see what it is: openssl pkey -in FILE -noout, or openssl asn1parse -in FILE")
}

/// What is looked for in PEM files, which may hold certificates and parameters too.
const LABELS: [&str; 5] = ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "PUBLIC KEY"];

#[cfg(test)]
mod tests;
