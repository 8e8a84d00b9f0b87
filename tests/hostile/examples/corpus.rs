//! Writes what the corpora of `tests/fuzz` begin with: `cargo run -p hsm-hostile --example corpus`. `tests/fuzz/corpus-from-openssl` makes
//! the keys; the shares are those of `hsm-sim/shares/tests/fixtures`; sequences of calls were found by fuzzing.

use cryptoki_sys::*;
use hsm_client::context::EncryptionContext;
use hsm_client::envelope::{field, seal};
use hsm_hostile::{envelopes, tokens};
use std::fs;
use std::path::PathBuf;

fn main() {
    rows();
    records();
    put("configuration", "all", CONFIGURATION.as_bytes());
    requests();
    put("jwt", "genuine", tokens::GENUINE.as_bytes());
    put("jwt", "keys", &serde_json::to_vec(&*tokens::KEYS).expect("a key set has a JSON form"));
    put("jwt", "claims", br#"{"iss":"me","aud":["a","b"],"sub":"s","exp":4102444800,"nbf":0,"iat":1}"#);
    ciphertexts();
}

fn put(target: &str, name: &str, bytes: &[u8]) {
    let place = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    fs::create_dir_all(&place).expect("a directory");
    fs::write(place.join(name), bytes).expect("a file of the corpus");
}

/// The packed form of `hsm-sim/src/object/attributes.rs`.
fn packed(attributes: &[(CK_ATTRIBUTE_TYPE, &[u8])]) -> Vec<u8> {
    let one = |(kind, value): &(CK_ATTRIBUTE_TYPE, &[u8])| {
        [&kind.to_le_bytes()[..], &(value.len() as u32).to_le_bytes(), value].concat()
    };
    attributes.iter().flat_map(one).collect()
}

fn rows() {
    let [secret, public, private, data] =
        [CKO_SECRET_KEY, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_DATA].map(|class| class.to_le_bytes());
    let yes: &[u8] = &[CK_TRUE];
    let inner = packed(&[(CKA_TOKEN, yes), (CKA_EXTRACTABLE, yes)]);
    let point = hsm_tests::hex(
        "04416b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    );
    for (name, kind, len) in [("aes", CKK_AES, 32), ("generic", CKK_GENERIC_SECRET, 20), ("xts", CKK_AES_XTS, 64)] {
        let value: Vec<u8> = (0..len).collect();
        let kind = kind.to_le_bytes();
        let head: &[(CK_ATTRIBUTE_TYPE, &[u8])] =
            &[(CKA_CLASS, &secret), (CKA_TOKEN, yes), (CKA_PRIVATE, yes), (CKA_LABEL, b"label")];
        let tail: &[(CK_ATTRIBUTE_TYPE, &[u8])] = &[(CKA_VALUE, &value), (CKA_KEY_TYPE, &kind), (CKA_WRAP_TEMPLATE, &inner)];
        put("rows", name, &packed(&[head, tail].concat()));
    }
    put("rows", "data", &packed(&[(CKA_CLASS, &data), (CKA_TOKEN, yes), (CKA_VALUE, b"value")]));
    for (name, class, kind, params, value) in [
        ("ec-private", &private, CKK_EC, hsm_tests::oid::P256, (CKA_VALUE, &[7; 32][..])),
        ("ed25519-private", &private, CKK_EC_EDWARDS, hsm_tests::oid::ED25519, (CKA_VALUE, &[7; 32])),
        ("x25519-private", &private, CKK_EC_MONTGOMERY, hsm_tests::oid::X25519, (CKA_VALUE, &[7; 32])),
        ("ec-public", &public, CKK_EC, hsm_tests::oid::P256, (CKA_EC_POINT, &point)),
    ] {
        let kind = kind.to_le_bytes();
        let mut all: Vec<(CK_ATTRIBUTE_TYPE, &[u8])> =
            vec![(CKA_CLASS, class), (CKA_KEY_TYPE, &kind), (CKA_EC_PARAMS, params), value];
        all.sort_by_key(|(kind, _)| *kind);
        put("rows", name, &packed(&all));
    }
}

fn records() {
    let header = r#"{"format":1,"serial":"0123456789abcdef","made":"00112233445566778899aabbccddeeff","label":"746f6b656e2020202020202020202020202020202020202020202020202020202020","max_pin_failures":10,"so_can_reset_user_pin":false}"#;
    put("records", "header", header.as_bytes());
    let users = [
        &7_u64.to_be_bytes()[..],
        br#"[{"id":"00ff","name":"alice","rights":3},{"id":"01","name":"bob","rights":15}]"#,
        &[9; 32],
    ];
    put("records", "users", &users.concat());
}

fn requests() {
    let policy = r#"{"threshold":2,"custodians":[{"name":"a"},{"name":"b"}],"approval":{"threshold":1,"approvers":[{"name":"x","key":"00"}]}}"#;
    for (name, text) in [
        ("begin", format!(r#"{{"kind":"deal","key":"01","policy":{policy},"user_pin":"1234","timeout":60}}"#)),
        ("restore", r#"{"kind":"restore","manifest":"text","user_pin":"1234"}"#.into()),
        ("contribute", r#"{"custodian":"a","share":"hsmshare1"}"#.into()),
        ("approve", r#"{"approver":"x","signature":"00"}"#.into()),
        ("status", r#"{"log":true}"#.into()),
        ("finish", r#"{"new_user_pin":"12345"}"#.into()),
        ("cancel", r#"{"ceremony":"00"}"#.into()),
    ] {
        put("ceremony", name, text.as_bytes());
        let function = ["begin", "approve", "contribute", "status", "finish", "cancel"].iter().position(|call| *call == name);
        put("recovery", name, &[&[function.unwrap_or(0) as u8, 1][..], text.as_bytes()].concat());
    }
}

fn ciphertexts() {
    let (key, context) = (envelopes::key(), EncryptionContext::empty());
    let mut envelope = Vec::new();
    seal(&key, &context, &b"a message"[..], &mut envelope, |_| {}).expect("an envelope");
    put("envelopes", "envelope", &envelope);
    put("envelopes", "field", &field::seal(&key, &context, b"a value").expect("a field"));
    put("envelopes", "field-text", field::seal_text(&key, &context, b"a value").expect("a field").as_bytes());
    put("envelopes", "uri", b"pkcs11:token=work;serial=0123?pin-source=file:/x");
    put("envelopes", "context", b"a=b\nc=d");
}

const CONFIGURATION: &str = r#"token_dir = "/var/lib/hsm-sim"
log = "warn"
max_pin_failures = 10
so_can_reset_user_pin = false
max_sessions = 4096
legacy = true
edwards_point = "raw"

[argon2]
memory_kib = 19456
passes = 2
lanes = 1

[mechanisms]
deny = ["CKM_RSA_X_509"]
min_key_size = { CKM_RSA_PKCS_KEY_PAIR_GEN = 2048 }

[mechanisms.token.0123456789abcdef]
allow = ["CKM_AES_GCM"]
"#;
