//! A signing key as the certificate builder wants to see it: its public half, and the name of its signatures.

use p256::ecdsa::signature::Keypair;
use x509_cert::der::asn1::{Any, Null};
use x509_cert::der::{Document, oid::ObjectIdentifier};
use x509_cert::spki::{self, AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, EncodePublicKey};

use crate::error::Result;
use crate::public::{Curve, KeyKind};
use crate::signer::SigningKey;

/// The key; it signs nothing here.
pub(super) struct Adapter {
    kind: KeyKind,
    public: Public,
}

/// A SubjectPublicKeyInfo, DER.
#[derive(Clone)]
pub(super) struct Public(Vec<u8>);

impl Adapter {
    pub(super) fn new(key: &SigningKey) -> Result<Self> {
        Ok(Self { kind: key.public.kind(), public: Public(key.public.to_der()?) })
    }
}

impl EncodePublicKey for Public {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        Ok(Document::try_from(self.0.as_slice())?)
    }
}

impl Keypair for Adapter {
    type VerifyingKey = Public;

    fn verifying_key(&self) -> Public {
        self.public.clone()
    }
}

impl DynSignatureAlgorithmIdentifier for Adapter {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        // Only RSA has parameters, which are NULL (RFC 4055 section 5, RFC 5758 section 3.2, RFC 8410 section 3).
        let (oid, parameters) = match self.kind {
            KeyKind::Rsa(_) => ("1.2.840.113549.1.1.11", Some(Any::from(Null))),
            KeyKind::Ec(Curve::P256) => ("1.2.840.10045.4.3.2", None),
            KeyKind::Ec(Curve::P384) => ("1.2.840.10045.4.3.3", None),
            KeyKind::Ec(Curve::P521) => ("1.2.840.10045.4.3.4", None),
            KeyKind::Ed25519 => ("1.3.101.112", None),
        };
        let oid = ObjectIdentifier::new(oid).map_err(|_| spki::Error::KeyMalformed)?;
        Ok(AlgorithmIdentifierOwned { oid, parameters })
    }
}
