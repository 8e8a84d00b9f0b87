//! A certificate authority whose key is in the token: its own certificate, and one for a server, whose key is there too.
//!
//!     cargo run -p hsm-client --features examples --example issue_certificates -- www.example.org
//!
//! Writes ca.pem, server.csr and server.pem. Then: openssl verify -CAfile ca.pem server.pem

mod connect;

use std::error::Error;
use std::fs;

use hsm_client::adapter::rcgen::CertificateKey;
use hsm_client::hsm::{Curve, KeyKind};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose};

fn main() -> Result<(), Box<dyn Error>> {
    let host = std::env::args().nth(1).unwrap_or_else(|| "localhost".to_owned());
    let signer = connect::signer()?;
    let key = |label| CertificateKey::new(connect::key(&signer, label, KeyKind::Ec(Curve::P256))?);
    let (authority, server) = (key("authority")?, key("server")?);

    let params = authority_params()?;
    // rcgen's own error says only that a remote key failed; `explain` has the token's reason.
    let certificate = params.self_signed(&authority).map_err(|error| authority.explain(error))?;
    fs::write("ca.pem", certificate.pem())?;

    let issuer = Issuer::new(params, &authority);
    let params = server_params(&host)?;
    let request = params.serialize_request(&server).map_err(|error| server.explain(error))?;
    fs::write("server.csr", request.pem()?)?;
    let certificate = params.signed_by(&server, &issuer).map_err(|error| authority.explain(error))?;
    fs::write("server.pem", certificate.pem())?;
    println!("ca.pem, server.csr, server.pem for {host}");
    Ok(())
}

fn authority_params() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new([])?;
    params.distinguished_name.push(DnType::CommonName, "Example authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn server_params(host: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new([host.to_owned()])?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, host);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}
