//! A disk that is full, at each write in turn: the call is refused, and what was acknowledged is there. The limit on the size of a
//! process's files stands for the disk where each byte matters: it cuts a write in the middle, and kills if it is asked to.

use crate::{Other, data, say};
use hsm_tests::*;
use std::path::PathBuf;

const FULL: &[CK_RV] = &[CKR_DEVICE_MEMORY, CKR_DEVICE_ERROR];
const NEW_PIN: &str = "another pin";

/// The length of the log that the next change is appended to.
fn log_length(home: &Home) -> u64 {
    let entries = std::fs::read_dir(home.token_dir()).expect("the token directory");
    let logs = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.to_string_lossy().ends_with("-wal"));
    logs.map(|path| std::fs::metadata(path).map_or(0, |found| found.len())).max().unwrap_or(0)
}

/// Where the limit of a try lies: in the file that tells of changes, and then `step` by step in what the log grows by, 8,216 bytes for each
/// page. A try that came half-way leaves a longer log.
fn limit(log: u64, number: usize, step: u64) -> u64 {
    let beyond = |tries| log + tries * step + tries % 7;
    [0, 7].get(number).copied().unwrap_or_else(|| beyond(number as u64 - 2))
}

/// Half a page.
const HALF: u64 = 4108;

type Change = fn(Session<'_>) -> Answer;

/// Each kind of change, in an order in which each can be done.
const CHANGES: &[(&str, Change)] = &[
    ("create", |session| session.create(&data("one").bytes(CKA_VALUE, &[1; 3000])).map(|_| ())),
    ("create large", |session| session.create(&data("large").bytes(CKA_VALUE, &[1; 30_000])).map(|_| ())),
    ("pair", |session| {
        let half = |class| Template::of(class).bool(CKA_TOKEN, true).bytes(CKA_LABEL, b"pair");
        let public = half(CKO_PUBLIC_KEY).bytes(CKA_EC_PARAMS, oid::P256);
        session.generate_pair(&Mechanism::bare(CKM_EC_KEY_PAIR_GEN), &public, &half(CKO_PRIVATE_KEY)).map(|_| ())
    }),
    ("set", |session| session.set(named(session, "one")[0], &Template::new().bytes(CKA_VALUE, &[2; 3000]))),
    ("destroy", |session| session.destroy(named(session, "large")[0])),
    ("PIN", |session| session.set_pin(USER_PIN, NEW_PIN)),
];

fn named(session: Session<'_>, label: &str) -> Vec<Object> {
    session.find(&Template::new().bytes(CKA_LABEL, label.as_bytes())).expect("C_FindObjects")
}

/// What of the changes is there, each as the changes before it left it.
fn seen(session: Session<'_>) -> [usize; 4] {
    let value = named(session, "one").first().map(|one| session.attribute(*one, CKA_VALUE).expect("CKA_VALUE"));
    let changed = value.map_or(0, |value| match value {
        value if value == [1; 3000] => 1,
        value if value == [2; 3000] => 2,
        _ => panic!("half an object"),
    });
    let count = |label| named(session, label).len();
    [count("one"), count("large"), count("pair"), changed]
}

/// What is to be seen after so many of the changes.
const SEEN: [[usize; 4]; 7] = [[0, 0, 0, 0], [1, 0, 0, 1], [1, 1, 0, 1], [1, 1, 2, 1], [1, 1, 2, 2], [1, 0, 2, 2], [1, 0, 2, 2]];

#[test]
fn each_write_fails_in_turn() {
    isolated(|home| {
        limit_kills(false);
        let mut token = home.token();
        let mut refusals = 0;
        for (number, (name, change)) in CHANGES.iter().enumerate() {
            let session = token.user();
            for number_of_try in 0.. {
                limit_files(Some(limit(log_length(home), number_of_try, HALF)));
                let got = change(session);
                limit_files(None);
                let done = got.is_ok();
                assert!(done || got.is_err_and(|rv| FULL.contains(&rv.0)), "{name}: {got:?}");
                assert_eq!(seen(session), SEEN[number + usize::from(done)], "{name}: {got:?}");
                if done {
                    break;
                }
                refusals += 1;
                if *name == "PIN" {
                    // The right PIN, and yet a try, as long as nothing could be written that forgives it.
                    session.logout().and_then(|()| session.login(CKU_USER, USER_PIN)).expect("the PIN of before");
                }
            }
            if *name != "PIN" {
                token.restart();
                assert_eq!(seen(token.user()), SEEN[number + 1], "after {name} and another start");
                token.module.close_all(token.slot).expect("C_CloseAllSessions");
            }
        }
        token.restart();
        let session = token.open(true);
        assert_eq!(session.login(CKU_USER, USER_PIN), refused(CKR_PIN_INCORRECT));
        assert_eq!(session.login(CKU_USER, NEW_PIN), Ok(()));
        assert!(refusals > 4 * CHANGES.len(), "{refusals} writes failed");
    });
}

/// Nobody guesses for nothing: a try that cannot be counted is none.
#[test]
fn a_pin_that_cannot_be_counted() {
    isolated(|home| {
        limit_kills(false);
        let token = home.token();
        let session = token.open(true);
        limit_files(Some(0));
        for pin in [USER_PIN, "wrong-pin", USER_PIN] {
            let got = Rv::from(session.login(CKU_USER, pin));
            assert!(FULL.contains(&got.0), "{got:?}");
        }
        limit_files(None);
        assert_eq!(token.info().flags & CKF_USER_PIN_COUNT_LOW, 0);
        assert_eq!(session.login(CKU_USER, USER_PIN), Ok(()));
    });
}

/// C_InitToken makes a new token, or the one that is there anew.
#[test]
fn a_token_cannot_be_made() {
    isolated(|home| {
        limit_kills(false);
        let token = home.token();
        token.user().create(&data("kept")).expect("data");
        token.module.close_all(token.slot).expect("C_CloseAllSessions");
        let spare = *token.module.slots(true).expect("C_GetSlotList").last().expect("a slot");
        for slot in [spare, token.slot] {
            let mut tried = 0;
            for number in 0.. {
                // The log of a new token begins at 0.
                let log = if slot == spare { 0 } else { log_length(home) };
                let limit = limit(log, number, 3 * HALF);
                limit_files(Some(limit));
                let got = token.module.init_token(slot, SO_PIN, LABEL);
                limit_files(None);
                if got.is_ok() {
                    break;
                }
                tried += 1;
                assert!(FULL.contains(&Rv::from(got).0), "{got:?}");
                let session = token.user();
                assert_eq!(session.find(&data("kept")).map(|found| found.len()), Ok(1), "limit {limit}");
                token.module.close_all(token.slot).expect("C_CloseAllSessions");
            }
            assert!(tried > 3, "{tried} writes failed");
            let files = std::fs::read_dir(home.token_dir()).expect("the token directory");
            let databases =
                files.filter(|file| file.as_ref().is_ok_and(|file| file.path().extension().is_some_and(|e| e == "db")));
            assert_eq!(databases.count(), 2, "nothing is left of those that were not made");
        }
        assert_eq!(token.open(true).login(CKU_USER, USER_PIN), refused(CKR_USER_PIN_NOT_INITIALIZED));
    });
}

/// The write that crosses the limit kills the process: each in turn, until all is done.
#[test]
fn each_write_kills_in_turn() {
    isolated(|home| {
        if let Some(limit) = home.role() {
            let token = home.shared_token();
            let session = token.user();
            let done = SEEN.iter().position(|state| *state == seen(session)).expect("a state between two changes");
            limit_files(Some(self::limit(log_length(home), limit.parse().expect("a number"), HALF)));
            for (name, change) in &CHANGES[done..CHANGES.len() - 1] {
                say(&format!("{done} {name}"));
                change(session).expect(name);
            }
            limit_files(None);
            return say("all done");
        }
        let token = home.token();
        token.module.finalize().expect("C_Finalize");
        drop(token);
        let mut killed = 0;
        for limit in 0.. {
            let mut other = Other::start(home, &limit.to_string());
            let said: Vec<String> = std::iter::from_fn(|| other.hear()).collect();
            let token = home.shared_token();
            let now = seen(token.user());
            token.module.finalize().expect("C_Finalize");
            let begun: usize = said[0].split(' ').next().and_then(|number| number.parse().ok()).expect("a number");
            if said.last().is_some_and(|line| line == "all done") {
                assert_eq!(now, SEEN[CHANGES.len() - 1]);
                break;
            }
            killed += 1;
            // All before the last that was begun were acknowledged; that one is there or not.
            let last = begun + said.len() - 1;
            assert!([SEEN[last], SEEN[last + 1]].contains(&now), "{said:?}: {now:?}");
        }
        assert!(killed >= 8, "killed {killed} times");
    });
}

/// A file system of 700 KiB, filled to the last byte.
#[test]
fn a_full_file_system() {
    isolated(|home| {
        let Ok(mounts) = Mounts::own() else { return skip("a full file system", "it may not mount") };
        mounts.small(&home.token_dir(), 700, false).expect("a small file system");
        let token = home.token();
        let session = token.user();
        let mut made = Vec::new();
        let refusal = loop {
            let label = format!("object {}", made.len());
            match session.create(&data(&label).bytes(CKA_VALUE, &[7; 9000])) {
                Ok(_) => made.push(label),
                Err(rv) => break rv,
            }
        };
        assert_eq!(refusal, Rv(CKR_DEVICE_MEMORY));
        fill(home.token_dir().join("ballast"));
        let there = |session: Session<'_>| made.iter().all(|label| named(session, label).len() == 1);
        assert!(made.len() > 2 && there(session), "{} objects", made.len());
        for _ in 0..3 {
            let got = Rv::from(session.set(named(session, &made[0])[0], &Template::new().bytes(CKA_VALUE, &[8; 9000])));
            assert_eq!(got, Rv(CKR_DEVICE_MEMORY));
        }
        assert_eq!(session.attribute(named(session, &made[0])[0], CKA_VALUE), Ok(vec![7; 9000]));
        token.module.finalize().expect("C_Finalize on a full disk");
        drop(token);
        mounts.small(&home.token_dir(), 4000, true).expect("a larger one");
        let token = home.shared_token();
        let session = token.user();
        assert!(there(session));
        session.create(&data("there is room again")).expect("data");
    });
}

fn fill(ballast: PathBuf) {
    use std::io::Write;
    let mut file = std::fs::File::create(ballast).expect("a file");
    while file.write_all(&[0; 512]).is_ok() {}
}
