//! Each adapter with each kind of key that it takes; the other library checks what the token signed.

use crate::{key, signer};
use hsm_client::Kind;
use hsm_client::adapter::jsonwebtoken::JwtKey;
use hsm_client::adapter::rcgen::CertificateKey;
use hsm_client::adapter::signature::{TokenSignature, TypedKey};
use hsm_client::adapter::{TokenKey, signature as typed};
use hsm_client::jwks::Jwks;
use hsm_client::jwt::{self, Expected};
use hsm_tests::*;
use jsonwebtoken::crypto::JwtSigner;
use jsonwebtoken::{Validation, decode};
use rcgen::{CertificateParams, Issuer, PublicKeyData};
use signature::{Keypair, Signer, Verifier};

#[test]
fn signature_types() {
    on_each(|home| {
        let signer = signer(home);
        let rsa = key(&signer, "rsa-2048");
        signs::<rsa::pkcs1v15::Signature>(&rsa);
        signs::<rsa::pss::Signature>(&rsa);
        let curves = ["p256", "p384", "p521"].map(|curve| key(&signer, curve));
        signs::<p256::ecdsa::Signature>(&curves[0]);
        signs::<p256::ecdsa::DerSignature>(&curves[0]);
        signs::<p384::ecdsa::Signature>(&curves[1]);
        signs::<p384::ecdsa::DerSignature>(&curves[1]);
        signs::<p521::ecdsa::Signature>(&curves[2]);
        signs::<p521::ecdsa::DerSignature>(&curves[2]);
        signs::<ed25519_dalek::Signature>(&key(&signer, "ed25519"));
        let refused = typed::TypedKey::<p384::ecdsa::Signature>::new(curves[0].clone());
        assert_eq!(refused.expect_err("P-256").kind(), Kind::Usage);
    });
}

/// An RSA key above what the crate `rsa` reads on its own.
#[test]
fn long_rsa() {
    isolated(|home| signs::<rsa::pss::Signature>(&key(&signer(home), "rsa-4104")));
}

fn signs<S: TokenSignature>(key: &TokenKey)
where
    S::VerifyingKey: Verifier<S>,
{
    let key = TypedKey::<S>::new(key.clone()).expect("a key of the right kind");
    let signature = key.try_sign(b"message").unwrap_or_else(|error| panic!("{:?}: {error}", S::SCHEME));
    key.verifying_key().verify(b"message", &signature).unwrap_or_else(|error| panic!("{:?}: {error}", S::SCHEME));
    assert!(key.verifying_key().verify(b"another", &signature).is_err(), "{:?}", S::SCHEME);
}

/// Requests, self-signed certificates and issued ones, as openssl sees them.
#[test]
fn certificates() {
    on_each(|home| {
        let Some(openssl) = Tool::on_path("openssl") else { return };
        let signer = signer(home);
        let params = || CertificateParams::new(["www.example.org".to_owned()]).expect("a name");
        for kind in ["rsa-2048", "p256", "p384", "ed25519"] {
            let key = CertificateKey::new(key(&signer, kind)).expect(kind);
            assert_eq!(key.subject_public_key_info(), key.token_key().public().to_der().expect(kind), "{kind}");
            let write = |name: &str, pem: &str| home.write(name, pem.as_bytes()).display().to_string();
            let own = write("own.pem", &params().self_signed(&key).expect(kind).pem());
            openssl.succeed(&["verify", "-check_ss_sig", "-CAfile", &own, &own], b"");
            let request = params().serialize_request(&key).expect(kind);
            let request = write("request.pem", &request.pem().expect("PEM"));
            openssl.succeed(&["req", "-verify", "-noout", "-in", &request], b"");
            let issued = params().signed_by(&key, &Issuer::new(authority(), &key)).expect(kind);
            let root = write("root.pem", &authority().self_signed(&key).expect(kind).pem());
            let issued = write("issued.pem", &issued.pem());
            openssl.succeed(&["verify", "-CAfile", &root, &issued], b"");
        }
    });
}

fn authority() -> CertificateParams {
    let mut params = CertificateParams::new([]).expect("no names");
    params.distinguished_name.push(rcgen::DnType::CommonName, "authority");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params
}

#[test]
fn json_web_tokens() {
    on_each(|home| {
        let signer = signer(home);
        let claims = json!({ "sub": "alice", "exp": jsonwebtoken::get_current_timestamp() + 900 });
        for kind in ["rsa-2048", "p256", "p384", "ed25519"] {
            let key = JwtKey::new(key(&signer, kind)).expect(kind);
            let token = key.encode(&key.header(), &claims).expect(kind);
            let validation = Validation::new(key.algorithm());
            assert_eq!(decode::<Value>(&token, key.decoding_key(), &validation).expect(kind).claims, claims);
            let published = Jwks::publish(&signer.keys().expect("keys"));
            assert_eq!(jwt::verify(&token, &published, &Expected::default()).expect(kind).kid, key.header().kid);
        }
        assert_eq!(JwtKey::new(key(&signer, "p521")).expect_err("ES512").kind(), Kind::Usage);
    });
}
