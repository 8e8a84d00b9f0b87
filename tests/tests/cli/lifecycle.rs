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
fn requirement_10_rotated_promoted_and_deleted() {
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
        hsm.ends(4, &["dek", "delete", "--name", "data", "--version", "3", "--force-label", "data"]);
        hsm.ends(2, &["dek", "delete", "--name", "data", "--version", "1", "--after", "1h", "--force-label", "data"]);
        hsm.ends(2, &["dek", "delete", "--name", "data", "--version", "1"]);
        hsm.ends(2, &["dek", "delete", "--name", "data", "--version", "1", "--force-label", "date"]);
        hsm.ends(8, &["dek", "delete", "--name", "data", "--version", "1", "--data", "."]);
        hsm.ends(1, &["dek", "delete", "--name", "data", "--version", "1", "--data", "nowhere"]);
        hsm.ok(&["dek", "delete", "--name", "data", "--version", "1", "--data", "two"]);
        hsm.ends(4, &["decrypt", "one", "-o", "again"]);
        hsm.ends(4, &["dek", "destroy", "--name", "data", "--version", "1", "--force-label", "data"]);
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
        let some = run(&["--json", "dek", "rewrap", "--all", "--batch", "1", "--dry-run"]);
        assert_eq!((some["moved"].as_array().map(Vec::len), &some["left"]), (Some(1), &Value::from(1)));
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

/// Requirement 14 by the command: use counts across processes, and the next version is made when the last one may encrypt no more.
#[test]
fn a_policy_rotates() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", b"text");
        hsm.ok(&["dek", "policy", "--name", "data", "--rotate-messages", "2", "--max-versions", "2"]);
        hsm.ok(&["encrypt", "--dek", "data", "plain", "-o", "one"]);
        hsm.ok(&["encrypt", "--dek", "data", "plain", "-o", "two"]);
        hsm.ends(4, &["encrypt", "--dek", "data", "plain", "-o", "three"]);
        let set: Value = serde_json::from_slice(&hsm.ok(&["--json", "dek", "policy", "--name", "data", "--auto-rotate", "true"]))
            .expect("JSON");
        assert_eq!((&set["policy"]["rotate_messages"], &set["policy"]["auto_rotate"]), (&Value::from(2), &Value::from(true)));
        for out in ["three", "four", "five"] {
            hsm.ok(&["encrypt", "--dek", "data", "plain", "-o", out]);
        }
        assert_eq!(versions(&hsm).len(), 3);
        hsm.ends(8, &["dek", "purge", "--name", "data", "--data", "."]);
        hsm.ok(&["dek", "purge", "--name", "data", "--data", "five"]);
        hsm.ends(4, &["decrypt", "one", "-o", "again"]);
        hsm.ok(&["decrypt", "three", "-o", "still"]);
        hsm.ok(&["dek", "policy", "--name", "data", "--min-decrypt-version", "3"]);
        hsm.ends(4, &["decrypt", "three", "-o", "no"]);
    });
}

/// A master key that wraps is not deleted; one that wraps nothing may be taken back for a time.
#[test]
fn a_master_key_is_deleted_when_nothing_needs_it() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.ends(8, &["mek", "delete", "--version", "1"]);
        hsm.ok(&["mek", "rotate"]);
        hsm.ok(&["dek", "rewrap", "--all"]);
        hsm.ends(3, &["mek", "delete", "--version", "7"]);
        hsm.ok(&["mek", "delete", "--version", "1"]);
        hsm.ends(4, &["mek", "destroy", "--version", "1"]);
        hsm.ok(&["mek", "cancel-deletion", "--version", "1"]);
        hsm.ends(2, &["mek", "delete", "--version", "2", "--force-label", "other"]);
        hsm.ok(&["mek", "delete", "--version", "2", "--force-label", "main"]);
        hsm.ok(&["mek", "delete", "--version", "1"]);
        hsm.ends(4, &["dek", "create", "--name", "late"]);
        let listed: Value = serde_json::from_slice(&hsm.ok(&["--json", "mek", "list"])).expect("JSON");
        assert!(listed["meks"].as_array().expect("an array").iter().all(|mek| mek["deletes"].is_string()));
    });
}

