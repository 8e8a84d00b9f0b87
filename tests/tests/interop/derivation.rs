//! Derivations beside those of `openssl kdf`.

use hsm_tests::*;

/// What the command derives, as bytes.
fn openssl(tool: &Tool, len: usize, options: &[&str], name: &str) -> Vec<u8> {
    let len = len.to_string();
    let mut arguments = vec!["kdf", "-keylen", &len, "-binary"];
    options.iter().for_each(|option| arguments.extend(["-kdfopt", option]));
    arguments.push(name);
    tool.succeed(&arguments, b"")
}

#[test]
fn openssl_derives_the_same() {
    let Some(tool) = Tool::on_path("openssl") else { return };
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (generic, aes) = (session.base_of(b"a secret to begin with"), aes(session));
        let secret = "hexkey:6120736563726574 20746f20626567696e2077697468".replace(' ', "");
        let secret_of_tls = secret.replace("hexkey", "hexsecret");
        let label = "hexsalt:6c6162656c";
        let mut tally = Tally::new("openssl kdf");
        let hkdf = Layout::new().word(0x101usize).word(CKM_SHA384).word(CKF_HKDF_SALT_DATA);
        let hkdf = hkdf.bytes(b"salt").word(0usize).bytes(b"info");
        let tls = Layout::new().word(CKM_SHA256).bytes(b"label").bytes(&[1; 32]).bytes(&[2; 32]).word(0usize).word(0usize);
        let seed = format!("hexseed:6c6162656c{}{}", "01".repeat(32), "02".repeat(32));
        for (name, mechanism, base, options, function) in [
            (
                "HKDF",
                Mechanism::structure(CKM_HKDF_DERIVE, hkdf),
                generic,
                vec!["digest:SHA384", &secret, "salt:salt", "info:info"],
                "HKDF",
            ),
            ("TLS", Mechanism::structure(CKM_TLS_KDF, tls), generic, vec!["digest:SHA256", &secret_of_tls, &seed], "TLS1-PRF"),
            (
                "counter, HMAC",
                kbkdf(CKM_SP800_108_COUNTER_KDF, CKM_SHA512_HMAC),
                generic,
                vec!["mac:HMAC", "digest:SHA512", &secret, label, "info:context", "mode:counter"],
                "KBKDF",
            ),
            (
                "counter, CMAC",
                kbkdf(CKM_SP800_108_COUNTER_KDF, CKM_AES_CMAC),
                aes,
                vec!["mac:CMAC", "cipher:AES-128-CBC", "hexkey:07070707070707070707070707070707", label, "info:context"],
                "KBKDF",
            ),
            (
                "feedback",
                kbkdf(CKM_SP800_108_FEEDBACK_KDF, CKM_SHA_1_HMAC),
                generic,
                vec!["mac:HMAC", "digest:SHA1", &secret, label, "info:context", "mode:feedback", "seed:twenty bytes of seed"],
                "KBKDF",
            ),
        ] {
            let template = Template::shown().ulong(CKA_VALUE_LEN, 100);
            let derived = session.derive(&mechanism, base, &template).and_then(|key| session.attribute(key, CKA_VALUE));
            tally.equal(name, derived, Ok(openssl(&tool, 100, &options, function)));
        }
    });
}

fn aes(session: Session<'_>) -> Object {
    let template = Template::key(CKO_SECRET_KEY, CKK_AES).bool(CKA_DERIVE, true).bytes(CKA_VALUE, &[7; 16]);
    session.create(&template).expect("an AES key")
}

/// {K(i-1)} || [i] || label || 0x00 || context || [L], numbers of 32 bits, as OpenSSL has it.
fn kbkdf(kind: CK_MECHANISM_TYPE, prf: CK_MECHANISM_TYPE) -> Mechanism {
    let number = Layout::new().word(false).word(32usize);
    let length = Layout::new().word(CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS).word(false).word(32usize);
    let feedback = kind == CKM_SP800_108_FEEDBACK_KDF;
    let mut input = Layout::new().word(CK_SP800_108_ITERATION_VARIABLE);
    if feedback {
        input = input.word(0usize).word(0usize).word(CK_SP800_108_COUNTER);
    }
    let input = input.pointer(number).word(16usize).word(CK_SP800_108_BYTE_ARRAY).bytes(b"label\0context");
    let input = input.word(CK_SP800_108_DKM_LENGTH).pointer(length).word(24usize);
    let layout = Layout::new().word(prf).word(if feedback { 4usize } else { 3 }).pointer(input);
    let layout = if feedback { layout.word(20usize).address(b"twenty bytes of seed") } else { layout };
    Mechanism::structure(kind, layout.word(0usize).word(0usize))
}
