//! Signatures, tokens and key sets through the command, and openssl's word on them.

mod house;

use std::process::Command;

use house::{House, in_every_house};

const KEYS: [(&str, &str, &str); 10] = [
    ("rs", "rsa-2048", "RS256"),
    ("rs384", "rsa-2048", "RS384"),
    ("rs512", "rsa-2048", "RS512"),
    ("ps", "rsa-2048", "PS256"),
    ("ps384", "rsa-2048", "PS384"),
    ("ps512", "rsa-2048", "PS512"),
    ("es", "ec", "ES256"),
    ("es384", "p384", "ES384"),
    ("es512", "p521", "ES512"),
    ("ed", "ed25519", "EdDSA"),
];

fn with_keys(house: &House) {
    for (label, kind, alg) in KEYS {
        let made = house.ok(&["key", "create", "--label", label, "--type", kind, "--alg", alg, "--json"]).json();
        assert_eq!(made["alg"], alg);
    }
    house.write("message", b"a message\n");
    house.write("other", b"another message\n");
    house.ok(&["jwks", "-o", "jwks.json"]);
}

fn kid(house: &House, label: &str) -> String {
    let keys = house.ok(&["key", "list", "--json"]).json();
    let mut rows = keys["keys"].as_array().unwrap().iter();
    rows.find(|row| row["label"] == label).unwrap()["kid"].as_str().unwrap().to_owned()
}

#[test]
fn requirement_19_signed_here_verified_by_us_and_by_openssl() {
    in_every_house(|house| {
        with_keys(house);
        let published = String::from_utf8(house.read("jwks.json")).unwrap();
        assert!(!published.contains("\"d\""));
        for (label, _, alg) in KEYS {
            let kid = kid(house, label);
            for encoding in ["raw", "base64url", "hex", "der"] {
                let file = format!("{label}.{encoding}");
                house.ok(&["sign", "--key", label, "message", "-o", &file, "--encoding", encoding]);
                let verify = ["verify", "--jwks", "jwks.json", "--key", &kid, "-s", &file, "--encoding", encoding];
                house.ok(&[&verify[..], &["message"]].concat());
                house.fails(5, &[&verify[..], &["other"]].concat());
            }
            house.ok(&["verify", "--key", label, "-s", &format!("{label}.raw"), "message"]);
            let pem = house.ok(&["key", "public", "--key", label]).out;
            house.write(&format!("{label}.pem"), &pem);
            openssl_agrees(house, label, alg);
        }
    });
}

fn openssl_agrees(house: &House, label: &str, alg: &str) {
    let (pem, signature) = (format!("{label}.pem"), format!("{label}.der"));
    let digest = format!("-sha{}", alg.trim_start_matches(char::is_alphabetic));
    let args: Vec<&str> = match alg {
        "EdDSA" => vec!["pkeyutl", "-verify", "-pubin", "-inkey", &pem, "-rawin", "-in", "message", "-sigfile", &signature],
        _ => {
            let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
            let padding = if alg.starts_with("PS") { &pss[..] } else { &[] };
            [&["dgst", &digest][..], padding, &["-verify", &pem, "-signature", &signature, "message"]].concat()
        }
    };
    match Command::new("openssl").args(args).current_dir(house.path(".")).output() {
        Ok(output) => assert!(output.status.success(), "{alg}: {}", String::from_utf8_lossy(&output.stdout)),
        Err(_) => eprintln!("\n*** SKIPPED: no openssl command to check {alg} with ***\n"),
    }
}

#[test]
fn requirement_17_tokens_and_their_claims() {
    in_every_house(|house| {
        with_keys(house);
        for (label, _, alg) in KEYS {
            let sign = ["jwt", "sign", "--key", label, "--iss", "us", "--aud", "you", "--ttl", "5m", "--claim", "n=3", "--json"];
            let made = house.ok(&sign).json();
            house.write("token", made["token"].as_str().unwrap().as_bytes());
            let good = ["jwt", "verify", "token", "--jwks", "jwks.json", "--iss", "us", "--aud", "you", "--json"];
            let read = house.ok(&good).json();
            assert_eq!((&read["alg"], &read["claims"]["n"]), (&alg.into(), &3.into()));
            house.ok(&["jwt", "verify", "token", "--aud", "you"]);
            house.fails(5, &["jwt", "verify", "token", "--jwks", "jwks.json"]);
            house.fails(5, &["jwt", "verify", "token", "--jwks", "jwks.json", "--aud", "them"]);
            house.fails(5, &["jwt", "verify", "token", "--jwks", "jwks.json", "--aud", "you", "--iss", "them"]);
        }
        house.write("claims", br#"{"exp": 100, "iss": "us"}"#);
        house.write("token", &house.ok(&["jwt", "sign", "--key", "ed", "--claims", "claims"]).out);
        house.fails(5, &["jwt", "verify", "token", "--jwks", "jwks.json"]);
        house.write("token", b"a.b");
        house.fails(1, &["jwt", "verify", "token", "--jwks", "jwks.json"]);
        house.write("claims", b"[]");
        house.fails(1, &["jwt", "sign", "--key", "ed", "--claims", "claims"]);
        house.fails(2, &["jwt", "sign", "--key", "ed", "--alg", "RS256"]);
    });
}

#[test]
fn a_retired_key_stays_published() {
    in_every_house(|house| {
        with_keys(house);
        let old = kid(house, "ed");
        house.write("token", &house.ok(&["jwt", "sign", "--key", "ed"]).out);
        house.fails(8, &["key", "create", "--label", "ed", "--type", "ed25519"]);
        house.ok(&["key", "create", "--label", "ed", "--type", "ed25519", "--replace"]);
        house.fails(4, &["sign", "--key", &old, "message"]);
        let now = house.ok(&["jwt", "sign", "--key", "ed", "--json"]).json();
        assert_ne!(now["kid"], old.as_str());
        house.ok(&["jwks", "-o", "jwks.json", "--force"]);
        house.ok(&["jwt", "verify", "token", "--jwks", "jwks.json"]);
        house.fails(3, &["sign", "--key", "nobody", "message"]);
        house.fails(2, &["key", "create", "--label", "weak", "--type", "rsa-1024"]);
        house.fails(2, &["key", "create", "--label", "odd", "--type", "ed25519", "--alg", "RS256"]);
    });
}

/// The store failed after the token had made the pair, and the pair stayed in the token, active and published.
#[test]
fn a_pair_that_the_store_refuses_is_destroyed() {
    in_every_house(|house| {
        house.ok(&["key", "create", "--label", "first", "--type", "ed25519"]);
        let store = rusqlite::Connection::open(house.path(".local/share/hsm/keyring.db")).unwrap();
        store.execute_batch("CREATE TRIGGER full BEFORE INSERT ON signing_key BEGIN SELECT RAISE(FAIL, 'full'); END").unwrap();
        let published = house.ok(&["jwks"]).text();
        for kind in ["ed25519", "ec", "rsa-2048"] {
            house.fails(8, &["key", "create", "--label", "second", "--type", kind]);
            house.fails(8, &["key", "create", "--label", "first", "--type", kind, "--replace"]);
        }
        assert_eq!(house.ok(&["jwks"]).text(), published);
        store.execute_batch("DROP TRIGGER full").unwrap();
        house.ok(&["key", "create", "--label", "first", "--type", "ed25519", "--replace"]);
    });
}
