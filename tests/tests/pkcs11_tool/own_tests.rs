//! Issue 2: "pkcs11-tool --module target/release/libhsm_sim.so --test --login reports no error".

use crate::Pkcs11Tool;
use hsm_tests::*;

#[test]
fn test_login_reports_no_error() {
    isolated(|home| {
        let Some(tool) = Pkcs11Tool::with_token(home) else { return };
        // Its tests use what keys are there, so every kind is.
        for kind in ["rsa:2048", "EC:prime256v1", "EC:secp384r1", "EC:edwards25519"] {
            tool.run(&["--keypairgen", "--key-type", kind, "--id", "01", "--label", kind, "--usage-sign"]);
        }
        tool.run(&["--keypairgen", "--key-type", "rsa:2048", "--id", "02", "--usage-decrypt", "--usage-sign"]);
        tool.run(&["--keygen", "--key-type", "AES:32", "--id", "03", "--label", "aes"]);
        let said = tool.run(&["--test"]);
        assert!(said.contains("No errors"), "{said}");
    });
}

#[test]
fn lists() {
    isolated(|home| {
        let Some(tool) = Pkcs11Tool::with_token(home) else { return };
        let mut tally = Tally::new("pkcs11-tool lists");
        for (arguments, wanted) in [
            (["--show-info"].as_slice(), "Cryptoki version"),
            (&["--list-slots"], LABEL),
            (&["--list-token-slots"], "token initialized"),
            (&["--list-mechanisms"], "AES-GCM"),
            (&["--list-mechanisms"], "RSA-PKCS-PSS"),
            (&["--list-interfaces"], "PKCS 11"),
        ] {
            let said = tool.run_public(arguments);
            tally.check(format!("{arguments:?}"), said.contains(wanted), &said);
        }
    });
}

/// It forks after C_Initialize and calls C_Initialize in the child.
#[test]
fn its_fork_test() {
    isolated(|home| {
        let Some(tool) = Pkcs11Tool::with_token(home) else { return };
        let said = tool.run(&["--test-fork"]);
        assert!(!said.contains("error") && !said.contains("ERR"), "{said}");
    });
}

/// Tokens and PINs by the tool alone, as a manual would have it.
#[test]
fn a_token_from_nothing() {
    isolated(|home| {
        let Some(tool) = Tool::on_path("pkcs11-tool") else { return };
        let module = home.subject().path().display().to_string();
        let run = |arguments: &[&str]| {
            let all = [&["--module", &module], arguments].concat();
            String::from_utf8_lossy(&tool.succeed(&all, b"")).into_owned()
        };
        run(&["--init-token", "--slot-index", "0", "--label", "by hand", "--so-pin", SO_PIN]);
        run(&["--token-label", "by hand", "--login", "--login-type", "so", "--so-pin", SO_PIN, "--init-pin", "--pin", USER_PIN]);
        let changed = run(&["--token-label", "by hand", "--login", "--pin", USER_PIN, "--change-pin", "--new-pin", "another"]);
        assert!(changed.contains("PIN successfully changed"), "{changed}");
        run(&["--token-label", "by hand", "--login", "--pin", "another", "--list-objects"]);
    });
}
