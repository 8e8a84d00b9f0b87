//! What the command signs, openssl verifies; and the command verifies what it signed, from the token and from a JWK set.

use crate::Hsm;
use hsm_tests::*;

#[test]
fn signatures() {
    on_each(|home| {
        let (Some(hsm), Some(openssl)) = (Hsm::with_token(home), Tool::on_path("openssl")) else { return };
        hsm.write("message", b"what is signed");
        let path = |name: &str| home.file(name).display().to_string();
        let (message, public, signature) = (path("message"), path("public.pem"), path("signature"));
        for (kind, options) in [("rsa-2048", "dgst -sha256"), ("ec", "dgst -sha256"), ("ed25519", "")] {
            hsm.ok(&["key", "create", "--label", kind, "--type", kind]);
            let pem = hsm.ok(&["key", "public", "--key", kind]);
            home.write("public.pem", &pem);
            hsm.ok(&["sign", "--key", kind, "message", "--encoding", "der", "-o", "signature", "-f"]);
            let line = match options {
                "" => format!("pkeyutl -verify -rawin -pubin -inkey {public} -in {message} -sigfile {signature}"),
                _ => format!("{options} -verify {public} -signature {signature} {message}"),
            };
            openssl.succeed(&line.split_whitespace().collect::<Vec<_>>(), b"");
            hsm.ok(&["sign", "--key", kind, "message", "-o", "raw", "-f"]);
            hsm.ok(&["verify", "--key", kind, "-s", "raw", "message"]);
            hsm.flip("raw", 10);
            hsm.ends(5, &["verify", "--key", kind, "-s", "raw", "message"]);
        }
    });
}

#[test]
fn tokens_and_key_sets() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_token(home) else { return };
        for kind in ["rsa-2048", "ec", "ed25519"] {
            hsm.ok(&["key", "create", "--label", kind, "--type", kind]);
        }
        hsm.ok(&["jwks", "-o", "jwks.json"]);
        let set = String::from_utf8(hsm.read("jwks.json")).expect("JSON");
        for part in ["\"RSA\"", "\"EC\"", "\"OKP\"", "\"kid\""] {
            assert!(set.contains(part), "{part} in {set}");
        }
        for private in ["\"d\"", "\"p\"", "\"q\""] {
            assert!(!set.contains(private), "{private} in {set}");
        }
        for kind in ["rsa-2048", "ec", "ed25519"] {
            let jwt = hsm.ok(&["jwt", "sign", "--key", kind, "--sub", "me", "--aud", "you"]);
            hsm.write("jwt", &jwt);
            hsm.ok(&["jwt", "verify", "jwt", "--jwks", "jwks.json", "--aud", "you"]);
            hsm.ends(5, &["jwt", "verify", "jwt", "--jwks", "jwks.json", "--aud", "others"]);
            let at = jwt.len() / 2;
            let altered = if jwt[at] == b'A' { b'B' } else { b'A' };
            hsm.write("altered", &[&jwt[..at], &[altered], &jwt[at + 1..]].concat());
            hsm.ends(5, &["jwt", "verify", "altered", "--jwks", "jwks.json", "--aud", "you"]);
        }
    });
}
