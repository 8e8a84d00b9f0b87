//! Python's package `cryptography` verifies, opens and derives what the module signed, sealed and derived, from the values alone.

use hsm_tests::*;

const TEXT: &[u8] = b"Neither standard nor vector chose these bytes, and they fill no whole number of blocks.";
const KEY: [u8; 32] = *b"0123456789abcdef0123456789ABCDEF";

#[test]
fn cryptography_agrees() {
    isolated(|home| {
        let Some(python) = python() else { return };
        let token = home.token();
        let session = token.user();
        let cases = [signatures(session), ciphers(session), macs(session), derivations(session), agreements(session)].concat();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/other_side.py");
        let output = python.run(&[script], Value::from(cases.clone()).to_string().as_bytes());
        let (told, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{said}");
        assert_eq!(told, "", "of {} cases these do not hold:\n{said}", cases.len());
        let left_out = said.lines().filter(|line| line.starts_with("left out")).count();
        assert!(left_out < cases.len() / 2, "{said}");
    });
}

/// A case that must not hold is told: the script can fail.
#[test]
fn cryptography_can_disagree() {
    isolated(|_| {
        let Some(python) = python() else { return };
        let case =
            json!([{ "name": "wrong", "kind": "mac", "cmac": true, "key": text(&KEY), "message": "00", "mac": text(&[0; 16]) }]);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/other_side.py");
        assert_eq!(python.run(&[script], case.to_string().as_bytes()).stdout, b"wrong\n");
    });
}

/// A Python that has the package; the system's own may, where the first on the PATH has not.
fn python() -> Option<Tool> {
    let found = [Tool::on_path("python3")?, Tool::at("/usr/bin/python3")].into_iter();
    let found = found.filter(|python| python.path().is_file());
    let mut able = found.filter(|python| python.run(&["-c", "import cryptography"], &[]).status.success());
    able.next().or_else(|| {
        skip("Python's cryptography", "it is not installed");
        None
    })
}

fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn signatures(session: Session<'_>) -> Vec<Value> {
    let mut cases = Vec::new();
    let mut case = |name: &str, kind: &str, mechanism: &Mechanism, pair: Pair, hash: &str, pss: bool| {
        let signature = session.sign(mechanism, pair.private, TEXT).expect("C_Sign");
        let key = session.attribute(pair.public, CKA_PUBLIC_KEY_INFO).expect("CKA_PUBLIC_KEY_INFO");
        let signed = json!({ "signature": text(&signature), "message": text(TEXT), "key": text(&key) });
        cases.push(merged(json!({ "name": name, "kind": kind, "hash": hash, "pss": pss }), signed));
    };
    let rsa = session.rsa(2048);
    let pss = |kind, hash, mgf, salt| Mechanism::pss(kind, hash, mgf, salt);
    case("RSA SHA-256", "rsa", &Mechanism::bare(CKM_SHA256_RSA_PKCS), rsa, "sha256", false);
    case("RSA SHA3-256", "rsa", &Mechanism::bare(CKM_SHA3_256_RSA_PKCS), rsa, "sha3-256", false);
    case("PSS SHA-256", "rsa", &pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32), rsa, "sha256", true);
    case("PSS SHA-512", "rsa", &pss(CKM_SHA512_RSA_PKCS_PSS, CKM_SHA512, CKG_MGF1_SHA512, 64), rsa, "sha512", true);
    for (name, curve, kind, hash) in [
        ("P-256", oid::P256, CKM_ECDSA_SHA256, "sha256"),
        ("P-384", oid::P384, CKM_ECDSA_SHA384, "sha384"),
        ("P-521", oid::P521, CKM_ECDSA_SHA512, "sha512"),
        ("secp256k1", oid::SECP256K1, CKM_ECDSA_SHA256, "sha256"),
        ("brainpoolP256r1", oid::BRAINPOOL_P256R1, CKM_ECDSA_SHA256, "sha256"),
        ("brainpoolP384r1", oid::BRAINPOOL_P384R1, CKM_ECDSA_SHA3_256, "sha3-256"),
    ] {
        case(name, "ecdsa", &Mechanism::bare(kind), session.ec(curve), hash, false);
    }
    case("Ed25519", "eddsa", &Mechanism::bare(CKM_EDDSA), session.ed25519(), "", false);
    let public = Template::new().ulong(CKA_PARAMETER_SET, CKP_ML_DSA_65);
    let (public, private) =
        session.generate_pair(&Mechanism::bare(CKM_ML_DSA_KEY_PAIR_GEN), &public, &Template::new()).expect("an ML-DSA pair");
    case("ML-DSA-65", "mldsa", &Mechanism::bare(CKM_ML_DSA), Pair { public, private }, "", false);
    cases
}