/// Requirement 22: what happened is told, and an edited store is noticed.
#[test]
fn the_journal_tells_and_notices() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        let run = |line: &[&str]| -> Value { serde_json::from_slice(&hsm.ok(line)).expect("JSON") };
        hsm.ok(&["dek", "rotate", "--name", "data"]);
        let head = run(&["--json", "journal", "verify"])["head"].as_str().expect("a head").to_owned();
        hsm.ok(&["dek", "disable", "--name", "data"]);
        hsm.ok(&["journal", "verify", "--head", &head]);
        let shown = run(&["--json", "journal", "show", "--key", "data", "--last", "4"]);
        let actions: Vec<_> =
            shown["entries"].as_array().expect("an array").iter().map(|entry| entry["action"].clone()).collect();
        assert_eq!(actions, ["dek-created", "dek-state", "dek-created", "dek-state"]);
        let db = rusqlite::Connection::open(home.file("keyring.db")).expect("the store");
        db.execute("UPDATE key SET state = 'active' WHERE version = 2", []).expect("an edit");
        hsm.ends(5, &["journal", "verify"]);
        db.execute("UPDATE key SET state = 'decrypt-only' WHERE version = 2", []).expect("an edit");
        hsm.ok(&["journal", "verify"]);
        db.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 2", []).expect("an edit");
        hsm.ends(5, &["journal", "verify"]);
    });
}

/// Requirement 18 by the command: the next signing key is published before it signs; a revoked one is out at once.
#[test]
fn signing_keys_rotate() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        let run = |line: &[&str]| -> Value { serde_json::from_slice(&hsm.ok(line)).expect("JSON") };
        let published = || run(&["jwks"])["keys"].as_array().expect("an array").len();
        let signed =
            |ttl: &str| run(&["--json", "jwt", "sign", "--key", "turn", "--ttl", ttl])["kid"].as_str().expect("a kid").to_owned();
        hsm.write("message", b"text");
        let before = published();
        let first = run(&["--json", "key", "create", "--label", "turn", "--type", "ec", "--token-life", "2h"]);
        hsm.ends(2, &["jwt", "sign", "--key", "turn", "--ttl", "3h"]);
        let next = run(&["--json", "key", "rotate", "--label", "turn", "--publish-for", "1h"]);
        assert_eq!((&next["state"], published() - before), (&Value::from("published"), 2));
        assert_eq!(signed("1h"), first["kid"].as_str().expect("a kid"));
        hsm.ends(4, &["sign", "--key", next["kid"].as_str().expect("a kid"), "message"]);
        hsm.ends(8, &["key", "rotate", "--label", "turn", "--publish-for", "1m"]);
        // Compromised: the first one goes at once. The next one was planned for later.
        hsm.ok(&["key", "revoke", "--key", "turn"]);
        assert_eq!(published() - before, 1);
        hsm.ends(3, &["jwt", "sign", "--key", "turn"]);
        let gone = run(&["--json", "key", "purge"]);
        assert_eq!(gone["destroyed"][0]["kid"], first["kid"]);
        hsm.ok(&["key", "list"]);
    });
}

/// Requirement 28: the calls of a day, whatever the token.
#[test]
fn requirement_28_what_a_cache_saves() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        let told = hsm.ok(&["--json", "bench", "cache", "--records", "2000", "--request", "100", "--bytes", "100"]);
        let told: Value = serde_json::from_slice(&told).expect("JSON");
        let calls: Vec<_> = told["rows"].as_array().expect("an array").iter().map(|row| row["calls"].as_u64()).collect();
        // 43 seconds between two records: the seventh after it finds a key older than five minutes.
        assert_eq!(calls, [Some(2000), Some(20), Some(286), Some(1)]);
        let listed: Value = serde_json::from_slice(&hsm.ok(&["--json", "dek", "list"])).expect("JSON");
        assert_eq!(listed["deks"].as_array().map(Vec::len), Some(1), "nothing of it stays");
    });
}

