//! Certificates, imported keys and data objects by pkcs11-tool.

use crate::Pkcs11Tool;
use hsm_tests::*;

#[test]
fn write_read_and_delete() {
    isolated(|home| {
        let Some(tool) = Pkcs11Tool::with_token(home) else { return };
        let Some(openssl) = Tool::on_path("openssl") else { return };
        let path = |name: &str| home.file(name).display().to_string();
        let (key, certificate) = (path("key.pem"), path("certificate.pem"));
        let (key_der, der) = (path("key.der"), path("certificate.der"));
        let request = "req -x509 -newkey rsa:2048 -nodes -subj /CN=test -days 30 -keyout";
        let arguments: Vec<&str> = request.split(' ').chain([key.as_str(), "-out", &certificate]).collect();
        openssl.succeed(&arguments, b"");
        openssl.succeed(&["x509", "-in", &certificate, "-outform", "DER", "-out", &der], b"");
        openssl.succeed(&["rsa", "-in", &key, "-outform", "DER", "-out", &key_der], b"");
        tool.run(&["--write-object", &der, "--type", "cert", "--id", "07", "--label", "certificate"]);
        let back = path("back.der");
        tool.run(&["--read-object", "--type", "cert", "--id", "07", "--output-file", &back]);
        let read = |file: &str| std::fs::read(file).expect("a file");
        assert_eq!(read(&back), read(&der));
        let listed = tool.run(&["--list-objects", "--type", "cert"]);
        assert!(listed.contains("CN=test"), "{listed}");

        tool.run(&["--write-object", &key_der, "--type", "privkey", "--id", "07", "--label", "imported", "--usage-sign"]);
        let (data, signature) = (home.write("data", b"signed").display().to_string(), path("signature"));
        tool.run(&["--sign", "--id", "07", "-m", "SHA256-RSA-PKCS", "--input-file", &data, "--output-file", &signature]);
        let public = path("public.pem");
        openssl.succeed(&["x509", "-in", &certificate, "-pubkey", "-noout", "-out", &public], b"");
        openssl.succeed(&["dgst", "-sha256", "-verify", &public, "-signature", &signature, &data], b"");

        tool.run(&["--delete-object", "--type", "cert", "--id", "07"]);
        let listed = tool.run(&["--list-objects", "--type", "cert"]);
        assert!(!listed.contains("CN=test"), "{listed}");
    });
}

#[test]
fn data_objects() {
    isolated(|home| {
        let Some(tool) = Pkcs11Tool::with_token(home) else { return };
        let (data, back) = (home.write("data", b"some data"), home.file("back"));
        let (data, back_path) = (data.display().to_string(), back.display().to_string());
        let private = ["--type", "data", "--label", "note", "--private"];
        tool.run(&[&["--write-object", &data], &private[..]].concat());
        tool.run(&["--read-object", "--type", "data", "--label", "note", "--output-file", &back_path]);
        assert_eq!(std::fs::read(&back).expect("a file"), b"some data");
        tool.run(&["--delete-object", "--type", "data", "--label", "note"]);
    });
}
