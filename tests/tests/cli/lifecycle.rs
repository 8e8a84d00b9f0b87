//! Issue 4: the life of a data key by the command, on each module.

use crate::Hsm;
use hsm_tests::*;
use serde_json::Value;

fn versions(hsm: &Hsm<'_>) -> Vec<(u64, String)> {
    let listed: Value = serde_json::from_slice(&hsm.ok(&["--json", "dek", "list"])).expect("JSON");
    let rows = listed["deks"].as_array().expect("an array").iter();
    rows.map(|row| (row["version"].as_u64().expect("a number"), row["state"].as_str().expect("a state").to_owned())).collect()
}

#[test]
fn rotated_promoted_and_deleted() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", b"text");
        hsm.ok(&["encrypt", "--dek", "data", "plain", "-o", "one"]);
        let rotated: Value = serde_json::from_slice(&hsm.ok(&["--json", "dek", "rotate", "--name", "data"])).expect("JSON");
        assert_eq!((&rotated["version"], &rotated["state"]), (&Value::from(2), &Value::from("active")));
        hsm.ok(&["encrypt", "--dek", "data", "plain", "-o", "two"]);
        hsm.ok(&["decrypt", "one", "-o", "first"]);
        hsm.ok(&["decrypt", "two", "-o", "second"]);

        hsm.ok(&["dek", "prepare", "--name", "data"]);
        hsm.ok(&["dek", "promote", "--name", "data", "--version", "3"]);
        hsm.ends(4, &["dek", "delete", "--name", "data", "--version", "3"]);
        hsm.ends(2, &["dek", "delete", "--name", "data", "--version", "1", "--after", "1h"]);
        hsm.ok(&["dek", "delete", "--name", "data", "--version", "1"]);
        hsm.ends(4, &["decrypt", "one", "-o", "again"]);
        hsm.ends(4, &["dek", "destroy", "--name", "data", "--version", "1"]);
        hsm.ok(&["dek", "cancel-deletion", "--name", "data", "--version", "1"]);
        hsm.ok(&["decrypt", "one", "-o", "again"]);
        assert_eq!(hsm.read("again"), b"text");

        hsm.ok(&["dek", "disable", "--name", "data"]);
        hsm.ends(4, &["encrypt", "--dek", "data", "plain", "-o", "three"]);
        hsm.ok(&["decrypt", "two", "-o", "still"]);
        hsm.ends(3, &["dek", "promote", "--name", "data", "--version", "9"]);
        hsm.ends(3, &["dek", "rotate", "--name", "nobody"]);
        let states = [(1, "decrypt-only"), (2, "decrypt-only"), (3, "decrypt-only")];
        assert_eq!(versions(&hsm), states.map(|(version, state)| (version, state.to_owned())));
    });
}

/// The master key rotates, data keys move, and what was encrypted before is read after.
#[test]
fn a_master_key_rotates() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", b"text");
        hsm.ok(&["encrypt", "--dek", "data", "plain", "-o", "sealed"]);
        hsm.ok(&["dek", "create", "--name", "more"]);
        hsm.ok(&["mek", "rotate"]);
        let run = |line: &[&str]| -> Value { serde_json::from_slice(&hsm.ok(line)).expect("JSON") };
        let planned = run(&["--json", "dek", "rewrap", "--all", "--dry-run"]);
        assert_eq!(planned["moved"].as_array().map(Vec::len), Some(2));
        assert_eq!((&planned["before"], planned["mek"]["version"].as_u64()), (&planned["after"], Some(2)));
        run(&["--json", "dek", "rewrap", "--name", "more"]);
        let done = run(&["--json", "dek", "rewrap", "--all"]);
        assert_eq!((done["moved"].as_array().map(Vec::len), &done["kept"]), (Some(1), &Value::from(1)));
        assert_eq!((&done["before"][0]["deks"], &done["before"][1]["deks"]), (&Value::from(1), &Value::from(1)));
        assert_eq!((&done["after"][0]["version"], &done["after"][0]["deks"]), (&Value::from(2), &Value::from(2)));
        hsm.ok(&["decrypt", "sealed", "-o", "back"]);
        assert_eq!(hsm.read("back"), b"text");
        hsm.ok(&["mek", "verify"]);
        hsm.ends(2, &["dek", "rewrap"]);
        hsm.ends(3, &["mek", "rotate", "--label", "nobody"]);
    });
}

/// Eight processes rotate one data key at once: each wins or is told, and one version is active.
#[test]
fn rotations_at_once() {
    isolated(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        let codes = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| hsm.run(&["dek", "rotate", "--name", "data"]).status.code())).collect();
            threads.into_iter().map(|thread| thread.join().expect("a thread")).collect::<Vec<_>>()
        });
        assert!(codes.iter().all(|code| matches!(code, Some(0 | 8))), "{codes:?}");
        let done = codes.iter().filter(|code| **code == Some(0)).count();
        let all = versions(&hsm);
        assert_eq!((all.len(), all.iter().filter(|(_, state)| state == "active").count()), (1 + done, 1));
        assert!(done > 0);
    });
}
