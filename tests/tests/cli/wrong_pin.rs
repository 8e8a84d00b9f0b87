//! "Stop after one wrong PIN": an automatic second try would lock tokens.

use crate::Hsm;
use hsm_tests::*;

#[test]
fn it_is_tried_once() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", b"text");
        let commands: [&[&str]; 3] = [&["mek", "list"], &["encrypt", "plain", "-o", "x"], &["mek", "verify"]];
        for number in 0..9 {
            let output = hsm.run_with("wrong-pin", commands[number % 3]);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(6), "{said}");
            assert!(!said.contains("wrong-pin"), "a PIN is not repeated: {said}");
        }
        if !home.subject().is_softhsm() {
            // Ten lock: nine commands made nine tries, no more and no fewer.
            let flags = home.shared_token().info().flags;
            assert_ne!(flags & CKF_USER_PIN_FINAL_TRY, 0);
            assert_eq!(flags & CKF_USER_PIN_LOCKED, 0);
        }
        hsm.ok(&["mek", "list"]);
    });
}

#[test]
fn a_locked_pin_is_told() {
    isolated(|home| {
        let Some(hsm) = Hsm::with_token(home) else { return };
        for _ in 0..11 {
            assert_eq!(hsm.run_with("wrong-pin", &["mek", "create"]).status.code(), Some(6));
        }
        let said = hsm.ends(6, &["mek", "create"]).stderr;
        assert!(String::from_utf8_lossy(&said).contains("lock"), "{}", String::from_utf8_lossy(&said));
    });
}

/// Every way to give it but the command line.
#[test]
fn sources() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("pin", format!("{USER_PIN}\n").as_bytes());
        hsm.ok(&["--pin-source", "file:pin", "mek", "list"]);
        hsm.ok(&["--pin-source", "env:TEST_PIN", "mek", "list"]);
        let uri = format!("pkcs11:token={}?pin-source=file:{}", LABEL.replace(' ', "%20"), home.file("pin").display());
        hsm.ok(&["--token", &uri, "mek", "list"]);
        hsm.ends(6, &["--pin-source", "env:NOT_SET_ANYWHERE", "mek", "list"]);
        hsm.ends(2, &["--pin", USER_PIN, "mek", "list"]);
    });
}
