//! Keys brought in from files and taken out again, and openssl's word on both.

mod house;

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use house::{House, in_every_house};

/// What openssl makes, and what the command calls it.
const KEYS: [(&str, &[&str], &str); 5] = [
    ("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "RSA-2048"),
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "P-256"),
    ("p384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "P-384"),
    ("p521", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"], "P-521"),
    ("ed25519", &["-algorithm", "ED25519"], "Ed25519"),
];

/// Runs openssl in the house; None, loudly, where there is none.
fn openssl(house: &House, args: &[&str]) -> Option<Vec<u8>> {
    match Command::new("openssl").args(args).current_dir(house.path(".")).output() {
        Ok(output) => {
            assert!(output.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
            Some(output.stdout)
        }
        Err(_) => {
            eprintln!("\n*** SKIPPED: no openssl command ***\n");
            None
        }
    }
}

/// The key called `name` in every file format that openssl writes.
fn files(house: &House, name: &str, options: &[&str]) -> Option<Vec<String>> {
    let pem = format!("{name}.pem");
    openssl(house, &[&["genpkey", "-out", &pem][..], options].concat())?;
    let mut files = vec![pem.clone()];
    let mut write = |suffix: &str, args: &[&str]| {
        let file = format!("{name}.{suffix}");
        openssl(house, &[args, &["-in", &pem, "-out", &file]].concat()).unwrap();
        files.push(file);
    };
    write("encrypted.pem", &["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "file:password"]);
    if name != "ed25519" {
        write("old.pem", &["pkey", "-traditional"]);
    }
    if name != "rsa" && name != "p256" {
        return Some(files);
    }
    write("der", &["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"]);
    write("encrypted.der", &["pkcs8", "-topk8", "-v2", "aes-128-cbc", "-outform", "DER", "-passout", "file:password"]);
    write("scrypt.pem", &["pkcs8", "-topk8", "-scrypt", "-passout", "file:password"]);
    write("3des.pem", &["pkcs8", "-topk8", "-v2", "des3", "-v2prf", "hmacWithSHA1", "-passout", "file:password"]);
    write("old.der", &["pkey", "-traditional", "-outform", "DER"]);
    Some(files)
}

fn passwords(house: &House) {
    house.write("password", b"a password\n");
    house.write("wrong-password", b"another password\n");
    house.write("message", b"a message\n");
}

#[test]
fn every_form_comes_in_and_signs() {
    in_every_house(|house| {
        passwords(house);
        for (name, options, kind) in KEYS {
            let Some(files) = files(house, name, options) else { return };
            openssl(house, &["pkey", "-in", &files[0], "-pubout", "-out", "public.pem"]).unwrap();
            let public = house.read("public.pem");
            for file in files {
                let import = ["key", "import", &file, "--label", &file, "--password-source", "file:password", "--json"];
                let made = house.ok(&import).json();
                assert_eq!((&made["type"], &made["extractable"]), (&kind.into(), &false.into()), "{file}: {made}");
                let sealed = made["by"].as_str().unwrap().contains("sealed to the token");
                assert_eq!(sealed, house.subject.name == "hsm-sim", "{made}");
                assert_eq!(house.ok(&["key", "public", "--key", &file]).out, public, "{file}");
                house.ok(&["sign", "--key", &file, "message", "-o", "signature", "--force"]);
                house.ok(&["verify", "--key", &file, "-s", "signature", "message"]);
                if file == format!("{name}.pem") {
                    stays_and_stays_one(house, &file);
                }
                forget(house, &file);
            }
        }
    });
}

/// The key of `file`, which was imported under that label, comes in no second time, and does not leave.
fn stays_and_stays_one(house: &House, file: &str) {
    // One key twice would make its kid mean two.
    let error = house.fails(8, &["key", "import", file, "--label", "b"]);
    assert!(error.err.contains("holds this key already"), "{}", error.err);
    let error = house.fails(1, &["key", "export", "--key", file, "-o", "out", "--plain"]);
    assert!(error.err.contains("CKA_EXTRACTABLE"), "{}", error.err);
    assert!(!house.path("out").exists());
}

/// Takes a key out of the token, and out of the store.
fn forget(house: &House, label: &str) {
    let store = rusqlite::Connection::open(house.path(".local/share/hsm/keyring.db")).unwrap();
    store.execute("DELETE FROM signing_key", []).unwrap();
    for class in ["privkey", "pubkey"] {
        let tool = ["--token-label", "t", "--login", "--pin", "1234-user", "--delete-object", "--type", class, "--label", label];
        assert!(house.pkcs11_tool(&tool), "this test needs pkcs11-tool");
    }
}

#[test]
fn what_is_extractable_leaves_and_comes_back() {
    in_every_house(|house| {
        passwords(house);
        for (name, kind) in [("rsa", "rsa-2048"), ("p256", "ec"), ("p384", "p384"), ("p521", "p521"), ("ed25519", "ed25519")] {
            house.ok(&["key", "create", "--label", name, "--type", kind, "--extractable"]);
            let public = house.ok(&["key", "public", "--key", name]).out;
            let export = ["key", "export", "--key", name, "--json"];
            let encrypted = [&export[..], &["-o", "out.pem", "--password-source", "file:password"]].concat();
            let answer = house.run(&encrypted, b"");
            if house.subject.name == "SoftHSMv2" && name == "ed25519" {
                // It wraps no such keys (2.6).
                assert!(answer.code == 1 && answer.err.contains("CKR_KEY_NOT_WRAPPABLE"), "{}", answer.err);
                assert!(!house.path("out.pem").exists());
                continue;
            }
            assert_eq!(answer.code, 0, "{} {name}: {}", house.subject.name, answer.err);
            assert_eq!(answer.json()["encrypted"], true);
            let text = String::from_utf8(house.read("out.pem")).unwrap();
            assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{text}");
            let mode = std::fs::metadata(house.path("out.pem")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let error = house.fails(2, &["key", "export", "--key", name, "-o", "out.pem", "--plain"]);
            assert!(error.err.contains("--force"), "{}", error.err);
            house.ok(&[&encrypted[..], &["--force"]].concat());
            house.ok(&[&export[..], &["-o", "out.der", "--format", "der", "--plain"]].concat());
            house.ok(&[&export[..], &["-o", "plain.pem", "--plain"]].concat());
            let piped = house.ok(&["key", "export", "--key", name, "-o", "-", "--plain"]).out;
            assert_eq!(piped, house.read("plain.pem"));
            for (file, password) in [("out.pem", "file:password"), ("out.der", "pass:"), ("plain.pem", "pass:")] {
                let form = if file.ends_with("der") { "DER" } else { "PEM" };
                let read = ["pkey", "-in", file, "-inform", form, "-passin", password, "-pubout"];
                let Some(same) = openssl(house, &read) else { return };
                assert_eq!(same, public, "{name} {file}");
                openssl(house, &["pkey", "-in", file, "-inform", form, "-passin", password, "-check", "-noout"]).unwrap();
            }
            for file in ["out.pem", "out.der", "plain.pem"] {
                std::fs::remove_file(house.path(file)).unwrap();
            }
        }
        // Not even an extractable key comes out without a password or a clear word.
        house.fails(6, &["key", "export", "--key", "rsa", "-o", "out"]);
        house.fails(2, &["key", "export", "--key", "rsa", "-o", "out", "--plain", "--password-source", "file:password"]);
        house.fails(3, &["key", "export", "--key", "nobody", "-o", "out", "--plain"]);
        assert!(!house.path("out").exists());
    });
}

#[test]
fn wrong_passwords_and_foreign_files() {
    in_every_house(|house| {
        passwords(house);
        let Some(files) = files(house, KEYS[1].0, KEYS[1].1) else { return };
        let before = objects(house);
        for file in files.iter().filter(|file| file.contains("encrypted") || file.contains("scrypt")) {
            let error = house.fails(6, &["key", "import", file, "--label", "k", "--password-source", "file:wrong-password"]);
            assert!(error.err.contains("password is wrong") && !error.err.contains("another password"), "{}", error.err);
            let error = house.fails(2, &["key", "import", file, "--label", "k", "--password-source", "a password"]);
            assert!(!error.err.contains("a password"), "{}", error.err);
            house.fails(6, &["key", "import", file, "--label", "k", "--password-source", "env:NOT_SET"]);
        }
        for (content, code) in [(&b""[..], 1), (b"hello", 1), (&[0x30, 0x03, 2, 1, 0], 1), (&vec![b'a'; 70_000], 1)] {
            house.write("foreign", content);
            house.fails(code, &["key", "import", "foreign", "--label", "k"]);
        }
        openssl(house, &["genpkey", "-algorithm", "X25519", "-out", "x.pem"]).unwrap();
        house.fails(1, &["key", "import", "x.pem", "--label", "k"]);
        openssl(house, &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-out", "k1.pem"]).unwrap();
        house.fails(1, &["key", "import", "k1.pem", "--label", "k"]);
        openssl(house, &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", "weak.pem"]).unwrap();
        house.fails(1, &["key", "import", "weak.pem", "--label", "k"]);
        house.fails(3, &["key", "import", "nothing", "--label", "k"]);
        house.fails(2, &["key", "import", &files[0], "--label", "k", "--alg", "RS256"]);
        house.fails(2, &["key", "import", &files[0], "--label", " k"]);
        assert_eq!(objects(house), before, "something was left in the token");
    });
}

/// The store failed after the import, and the key stayed in the token.
#[test]
fn a_key_that_the_store_refuses_is_taken_out_again() {
    in_every_house(|house| {
        passwords(house);
        let Some(files) = files(house, KEYS[1].0, KEYS[1].1) else { return };
        house.ok(&["key", "create", "--label", "first", "--type", "ed25519"]);
        let before = objects(house);
        let store = rusqlite::Connection::open(house.path(".local/share/hsm/keyring.db")).unwrap();
        store.execute_batch("CREATE TRIGGER full BEFORE INSERT ON signing_key BEGIN SELECT RAISE(FAIL, 'full'); END").unwrap();
        house.fails(8, &["key", "import", &files[0], "--label", "k"]);
        house.fails(8, &["key", "import", &files[0], "--label", "first"]);
        assert_eq!(objects(house), before);
        store.execute_batch("DROP TRIGGER full").unwrap();
        house.ok(&["key", "import", &files[0], "--label", "first", "--replace"]);
        house.ok(&["sign", "--key", "first", "message", "-o", "signature"]);
    });
}

/// How many objects the token holds, as pkcs11-tool lists them.
fn objects(house: &House) -> usize {
    let mut tool = Command::new("pkcs11-tool");
    tool.envs(house.command(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))));
    tool.arg("--module").arg(&house.subject.module).args(["--token-label", "t", "--login", "--pin", "1234-user", "-O"]);
    let Ok(output) = tool.output() else { return 0 };
    String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.contains("Object")).count()
}

#[test]
fn aes_and_public_keys() {
    in_every_house(|house| {
        passwords(house);
        for len in [16, 24, 32] {
            house.write("aes", &vec![7; len]);
            let label = format!("aes-{len}");
            let made = house.ok(&["key", "import", "aes", "--type", "aes", "--label", &label, "--json"]).json();
            assert_eq!(made["type"], format!("AES-{}", 8 * len));
        }
        // It wraps nothing, so that it is no master key.
        assert_eq!(house.ok(&["mek", "list", "--json"]).json()["meks"].as_array().unwrap().len(), 0);
        for len in [0, 15, 33] {
            house.write("aes", &vec![7; len]);
            house.fails(1, &["key", "import", "aes", "--type", "aes", "--label", "odd"]);
        }
        for (name, options, _) in KEYS {
            let Some(files) = files(house, name, options) else { return };
            let public = format!("{name}.pub");
            openssl(house, &["pkey", "-in", &files[0], "-pubout", "-out", &public]).unwrap();
            let made = house.ok(&["key", "import", &public, "--label", &public, "--json"]).json();
            assert_eq!(made["public"], true, "{made}");
            house.fails(2, &["key", "import", &public, "--label", "p", "--extractable"]);
        }
        assert_eq!(house.ok(&["key", "list", "--json"]).json()["keys"].as_array().unwrap().len(), 0);
    });
}

#[test]
fn public_halves_in_der() {
    in_every_house(|house| {
        for kind in ["rsa-2048", "ec", "p384", "p521", "ed25519"] {
            house.ok(&["key", "create", "--label", kind, "--type", kind]);
            house.ok(&["key", "public", "--key", kind, "--format", "der", "-o", "public.der", "--force"]);
            let pem = house.ok(&["key", "public", "--key", kind]).out;
            let Some(same) = openssl(house, &["pkey", "-pubin", "-inform", "DER", "-in", "public.der"]) else { return };
            assert_eq!(same, pem, "{kind}");
            assert_eq!(house.ok(&["key", "public", "--key", kind, "--format", "der"]).out, house.read("public.der"));
            house.ok(&["key", "public", "--key", kind, "-o", "public.pem", "--force", "--json"]);
            assert_eq!(house.read("public.pem"), pem);
        }
        house.fails(2, &["key", "public", "--key", "ec", "-o", "public.pem"]);
    });
}
