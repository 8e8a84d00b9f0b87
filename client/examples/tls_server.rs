//! A TLS server whose private key is in the token. It answers one request and ends.
//!
//!     cargo run -p hsm-client --features examples --example tls_server -- 127.0.0.1:8443
//!     curl --cacert tls.pem https://localhost:8443/
//!
//! Makes a certificate for itself, tls.pem, good for a day. A second argument chooses the sort of key: ec, rsa, ed25519 ...

mod connect;

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;

use hsm_client::adapter::{TokenKey, rustls::TlsKey};
use hsm_client::certificate::{AltName, Certificate};
use hsm_client::certify::{self, Profile};
use hsm_client::signer::Signer;
use hsm_client::time::Timestamp;
use rustls::sign::SingleCertAndKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8443".to_owned());
    let kind = arguments.next().unwrap_or_else(|| "ec".to_owned());
    let signer = connect::signer()?;
    let key = connect::key(&signer, &format!("tls-{kind}"), kind.parse()?)?;
    let certificate = certificate(&signer, &key)?;
    std::fs::write("tls.pem", certificate.to_pem()?)?;

    let certified = TlsKey::new(key)?.certified(&[certificate])?;
    let config = ServerConfig::builder().with_no_client_auth();
    let config = Arc::new(config.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified))));

    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    serve(config, &listener)
}

fn certificate(signer: &Signer, key: &TokenKey) -> hsm_client::Result<Certificate> {
    let names = vec![AltName::dns("localhost")?];
    let profile = Profile { subject: "CN=localhost".parse()?, names, authority: false };
    certify::self_signed(signer, key.key(), &profile, Timestamp::now(), 1)
}

/// One connection: a request of HTTP/1.0, up to the empty line, and an answer.
fn serve(config: Arc<ServerConfig>, listener: &TcpListener) -> Result<(), Box<dyn Error>> {
    let (socket, peer) = listener.accept()?;
    let mut stream = BufReader::new(StreamOwned::new(ServerConnection::new(config)?, socket));
    let mut line = String::new();
    while stream.read_line(&mut line)? > 2 {
        line.clear();
    }
    let stream = stream.get_mut();
    let connection = format!("{:?} to {peer}", stream.conn.protocol_version().ok_or("no handshake")?);
    write!(stream, "HTTP/1.0 200 OK\r\n\r\nsigned in the token: {connection}\n")?;
    stream.conn.send_close_notify();
    stream.flush()?;
    println!("served {connection}");
    Ok(())
}
