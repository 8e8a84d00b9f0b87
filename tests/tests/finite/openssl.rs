//! The `openssl` command on the other side: it reads the module's private keys, signs what the module verifies, verifies what the module
//! signs, and agrees with it on secrets.

use hsm_tests::*;

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// A new pair, its private key as PKCS #8 and its public one as SubjectPublicKeyInfo in files.
fn pair(home: &Home, session: Session<'_>, key_type: CK_KEY_TYPE, name: &str) -> (Pair, String, String) {
    let public = domain(key_type);
    let made = session.generate_pair(&pair_generation(key_type), &public, &Template::shown()).expect("a key pair");
    let (aes, pad) = (session.aes(32), Mechanism::bytes(CKM_AES_CBC_PAD, &[0; 16]));
    let wrapped = session.wrap(&pad, aes, made.1).expect("C_WrapKey");
    let private = session.decrypt(&pad, aes, &wrapped).expect("C_Decrypt");
    let file = |suffix: &str, bytes: &[u8]| home.write(&format!("{name}.{suffix}"), bytes).display().to_string();
    let public = session.public_key_info(made.0).expect("attributes");
    (Pair { public: made.0, private: made.1 }, file("key", &private), file("pub", &public))
}

#[test]
fn signatures() {
    isolated(|home| {
        let Some(openssl) = Tool::on_path("openssl") else { return };
        let token = home.legacy_token();
        let session = token.user();
        let (ours, private, public) = pair(home, session, CKK_DSA, "dsa");
        let sha256 = Mechanism::bare(CKM_DSA_SHA256);
        let signature = session.sign(&sha256, ours.private, b"message").expect("C_Sign");
        let file = home.write("signature", &signature_to_der(&signature)).display().to_string();
        let line = format!("dgst -sha256 -verify {public} -keyform DER -signature {file}");
        openssl.succeed(&words(&line), b"message");
        let line = format!("dgst -sha256 -sign {private} -keyform DER");
        let signature = openssl.succeed(&words(&line), b"message");
        assert_eq!(session.verify(&sha256, ours.public, b"message", &signature_from_der(&signature, 20)), Ok(()));
    });
}

#[test]
fn secrets() {
    isolated(|home| {
        let Some(openssl) = Tool::on_path("openssl") else { return };
        let token = home.legacy_token();
        let session = token.user();
        for (name, key_type) in [("dh", CKK_DH), ("dhx", CKK_X9_42_DH)] {
            let (ours, _, our_file) = pair(home, session, key_type, name);
            let (theirs, their_file, _) = pair(home, session, key_type, "other");
            let line = format!("pkeyutl -derive -inkey {their_file} -keyform DER -peerkey {our_file} -peerform DER");
            let secret = openssl.succeed(&words(&line), b"");
            let value = session.attribute(theirs.public, CKA_VALUE).expect("CKA_VALUE");
            let mechanism = match key_type {
                CKK_DH => Mechanism::bytes(CKM_DH_PKCS_DERIVE, &value),
                _ => Mechanism::ecdh(CKM_X9_42_DH_DERIVE, CKD_NULL, b"", &value),
            };
            let derived = session.derive(&mechanism, ours.private, &Template::shown()).expect("C_DeriveKey");
            let derived = session.attribute(derived, CKA_VALUE).expect("CKA_VALUE");
            // openssl leaves leading zeros out.
            let zeros = derived.len() - secret.len();
            assert_eq!(
                (derived.len(), &derived[zeros..], derived[..zeros].iter().max().unwrap_or(&0)),
                (128, &secret[..], &0),
                "{name}"
            );
        }
    });
}
