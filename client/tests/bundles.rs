//! PKCS#12 files in and out, and openssl's word on both.

mod house;

use std::process::Command;

use house::{House, in_every_house};

/// What openssl says; None, loudly, where there is none.
fn openssl(house: &House, args: &[&str]) -> Option<String> {
    match Command::new("openssl").args(args).current_dir(house.path(".")).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "openssl {args:?}: {said}");
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(_) => {
            eprintln!("\n*** SKIPPED: no openssl command ***\n");
            None
        }
    }
}

/// A key with a certificate of a CA, `key.pem`, `cert.pem` and `ca.pem`, and a file of all three.
fn bundle(house: &House, algorithm: &[&str], options: &[&str]) -> Option<()> {
    house.write("password", b"a password\n");
    house.write("wrong-password", b"another\n");
    house.write("message", b"a message\n");
    openssl(house, &["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=CA"])?;
    openssl(house, &[&["genpkey", "-out", "key.pem"][..], algorithm].concat())?;
    openssl(house, &["req", "-new", "-key", "key.pem", "-out", "csr.pem", "-subj", "/CN=Alice"])?;
    openssl(
        house,
        &["x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "cert.pem"],
    )?;
    let export = ["pkcs12", "-export", "-in", "cert.pem", "-inkey", "key.pem", "-certfile", "ca.pem", "-name", "alice"];
    openssl(house, &[&export[..], &["-out", "in.p12", "-passout", "file:password"], options].concat())?;
    Some(())
}

fn certificates(house: &House) -> Vec<serde_json::Value> {
    house.ok(&["cert", "list", "--json"]).json()["certificates"].as_array().unwrap().clone()
}

#[test]
fn a_key_comes_in_with_its_certificates_and_leaves_with_its_own() {
    in_every_house(|house| {
        let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
        let Some(()) = bundle(house, &curve, &[]) else { return };
        let import = ["key", "import", "in.p12", "--label", "alice", "--extractable"];
        let error = house.fails(6, &[&import[..], &["--password-source", "file:wrong-password"]].concat());
        assert!(error.err.contains("password is wrong"), "{}", error.err);
        let made = house.ok(&[&import[..], &["--password-source", "file:password", "--json"]].concat()).json();
        assert_eq!((&made["type"], &made["certificates"]), (&"P-256".into(), &2.into()), "{made}");
        let listed = certificates(house);
        let own = listed.iter().find(|row| row["key"] == "alice").unwrap();
        assert_eq!((&own["id"], &own["subject"], listed.len()), (&made["id"], &"CN=Alice".into(), 2), "{listed:?}");
        house.ok(&["sign", "--key", "alice", "message", "-o", "signature"]);
        house.ok(&["verify", "--key", "alice", "-s", "signature", "message"]);

        house.ok(&["key", "export", "--key", "alice", "--format", "p12", "-o", "out.p12", "--password-source", "file:password"]);
        openssl(house, &["pkcs12", "-info", "-in", "out.p12", "-passin", "file:password", "-noout"]).unwrap();
        let took =
            |what: &str| openssl(house, &["pkcs12", "-in", "out.p12", "-passin", "file:password", "-nodes", what]).unwrap();
        house.write("key-out.pem", took("-nocerts").as_bytes());
        house.write("cert-out.pem", took("-nokeys").as_bytes());
        let same = |file: &str, kind: &str| openssl(house, &[kind, "-in", file]).unwrap();
        assert_eq!(same("key-out.pem", "pkey"), same("key.pem", "pkey"));
        assert_eq!(same("cert-out.pem", "x509"), same("cert.pem", "x509"));
        house.fails(2, &["key", "export", "--key", "alice", "--format", "p12", "-o", "plain.p12", "--plain"]);
    });
}

#[test]
fn other_sorts_of_files() {
    in_every_house(|house| {
        for (label, algorithm, options) in [
            ("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"][..], &["-legacy"][..]),
            ("ed25519", &["-algorithm", "ED25519"], &[]),
            ("no-mac", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], &["-nomac"]),
        ] {
            let Some(()) = bundle(house, algorithm, options) else { return };
            house.fails(6, &["key", "import", "in.p12", "--label", label, "--password-source", "file:wrong-password"]);
            house.ok(&["key", "import", "in.p12", "--label", label, "--password-source", "file:password"]);
            house.ok(&["sign", "--key", label, "message", "-o", "signature", "--force"]);
            let error = house.fails(1, &["key", "export", "--key", label, "--format", "p12", "-o", "out"]);
            assert!(error.err.contains("CKA_EXTRACTABLE"), "{}", error.err);
        }
        openssl(house, &["pkcs12", "-export", "-nokeys", "-in", "cert.pem", "-out", "no-key.p12", "-passout", "file:password"]);
        let error = house.fails(1, &["key", "import", "no-key.p12", "--label", "k", "--password-source", "file:password"]);
        assert!(error.err.contains("0 private keys"), "{}", error.err);
        let mut cut = house.read("in.p12");
        cut.truncate(200);
        house.write("cut.p12", &cut);
        house.fails(1, &["key", "import", "cut.p12", "--label", "k", "--password-source", "file:password"]);
    });
}

#[test]
fn a_key_without_a_certificate_makes_no_bundle() {
    in_every_house(|house| {
        house.write("password", b"a password\n");
        house.ok(&["key", "create", "--label", "k", "--type", "ec", "--extractable"]);
        let export = ["key", "export", "--key", "k", "--format", "p12", "-o", "k.p12", "--password-source", "file:password"];
        let error = house.fails(3, &export);
        assert!(error.err.contains("hsm cert self-sign --key k --keep"), "{}", error.err);
        assert!(!house.path("k.p12").exists());
        house.ok(&["cert", "self-sign", "--key", "k", "--subject", "CN=k", "--keep", "-o", "k.pem"]);
        house.ok(&export);
        let Some(text) = openssl(house, &["pkcs12", "-in", "k.p12", "-passin", "file:password", "-nokeys"]) else { return };
        assert!(text.contains(String::from_utf8(house.read("k.pem")).unwrap().trim()), "{text}");
    });
}
