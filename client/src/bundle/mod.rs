//! PKCS#12 files (RFC 7292): a private key with its certificates, under one password.
//!
//! The crate p12-keystore does the work. It keeps a key in memory that it does not erase.

use p12_keystore::error::Error as FileError;
use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12Archive, PrivateKeyChain};
use pkcs8::der::{Decode, asn1::AnyRef};

use crate::certificate::Certificate;
use crate::error::{Error, Kind, Result};
use crate::id::ObjectId;
use crate::keyfile::PrivateKey;
use crate::secret::Secret;

/// A private key with certificates.
pub struct Bundle {
    /// The key.
    pub key: PrivateKey,
    /// Those that came with it, each once, that of the key first.
    pub certificates: Vec<Certificate>,
}

/// True when `bytes` look like a PKCS#12 file: a sequence that begins with version 3 (section 4).
pub fn is_bundle(bytes: &[u8]) -> bool {
    AnyRef::from_der(bytes).is_ok_and(|outer| outer.value().starts_with(&[0x02, 0x01, 0x03, 0x30]))
}

impl Bundle {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Kind::Pin`] when the password is wrong; [`Kind::Malformed`] when it does not hold one private key of a sort we know, or is
    /// protected in a way we do not.
    pub fn open(bytes: &[u8], password: &Secret) -> Result<Self> {
        let archive = Pkcs12Archive::from_pkcs12(bytes, text(password)?).map_err(refused)?;
        let [bag] = archive.keys.as_slice() else {
            return Err(malformed().why(format!("it holds {} private keys, not one", archive.keys.len())));
        };
        let key = PrivateKey::from_pkcs8(bag.key.as_der())?;
        let mut certificates = Vec::new();
        for bag in &archive.certs {
            let certificate = Certificate::from_der(bag.cert.as_der())?;
            if !certificates.contains(&certificate) {
                certificates.push(certificate);
            }
        }
        certificates.sort_by_key(|certificate| certificate.public_key().ok().as_ref() != Some(key.public()));
        Ok(Self { key, certificates })
    }

    /// Writes a file, encrypted (PBES2: PBKDF2 with HMAC-SHA-256, AES-256-CBC) and authenticated (HMAC-SHA-256). `name` and `id` are
    /// what programs call the key.
    ///
    /// # Errors
    /// [`Kind::Pin`] for a password that is not UTF-8; [`Kind::Malformed`] for a certificate that others cannot read.
    pub fn seal(&self, name: &str, id: &ObjectId, password: &Secret) -> Result<Secret> {
        let failed = |error: FileError| Error::new(Kind::Malformed, "the PKCS#12 file cannot be written").why(error.to_string());
        let key = p12_keystore::PrivateKey::from_der(self.key.pkcs8().expose()).map_err(failed)?;
        let certificates = self.certificates.iter().map(|certificate| p12_keystore::Certificate::from_der(certificate.der()));
        let certificates = certificates.collect::<std::result::Result<Vec<_>, _>>().map_err(failed)?;
        let mut file = KeyStore::new();
        file.add_entry(name, KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new(id.as_bytes(), key, certificates)));
        let writer = file.writer(text(password)?).encryption_iterations(ROUNDS).mac_iterations(ROUNDS);
        writer.write().map(Secret::take).map_err(failed)
    }
}

fn text(password: &Secret) -> Result<&str> {
    std::str::from_utf8(password.expose()).map_err(|_| Error::new(Kind::Pin, "the password is not UTF-8 text"))
}

/// What the file is protected with decides how a wrong password shows: by its MAC, or by padding that is none.
fn refused(error: FileError) -> Error {
    match error {
        FileError::MacError(_) | FileError::Pkcs5Error(_) | FileError::UnpadError => {
            Error::new(Kind::Pin, "the file does not open with this password")
                .why("the password is wrong, or the file was altered")
        }
        other => malformed().why(other.to_string()),
    }
}

fn malformed() -> Error {
    Error::new(Kind::Malformed, "this PKCS#12 file cannot be used")
        .next("look at it: openssl pkcs12 -info -nokeys -in FILE, and take out what is needed with openssl pkcs12 -nodes")
}

/// Of PBKDF2 and of the key derivation of PKCS#12, as for PKCS#8.
const ROUNDS: u32 = 600_000;
