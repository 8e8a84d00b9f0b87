//! Handles of others, and calls that come when something else is under way.

use crate::stage;
use hsm_tests::*;

/// 5.1.2: a handle is good for the token it came from. Another token's objects are nobody's here.
#[test]
fn objects_of_another_token() {
    isolated(|home| {
        let token = home.token();
        let here = token.user();
        let slot = token.another("the other one");
        let there = token.module.open(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION).expect("C_OpenSession");
        there.login(CKU_USER, USER_PIN).expect("C_Login");
        // Tokens number their objects alike: there are fewer of them here.
        let own = here.aes(16);
        for _ in 0..200 {
            there.aes(16);
        }
        let theirs = there.aes(16);
        assert!(theirs.0 > own.0 + 100, "a number that is somebody's here too");
        let mut tally = Tally::new("5.1.2: a handle of another token");
        for entry in Probe::new(&token.module).entries().filter(|entry| entry.takes(Param::Object)) {
            if entry.name == "C_SetOperationState" {
                continue;
            }
            stage::once(&token, entry, None, |probe| {
                let mut probe = probe.again();
                probe.object = theirs;
                let got = probe.call(entry);
                let named = format!("{got:?}").ends_with("HANDLE_INVALID");
                tally.check(entry.name, named, format_args!("got {got:?}"));
            });
        }
    });
}

/// An operation belongs to its session: the function that goes on with it finds nothing in another one, and does no harm to it.
#[test]
fn operations_of_another_session() {
    isolated(|home| {
        let token = home.token();
        let _user = token.user();
        let mut tally = Tally::new("5.8 to 5.15: another session's operation");
        for entry in Probe::new(&token.module).entries().filter(|entry| stage::continues(*entry)) {
            let other = token.open(true);
            stage::once(&token, entry, None, |probe| {
                let mut elsewhere = probe.again();
                elsewhere.session = other.handle;
                let got = elsewhere.call(entry);
                tally.row(format!("{} elsewhere", entry.name), got, &[CKR_OPERATION_NOT_INITIALIZED]);
                let here = probe.call(entry);
                tally.check(
                    format!("{} here", entry.name),
                    here != Rv(CKR_OPERATION_NOT_INITIALIZED),
                    format_args!("got {here:?}"),
                );
            });
            other.close().expect("C_CloseSession");
        }
    });
}

/// Every function while any operation is under way: it does its work or says why not, and that is all.
#[test]
fn anything_during_anything() {
    isolated(|home| {
        let token = home.token();
        let _user = token.user();
        const ONE_EACH: [&str; 6] = ["C_Encrypt", "C_Decrypt", "C_Digest", "C_Sign", "C_Verify", "C_FindObjects"];
        let ending = [
            "C_Finalize",
            "C_InitToken",
            "C_CloseAllSessions",
            "C_CloseSession",
            "C_Logout",
            "C_SetPIN",
            "C_Login",
            "C_LoginUser",
        ];
        let mut tally = Tally::new("5.2: calls in any order");
        for begun in ONE_EACH.map(Entry::named) {
            for entry in Probe::new(&token.module).entries().filter(|entry| !ending.contains(&entry.name)) {
                let got = stage::once(&token, begun, None, |probe| {
                    let first = probe.call(entry);
                    // What was begun is still there, or was ended by what came between; neither is a defect.
                    [first, probe.call(begun)]
                });
                let sane = got.iter().all(|rv| rv.is_known() && *rv != Rv(CKR_GENERAL_ERROR));
                tally.check(format!("{} after what {} needs", entry.name, begun.name), sane, format_args!("got {got:?}"));
            }
        }
    });
}
