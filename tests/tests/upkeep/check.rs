//! Check and Inspect.

use crate::{file, sql, with_keys};
use hsm_tests::*;

#[test]
fn a_sound_token_is_sound_to_user_and_so() {
    isolated(|home| {
        let token = with_keys(home, 3);
        let session = token.open(true);
        let upkeep = Upkeep::of(&token.module);
        let (rv, told) = upkeep.check(session);
        assert_eq!((rv, &told["sound"], &told["objects"], &told["unread"]), (Rv(CKR_OK), &json!(true), &json!(3), &json!(0)));
        session.logout().expect("C_Logout");
        let (rv, told) = upkeep.check(session);
        assert_eq!(rv, Rv(CKR_USER_NOT_LOGGED_IN), "{told}");
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        let (rv, told) = upkeep.check(session);
        assert_eq!((rv, &told["sound"], &told["objects"], &told["unread"]), (Rv(CKR_OK), &json!(true), &json!(0), &json!(3)));
    });
}

#[test]
fn what_is_damaged_is_named() {
    isolated(|home| {
        let mut token = with_keys(home, 4);
        let mut tally = Tally::new("UPKEEP.md, Check");
        for (name, edit, wanted) in [
            ("an edited object", "UPDATE object SET sealed = zeroblob(100) WHERE id = 2", "damaged"),
            ("a list of revisions", "UPDATE record SET bytes = zeroblob(48) WHERE name = 'revisions-public'", "findings"),
            ("the list of users", "INSERT OR REPLACE INTO record VALUES ('users', 1, zeroblob(50))", "findings"),
            ("the audit log", "DELETE FROM audit WHERE number = 3", "findings"),
            ("its end", "DELETE FROM audit WHERE number > 4", "findings"),
            // The log begins again, and once a check took it for whole: rows could come and go with its key.
            ("its key", "DELETE FROM record WHERE name = 'audit-key'; DELETE FROM object WHERE id = 2", "findings"),
        ] {
            token.module.finalize().expect("C_Finalize");
            let good = std::fs::read(file(home)).expect("the token file");
            sql(home, edit);
            token = home.shared_token();
            let session = token.user();
            let (rv, told) = Upkeep::of(&token.module).check(session);
            let named = match &told[wanted] {
                Value::Number(number) => number.as_u64() == Some(1) && told["damaged_objects"][0]["number"] == 2,
                findings => findings.as_array().is_some_and(|findings| !findings.is_empty()),
            };
            tally.check(name, rv == Rv(CKR_OK) && told["sound"] == false && named, format_args!("{rv:?} {told}"));
            token.module.finalize().expect("C_Finalize");
            std::fs::write(file(home), good).expect("the token file");
            token = home.shared_token();
        }
    });
}

/// SQLite takes an empty file for a new database and throws away the log beside it, which may be all that is left.
#[test]
fn an_empty_file_keeps_its_log() {
    isolated(|home| {
        let token = with_keys(home, 1);
        token.module.finalize().expect("C_Finalize");
        std::fs::write(file(home), b"").expect("an empty file");
        let log = format!("{}-wal", file(home).display());
        std::fs::write(&log, b"all that is left").expect("a log");
        let module = home.module();
        module.initialize().expect("C_Initialize");
        let upkeep = Upkeep::of(&module);
        let (_, told) = upkeep.inspect();
        assert!(told["files"][0]["findings"][0].as_str().is_some_and(|why| why.contains("is empty")), "{told}");
        assert_eq!(upkeep.repair(&json!({ "serial": crate::serial(home) })).0, Rv(CKR_DEVICE_ERROR));
        assert_eq!(std::fs::read(log).expect("the log"), b"all that is left");
    });
}

/// Nothing in the file tells of a row that is gone, or of one that is there again: the log does.
#[test]
fn rows_that_went_or_came_back_are_named_by_the_log() {
    isolated(|home| {
        let token = with_keys(home, 3);
        token.open(true).create(&crate::key("doomed")).expect("a key");
        token.module.finalize().expect("C_Finalize");
        let copy = "ATTACH '{}' AS older; ".replace("{}", &home.file("older.db").display().to_string());
        sql(home, &format!("VACUUM INTO '{}'", home.file("older.db").display()));
        let token = home.shared_token();
        let session = token.user();
        let doomed = session.find(&Template::new().bytes(CKA_LABEL, b"doomed")).expect("C_FindObjects");
        session.destroy(doomed[0]).expect("gone");
        token.module.finalize().expect("C_Finalize");
        sql(home, &format!("{copy} INSERT INTO object SELECT * FROM older.object WHERE id = 4; DELETE FROM object WHERE id = 2"));
        let token = home.shared_token();
        let (_, told) = Upkeep::of(&token.module).check(token.user());
        let findings: Vec<_> = told["findings"].as_array().expect("an array").iter().map(|f| f.as_str().expect("text")).collect();
        assert_eq!((&told["sound"], findings.len()), (&json!(false), 2), "{told}");
        assert!(findings[0].starts_with("secret-key \"doomed\" (") && findings[0].ends_with("that it was destroyed"), "{told}");
        assert!(findings[1].starts_with("secret-key \"key-1\" (") && findings[1].ends_with("tells of no end of it"), "{told}");
    });
}

/// Tokens that are no slot because they cannot be read are not silently missing.
#[test]
fn inspect_tells_of_files_that_are_no_slot() {
    isolated(|home| {
        let token = with_keys(home, 2);
        token.module.finalize().expect("C_Finalize");
        let good = file(home);
        home.write("tokens/00000000deadbeef.db", b"no database at all, however long it may be");
        std::fs::copy(&good, home.file("tokens/00000000cafecafe.db")).expect("a copy");
        token.module.initialize().expect("C_Initialize");
        let (rv, told) = Upkeep::of(&token.module).inspect();
        assert_eq!(rv, Rv(CKR_OK));
        let files = told["files"].as_array().expect("an array");
        let of = |serial: &str| files.iter().find(|file| file["serial"] == serial).expect("the file").clone();
        assert_eq!(files.len(), 3, "{told}");
        let sound = of(good.file_stem().expect("a name").to_str().expect("text"));
        assert_eq!((&sound["label"], &sound["objects"], &sound["findings"]), (&json!(LABEL), &json!(2), &json!([])));
        assert!(of("00000000deadbeef")["findings"][0].as_str().is_some_and(|why| why.contains("not a database")), "{told}");
        let renamed = of("00000000cafecafe");
        assert!(renamed["findings"][0].as_str().is_some_and(|why| why.contains("renamed")), "{told}");
    });
}
