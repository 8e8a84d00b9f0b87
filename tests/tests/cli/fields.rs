//! Fields of databases, and envelopes that bring their data key along, by the command on each module.

use crate::Hsm;
use hsm_tests::*;
use serde_json::Value;

const ROW: [&str; 6] = ["-c", "table=users", "-c", "column=email", "-c", "id=42"];

fn json(hsm: &Hsm<'_>, line: &[&str]) -> Value {
    serde_json::from_slice(&hsm.ok(&[&["--json"], line].concat())).expect("JSON")
}

/// Bytes of the wrapped key before an envelope.
fn prelude_len(whole: &[u8]) -> usize {
    8 + usize::from(u16::from_be_bytes([whole[6], whole[7]]))
}

#[test]
fn requirement_9_a_value_belongs_to_its_row() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("email", b"alice@example.org");
        let sealed = hsm.ok(&[&["field", "seal", "email"], &ROW[..]].concat());
        assert_eq!(sealed.len(), ((17 + 97) * 4_usize).div_ceil(3) + 1, "base64url and a line end");
        hsm.write("sealed", &sealed);
        hsm.ok(&["dek", "rotate", "--name", "data"]);
        assert_eq!(hsm.ok(&[&["field", "open", "sealed"], &ROW[..]].concat()), b"alice@example.org");
        for other in [&ROW[..4], &["-c", "table=users", "-c", "column=email", "-c", "id=43"]] {
            assert!(hsm.ends(5, &[&["field", "open", "sealed"], other].concat()).stdout.is_empty());
        }
        let told = json(&hsm, &[&["field", "seal", "email", "-o", "again"], &ROW[..]].concat());
        assert_eq!((&told["version"], &told["bytes"], &told["sealed"]), (&2.into(), &17.into(), &Value::Null));
        assert_eq!(hsm.ok(&[&["field", "open", "again"], &ROW[..]].concat()), b"alice@example.org");
        // Another letter of the same alphabet: what is no base64url is refused for that, with another exit code.
        let mut altered = sealed.clone();
        altered[130] = if sealed[130] == b'A' { b'B' } else { b'A' };
        hsm.write("sealed", &altered);
        hsm.ends(5, &[&["field", "open", "sealed", "-o", "none"], &ROW[..]].concat());
        assert!(!home.file("none").exists());
        hsm.ends(1, &["field", "open", "email"]);
    });
}

#[test]
fn the_same_value_has_the_same_index() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.ok(&["dek", "create", "--name", "index"]);
        hsm.write("email", b"alice@example.org");
        let index = |name, bits| hsm.ok(&["field", "index", "email", "--dek", "index", "--name", name, "--bits", bits]);
        let one = index("users.email", "32");
        assert_eq!((one.len(), &one), (9, &index("users.email", "32")));
        hsm.ok(&["dek", "rotate", "--name", "data"]);
        assert_eq!(one, index("users.email", "32"), "data keys rotate, the index stays");
        assert_ne!(one, index("users.phone", "32"));
        hsm.ends(2, &["field", "index", "email", "--dek", "index", "--name", "users.email", "--bits", "4"]);
    });
}

#[test]
fn an_envelope_that_needs_no_store() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_token(home) else { return };
        hsm.ok(&["mek", "create"]);
        hsm.write("plain", &vec![0x61; 200_000]);
        hsm.ok(&["encrypt", "--embed", "-c", "a=1", "plain", "-o", "sealed"]);
        assert_eq!(json(&hsm, &["dek", "list"])["deks"], Value::Array(Vec::new()));
        let elsewhere = home.file("nowhere.db");
        let store = elsewhere.to_str().expect("a path");
        assert_eq!(hsm.ok(&["decrypt", "sealed", "-c", "a=1", "--store", store]), hsm.read("plain"));
        let told = json(&hsm, &["inspect", "sealed", "--store", store]);
        assert_eq!((&told["plaintext_bytes"], &told["embedded"]["mek_version"]), (&200_000.into(), &1.into()), "{told}");
        assert!(!elsewhere.exists(), "neither made a store");
        hsm.ok(&["encrypt", "--embed", "-c", "a=1", "plain", "-o", "other"]);

        assert!(hsm.ends(5, &["decrypt", "sealed", "-c", "a=2"]).stdout.is_empty());
        let (one, two) = (hsm.read("sealed"), hsm.read("other"));
        hsm.write("mixed", &[&one[..prelude_len(&one)], &two[prelude_len(&two)..]].concat());
        hsm.ends(5, &["decrypt", "mixed", "-c", "a=1"]);
        hsm.flip("other", 50);
        hsm.ends(5, &["decrypt", "other", "-c", "a=1"]);
        hsm.ends(2, &["encrypt", "--embed", "--dek", "data", "plain", "-o", "none"]);
    });
}

