//! Keys by pkcs11-tool: generate, sign, verify, encrypt, decrypt, wrap, unwrap, list, delete.

use crate::Pkcs11Tool;
use hsm_tests::*;

#[test]
fn sign_and_verify() {
    isolated(|home| {
        let Some(tool) = Pkcs11Tool::with_token(home) else { return };
        let (data, digest) = (home.write("data", b"what is signed"), home.write("digest", &[7; 32]));
        let cases = [
            ("rsa:2048", "SHA256-RSA-PKCS", &data),
            ("rsa:2048", "RSA-PKCS", &digest),
            ("rsa:2048", "SHA256-RSA-PKCS-PSS", &data),
            ("EC:prime256v1", "ECDSA", &digest),
            ("EC:prime256v1", "ECDSA-SHA256", &data),
            ("EC:secp384r1", "ECDSA-SHA384", &data),
            ("EC:secp521r1", "ECDSA-SHA512", &data),
            ("EC:edwards25519", "EDDSA", &data),
        ];
        for (number, (kind, mechanism, input)) in cases.into_iter().enumerate() {
            let (label, id) = (format!("{kind} {mechanism}"), format!("a{number}"));
            tool.run(&["--keypairgen", "--key-type", kind, "--id", &id, "--label", &label, "--usage-sign"]);
            let (input, signature) = (input.display().to_string(), home.file("signature"));
            let signature = signature.display().to_string();
            let use_key = ["--id", &id, "--mechanism", mechanism, "--input-file", &input];
            tool.run(&[&["--sign"], &use_key[..], &["--output-file", &signature]].concat());
            let said = tool.run(&[&["--verify"], &use_key[..], &["--signature-file", &signature]].concat());
            assert!(said.contains("Signature is valid"), "{label}: {said}");
        }
    });
}

#[test]
fn encrypt_and_decrypt() {
    isolated(|home| {
        let Some(tool) = Pkcs11Tool::with_token(home) else { return };
        let data = home.write("data", &[9; 32]).display().to_string();
        let (cipher, plain) = (home.file("cipher"), home.file("plain"));
        let (cipher, plain_path) = (cipher.display().to_string(), plain.display().to_string());
        tool.run(&["--keygen", "--key-type", "AES:32", "--id", "03", "--label", "aes", "--usage-decrypt"]);
        let iv = "000102030405060708090a0b0c0d0e0f";
        for mechanism in ["AES-CBC", "AES-CBC-PAD"] {
            let key = ["--id", "03", "--mechanism", mechanism, "--iv", iv];
            tool.run(&[&["--encrypt", "--input-file", &data, "--output-file", &cipher], &key[..]].concat());
            tool.run(&[&["--decrypt", "--input-file", &cipher, "--output-file", &plain_path], &key[..]].concat());
            assert_eq!(std::fs::read(&plain).expect("a file"), [9; 32], "{mechanism}");
        }
    });
}

#[test]
fn wrap_and_unwrap() {
    isolated(|home| {
        let Some(tool) = Pkcs11Tool::with_token(home) else { return };
        let wrapped = home.file("wrapped").display().to_string();
        tool.run(&["--keygen", "--key-type", "AES:32", "--id", "04", "--label", "wrapping", "--usage-wrap"]);
        tool.run(&["--keygen", "--key-type", "AES:32", "--id", "05", "--label", "wrapped", "--extractable"]);
        let with = ["--mechanism", "AES-KEY-WRAP", "--id", "04"];
        tool.run(&[&["--wrap", "--application-id", "05", "--output-file", &wrapped], &with[..]].concat());
        let made = ["--application-id", "06", "--application-label", "unwrapped", "--key-type", "AES:"];
        tool.run(&[&["--unwrap", "--input-file", &wrapped], &with[..], &made].concat());
        let said = tool.run(&["--list-objects", "--type", "secrkey"]);
        assert!(said.contains("unwrapped"), "{said}");
    });
}

#[test]
fn list_and_delete() {
    isolated(|home| {
        let Some(tool) = Pkcs11Tool::with_token(home) else { return };
        tool.run(&["--keypairgen", "--key-type", "EC:prime256v1", "--id", "0b", "--label", "short-lived"]);
        tool.run(&["--keygen", "--key-type", "AES:16", "--id", "0c", "--label", "short-lived too"]);
        let listed = tool.run(&["--list-objects"]);
        assert_eq!(listed.matches("short-lived").count(), 3, "{listed}");
        for (kind, id) in [("privkey", "0b"), ("pubkey", "0b"), ("secrkey", "0c")] {
            tool.run(&["--delete-object", "--type", kind, "--id", id]);
        }
        let listed = tool.run(&["--list-objects"]);
        assert!(!listed.contains("short-lived"), "{listed}");
    });
}
