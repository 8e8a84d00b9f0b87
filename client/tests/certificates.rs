//! Certificates and requests through the command, and openssl's word on them.

mod house;

use std::process::Command;

use house::{House, in_every_house};

const KEYS: [(&str, &str); 5] = [
    ("rsa-2048", "sha256WithRSAEncryption"),
    ("ec", "ecdsa-with-SHA256"),
    ("p384", "ecdsa-with-SHA384"),
    ("p521", "ecdsa-with-SHA512"),
    ("ed25519", "ED25519"),
];

/// What openssl says; None, loudly, where there is none.
fn openssl(house: &House, args: &[&str]) -> Option<String> {
    match Command::new("openssl").args(args).current_dir(house.path(".")).output() {
        Ok(output) => {
            let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "openssl {args:?}: {said}");
            Some(said)
        }
        Err(_) => {
            eprintln!("\n*** SKIPPED: no openssl command ***\n");
            None
        }
    }
}

const WANTED: [&str; 8] = [
    "--subject",
    r"CN=www.example.org,O=Smith\, Sons,C=CH",
    "--dns",
    "www.example.org",
    "--dns",
    "*.example.org",
    "--ip",
    "192.0.2.1",
];

#[test]
fn requests_that_openssl_grants() {
    in_every_house(|house| {
        let ca = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=CA"];
        if openssl(house, &ca).is_none() {
            return;
        }
        for (kind, algorithm) in KEYS {
            house.ok(&["key", "create", "--label", kind, "--type", kind]);
            house.ok(&[&["cert", "csr", "--key", kind, "-o", "csr.pem", "--force"][..], &WANTED].concat());
            let said = openssl(house, &["req", "-in", "csr.pem", "-verify", "-noout", "-text"]).unwrap();
            for part in [
                "verify OK",
                r#"C = CH, O = "Smith, Sons", CN = www.example.org"#,
                "DNS:www.example.org, DNS:*.example.org, IP Address:192.0.2.1",
                "CA:FALSE",
                algorithm,
            ] {
                assert!(said.contains(part), "{kind}: {part} in {said}");
            }
            house
                .ok(&[&["cert", "csr", "--key", kind, "-o", "csr.der", "--format", "der", "--force", "--json"][..], &WANTED]
                    .concat());
            openssl(house, &["req", "-in", "csr.der", "-inform", "DER", "-verify", "-noout"]).unwrap();
            let issue =
                ["x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "cert.pem"];
            openssl(house, &issue).unwrap();
            let made = house.ok(&["cert", "import", "cert.pem", "--json"]).json();
            let made = &made["certificates"][0];
            assert_eq!((&made["key"], &made["label"], &made["issuer"]), (&kind.into(), &kind.into(), &"CN=CA".into()), "{made}");
            let keys = house.ok(&["key", "list", "--json"]).json();
            let key = keys["keys"].as_array().unwrap().iter().find(|row| row["label"] == kind).unwrap().clone();
            assert_eq!(made["id"], key["id"]);
            // Other programs find the certificate by the key's id.
            let id = made["id"].as_str().unwrap();
            let by_tool = house.path("by-tool.der").display().to_string();
            let seen = house.pkcs11_tool(&["--token-label", "t", "--read-object", "--type", "cert", "--id", id, "-o", &by_tool]);
            house.ok(&["cert", "export", "--cert", kind, "--format", "der", "-o", "cert.der", "--force"]);
            assert!(!seen || house.read("by-tool.der") == house.read("cert.der"));
            let error = house.fails(8, &["cert", "import", "cert.der"]);
            assert!(error.err.contains("already"), "{}", error.err);
        }
        // A chain brings along what is there.
        house.write("chain.pem", &[house.read("cert.pem"), house.read("ca.pem"), house.read("ca.pem")].concat());
        let made = house.ok(&["cert", "import", "chain.pem", "--label", "authority", "--json"]).json();
        assert_eq!(made["certificates"].as_array().unwrap().len(), 1);
        assert!(made["certificates"][0]["key"].is_null());
        let listed = house.ok(&["cert", "list", "--json"]).json();
        assert_eq!(listed["certificates"].as_array().unwrap().len(), KEYS.len() + 1);
        assert!(house.ok(&["cert", "list"]).text().contains("O=Smith"));
        // Certificates are public: no PIN is asked for.
        let answer = house.run(&["cert", "export", "--cert", "authority", "--pin-source", "file:wrong-pin"], b"");
        assert_eq!((answer.code, answer.out), (0, house.read("ca.pem")), "{}", answer.err);
    });
}

#[test]
fn self_signed() {
    in_every_house(|house| {
        for (kind, algorithm) in KEYS {
            house.ok(&["key", "create", "--label", kind, "--type", kind]);
            let sign = [&["cert", "self-sign", "--key", kind, "--days", "30"][..], &WANTED].concat();
            house.ok(&[&sign[..], &["-o", "leaf.pem", "--force"]].concat());
            let Some(said) = openssl(house, &["x509", "-in", "leaf.pem", "-noout", "-text", "-checkend", "2500000"]) else {
                return;
            };
            for part in
                ["Version: 3", "CA:FALSE", "Digital Signature", "IP Address:192.0.2.1", "Subject Key Identifier", algorithm]
            {
                assert!(said.contains(part), "{kind}: {part} in {said}");
            }
            assert!(!said.contains("Certificate Sign"), "{said}");
            openssl(house, &["verify", "-check_ss_sig", "-x509_strict", "-CAfile", "leaf.pem", "leaf.pem"]).unwrap();
            openssl(house, &["verify", "-verify_hostname", "a.example.org", "-CAfile", "leaf.pem", "leaf.pem"]).unwrap();

            let made = house.ok(&[&sign[..], &["--ca", "--keep", "-o", "ca.pem", "--force", "--json"]].concat()).json();
            let said = openssl(house, &["x509", "-in", "ca.pem", "-noout", "-text"]).unwrap();
            assert!(said.contains("CA:TRUE") && said.contains("Certificate Sign, CRL Sign"), "{said}");
            openssl(house, &["verify", "-check_ss_sig", "-x509_strict", "-CAfile", "ca.pem", "ca.pem"]).unwrap();
            let fingerprint = made["fingerprint"].as_str().unwrap();
            assert_eq!(house.ok(&["cert", "export", "--cert", &fingerprint[..12]]).out, house.read("ca.pem"));
            let public = openssl(house, &["x509", "-in", "ca.pem", "-noout", "-pubkey"]).unwrap();
            assert_eq!(public, house.ok(&["key", "public", "--key", kind]).text());
        }
    });
}

fn sign<'a>(options: &[&'a str]) -> Vec<&'a str> {
    [&["cert", "self-sign", "--key", "k"][..], options].concat()
}

