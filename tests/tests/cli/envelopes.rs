//! Encryption with the command: no unauthenticated byte reaches the user, and what was sealed is opened later.

use crate::Hsm;
use hsm_tests::*;
use std::collections::BTreeSet;
use std::ffi::OsString;

fn names(home: &Home) -> BTreeSet<OsString> {
    let entries = std::fs::read_dir(home.path()).expect("the home");
    entries.map(|e| e.expect("an entry").file_name()).collect()
}

#[test]
fn round_trips() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        for length in [0, 1, 65_535, 65_536, 65_537, 3_000_000] {
            let data: Vec<u8> = (0..length).map(|i: u32| ((i * 7) >> 3) as u8).collect();
            hsm.write("plain", &data);
            hsm.ok(&["encrypt", "plain", "-o", "sealed", "-f"]);
            assert!(length < 16 || !hsm.read("sealed").windows(16).any(|w| w == &data[..16]), "clear text in the envelope");
            hsm.ok(&["decrypt", "sealed", "-o", "back", "-f"]);
            assert_eq!(hsm.read("back"), data, "{length} bytes");
        }
    });
}

/// Altered at the end, in the middle, cut short: exit code 5, no output file, no leftover, an older output untouched.
#[test]
fn nothing_unauthenticated_is_left() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", &vec![0x61; 1_000_000]);
        hsm.ok(&["encrypt", "plain", "-o", "sealed"]);
        let sealed = hsm.read("sealed");
        hsm.write("kept", b"an older output");
        hsm.write("broken", b"");
        let before = names(home);
        let flipped = |at: usize| {
            let mut bytes = sealed.clone();
            bytes[at] ^= 1;
            bytes
        };
        let cases = [
            ("the last byte", flipped(sealed.len() - 1)),
            ("the middle", flipped(sealed.len() / 2)),
            ("an early byte", flipped(300)),
            ("the end cut off", sealed[..sealed.len() - 1].to_vec()),
            ("a whole part cut off", sealed[..sealed.len() / 2].to_vec()),
            ("more at the end", [sealed.as_slice(), b"x"].concat()),
        ];
        for (what, bytes) in cases {
            hsm.write("broken", &bytes);
            for arguments in [
                ["decrypt", "broken", "-o", "out"].as_slice(),
                &["decrypt", "broken", "-f", "-o", "kept"],
                &["decrypt", "broken"],
            ] {
                let output = hsm.ends(5, arguments);
                assert!(output.stdout.is_empty(), "{what}: {} bytes on standard output", output.stdout.len());
                assert_eq!(names(home), before, "{what}: a file was left");
                assert_eq!(hsm.read("kept"), b"an older output", "{what}");
            }
        }
    });
}

/// Issue 2, done when 3: "an envelope made with each is opened by the same token later".
#[test]
fn envelopes_last() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", b"for later");
        hsm.ok(&["encrypt", "plain", "-o", "sealed", "-c", "service=mail", "-c", "purpose=backup"]);
        hsm.ok(&["mek", "create", "--label", "second"]);
        hsm.ok(&["dek", "create", "--name", "another", "--mek", "second"]);
        hsm.ok(&["mek", "verify", "--mek", "main"]);
        let back = hsm.ok(&["decrypt", "sealed", "-c", "purpose=backup", "-c", "service=mail"]);
        assert_eq!(back, b"for later");
    });
}

/// Every wrap mechanism that the token has.
#[test]
fn wrap_mechanisms() {
    isolated(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", b"text");
        for mechanism in ["AES-GCM-AUTH", "AES-GCM", "AES-KWP", "AES-KW"] {
            hsm.ok(&["dek", "create", "--name", mechanism, "--mechanism", mechanism]);
            hsm.ok(&["encrypt", "plain", "--dek", mechanism, "-o", mechanism]);
            assert_eq!(hsm.ok(&["decrypt", mechanism]), b"text", "{mechanism}");
        }
    });
}
