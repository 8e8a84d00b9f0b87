//! Repair: what can be read of a damaged file takes its place, and the damaged one is kept.

use crate::{file, keys, serial, sql, with_keys};
use hsm_tests::*;
use std::os::unix::fs::MetadataExt;

const KEYS: usize = 200;

/// Overwrites one page of the token file with noise; the pages are those of the table `object`, in the middle.
fn damage(home: &Home) {
    let path = file(home);
    let page = {
        let database = rusqlite::Connection::open(&path).expect("the database");
        let leaf = "SELECT pageno FROM dbstat WHERE name = 'object' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 5";
        database.query_row(leaf, [], |row| row.get::<_, u64>(0)).unwrap_or(20)
    };
    let mut bytes = std::fs::read(&path).expect("the token file");
    let start = (page as usize - 1) * 8192;
    bytes[start..start + 8192].fill(0xa5);
    std::fs::write(&path, bytes).expect("the token file");
}

#[test]
fn a_damaged_page_costs_the_objects_on_it_and_no_others() {
    isolated(|home| {
        let token = with_keys(home, KEYS);
        let session = token.open(true);
        let last = session.create(&crate::key("last")).expect("a key");
        session.destroy(last).expect("gone");
        token.module.finalize().expect("C_Finalize");
        damage(home);
        let damaged = std::fs::read(file(home)).expect("the token file");
        let module = home.module();
        module.initialize().expect("C_Initialize");
        let upkeep = Upkeep::of(&module);
        let (_, told) = upkeep.inspect();
        assert_ne!(told["files"][0]["findings"], json!([]), "{told}");
        let (rv, told) = upkeep.repair(&json!({ "serial": serial(home) }));
        assert_eq!(rv, Rv(CKR_OK), "{told}");
        let kept = told["kept"].as_str().expect("a path");
        assert_eq!(std::fs::read(kept).expect("the damaged file"), damaged, "it is kept as it was");
        assert_eq!(upkeep.inspect().1["files"][0]["findings"], json!([]));
        module.finalize().expect("C_Finalize");
        let token = home.shared_token();
        let session = token.user();
        let found = keys(session);
        assert!((KEYS / 2..KEYS).contains(&found), "{found} of {KEYS}: {told}");
        assert_eq!(Upkeep::of(&token.module).check(session).1["damaged"], 0);
        assert_ne!(session.create(&crate::key("new")).expect("a key"), last, "an id that was given out");
        assert_eq!(keys(session), found + 1);
    });
}

/// Nothing is to be repaired in a sound file; once it was rewritten all the same.
#[test]
fn a_sound_file_stays_as_it_is() {
    isolated(|home| {
        let token = with_keys(home, 3);
        let session = token.open(true);
        let upkeep = Upkeep::of(&token.module);
        let request = json!({ "serial": serial(home) });
        assert_eq!(upkeep.repair(&request).0, Rv(CKR_SESSION_EXISTS), "not while it is in use");
        session.close().expect("C_CloseSession");
        for other in token.module.slots(true).expect("slots") {
            token.module.close_all(other).ok();
        }
        let which = || std::fs::metadata(file(home)).expect("the token file").ino();
        let before = which();
        let (rv, told) = upkeep.repair(&request);
        assert_eq!(rv, Rv(CKR_FUNCTION_FAILED), "{told}");
        assert!(told["error"].as_str().is_some_and(|why| why.contains("sound")), "{told}");
        assert_eq!(which(), before, "the very file");
        assert_eq!(keys(token.user()), 3);
    });
}

/// A process that is killed leaves its log beside the file. Where that is damaged the token is no slot, and the repair keeps both.
#[test]
fn a_damaged_log_is_kept_beside_the_file() {
    isolated(|home| {
        if home.role().is_some() {
            let token = home.shared_token();
            let session = token.user();
            (0..20).for_each(|number| _ = session.create(&crate::key(&format!("late-{number}"))).expect("a key"));
            std::process::abort();
        }
        with_keys(home, 3).module.finalize().expect("C_Finalize");
        assert!(!home.spawn("dies", |_| ()).wait().expect("its end").success());
        let log = std::path::PathBuf::from(format!("{}-wal", file(home).display()));
        let mut damaged = std::fs::read(&log).expect("the log");
        let middle = damaged.len() / 2;
        damaged[middle..middle + 64].fill(0xa5);
        std::fs::write(&log, &damaged).expect("the log");
        let module = home.module();
        module.initialize().expect("C_Initialize");
        assert_eq!(module.slots(true).expect("slots").len(), 1, "the spare one");
        let (rv, told) = Upkeep::of(&module).repair(&json!({ "serial": serial(home) }));
        assert_eq!(rv, Rv(CKR_OK), "{told}");
        let kept = format!("{}-wal", told["kept"].as_str().expect("a path"));
        assert_eq!(std::fs::read(kept).expect("the damaged log"), damaged);
        module.finalize().expect("C_Finalize");
        let token = home.shared_token();
        let session = token.user();
        assert!((3..23).contains(&keys(session)), "{}", keys(session));
    });
}

#[test]
fn what_cannot_be_repaired_is_left_alone() {
    isolated(|home| {
        let token = with_keys(home, 3);
        token.module.finalize().expect("C_Finalize");
        sql(home, "DELETE FROM record WHERE name = 'header'");
        let before = std::fs::read(file(home)).expect("the token file");
        token.module.initialize().expect("C_Initialize");
        let upkeep = Upkeep::of(&token.module);
        let (rv, told) = upkeep.repair(&json!({ "serial": serial(home) }));
        assert_eq!(rv, Rv(CKR_DEVICE_ERROR), "{told}");
        assert_eq!(std::fs::read(file(home)).expect("the token file"), before);
        for (serial, code) in [("0123456789abcdef", CKR_TOKEN_NOT_PRESENT), ("../../etc/passwd", CKR_TOKEN_NOT_PRESENT)] {
            assert_eq!(upkeep.repair(&json!({ "serial": serial })).0, Rv(code), "{serial}");
        }
    });
}

/// Another program that has the token open would go on with the file of before.
#[test]
fn not_while_another_process_has_it_open() {
    isolated(|home| {
        if home.role().is_some() {
            let token = home.shared_token();
            let _session = token.user();
            println!("OPEN");
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).expect("the end");
            return;
        }
        let token = with_keys(home, KEYS);
        token.module.finalize().expect("C_Finalize");
        damage(home);
        let piped = |command: &mut std::process::Command| {
            command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        };
        let mut other = home.spawn("holds it open", piped);
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(other.stdout.take().expect("a pipe")));
        assert!(lines.any(|line| line.is_ok_and(|line| line.contains("OPEN"))));
        token.module.initialize().expect("C_Initialize");
        let upkeep = Upkeep::of(&token.module);
        let (rv, told) = upkeep.repair(&json!({ "serial": serial(home) }));
        assert_eq!(rv, Rv(CKR_SESSION_EXISTS), "{told}");
        drop(other.stdin.take());
        assert!(lines.all(|line| line.is_ok()) && other.wait().expect("its end").success());
        assert_eq!(upkeep.repair(&json!({ "serial": serial(home) })).0, Rv(CKR_OK));
    });
}
