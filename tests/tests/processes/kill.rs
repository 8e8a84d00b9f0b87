//! SIGKILL while writing: what was acknowledged is there, and the token opens (DESIGN 4.3).

use crate::{Other, data, say};
use hsm_tests::*;

#[test]
fn acknowledged_objects_survive() {
    isolated(|home| {
        if home.role().is_some() {
            return write_for_ever(home);
        }
        let mut token = home.token();
        for round in 0..5 {
            let mut writer = Other::start(home, "writes");
            let mut acknowledged: Vec<String> = (0..10 + 7 * round).map_while(|_| writer.hear()).collect();
            acknowledged.extend(writer.kill());
            token.restart();
            let session = token.user();
            let found = |label: &String| session.find(&data(label)).expect("C_FindObjects").len();
            let lost: Vec<_> = acknowledged.iter().filter(|label| found(label) != 1).collect();
            assert!(acknowledged.len() >= 10, "round {round}: {acknowledged:?}");
            assert_eq!(lost, Vec::<&String>::new(), "round {round}");
            let whole = session.find(&Template::of(CKO_DATA)).expect("C_FindObjects");
            assert!(whole.iter().all(|o| session.attribute(*o, CKA_VALUE) == Ok(vec![7; 3000])), "half an object");
        }
    });
}

fn write_for_ever(home: &Home) {
    let token = home.shared_token();
    let session = token.user();
    for number in 0.. {
        let label = format!("{}-{number}", std::process::id());
        session.create(&data(&label).bytes(CKA_VALUE, &[7; 3000])).expect("data");
        say(&label);
    }
}

/// DESIGN 4.11: "a token file truncated by SIGKILL during login" is how others fail.
#[test]
fn killed_during_login() {
    isolated(|home| {
        if home.role().is_some() {
            let token = home.shared_token();
            loop {
                let session = token.open(true);
                say("login");
                session.login(CKU_USER, USER_PIN).expect("C_Login");
                session.close().expect("C_CloseSession");
            }
        }
        let mut token = home.token();
        for logins in 1..=6 {
            let mut other = Other::start(home, "logs in");
            (0..logins).for_each(|_| assert_eq!(other.hear().as_deref(), Some("login")));
            other.kill();
            token.restart();
            assert_eq!(token.user().state(), CKS_RW_USER_FUNCTIONS);
        }
    });
}

/// DESIGN 4.4: the counter is raised before the check, so that killing the process gains nothing.
#[test]
fn killing_the_process_saves_no_try() {
    isolated(|home| {
        if home.role().is_some() {
            let token = home.shared_token();
            let session = token.open(true);
            say("guess");
            let _ = session.login(CKU_USER, "wrong-pin");
            say("answered");
            loop {
                std::thread::park();
            }
        }
        let mut token = home.token();
        for _ in 0..3 {
            let mut other = Other::start(home, "guesses");
            assert_eq!(other.hear().as_deref(), Some("guess"));
            assert_eq!(other.hear().as_deref(), Some("answered"));
            other.kill();
        }
        token.restart();
        assert_ne!(token.info().flags & CKF_USER_PIN_COUNT_LOW, 0);
        for _ in 3..10 {
            token.open(true).login(CKU_USER, "wrong-pin").expect_err("a wrong PIN");
        }
        assert_eq!(token.open(true).login(CKU_USER, USER_PIN), refused(CKR_PIN_LOCKED));
    });
}

/// Killed while the PIN is being checked, as soon as the counter is seen to rise: ten processes are ten tries, and the eleventh is refused
/// before it costs anything.
#[test]
fn ten_kills_are_ten_tries() {
    isolated(|home| {
        if home.role().is_some() {
            let token = home.shared_token();
            let session = token.open(true);
            say("guess");
            let _ = session.login(CKU_USER, "wrong-pin");
            loop {
                std::thread::park();
            }
        }
        home.token().module.finalize().expect("C_Finalize");
        let counter = counted(home);
        for kill in 0..10 {
            let mut other = Other::start(home, "guesses");
            assert_eq!(other.hear().as_deref(), Some("guess"));
            while counter() == kill {
                std::thread::yield_now();
            }
            other.kill();
            assert_eq!(counter(), kill + 1, "each kill is a try");
        }
        drop(counter);
        let token = home.shared_token();
        assert_ne!(token.info().flags & CKF_USER_PIN_LOCKED, 0);
        assert_eq!(token.open(true).login(CKU_USER, USER_PIN), refused(CKR_PIN_LOCKED));
    });
}

/// Reads the user's failure counter from the file, beside the module.
fn counted(home: &Home) -> impl Fn() -> u64 {
    let entries = std::fs::read_dir(home.token_dir()).expect("the token directory");
    let mut paths = entries.map(|entry| entry.expect("an entry").path());
    let path = paths.find(|path| path.extension().is_some_and(|ending| ending == "db")).expect("the database");
    let database = rusqlite::Connection::open(path).expect("the database");
    move || {
        let value = database.query_row("SELECT sum(value) FROM counter WHERE name = 'user'", (), |row| row.get(0));
        value.map(|value: Option<i64>| value.unwrap_or(0) as u64).expect("the counter")
    }
}
