//! `hsm audit`, and `hsm token files|check|backup|restore|repair`.

use crate::Hsm;
use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use hsm_tests::*;

const AS_SO: [&str; 3] = ["--as-so", "--so-pin-source", "env:TEST_SO_PIN"];

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn token_file(home: &Home) -> std::path::PathBuf {
    let files = std::fs::read_dir(home.token_dir()).expect("the token directory");
    let mut paths = files.map(|file| file.expect("an entry").path());
    paths.find(|path| path.extension().is_some_and(|e| e == "db")).expect("a token file")
}

/// The token file's database.
fn sql(home: &Home, statements: &str) {
    rusqlite::Connection::open(token_file(home)).expect("the database").execute_batch(statements).expect("an edit");
}

/// Overwrites the page of an index.
fn damage(home: &Home) {
    let path = token_file(home);
    let database = rusqlite::Connection::open(&path).expect("the database");
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'object_class'";
    let page: usize = database.query_row(root, [], |row| row.get(0)).expect("a page");
    drop(database);
    let mut bytes = std::fs::read(&path).expect("the token file");
    bytes[(page - 1) * 8192..page * 8192].fill(0xa5);
    std::fs::write(path, bytes).expect("the token file");
}

#[test]
fn the_audit_log_is_shown_verified_and_exported() {
    isolated(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        assert_eq!(hsm.run_with("wrong PIN", &["mek", "list"]).status.code(), Some(6));
        let shown = text(&hsm.ok(&["audit", "show"]));
        for word in ["token-initialised", "user-pin-set", "object-created", "secret-key \"main\"", "pin-wrong", "hsm ("] {
            assert!(shown.contains(word), "{word} is not in\n{shown}");
        }
        let wrong = text(&hsm.ok(&[&["audit", "show", "--event", "pin-wrong"][..], &AS_SO].concat()));
        assert_eq!(wrong.lines().count(), 2, "a heading and a line\n{wrong}");
        let head = |output: Vec<u8>| -> String {
            let told: Value = serde_json::from_slice(&output).expect("JSON");
            assert_eq!(told["verified"], true);
            told["head"].as_str().expect("a head").to_owned()
        };
        let noted = head(hsm.ok(&["--json", "audit", "verify"]));
        hsm.ok(&["audit", "export", "-o", "log.jsonl"]);
        head(hsm.ok(&["--json", "audit", "verify", "--file", "log.jsonl", "--head", &noted]));
        hsm.ok(&["audit", "verify", "--head", &noted]);

        let exported = text(&hsm.read("log.jsonl"));
        let cut: Vec<_> = exported.lines().filter(|line| !line.contains("pin-wrong")).collect();
        hsm.write("cut.jsonl", cut.join("\n").as_bytes());
        hsm.ends(5, &["audit", "verify", "--file", "cut.jsonl"]);
        hsm.write("short.jsonl", exported.lines().next().expect("a line").as_bytes());
        hsm.ends(5, &["audit", "verify", "--file", "short.jsonl", "--head", &noted]);

        // The end cut off in the token file: the next login tells of it; once noted, it is known.
        sql(home, "DELETE FROM audit WHERE number > (SELECT max(number) FROM audit) - 2");
        let refused = hsm.ends(5, &["audit", "verify"]);
        assert!(text(&refused.stderr).contains("tells of a break"), "{}", text(&refused.stderr));
        let after = text(&refused.stderr);
        let after = after.split_whitespace().find(|word| word.contains(':') && word.len() > 64).expect("a head");
        hsm.ok(&["audit", "verify", "--head", after]);
        hsm.ends(5, &["audit", "verify", "--head", &noted]);
        // Nor is it archived as if nothing had been.
        hsm.ends(5, &[&["audit", "archive", "-o", "archive.jsonl"][..], &AS_SO[1..]].concat());
        assert!(!home.file("archive.jsonl").exists());
        hsm.ok(&[&["audit", "archive", "-o", "archive.jsonl", "--head", after][..], &AS_SO[1..]].concat());
        hsm.ends(5, &["audit", "verify", "--file", "archive.jsonl"]);
        hsm.ok(&["audit", "verify", "--file", "archive.jsonl", "--head", after]);
    });
}