#[test]
fn what_makes_no_sense_is_refused() {
    in_every_house(|house| {
        house.ok(&["key", "create", "--label", "k", "--type", "ec"]);
        for options in [
            &["--subject", ""][..],
            &["--subject", "Alice"],
            &["--subject", "CN=a", "--dns", "not a host"],
            &["--subject", "CN=a", "--ip", "1.2.3"],
            &["--subject", "CN=a", "--days", "0"],
            &["--subject", "CN=a", "--days", "40000"],
            &[],
        ] {
            house.fails(2, &sign(options));
        }
        house.fails(3, &["cert", "self-sign", "--key", "nobody", "--subject", "CN=a"]);
        house.fails(3, &["cert", "export", "--cert", "nobody"]);
        house.fails(3, &["cert", "import", "nothing"]);
        for content in [&b""[..], b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            house.write("foreign", content);
            house.fails(1, &["cert", "import", "foreign"]);
        }
        // Nothing is signed or kept for an output that is taken.
        house.write("taken", b"mine");
        house.fails(2, &sign(&["--subject", "CN=a", "--keep", "-o", "taken"]));
        assert_eq!(house.ok(&["cert", "list", "--json"]).json()["certificates"].as_array().unwrap().len(), 0);
        // Two of one name: the fingerprint tells them apart.
        for _ in 0..2 {
            house.ok(&sign(&["--subject", "CN=a", "--keep"]));
        }
        let error = house.fails(2, &["cert", "export", "--cert", "k"]);
        assert!(error.err.contains("fingerprint"), "{}", error.err);
        // A retired key signs nothing.
        let kid = house.ok(&["key", "list", "--json"]).json()["keys"][0]["kid"].as_str().unwrap().to_owned();
        house.ok(&["key", "create", "--label", "k", "--type", "ec", "--replace"]);
        house.fails(4, &["cert", "csr", "--key", &kid, "--subject", "CN=a"]);
    });
}