/// Requirement 25 by the command: a data key that RSA wraps goes from classical to hybrid to post-quantum, by rewrapping.
#[test]
fn requirement_25_migration() {
    on_each(|home| {
        let Some(hsm) = Hsm::with_token(home) else { return };
        let run = |line: &[&str]| -> Value { serde_json::from_slice(&hsm.ok(line)).expect("JSON") };
        let migration = |kem: &[&str]| run(&[kem, &["--json", "dek", "list"]].concat())["deks"][0]["migration"].clone();
        hsm.ok(&["mek", "create", "--label", "old", "--type", "rsa-3072"]);
        hsm.ok(&["dek", "create", "--name", "data"]);
        hsm.write("plain", b"text");
        hsm.ok(&["encrypt", "--dek", "data", "plain", "-o", "sealed"]);
        assert_eq!(migration(&[]), "classical");
        hsm.ends(3, &["dek", "rewrap", "--all", "--hybrid"]);
        hsm.write("password", b"a password");
        let file = ["--kem-file", "kem.pem", "--kem-password-source", "file:password"];
        // In the token where it has ML-KEM, else in a file.
        let inside = hsm.run(&["kem", "create"]).status.success();
        assert_ne!(inside, home.subject().is_softhsm());
        hsm.ok(&["kem", "create", "--file", "kem.pem", "--password-source", "file:password"]);
        let kem: &[&str] = if inside { &[] } else { &file };
        hsm.ok(&[kem, &["dek", "rewrap", "--all", "--hybrid"]].concat());
        assert_eq!(migration(&[]), "hybrid");
        hsm.ok(&[kem, &["decrypt", "sealed", "-o", "opened"]].concat());
        assert_eq!(hsm.read("opened"), b"text");
        if !inside {
            hsm.ends(3, &["decrypt", "sealed", "-o", "no"]);
        }
        hsm.ok(&[kem, &["dek", "rotate", "--name", "data"]].concat());
        // Both pairs can be told apart, and one may take the other's place.
        hsm.ok(&[&file[..], &["dek", "rewrap", "--all", "--hybrid", "file"]].concat());
        hsm.ok(&["mek", "create", "--label", "new"]);
        hsm.ok(&[&file[..], &["dek", "rewrap", "--all", "--mek", "new", "--no-hybrid"]].concat());
        assert_eq!(migration(&[]), "post-quantum");
        hsm.ok(&["decrypt", "sealed", "-o", "again"]);
        hsm.ok(&["journal", "verify"]);
    });
}

/// A folder behind a link, a field, and an envelope of a later version were not counted, and what needed them was deleted.
#[test]
fn nothing_that_needs_a_key_is_overlooked() {
    isolated(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", b"text");
        let folders = ["volume", "archive", "fields", "later", "circle"].map(|name| home.file(name));
        folders.iter().for_each(|folder| std::fs::create_dir(folder).expect("a folder"));
        hsm.ok(&["encrypt", "--dek", "data", "plain", "-o", "volume/sealed"]);
        hsm.ok(&["field", "seal", "--dek", "data", "plain", "-o", "fields/text"]);
        let mut later = hsm.read("volume/sealed");
        later[4] = 2;
        hsm.write("later/sealed", &later);
        std::os::unix::fs::symlink("../volume", home.file("archive/current")).expect("a link");
        std::os::unix::fs::symlink("..", home.file("circle/up")).expect("a link");
        std::os::unix::fs::symlink("nowhere", home.file("archive/broken")).expect("a link");
        hsm.ok(&["dek", "rotate", "--name", "data"]);
        let delete = |data: &str| hsm.run(&["dek", "delete", "--name", "data", "--version", "1", "--data", data]).status.code();
        for data in ["volume", "volume/sealed", "archive", "fields", "later", "circle"] {
            assert_eq!(delete(data), Some(8), "{data}");
        }
        assert_eq!(delete("plain"), Some(0));
    });
}
