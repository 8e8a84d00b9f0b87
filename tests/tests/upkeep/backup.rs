//! Backup, while the token is in use, and Restore.

use crate::{file, key, keys, serial, with_keys};
use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use hsm_tests::*;
use std::os::unix::fs::PermissionsExt;

/// A backup for a fresh identity, opened.
fn backed_up(home: &Home, token: &Token, session: Session<'_>) -> std::path::PathBuf {
    let identity = Identity::generate();
    let path = home.file("backup.age");
    let request = json!({ "path": path, "recipients": [identity.to_public().to_string()] });
    let (rv, told) = Upkeep::of(&token.module).backup(session, &request);
    assert_eq!((rv, &told["serial"]), (Rv(CKR_OK), &json!(serial(home))), "{told}");
    let sealed = std::fs::read(&path).expect("the backup");
    assert_eq!(told["bytes"], sealed.len());
    assert_eq!(std::fs::metadata(&path).expect("the backup").permissions().mode() & 0o777, 0o600);
    assert!(sealed.starts_with(b"age-encryption.org/v1"));
    assert!(!identity.to_string().expose_secret().is_empty());
    home.write("opened.db", &age::decrypt(&identity, &sealed).expect("an age file"))
}

#[test]
fn a_running_token_is_backed_up_and_comes_back_as_it_was() {
    isolated(|home| {
        let token = with_keys(home, 3);
        let session = token.open(true);
        let copy = backed_up(home, &token, session);
        session.create(&key("later")).expect("a key");
        let upkeep = Upkeep::of(&token.module);
        let (rv, told) = upkeep.restore(&json!({ "path": copy }));
        assert_eq!(rv, Rv(CKR_FUNCTION_FAILED), "{told}");
        assert!(told["error"].as_str().is_some_and(|why| why.contains("is there already")), "{told}");
        assert_eq!(keys(session), 4, "the token that is there is not touched");
        token.module.finalize().expect("C_Finalize");
        let gone = file(home);
        std::fs::rename(&gone, home.file("moved.db")).expect("moved away");
        token.module.initialize().expect("C_Initialize");
        let (rv, told) = Upkeep::of(&token.module).restore(&json!({ "path": copy }));
        assert_eq!((rv, file(home)), (Rv(CKR_OK), gone), "{told}");
        assert_eq!(std::fs::metadata(file(home)).expect("the file").permissions().mode() & 0o777, 0o600);
        token.module.finalize().expect("C_Finalize");
        let token = home.shared_token();
        let session = token.user();
        assert_eq!(keys(session), 3);
        assert_eq!(Upkeep::of(&token.module).check(session).1["sound"], true);
        let events: Vec<_> = Audit::of(&token.module).all(session).iter().map(|line| line["event"].clone()).collect();
        assert_eq!(events[events.len() - 2..], [json!("backup"), json!("login")], "the log tells of the copy, also in the copy");
    });
}

/// What SQLite leaves beside the file of a process that was killed was once taken for the restored file's own log.
#[test]
fn not_beside_what_is_left_of_another_file() {
    isolated(|home| {
        let token = with_keys(home, 1);
        let session = token.open(true);
        let copy = backed_up(home, &token, session);
        token.module.finalize().expect("C_Finalize");
        let gone = file(home);
        std::fs::rename(&gone, home.file("moved.db")).expect("moved away");
        let left = format!("{}-wal", gone.display());
        std::fs::write(&left, b"what was left").expect("a log");
        token.module.initialize().expect("C_Initialize");
        let (rv, told) = Upkeep::of(&token.module).restore(&json!({ "path": copy }));
        assert!(rv == Rv(CKR_FUNCTION_FAILED) && told["error"].as_str().is_some_and(|why| why.contains("-wal")), "{told}");
        assert_eq!(std::fs::read(left).expect("the log"), b"what was left");
    });
}

/// A slot's id is the low 31 bits of the serial number. A token that would be in another's slot was once restored with CKR_OK, and no
/// slot appeared.
#[test]
fn not_into_a_slot_that_is_taken() {
    isolated(|home| {
        let token = with_keys(home, 1);
        let copy = backed_up(home, &token, token.open(true));
        let serial = serial(home);
        let renamed = |other: &str| {
            let database = rusqlite::Connection::open(&copy).expect("the copy");
            let edit = "UPDATE record SET bytes = CAST(replace(CAST(bytes AS TEXT), ?1, ?2) AS BLOB) WHERE name = 'header'";
            assert_eq!(database.execute(edit, [&serial[..], other]).expect("an edit"), 1);
        };
        let digit = if serial.starts_with('0') { "1" } else { "0" };
        renamed(&format!("{digit}{}", &serial[1..]));
        let (rv, told) = Upkeep::of(&token.module).restore(&json!({ "path": copy }));
        assert_eq!(rv, Rv(CKR_FUNCTION_FAILED), "{told}");
        assert!(told["error"].as_str().is_some_and(|why| why.contains(&serial)), "the other token is named: {told}");
        let files = std::fs::read_dir(home.token_dir()).expect("the token directory");
        let files = files.filter(|file| file.as_ref().is_ok_and(|file| file.path().extension().is_some_and(|e| e == "db")));
        assert_eq!(files.count(), 1);
    });
}

