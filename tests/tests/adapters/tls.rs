//! Handshakes: a server whose key is in the token, a client of rustls that verifies its certificate.

use crate::{key, signer};
use hsm_client::adapter::{TokenKey, rustls::TlsKey};
use hsm_client::certificate::{AltName, Certificate};
use hsm_client::certify::{self, Profile};
use hsm_client::signer::Signer;
use hsm_client::time::Timestamp;
use hsm_tests::*;
use rustls::pki_types::ServerName;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, ClientConnection, Connection, ProtocolVersion, RootCertStore, ServerConfig, ServerConnection};
use rustls::{SupportedProtocolVersion, version};
use std::sync::Arc;

#[test]
fn handshakes() {
    on_each(|home| {
        let signer = signer(home);
        for kind in ["rsa-2048", "p256", "p384", "p521", "ed25519"] {
            let key = key(&signer, kind);
            for version in [&version::TLS12, &version::TLS13] {
                assert_eq!(handshake(&signer, &key, version), Some(version.version), "{kind}");
            }
        }
    });
}

/// The version both sides ended with.
fn handshake(signer: &Signer, key: &TokenKey, version: &'static SupportedProtocolVersion) -> Option<ProtocolVersion> {
    let certificate = certificate(signer, key);
    let client = client(&certificate, version);
    let certified = TlsKey::new(key.clone()).and_then(|key| key.certified(&[certificate])).expect("a certified key");
    let server = ServerConfig::builder_with_protocol_versions(&[version]).with_no_client_auth();
    let server = server.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    let mut server = Connection::Server(ServerConnection::new(Arc::new(server)).expect("a server"));
    let mut client = Connection::Client(client);
    while client.is_handshaking() || server.is_handshaking() {
        pass(&mut client, &mut server);
        pass(&mut server, &mut client);
    }
    assert_eq!(client.protocol_version(), server.protocol_version());
    client.protocol_version()
}

/// All that one side has to say, to the other.
fn pass(from: &mut Connection, to: &mut Connection) {
    let mut bytes = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut bytes).expect("memory");
    }
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        to.read_tls(&mut rest).expect("memory");
        to.process_new_packets().unwrap_or_else(|error| panic!("{error}"));
    }
}

/// A client that trusts this certificate and no other.
pub fn client(certificate: &Certificate, version: &'static SupportedProtocolVersion) -> ClientConnection {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().to_vec().into()).expect("a root");
    let config = ClientConfig::builder_with_protocol_versions(&[version]).with_root_certificates(roots).with_no_client_auth();
    ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").expect("a name")).expect("a client")
}

fn certificate(signer: &Signer, key: &TokenKey) -> Certificate {
    let names = vec![AltName::dns("localhost").expect("a name")];
    let profile = Profile { subject: "CN=localhost".parse().expect("a subject"), names, authority: false };
    certify::self_signed(signer, key.key(), &profile, Timestamp::now(), 1).expect("a certificate")
}