fn ciphers(session: Session<'_>) -> Vec<Value> {
    let (aes, chacha) = (session.key_of(CKK_AES, &KEY), session.key_of(CKK_CHACHA20, &KEY));
    let (nonce, aad) = ([7; 12], b"header");
    let mut cases: Vec<Value> = [
        ("gcm", Mechanism::gcm(&nonce, aad, 128), aes),
        ("ccm", Mechanism::ccm(TEXT.len(), &nonce, aad, 16), aes),
        ("chacha", Mechanism::chacha20_poly1305(&nonce, 96, aad), chacha),
    ]
    .into_iter()
    .map(|(cipher, mechanism, key)| {
        let sealed = session.encrypt(&mechanism, key, TEXT).expect("C_Encrypt");
        let parts = json!({ "nonce": text(&nonce), "aad": text(aad), "sealed": text(&sealed) });
        let whole = merged(json!({ "name": cipher, "kind": "sealed", "cipher": cipher }), parts);
        merged(whole, json!({ "key": text(&KEY), "message": text(TEXT) }))
    })
    .collect();
    let sealed = session.encrypt(&Mechanism::ctr(128, [9; 16]), aes, TEXT).expect("C_Encrypt");
    cases.push(json!({ "name": "CTR", "kind": "ctr", "key": text(&KEY), "nonce": text(&[9; 16]), "sealed": text(&sealed), "message": text(TEXT) }));
    for (name, kind, padded, len) in [("KW", CKM_AES_KEY_WRAP, false, 40), ("KWP", CKM_AES_KEY_WRAP_KWP, true, 41)] {
        let wrapped = session.wrap(&Mechanism::bare(kind), aes, session.secret_of(&TEXT[..len])).expect("C_WrapKey");
        let (message, wrapped) = (text(&TEXT[..len]), text(&wrapped));
        cases.push(json!({ "name": name, "kind": "wrapped", "padded": padded, "key": text(&KEY), "wrapped": wrapped, "message": message }));
    }
    cases
}

fn macs(session: Session<'_>) -> Vec<Value> {
    let (aes, secret) = (session.key_of(CKK_AES, &KEY), session.secret_of(&KEY));
    let kinds = [
        ("CMAC", CKM_AES_CMAC, aes, ""),
        ("HMAC SHA-256", CKM_SHA256_HMAC, secret, "sha256"),
        ("HMAC SHA-384", CKM_SHA384_HMAC, secret, "sha384"),
        ("HMAC SHA3-256", CKM_SHA3_256_HMAC, secret, "sha3-256"),
    ];
    let case = |(name, kind, key, hash): (&str, CK_MECHANISM_TYPE, Object, &str)| {
        let mac = session.sign(&Mechanism::bare(kind), key, TEXT).expect("C_Sign");
        let head = json!({ "name": name, "kind": "mac", "cmac": hash.is_empty(), "hash": hash });
        merged(head, json!({ "key": text(&KEY), "message": text(TEXT), "mac": text(&mac) }))
    };
    kinds.into_iter().map(case).collect()
}

fn derivations(session: Session<'_>) -> Vec<Value> {
    let base = session.base_of(&KEY);
    let (salt, info) = (b"salt", b"info");
    // CK_HKDF_PARAMS: both steps; the two CK_BBOOLs share a word.
    let layout = Layout::new().word(0x0101_usize).word(CKM_SHA512).word(CKF_HKDF_SALT_DATA).bytes(salt).word(0usize).bytes(info);
    let mechanism = Mechanism::structure(CKM_HKDF_DERIVE, layout);
    let template = Template::shown().ulong(CKA_VALUE_LEN, 77);
    let key = session.derive(&mechanism, base, &template).expect("C_DeriveKey");
    let value = session.attribute(key, CKA_VALUE).expect("CKA_VALUE");
    let head = json!({ "name": "HKDF", "kind": "derived", "hash": "sha512", "rounds": 0, "key": text(&KEY) });
    vec![merged(head, json!({ "salt": text(salt), "info": text(info), "value": text(&value) }))]
}

fn agreements(session: Session<'_>) -> Vec<Value> {
    let mut cases = Vec::new();
    for (name, generation, curve, len) in [
        ("p256", CKM_EC_KEY_PAIR_GEN, oid::P256, 32),
        ("p384", CKM_EC_KEY_PAIR_GEN, oid::P384, 48),
        ("p521", CKM_EC_KEY_PAIR_GEN, oid::P521, 66),
        ("secp256k1", CKM_EC_KEY_PAIR_GEN, oid::SECP256K1, 32),
        ("x25519", CKM_EC_MONTGOMERY_KEY_PAIR_GEN, oid::X25519, 32),
    ] {
        let pair = || {
            let public = Template::new().bytes(CKA_EC_PARAMS, curve);
            let private = Template::shown().bool(CKA_DERIVE, true);
            session.generate_pair(&Mechanism::bare(generation), &public, &private).expect("a pair")
        };
        let ((_, ours), (theirs, _)) = (pair(), pair());
        let point = session.attribute(theirs, CKA_EC_POINT).expect("CKA_EC_POINT");
        let peer = content(&point);
        let template = Template::shown().ulong(CKA_CLASS, CKO_SECRET_KEY).ulong(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
        let mechanism = Mechanism::ecdh(CKM_ECDH1_DERIVE, CKD_NULL, &[], peer);
        let key = session.derive(&mechanism, ours, &template.ulong(CKA_VALUE_LEN, len)).expect("C_DeriveKey");
        let [scalar, value] = [ours, key].map(|key| session.attribute(key, CKA_VALUE).expect("CKA_VALUE"));
        let head = json!({ "name": format!("ECDH {name}"), "kind": "agreed", "curve": name });
        cases.push(merged(head, json!({ "key": text(&scalar), "peer": text(peer), "value": text(&value) })));
    }
    cases
}

/// Two objects as one.
fn merged(mut one: Value, other: Value) -> Value {
    let (Some(fields), Value::Object(more)) = (one.as_object_mut(), other) else { panic!("objects") };
    fields.extend(more);
    one
}
