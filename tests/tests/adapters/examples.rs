//! The programs in client/examples, as a newcomer runs them; others check what they made.

use crate::tls;
use hsm_client::certificate::Certificate;
use hsm_tests::*;
use rustls::{StreamOwned, version};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

#[test]
fn files_are_signed() {
    on_each(|home| {
        drop(home.token());
        home.write("letter", b"a letter");
        let public = home.write("public.pem", &ok(home, &["sign_files", "letter"], b"")).display().to_string();
        assert_eq!(read(home, "letter.sig").len(), 64);
        let Some(openssl) = Tool::on_path("openssl") else { return };
        let [letter, signature] = ["letter", "letter.sig"].map(|name| home.file(name).display().to_string());
        let line = format!("pkeyutl -verify -rawin -pubin -inkey {public} -in {letter} -sigfile {signature}");
        openssl.succeed(&line.split(' ').collect::<Vec<_>>(), b"");
    });
}

#[test]
fn certificates_are_issued() {
    on_each(|home| {
        drop(home.token());
        // The second time with the keys of the first.
        for _ in 0..2 {
            ok(home, &["issue_certificates", "www.example.org"], b"");
            let Some(openssl) = Tool::on_path("openssl") else { return };
            let path = |name: &str| home.file(name).display().to_string();
            let host = ["-verify_hostname", "www.example.org", "-purpose", "sslserver"];
            openssl.succeed(&[&["verify", "-CAfile", &path("ca.pem")], &host[..], &[&path("server.pem")]].concat(), b"");
            openssl.succeed(&["req", "-verify", "-noout", "-in", &path("server.csr")], b"");
        }
    });
}

#[test]
fn a_tls_server_answers() {
    on_each(|home| {
        drop(home.token());
        for (kind, version) in [("ec", &version::TLS13), ("ed25519", &version::TLS13), ("rsa-2048", &version::TLS12)] {
            let mut server =
                example(home, &["tls_server", "127.0.0.1:0", kind]).stdout(Stdio::piped()).spawn().expect("a server");
            let mut said = BufReader::new(server.stdout.take().expect("its output"));
            let mut line = String::new();
            said.read_line(&mut line).expect("its address");
            let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{kind}: {line:?}"));
            let certificate = Certificate::read_all(&read(home, "tls.pem")).expect("a certificate").remove(0);
            let socket = TcpStream::connect(address).expect("a connection");
            let mut stream = StreamOwned::new(tls::client(&certificate, version), socket);
            stream.write_all(b"GET / HTTP/1.0\r\n\r\n").expect(kind);
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect(kind);
            assert!(answer.contains("200 OK") && answer.contains(&format!("{:?}", version.version)), "{answer}");
            assert!(server.wait().expect("its end").success(), "{kind}");
        }
    });
}

#[test]
fn tokens_are_signed() {
    on_each(|home| {
        drop(home.token());
        for program in ["tokens", "tokens_by_jsonwebtoken"] {
            let said = String::from_utf8(ok(home, &[program], b"")).expect("text");
            assert_eq!(said.lines().next().unwrap_or_default().split('.').count(), 3, "{said}");
        }
    });
}

#[test]
fn records_come_back() {
    on_each(|home| {
        drop(home.token());
        let records = "one\n\nthree, of 3\n".repeat(20);
        for _ in 0..2 {
            assert_eq!(ok(home, &["records"], records.as_bytes()), records.as_bytes());
        }
    });
}

#[test]
fn columns_are_found() {
    on_each(|home| {
        drop(home.token());
        let addresses = "bob@example.org\nalice@example.org\n\nalice@example.org\nAlice@example.org\n";
        assert_eq!(ok(home, &["columns", "alice@example.org"], addresses.as_bytes()), b"1\n3\n");
    });
}

#[test]
fn keys_are_rotated() {
    on_each(|home| {
        drop(home.token());
        let said = String::from_utf8(ok(home, &["rotation"], b"")).expect("text");
        let actions: Vec<_> = said.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect();
        for (action, times) in
            [("mek-recorded", 2), ("dek-created", 3), ("dek-rewrapped", 3), ("signing-key-created", 2), ("head", 1)]
        {
            assert_eq!(actions.iter().filter(|found| **found == action).count(), times, "{action} in {said}");
        }
    });
}

/// Runs an example, which must succeed; its standard output.
#[track_caller]
fn ok(home: &Home, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let input = fs::File::open(home.write("input", input)).expect("the input");
    let output = example(home, arguments).stdin(input).output().expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// An example with the variables it asks for, in the home.
fn example(home: &Home, arguments: &[&str]) -> Command {
    let (name, arguments) = arguments.split_first().expect("a name");
    let mut command = Tool::example(&format!("adapters-{name}")).command();
    command.args(arguments).current_dir(home.path()).env("HSM_MODULE", home.subject().path());
    command.env("HSM_TOKEN", LABEL).env("HSM_PIN_SOURCE", "env:TEST_PIN").env("TEST_PIN", USER_PIN);
    command.env("HSM_STORE", home.file("keyring.db"));
    command
}

fn read(home: &Home, name: &str) -> Vec<u8> {
    fs::read(home.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
