//! TLS to the server: its certificate and its name are always checked.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Error, Kind, Result};

/// What connects by TLS, trusting the certificates in `roots`, or else the machine's.
pub(super) fn connector(roots: Option<&Path>) -> Result<MakeRustlsConnect> {
    let mut trusted = RootCertStore::empty();
    for certificate in certificates(roots)? {
        // What this crate cannot read is trusted by nobody.
        let _ = trusted.add(certificate);
    }
    if trusted.is_empty() {
        return Err(Error::new(Kind::Store, "no certificate is trusted, so that the key store's server cannot be checked")
            .next("name the one that signed the server's: sslrootcert=PATH in the URL"));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(Kind::Store, "TLS cannot be set up").why(error.to_string()))?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn certificates(roots: Option<&Path>) -> Result<Vec<CertificateDer<'static>>> {
    let Some(path) = roots else { return Ok(rustls_native_certs::load_native_certs().certs) };
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    read.map_err(|error| {
        Error::new(Kind::Store, format!("the certificates in {} cannot be read", path.display())).why(error.to_string())
    })
}
