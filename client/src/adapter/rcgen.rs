//! The crate `rcgen`: requests (PKCS#10, RFC 2986) and certificates (X.509, RFC 5280) that keys of a token sign, for oneself and,
//! with `rcgen::Issuer`, for others.

use ::rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey};
use parking_lot::Mutex;
use pkcs8::SubjectPublicKeyInfoRef;
use pkcs8::der::Decode;

use super::{TokenKey, in_asn1};
use crate::error::{Error, Kind, Result};
use crate::public::{Curve, KeyKind, Scheme};

/// A key of a token that signs certificates: RSA with PKCS#1 v1.5 and SHA-256, ECDSA with the hash of its curve, Ed25519.
#[derive(Debug)]
pub struct CertificateKey {
    key: TokenKey,
    algorithm: &'static SignatureAlgorithm,
    /// The content of subjectPublicKey.
    public: Vec<u8>,
    refusal: Mutex<Option<Error>>,
}

impl CertificateKey {
    /// `key`, to sign certificates with.
    ///
    /// # Errors
    /// [`Kind::Usage`] for P-521, which rcgen knows only with a crypto library of its own ([`crate::certify`] takes it);
    /// [`Kind::Malformed`] when the public half is no key.
    pub fn new(key: TokenKey) -> Result<Self> {
        let algorithm = algorithm(key.public().kind())?;
        let spki = key.public().to_der()?;
        let spki = SubjectPublicKeyInfoRef::from_der(&spki).map_err(|error| failed(error.to_string()))?;
        let public = spki.subject_public_key.raw_bytes().to_vec();
        Ok(Self { key, algorithm, public, refusal: Mutex::new(None) })
    }

    /// The key, for any signature.
    pub fn token_key(&self) -> &TokenKey {
        &self.key
    }

    /// What went wrong when rcgen answered `error`. Its own `RemoteKeyError` has no room for a reason, so the last one is kept
    /// here; of several threads that share this key, each may find another's.
    pub fn explain(&self, error: ::rcgen::Error) -> Error {
        let refusal = if error == ::rcgen::Error::RemoteKeyError { self.refusal.lock().take() } else { None };
        refusal.unwrap_or_else(|| failed(error.to_string()))
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>> {
        let scheme = Scheme::usual(self.key.public().kind());
        let signature = self.key.sign(scheme, message)?;
        // A certificate that is handed out with a wrong signature is noticed by strangers only.
        self.key.public().verify(scheme, message, &signature)?;
        in_asn1(scheme, signature)
    }
}

impl PublicKeyData for CertificateKey {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

impl SigningKey for CertificateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ::rcgen::Error> {
        self.signature(message).map_err(|error| {
            *self.refusal.lock() = Some(error);
            ::rcgen::Error::RemoteKeyError
        })
    }
}

fn algorithm(kind: KeyKind) -> Result<&'static SignatureAlgorithm> {
    match kind {
        KeyKind::Rsa(_) => Ok(&::rcgen::PKCS_RSA_SHA256),
        KeyKind::Ec(Curve::P256) => Ok(&::rcgen::PKCS_ECDSA_P256_SHA256),
        KeyKind::Ec(Curve::P384) => Ok(&::rcgen::PKCS_ECDSA_P384_SHA384),
        KeyKind::Ed25519 => Ok(&::rcgen::PKCS_ED25519),
        KeyKind::Ec(Curve::P521) => Err(Error::new(Kind::Usage, "a P-521 key cannot sign certificates here")
            .why("rcgen knows that curve only with AWS-LC")
            .next("make the certificate with hsm_client::certify, or hsm cert")),
    }
}

fn failed(why: String) -> Error {
    Error::new(Kind::Malformed, "the certificate cannot be made").why(why)
}

#[cfg(test)]
mod tests {
    use ::rcgen::{CertificateParams, Issuer};

    use super::super::tests::{disguised, ed25519, retired};
    use super::*;
    use crate::certificate::Certificate;
    use crate::public::PublicKey;

    fn params() -> CertificateParams {
        CertificateParams::new(["localhost".to_owned()]).unwrap()
    }

    #[test]
    fn a_certificate_speaks_for_the_key() {
        let key = CertificateKey::new(ed25519()).unwrap();
        let made = params().self_signed(&key).unwrap();
        let read = Certificate::from_der(made.der()).unwrap();
        assert_eq!(read.public_key().unwrap(), *key.token_key().public());
    }

    #[test]
    fn a_retired_key_signs_none_and_says_why() {
        let key = CertificateKey::new(retired()).unwrap();
        let error = params().self_signed(&key).unwrap_err();
        assert_eq!(key.explain(error).kind(), Kind::KeyInactive);
        assert_eq!(key.explain(::rcgen::Error::RemoteKeyError).kind(), Kind::Malformed);
    }

    #[test]
    fn one_signs_for_another() {
        let (authority, other) = (CertificateKey::new(ed25519()).unwrap(), CertificateKey::new(ed25519()).unwrap());
        let made = params().signed_by(&other, &Issuer::new(params(), &authority)).unwrap();
        assert_eq!(Certificate::from_der(made.der()).unwrap().public_key().unwrap(), *other.token_key().public());
    }

    #[test]
    fn p521_is_refused_at_once() {
        let public = PublicKey::Ec { curve: Curve::P521, x: vec![1; 66], y: vec![2; 66] };
        assert_eq!(CertificateKey::new(disguised(public)).unwrap_err().kind(), Kind::Usage);
    }
}
