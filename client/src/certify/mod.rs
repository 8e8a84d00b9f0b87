//! Certificates and requests for them, signed by keys that stay in the token: PKCS#10 (RFC 2986) and self-signed X.509 (RFC 5280).

mod adapter;
mod extensions;

use std::time::Duration;

use x509_cert::builder::{Builder, CertificateBuilder, RequestBuilder};
use x509_cert::der::Encode;
use x509_cert::der::asn1::{BitString, GeneralizedTime};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::{Time, Validity};

use crate::certificate::{AltName, Certificate, Subject};
use crate::error::{Error, Kind, Result};
use crate::public::{Scheme, ecdsa};
use crate::random;
use crate::signer::{Signer, SigningKey};
use crate::time::Timestamp;

use adapter::Adapter;
use extensions::SelfIssued;

/// What a certificate is to say.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Whose it is.
    pub subject: Subject,
    /// What else it is called.
    pub names: Vec<AltName>,
    /// It may sign other certificates.
    pub authority: bool,
}

/// A certificate signing request, DER.
///
/// # Errors
/// Those of [`Signer::sign`].
pub fn request(signer: &Signer, key: &SigningKey, profile: &Profile) -> Result<Vec<u8>> {
    let mut builder = RequestBuilder::new(profile.subject.0.clone()).map_err(|error| failed(error.to_string()))?;
    extensions::ask(&mut builder, profile).map_err(|error| failed(error.to_string()))?;
    signed(builder, signer, key)?.to_der().map_err(|error| failed(error.to_string()))
}

/// A certificate that `key` signs for itself, good from `start` for `days`.
///
/// # Errors
/// [`Kind::Usage`] when it would outlast the year 9999; those of [`Signer::sign`].
pub fn self_signed(signer: &Signer, key: &SigningKey, profile: &Profile, start: Timestamp, days: u32) -> Result<Certificate> {
    let public = key.public.to_der()?;
    let public = SubjectPublicKeyInfoOwned::try_from(public.as_slice()).map_err(|error| failed(error.to_string()))?;
    let validity = Validity::new(time(start)?, time(start.plus(i64::from(days) * 86_400))?);
    let builder = CertificateBuilder::new(SelfIssued(profile), serial()?, validity, public);
    let made = signed(builder.map_err(|error| failed(error.to_string()))?, signer, key)?;
    Certificate::from_der(&made.to_der().map_err(|error| failed(error.to_string()))?)
}

fn signed<B: Builder>(mut builder: B, signer: &Signer, key: &SigningKey) -> Result<B::Output> {
    let adapter = Adapter::new(key)?;
    let scheme = Scheme::usual(key.public.kind());
    let message = builder.finalize(&adapter).map_err(|error| failed(error.to_string()))?;
    let signature = signer.sign(key, Some(scheme), &message)?;
    // A certificate that is handed out with a wrong signature is noticed by strangers only.
    key.public.verify(scheme, &message, &signature)?;
    let written = scheme.curve().map_or_else(|| Ok(signature.clone()), |curve| ecdsa::to_der(curve, &signature))?;
    let bits = BitString::from_bytes(&written).map_err(|error| failed(error.to_string()))?;
    builder.assemble(bits, &adapter).map_err(|error| failed(error.to_string()))
}

/// 127 random bits: RFC 5280 section 4.1.2.2 wants it positive and unique.
fn serial() -> Result<SerialNumber> {
    let mut bytes = random::public::<16>()?;
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::new(&bytes).map_err(|error| failed(error.to_string()))
}

/// The builder makes a UTCTime of it before the year 2050 (RFC 5280 section 4.1.2.5).
fn time(at: Timestamp) -> Result<Time> {
    let seconds = u64::try_from(at.0).unwrap_or(0);
    GeneralizedTime::from_unix_duration(Duration::from_secs(seconds))
        .map(Time::GeneralTime)
        .map_err(|_| Error::new(Kind::Usage, "the certificate would hold for too long").why("its end is after the year 9999"))
}

fn failed(why: String) -> Error {
    Error::new(Kind::Malformed, "the certificate cannot be made").why(why)
}

#[cfg(test)]
mod tests;
