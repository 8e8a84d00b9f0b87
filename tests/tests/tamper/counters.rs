//! DESIGN 4.4: PIN counters are authenticated, and a token file that cannot be read hides that token only.

use crate::{database, prepare};
use hsm_tests::*;

/// Whoever edits the counters of a locked token must not get ten more tries, nor the right PIN's owner be let in as if
/// nothing had happened.
#[test]
fn edited_counters_open_nothing() {
    isolated(|home| {
        let token = home.token();
        for _ in 0..10 {
            token.open(true).login(CKU_USER, "wrong-pin").expect_err("a wrong PIN");
        }
        assert_eq!(token.open(true).login(CKU_USER, USER_PIN), refused(CKR_PIN_LOCKED));
        token.module.finalize().expect("C_Finalize");
        drop(token);
        for edit in ["UPDATE counter SET value = 0", "DELETE FROM counter"] {
            let changed = database(home).execute(edit, ()).expect("a table `counter`");
            assert_ne!(changed, 0, "{edit}: the counter is somewhere else");
            let token = home.shared_token();
            let got = token.open(true).login(CKU_USER, USER_PIN);
            assert!(got.is_err(), "{edit}: logged in to a token that was locked");
            token.module.finalize().expect("C_Finalize");
        }
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
        let module = home.module();
        assert_eq!(module.initialize(), Ok(()), "with a file that is none of ours");
        assert_eq!(module.slots(true).map(|s| s.len()), Ok(3));
        module.finalize().expect("C_Finalize");
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