/// Eight writers go on meanwhile: the copy is the token at one moment.
#[test]
fn writers_go_on() {
    isolated(|home| {
        let token = with_keys(home, 1);
        let session = token.open(true);
        let stop = std::sync::atomic::AtomicBool::new(false);
        let copies: Vec<Vec<u8>> = std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let session = token.open(true);
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        session.create(&key("busy")).expect("a key");
                    }
                });
            }
            let take = |_| {
                let copy = std::fs::read(backed_up(home, &token, session)).expect("a copy");
                std::fs::remove_file(home.file("backup.age")).expect("the backup");
                copy
            };
            let copies = (0..5).map(take).collect();
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            copies
        });
        token.module.finalize().expect("C_Finalize");
        for copy in copies {
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{end}", file_or(home).display()));
            }
            std::fs::write(file_or(home), copy).expect("the token file");
            let token = home.shared_token();
            let (_, told) = Upkeep::of(&token.module).check(token.user());
            assert_eq!(told["sound"], true, "{told}");
            token.module.finalize().expect("C_Finalize");
        }
    });
}

/// The token file, remembered by the home, since the test takes it away.
fn file_or(home: &Home) -> std::path::PathBuf {
    static PATH: std::sync::OnceLock<std::path::PathBuf> = std::sync::OnceLock::new();
    PATH.get_or_init(|| file(home)).clone()
}

#[test]
fn what_is_refused() {
    isolated(|home| {
        let token = with_keys(home, 1);
        let upkeep = Upkeep::of(&token.module);
        let session = token.open(true);
        let somebody = Identity::generate().to_public().to_string();
        let there = home.write("there", b"something");
        let mut tally = Tally::new("UPKEEP.md");
        for (name, request, code) in [
            ("nobody to encrypt to", json!({ "path": home.file("b"), "recipients": [] }), CKR_DATA_INVALID),
            ("no recipient", json!({ "path": home.file("b"), "recipients": ["age1nobody"] }), CKR_DATA_INVALID),
            ("a relative path", json!({ "path": "b", "recipients": [somebody] }), CKR_DATA_INVALID),
            ("a file that is there", json!({ "path": there, "recipients": [somebody] }), CKR_FUNCTION_FAILED),
            ("no directory", json!({ "path": home.file("no/b"), "recipients": [somebody] }), CKR_DEVICE_ERROR),
            ("an unknown word", json!({ "path": home.file("b"), "recipients": [somebody], "x": 1 }), CKR_DATA_INVALID),
        ] {
            let (rv, told) = upkeep.backup(session, &request);
            tally.check(name, rv == Rv(code) && told["error"].is_string(), format_args!("{rv:?} {told}"));
        }
        tally.equal("what was there", std::fs::read(&there).expect("a file"), b"something".to_vec());
        tally.check("nothing was left", !home.file("b").exists(), "b");
        for (name, bytes, code) in
            [("no database", b"not a database at all".to_vec(), CKR_DEVICE_ERROR), ("an empty file", vec![], CKR_DEVICE_ERROR)]
        {
            let path = home.write("stray.db", &bytes);
            let (rv, told) = upkeep.restore(&json!({ "path": path }));
            tally.check(name, rv == Rv(code), format_args!("{rv:?} {told}"));
        }
        let (rv, told) = upkeep.restore(&json!({ "path": home.file("nothing") }));
        tally.check("no file", rv == Rv(CKR_FUNCTION_FAILED), format_args!("{rv:?} {told}"));
        let left = std::fs::read_dir(home.token_dir()).expect("the token directory").count();
        session.logout().expect("C_Logout");
        let request = json!({ "path": home.file("b"), "recipients": [somebody] });
        tally.equal("nobody logged in", upkeep.backup(session, &request).0, Rv(CKR_USER_NOT_LOGGED_IN));
        tally.check("no drafts are left", left <= 4, format_args!("{left}"));
    });
}
