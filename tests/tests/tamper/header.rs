//! Edits beside the objects: the token's header, and whole files. DESIGN 4.4, 4.11.

use crate::{database, key, prepare, reopened, working};
use hsm_tests::*;

/// The limit of tries and the token's other settings are bound into the PINs' seals: whoever edits them opens nothing.
/// (The counter itself must be writable before any key is known, so software cannot protect it: SECURITY.md.)
#[test]
fn an_edited_header_opens_nothing() {
    isolated(|home| {
        let token = prepare(home, 1);
        drop(token);
        let sql = "SELECT bytes FROM record WHERE name = 'header'";
        let original: Vec<u8> = database(home).query_row(sql, (), |row| row.get(0)).expect("the header");
        let put = |bytes: &[u8]| {
            let changed = database(home).execute("UPDATE record SET bytes = ?1 WHERE name = 'header'", [bytes]);
            assert_eq!(changed, Ok(1));
        };
        for at in 0..original.len() {
            let mut edited = original.clone();
            edited[at] ^= 1;
            put(&edited);
            let module = home.module();
            module.initialize().expect("C_Initialize");
            for slot in module.slots(true).expect("C_GetSlotList") {
                let Ok(session) = module.open(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION) else { continue };
                let got = session.login(CKU_USER, USER_PIN);
                assert!(got.is_err(), "byte {at} of the header was edited and the PIN still opens");
            }
            module.finalize().expect("C_Finalize");
            database(home).execute("DELETE FROM counter", ()).expect("tries for the next round");
        }
        put(&original);
        let token = home.shared_token();
        assert_eq!(working(token.user(), 1), [0], "as it was before");
    });
}

/// DESIGN 4.11: "a C_Initialize that fails on a token it cannot read instead of hiding it".
#[test]
fn a_broken_file_hides_one_token() {
    isolated(|home| {
        let token = home.token();
        token.another("second");
        token.module.finalize().expect("C_Finalize");
        drop(token);
        let files = std::fs::read_dir(home.token_dir()).expect("the token directory");
        let paths = files.map(|f| f.expect("an entry").path());
        let databases: Vec<_> =
            paths.filter(|p| p.is_file() && std::fs::read(p).is_ok_and(|b| b.starts_with(b"SQLite"))).collect();
        assert_eq!(databases.len(), 2, "one file per token: {databases:?}");
        let rubbish = home.token_dir().join("rubbish.db");
        std::fs::write(rubbish, b"not a database").expect("a file");
        let kept = || std::fs::read(home.token_dir().join("rubbish.db")).expect("the file");
        let module = home.module();
        assert_eq!(module.initialize(), Ok(()), "with a file that is none of ours");
        assert_eq!(module.slots(true).map(|s| s.len()), Ok(3));
        module.finalize().expect("C_Finalize");
        assert_eq!(kept(), b"not a database", "a file that is not ours is left alone");
        std::fs::write(&databases[0], b"overwritten").expect("a file");
        assert_eq!(module.initialize(), Ok(()), "with a token that cannot be read");
        let slots = module.slots(true).expect("C_GetSlotList");
        let initialised = slots.iter().filter(|s| module.token_info(**s).is_ok_and(|i| i.flags & CKF_TOKEN_INITIALIZED != 0));
        assert_eq!(initialised.count(), 1, "the other token");
    });
}

/// DESIGN 4.3: files 0600 in a directory 0700; and no secret of ours in clear text.
#[test]
fn files_are_private_and_sealed() {
    use std::os::unix::fs::PermissionsExt;
    isolated(|home| {
        let token = prepare(home, 1);
        drop(token);
        let mut seen = 0;
        for entry in std::fs::read_dir(home.token_dir()).expect("the token directory") {
            let path = entry.expect("an entry").path();
            let mode = std::fs::metadata(&path).expect("metadata").permissions().mode() & 0o777;
            assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
            let Ok(bytes) = std::fs::read(&path) else { continue };
            seen += bytes.len();
            for secret in [b"key-0".as_slice(), USER_PIN.as_bytes(), SO_PIN.as_bytes(), &[0; 0][..]] {
                let found = !secret.is_empty() && bytes.windows(secret.len()).any(|w| w == secret);
                assert!(!found, "{} is in {}", String::from_utf8_lossy(secret), path.display());
            }
        }
        assert!(seen > 0, "no token file was read");
    });
}

/// SQLite runs triggers that a file brings along. One that undid each insertion made C_CreateObject answer CKR_OK for keys that
/// were gone with the session.
#[test]
fn what_the_file_would_run() {
    isolated(|home| {
        prepare(home, 1);
        let edit = "CREATE TRIGGER thief AFTER INSERT ON object BEGIN DELETE FROM object WHERE id = new.id; END";
        database(home).execute_batch(edit).expect("a trigger");
        let token = reopened(home);
        token.open(true).create(&key(1)).expect("C_CreateObject");
        token.module.finalize().expect("C_Finalize");
        drop(token);
        let token = reopened(home);
        assert_eq!(working(token.open(true), 2), [0, 1]);
    });
}
