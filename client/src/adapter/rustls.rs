//! The crate `rustls`: a TLS server, or a client that authenticates itself, whose private key stays in the token.

use std::sync::Arc;

use ::rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use ::rustls::sign::{CertifiedKey, Signer, SigningKey};
use ::rustls::{OtherError, SignatureAlgorithm, SignatureScheme};

use super::TokenKey;
use crate::certificate::Certificate;
use crate::error::{Error, Kind, Result};
use crate::public::{KeyKind, Scheme};

/// A key of a token that signs handshakes.
///
/// Each handshake blocks its thread while the token signs: an asynchronous server gives handshakes a thread where that may take
/// long.
#[derive(Debug)]
pub struct TlsKey {
    key: TokenKey,
    /// SubjectPublicKeyInfo, DER.
    spki: Vec<u8>,
}

impl TlsKey {
    /// `key`, to sign handshakes with.
    ///
    /// # Errors
    /// [`Kind::Malformed`] when the public half is no key.
    pub fn new(key: TokenKey) -> Result<Self> {
        let spki = key.public().to_der()?;
        Ok(Self { key, spki })
    }

    /// It with its certificates: its own first, then those that lead to the root.
    ///
    /// # Errors
    /// [`Kind::Usage`] when there are none, or the first one is for another key.
    pub fn certified(self, chain: &[Certificate]) -> Result<CertifiedKey> {
        let own = chain.first().ok_or_else(|| Error::new(Kind::Usage, "there is no certificate for the TLS key"))?;
        if own.public_key()? != *self.key.public() {
            return Err(Error::new(Kind::Usage, "the certificate is for another key").why(own.subject()));
        }
        let chain = chain.iter().map(|certificate| CertificateDer::from(certificate.der().to_vec())).collect();
        Ok(CertifiedKey::new(chain, Arc::new(self)))
    }
}

impl SigningKey for TlsKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let kind = self.key.public().kind();
        let (scheme, name) = SCHEMES.into_iter().find(|(scheme, name)| scheme.fits(kind) && offered.contains(name))?;
        Some(Box::new(Handshake { key: self.key.clone(), scheme, name }))
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(self.spki.as_slice().into())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.key.public().kind() {
            KeyKind::Rsa(_) => SignatureAlgorithm::RSA,
            KeyKind::Ec(_) => SignatureAlgorithm::ECDSA,
            KeyKind::Ed25519 => SignatureAlgorithm::ED25519,
        }
    }
}

/// The key and what was agreed on for one handshake.
#[derive(Debug)]
struct Handshake {
    key: TokenKey,
    scheme: Scheme,
    name: SignatureScheme,
}

impl Signer for Handshake {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ::rustls::Error> {
        let signature = self.key.sign_asn1(self.scheme, message);
        signature.map_err(|error| ::rustls::Error::Other(OtherError(Arc::new(error))))
    }

    fn scheme(&self) -> SignatureScheme {
        self.name
    }
}

/// RFC 8446 section 4.2.3, what we would rather use first. TLS 1.3 takes PSS only; PKCS#1 v1.5 is for TLS 1.2.
const SCHEMES: [(Scheme, SignatureScheme); 10] = [
    (Scheme::EdDsa, SignatureScheme::ED25519),
    (Scheme::Es256, SignatureScheme::ECDSA_NISTP256_SHA256),
    (Scheme::Es384, SignatureScheme::ECDSA_NISTP384_SHA384),
    (Scheme::Es512, SignatureScheme::ECDSA_NISTP521_SHA512),
    (Scheme::Ps256, SignatureScheme::RSA_PSS_SHA256),
    (Scheme::Ps384, SignatureScheme::RSA_PSS_SHA384),
    (Scheme::Ps512, SignatureScheme::RSA_PSS_SHA512),
    (Scheme::Rs256, SignatureScheme::RSA_PKCS1_SHA256),
    (Scheme::Rs384, SignatureScheme::RSA_PKCS1_SHA384),
    (Scheme::Rs512, SignatureScheme::RSA_PKCS1_SHA512),
];

#[cfg(test)]
mod tests {
    use super::super::tests::{disguised, ed25519, retired};
    use super::*;
    use crate::certificate::Subject;
    use crate::certify::{Profile, self_signed};
    use crate::public::PublicKey;
    use crate::time::Timestamp;

    fn chosen(key: TokenKey, offered: &[SignatureScheme]) -> Option<SignatureScheme> {
        TlsKey::new(key).unwrap().choose_scheme(offered).map(|signer| signer.scheme())
    }

    #[test]
    fn the_peer_limits_the_choice() {
        use SignatureScheme as S;
        assert_eq!(chosen(ed25519(), &[S::RSA_PSS_SHA256, S::ED25519]), Some(S::ED25519));
        assert_eq!(chosen(ed25519(), &[S::RSA_PSS_SHA256, S::ECDSA_NISTP256_SHA256]), None);
        let rsa = || disguised(PublicKey::rsa(&[0xff; 256], &[1, 0, 1]).unwrap());
        assert_eq!(chosen(rsa(), &[S::RSA_PKCS1_SHA256, S::RSA_PSS_SHA256]), Some(S::RSA_PSS_SHA256));
        assert_eq!(chosen(rsa(), &[S::RSA_PKCS1_SHA256, S::ED25519]), Some(S::RSA_PKCS1_SHA256));
        assert_eq!(chosen(rsa(), &[S::RSA_PKCS1_SHA384, S::RSA_PSS_SHA512]), Some(S::RSA_PSS_SHA512));
        assert_eq!(chosen(rsa(), &[S::ECDSA_NISTP256_SHA256]), None);
    }

    #[test]
    fn a_retired_key_ends_the_handshake_and_says_why() {
        let signer = TlsKey::new(retired()).unwrap().choose_scheme(&[SignatureScheme::ED25519]).unwrap();
        let error = signer.sign(b"transcript").unwrap_err();
        let ::rustls::Error::Other(OtherError(reason)) = error else { panic!("{error}") };
        assert_eq!(reason.downcast_ref::<Error>().unwrap().kind(), Kind::KeyInactive);
    }

    #[test]
    fn only_with_its_own_certificate() {
        let (key, other) = (ed25519(), ed25519());
        let profile = Profile { subject: "CN=localhost".parse::<Subject>().unwrap(), names: Vec::new(), authority: false };
        let own = self_signed(&key.signer, &key.key, &profile, Timestamp::now(), 1).unwrap();
        let certified = |key: &TokenKey, chain: &[Certificate]| TlsKey::new(key.clone()).unwrap().certified(chain);
        certified(&key, std::slice::from_ref(&own)).unwrap().keys_match().unwrap();
        assert_eq!(certified(&other, &[own]).unwrap_err().kind(), Kind::Usage);
        assert_eq!(certified(&key, &[]).unwrap_err().kind(), Kind::Usage);
    }
}
