//! X.509 certificates (RFC 5280) as they are read: what they say, whose they are. Nothing here decides whether to trust one.

mod name;

use sha2::{Digest, Sha256};
use x509_cert::der::{Decode, Encode};

use crate::error::{Error, Kind, Result};
use crate::id::hex;
use crate::keyfile;
use crate::public::PublicKey;
use crate::secret::Secret;
use crate::time::Timestamp;

pub use name::{AltName, Subject};

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
}

impl Certificate {
    /// Reads one in DER.
    ///
    /// # Errors
    /// [`Kind::Malformed`] when it is none.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let parsed = x509_cert::Certificate::from_der(der).map_err(|error| malformed().why(error.to_string()))?;
        Ok(Self { der: der.to_vec(), parsed })
    }

    /// Reads all of a file: PEM with one or several, or one in DER.
    ///
    /// # Errors
    /// [`Kind::Malformed`] when there is none.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Self>> {
        if !keyfile::is_pem(bytes) {
            return Ok(vec![Self::from_der(bytes)?]);
        }
        let all = keyfile::blocks(bytes, "CERTIFICATE")?;
        if all.is_empty() {
            return Err(malformed().why("it holds no CERTIFICATE block"));
        }
        all.iter().map(|der| Self::from_der(der)).collect()
    }

    /// It in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// It in PEM.
    ///
    /// # Errors
    /// [`Kind::Malformed`] when it is too long.
    pub fn to_pem(&self) -> Result<String> {
        pem("CERTIFICATE", &self.der)
    }

    /// Whose it is (RFC 4514).
    pub fn subject(&self) -> String {
        self.parsed.tbs_certificate().subject().to_string()
    }

    /// Who made it (RFC 4514).
    pub fn issuer(&self) -> String {
        self.parsed.tbs_certificate().issuer().to_string()
    }

    /// Its serial number, hexadecimal.
    pub fn serial(&self) -> String {
        hex(self.parsed.tbs_certificate().serial_number().as_bytes())
    }

    /// From when and until when it holds.
    pub fn validity(&self) -> [Timestamp; 2] {
        let validity = self.parsed.tbs_certificate().validity();
        [validity.not_before, validity.not_after]
            .map(|time| Timestamp(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)))
    }

    /// The public key it speaks for.
    ///
    /// # Errors
    /// [`Kind::Malformed`] for a sort of key we do not know.
    pub fn public_key(&self) -> Result<PublicKey> {
        let info = self.parsed.tbs_certificate().subject_public_key_info();
        PublicKey::from_spki(&info.to_der().map_err(|error| malformed().why(error.to_string()))?)
    }

    /// Its SHA-256, hexadecimal.
    pub fn fingerprint(&self) -> String {
        hex(&Sha256::digest(&self.der))
    }

    /// CKA_SUBJECT, CKA_ISSUER and CKA_SERIAL_NUMBER, in DER (PKCS#11 v3.1 section 4.6.3).
    pub(crate) fn described(&self) -> Result<[Vec<u8>; 3]> {
        let tbs = self.parsed.tbs_certificate();
        let failed = |error: x509_cert::der::Error| malformed().why(error.to_string());
        Ok([
            tbs.subject().to_der().map_err(failed)?,
            tbs.issuer().to_der().map_err(failed)?,
            tbs.serial_number().to_der().map_err(failed)?,
        ])
    }
}

/// `der` in PEM.
///
/// # Errors
/// [`Kind::Malformed`] when it is too long.
pub fn pem(label: &str, der: &[u8]) -> Result<String> {
    let text = keyfile::to_pem(label, &Secret::copy(der))?;
    Ok(String::from_utf8_lossy(text.expose()).into_owned())
}

fn malformed() -> Error {
    Error::new(Kind::Malformed, "this is no certificate we can read").next("look at it: openssl x509 -in FILE -noout -text")
}