/// The master key rotates: the wrapped key alone changes, in the envelope and in a file of its own.
#[test]
fn wrapped_keys_move_to_the_newest_master_key() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", b"text");
        hsm.ok(&["encrypt", "--embed", "-c", "a=1", "plain", "-o", "sealed"]);
        hsm.ok(&["encrypt", "--wrapped-key", "key", "-c", "a=1", "plain", "-o", "body"]);
        hsm.ends(2, &["encrypt", "--wrapped-key", "one", "plain", "-o", "one"]);
        hsm.ends(3, &["decrypt", "body", "-c", "a=1"]);
        hsm.ends(5, &["decrypt", "body", "-c", "a=2", "--wrapped-key", "key"]);
        let (before, key) = (hsm.read("sealed"), hsm.read("key"));
        hsm.ok(&["mek", "rotate"]);
        hsm.ends(5, &["rewrap", "sealed", "-c", "a=2", "-o", "none"]);
        let told = json(&hsm, &["rewrap", "sealed", "-c", "a=1", "-f", "-o", "sealed"]);
        assert_eq!((&told["before"]["mek_version"], &told["mek"]["version"]), (&1.into(), &2.into()));
        hsm.ok(&["rewrap", "key", "-c", "a=1", "-o", "newer"]);
        let after = hsm.read("sealed");
        assert_ne!(before[..prelude_len(&before)], after[..prelude_len(&after)]);
        assert_eq!(before[prelude_len(&before)..], after[prelude_len(&after)..], "the envelope is as it was");
        assert_eq!(hsm.ok(&["decrypt", "sealed", "-c", "a=1"]), b"text");
        for wrapped in ["key", "newer"] {
            assert_eq!(hsm.ok(&["decrypt", "body", "-c", "a=1", "--wrapped-key", wrapped]), b"text");
        }
        hsm.write("glued", &[key, hsm.read("body")].concat());
        assert_eq!(hsm.ok(&["decrypt", "glued", "-c", "a=1"]), b"text", "apart or together, the bytes are the same");
        hsm.ok(&["encrypt", "plain", "-o", "stored"]);
        hsm.ends(1, &["rewrap", "stored", "-o", "none"]);
        assert!(!home.file("none").exists());
    });
}

/// RSA pairs wrap too, where a signature binds the context; keys move between AES and RSA.
#[test]
fn master_keys_of_each_kind() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_token(home) else { return };
        hsm.ok(&["mek", "create", "--label", "pair", "--type", "rsa-2048"]);
        hsm.ok(&["mek", "create", "--label", "plain"]);
        hsm.write("plain", b"text");
        hsm.ok(&["encrypt", "--embed", "--mek", "pair", "-c", "a=1", "plain", "-o", "sealed"]);
        for mek in ["pair", "plain", "plain", "pair"] {
            hsm.ends(5, &["decrypt", "sealed", "-c", "a=2"]);
            hsm.ends(5, &["rewrap", "sealed", "-c", "a=2", "--mek", mek, "-o", "none"]);
            hsm.ok(&["rewrap", "sealed", "-c", "a=1", "--mek", mek, "-f", "-o", "sealed"]);
            assert_eq!(hsm.ok(&["decrypt", "sealed", "-c", "a=1"]), b"text", "{mek}");
        }
    });
}
