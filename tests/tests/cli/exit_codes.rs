//! Issue 2: "exit codes documented and distinct"; an error says what, why and the next command.

use crate::Hsm;
use hsm_tests::*;

#[test]
fn each_failure_has_its_code() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", b"text");
        hsm.ok(&["encrypt", "plain", "-o", "sealed", "-c", "purpose=test"]);
        hsm.ok(&["key", "create", "--label", "signer", "--type", "ec"]);
        hsm.ok(&["sign", "--key", "signer", "plain", "-o", "signature"]);
        hsm.write("altered", &hsm.read("sealed"));
        hsm.flip("altered", hsm.read("sealed").len() - 1);
        hsm.write("other", b"another text");
        hsm.write("rubbish", b"no envelope at all");
        let mut tally = Tally::new("exit codes");
        for (code, line) in [
            (0, "decrypt sealed -c purpose=test -o back"),
            (0, "verify --key signer -s signature plain"),
            (0, "inspect sealed"),
            (2, "decrypt sealed -c purpose=test -o back"),
            (2, "frobnicate"),
            (2, "encrypt --nonsense"),
            (2, "dek create"),
            (3, "encrypt nothing-there -o x"),
            (3, "encrypt plain --dek nobody -o x"),
            (3, "sign --key nobody plain"),
            (3, "--token nobody mek list"),
            (5, "decrypt altered -c purpose=test -o x"),
            (5, "decrypt sealed -o x"),
            (5, "decrypt sealed -c purpose=another -o x"),
            (5, "verify --key signer -s signature other"),
            (7, "--module /nothing/there.so mek list"),
            (7, "--module plain mek list"),
            (8, "dek create --name data"),
        ] {
            let output = hsm.run(&line.split(' ').collect::<Vec<_>>());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            tally.equal(format!("hsm {line}"), output.status.code(), Some(code));
            tally.check(format!("hsm {line}: a reason"), code == 0 || said.contains("error"), &said);
            tally.check(format!("hsm {line}: no panic"), !said.contains("panicked"), &said);
        }
        let rubbish = hsm.run(&["decrypt", "rubbish", "-o", "x"]).status.code();
        tally.check("hsm decrypt rubbish", matches!(rubbish, Some(1 | 5)), format_args!("{rubbish:?}"));
        tally.equal("decrypted", hsm.read("back"), b"text".to_vec());
        tally.check("nothing was left", !home.file("x").exists(), "a failed command left a file");
    });
}

/// REQUIREMENTS 2: a master key is never made silently, and the message names the command that makes one.
#[test]
fn a_missing_master_key_is_an_error() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_token(home) else { return };
        let output = hsm.ends(3, &["dek", "create", "--name", "data"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("hsm mek create"), "{said}");
        let listed = hsm.ok(&["mek", "list", "--json"]);
        assert!(!String::from_utf8_lossy(&listed).contains("AES"), "none was made");
    });
}

/// A data key that expired still decrypts.
#[test]
fn an_expired_key_does_not_encrypt() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_token(home) else { return };
        hsm.ok(&["mek", "create"]);
        hsm.write("plain", b"text");
        hsm.ok(&["dek", "create", "--name", "brief", "--expires-in", "5s"]);
        hsm.ok(&["encrypt", "plain", "-o", "sealed"]);
        let expired = (0..300).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            hsm.run(&["encrypt", "plain", "-o", "later", "-f"]).status.code() == Some(4)
        });
        assert!(expired, "it never expired");
        assert_eq!(hsm.ok(&["decrypt", "sealed"]), b"text");
    });
}

/// Every command explains itself.
#[test]
fn help() {
    isolated(|home| {
        let Some(hsm) = Tool::built("hsm") else { return };
        let said = String::from_utf8(hsm.succeed(&["--help"], b"")).expect("UTF-8");
        for code in 0..=8 {
            assert!(said.contains(&format!("\n  {code}  ")), "exit code {code} is not documented");
        }
        for command in ["demo", "token", "mek", "dek", "encrypt", "decrypt", "inspect", "sign", "verify", "jwt", "jwks"] {
            hsm.succeed(&[command, "--help"], b"");
            assert!(said.contains(command), "{command} in {}", home.path().display());
        }
    });
}