#[test]
fn the_audit_log_is_archived_and_goes_on() {
    isolated(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        let so = &AS_SO[1..];
        let archive = |to: &str, more: &[&str]| {
            let told = hsm.ok(&[&["--json", "audit", "archive", "-o", to][..], more, so].concat());
            let told: Value = serde_json::from_slice(&told).expect("JSON");
            (told["after"].as_str().expect("a head").to_owned(), told["head"].as_str().expect("a head").to_owned())
        };
        let before: Value = serde_json::from_slice(&hsm.ok(&["--json", "audit", "verify"])).expect("JSON");
        let (_, first) = archive("first.jsonl", &["--keep", "2"]);
        hsm.ends(2, &[&["audit", "archive", "-o", "first.jsonl"][..], so].concat());
        hsm.ends(2, &[&["audit", "archive", "-o", "-"][..], so].concat());
        hsm.ends(2, &[&["audit", "archive", "-o", "none.jsonl", "--keep", "1000"][..], so].concat());
        assert!(!home.file("none.jsonl").exists());
        let shown = text(&hsm.ok(&["audit", "show"]));
        assert!(shown.contains("log-cut") && !shown.contains("token-initialised"), "{shown}");
        hsm.ok(&["audit", "verify"]);
        hsm.ok(&["audit", "verify", "--head", &first]);
        let (after, second) = archive("second.jsonl", &[]);
        assert_eq!(after, first);
        hsm.ok(&["audit", "verify", "--file", "first.jsonl"]);
        let noted = before["head"].as_str().expect("a head");
        hsm.ok(&["audit", "verify", "--file", "second.jsonl", "--after", &first, "--head", &second]);
        let in_either = ["first.jsonl", "second.jsonl"].iter().filter(|file| {
            let after: &[&str] = if **file == "first.jsonl" { &[] } else { &["--after", &first] };
            hsm.run(&[&["audit", "verify", "--file", file, "--head", noted][..], after].concat()).status.success()
        });
        assert_eq!(in_either.count(), 1, "what was noted before is in an archive");
        let refused = hsm.ends(5, &["audit", "verify", "--file", "second.jsonl"]);
        assert!(text(&refused.stderr).contains("--after"), "{}", text(&refused.stderr));
        let refused = hsm.ends(5, &["audit", "verify", "--head", noted]);
        assert!(text(&refused.stderr).contains("archive"), "{}", text(&refused.stderr));
    });
}

#[test]
fn a_token_is_backed_up_lost_and_restored() {
    isolated(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        hsm.write("plain", b"text");
        hsm.ok(&["encrypt", "--dek", "data", "plain", "-o", "sealed"]);
        let identity = Identity::generate();
        hsm.write("identity", identity.to_string().expose_secret().as_bytes());
        let recipient = identity.to_public().to_string();
        hsm.ends(2, &["token", "backup", "-r", "nobody", "-o", "backup.age"]);
        hsm.ok(&["token", "backup", "-r", &recipient, "-o", "backup.age"]);
        hsm.ends(2, &["token", "backup", "-r", &recipient, "-o", "backup.age"]);
        hsm.ok(&[&["token", "check"][..], &AS_SO].concat());
        hsm.ends(8, &["token", "restore", "backup.age", "--identity", "identity"]);

        std::fs::rename(home.token_dir(), home.file("lost")).expect("the disaster");
        hsm.ends(3, &["token", "check"]);
        hsm.write("stranger", Identity::generate().to_string().expose_secret().as_bytes());
        hsm.ends(5, &["token", "restore", "backup.age", "--identity", "stranger"]);
        hsm.ends(5, &["token", "restore", "backup.age", "--identity", "plain"]);
        hsm.ok(&["token", "restore", "backup.age", "--identity", "identity"]);
        hsm.ok(&["token", "check"]);
        assert_eq!(hsm.ok(&["decrypt", "sealed"]), b"text");
    });
}

#[test]
fn a_damaged_token_is_noticed_and_repaired() {
    isolated(|home| {
        let Some(hsm) = Hsm::with_keys(home) else { return };
        let files = || -> Value { serde_json::from_slice(&hsm.ok(&["--json", "token", "files"])).expect("JSON") };
        let listed = files();
        let serial = listed["files"][0]["serial"].as_str().expect("a serial number").to_owned();
        assert_eq!((&listed["files"][0]["label"], &listed["files"][0]["findings"]), (&json!(LABEL), &json!([])));
        sql(home, "UPDATE object SET sealed = zeroblob(64)");
        let refused = hsm.ends(5, &["token", "check"]);
        assert!(text(&refused.stdout).contains("fails authentication"), "{}", text(&refused.stdout));
        hsm.ends(8, &["token", "repair", &serial]);
        damage(home);
        let repaired = text(&hsm.ok(&["token", "repair", &serial]));
        assert!(repaired.contains("is kept"), "{repaired}");
        hsm.ends(5, &["token", "check"]);
        hsm.ends(3, &["token", "repair", "0123456789abcdef"]);
    });
}

/// SoftHSMv2 has no such interface: said so, and not mistaken for a failure of the token.
#[test]
fn other_modules_are_told_apart() {
    isolated_on(Subject::softhsm, |home| {
        let Some(hsm) = Hsm::with_token(home) else { return };
        for command in [&["audit", "show"][..], &["token", "check"], &["token", "files"]] {
            let refused = hsm.ends(1, command);
            assert!(text(&refused.stderr).contains("libhsm_sim.so"), "{}", text(&refused.stderr));
        }
    });
}
