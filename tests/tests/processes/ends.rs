//! How a process ends, or becomes two, while its threads are inside calls: by fork, exec, exit, _exit, C_Finalize and dlclose. Each has a
//! defined result; none hangs (a watchdog ends those that do) or crashes.

use crate::{Other, data, say, soak_rounds};
use hsm_tests::*;
use std::os::unix::process::CommandExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// What threads do all the time: each kind of call that takes locks, writes, or takes long.
const KINDS: usize = 5;

fn call(token: &Token, session: Session<'_>, kind: usize) -> Rv {
    let ecb = Mechanism::bare(CKM_AES_ECB);
    match kind % KINDS {
        0 => session.create(&data("load")).and_then(|object| session.destroy(object)).into(),
        1 => session.find(&data("kept")).into(),
        2 => token.try_open(false).and_then(|other| other.close()).into(),
        3 => session.login(CKU_USER, USER_PIN).into(),
        _ => {
            let made = session.create(&Template::key(CKO_SECRET_KEY, CKK_AES).bytes(CKA_VALUE, &[1; 16]));
            made.and_then(|key| session.encrypt(&ecb, key, &[0; 16]).and_then(|_| session.destroy(key))).into()
        }
    }
}

/// Threads that call until `over`, each of which has called once when this returns.
fn load(token: &Arc<Token>, over: &Arc<AtomicBool>, allowed: &'static [CK_RV]) -> Vec<thread::JoinHandle<()>> {
    let inside = Arc::new(AtomicUsize::new(0));
    let spawn = |kind| {
        let (token, over, inside) = (token.clone(), over.clone(), inside.clone());
        thread::spawn(move || {
            let session = token.open(true);
            for number in 0.. {
                let got = call(&token, session, kind);
                inside.fetch_add(usize::from(number == 0), Ordering::Relaxed);
                assert!(allowed.contains(&got.0), "kind {kind}: {got:?}");
                if over.load(Ordering::Relaxed) {
                    break;
                }
            }
        })
    };
    let threads = (0..KINDS).map(spawn).collect();
    while inside.load(Ordering::Relaxed) < KINDS {
        thread::yield_now();
    }
    threads
}

const USUAL: &[CK_RV] = &[CKR_OK, CKR_USER_ALREADY_LOGGED_IN];
const ENDING: &[CK_RV] =
    &[CKR_OK, CKR_USER_ALREADY_LOGGED_IN, CKR_CRYPTOKI_NOT_INITIALIZED, CKR_SESSION_HANDLE_INVALID, CKR_USER_NOT_LOGGED_IN];

/// A token with one object that stays, and the user logged in.
fn prepared(home: &Home) -> Arc<Token> {
    let token = home.token();
    token.user().create(&data("kept")).expect("data");
    Arc::new(token)
}

/// The token opens, and nothing acknowledged is missing.
fn whole(home: &Home) {
    let token = home.shared_token();
    assert_eq!(token.user().find(&data("kept")).map(|found| found.len()), Ok(1));
    token.module.finalize().expect("C_Finalize");
}

/// 5.4.1: in the child the module is not initialised. C_Initialize works, or says that a thread the child does not have holds a
/// lock, and says it at once.
fn fork_under_load(home: &Home, rounds: usize) {
    let token = prepared(home);
    let over = Arc::new(AtomicBool::new(false));
    let threads = load(&token, &over, USUAL);
    let mut initialised = 0;
    for round in 0..rounds {
        let mark = home.file("initialised");
        let child = in_fork(|| {
            assert_eq!(Rv::from(token.module.info()), Rv(CKR_CRYPTOKI_NOT_INITIALIZED));
            match token.module.initialize() {
                Err(Rv(CKR_CANT_LOCK)) => {
                    let again = token.module.initialize();
                    return assert_eq!(again, refused(CKR_CANT_LOCK), "what was locked stays so");
                }
                got => assert_eq!(got, Ok(())),
            }
            let session = token.user();
            assert_eq!(session.find(&data("kept")).map(|found| found.len()), Ok(1));
            session.create(&data("of a child")).expect("data");
            token.module.finalize().expect("C_Finalize");
            std::fs::write(&mark, "").expect("a mark");
        });
        assert_eq!(child, Ok(()), "round {round}");
        initialised += usize::from(std::fs::remove_file(&mark).is_ok());
    }
    over.store(true, Ordering::Relaxed);
    threads.into_iter().for_each(|thread| thread.join().expect("a thread of the parent"));
    let found = token.open(true).find(&data("of a child")).map(|found| found.len());
    assert_eq!(found, Ok(initialised), "what the children wrote");
}

#[test]
fn fork_while_threads_are_inside() {
    isolated(|home| fork_under_load(home, 20));
}

#[test]
#[ignore = "a soak: HSM_SOAK_ROUNDS forks"]
fn fork_while_threads_are_inside_for_long() {
    isolated(|home| fork_under_load(home, soak_rounds(500)));
}

/// A fork while another thread opens or closes the token's files.
#[test]
fn fork_during_initialize_and_finalize() {
    isolated(|home| {
        let token = prepared(home);
        token.module.finalize().expect("C_Finalize");
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    token.module.initialize().expect("C_Initialize");
                    token.module.finalize().expect("C_Finalize");
                }
            });
            for round in 0..60 {
                let child = in_fork(|| match token.module.initialize() {
                    Err(rv) => assert_eq!(rv, Rv(CKR_CANT_LOCK)),
                    Ok(()) => assert_eq!(token.user().find(&data("kept")).map(|found| found.len()), Ok(1)),
                });
                assert_eq!(child, Ok(()), "round {round}");
            }
            over.store(true, Ordering::Relaxed);
        });
        whole(home);
    });
}

/// Each way out, with five threads inside calls and no C_Finalize. The exit code is the process's own.
#[test]
fn exit_while_threads_are_inside() {
    isolated(|home| {
        let Some(way) = home.role() else {
            prepared(home).module.finalize().expect("C_Finalize");
            for (way, code) in [("exit", 7), ("_exit", 8), ("return", 0), ("exec", 0), ("finalize", 9)] {
                let mut other = Other::start(home, way);
                assert_eq!(other.hear().as_deref(), Some("under load"), "{way}");
                let status = other.end();
                assert_eq!(status.code(), Some(code), "{way}: {status}");
            }
            return whole(home);
        };
        watchdog();
        let token = Arc::new(home.shared_token());
        token.user();
        let over = Arc::new(AtomicBool::new(false));
        drop(load(&token, &over, if way == "finalize" { ENDING } else { USUAL }));
        say("under load");
        match way.as_str() {
            "exit" => std::process::exit(7),
            "_exit" => exit_at_once(8),
            // SQLite's and the module's files are closed by exec, and what they had locked is free.
            "exec" => {
                let files = "ls -l /proc/self/fd | grep -q tokens && exit 1 || exit 0";
                panic!("exec: {}", std::process::Command::new("sh").args(["-c", files]).exec());
            }
            "finalize" => {
                token.module.finalize().expect("C_Finalize");
                std::process::exit(9);
            }
            _ => {}
        }
    });
}

/// C_Finalize waits for calls that are inside, also long ones, and those that come later are refused.
#[test]
fn finalize_while_threads_are_inside() {
    isolated(|home| {
        let token = prepared(home);
        for _ in 0..5 {
            let over = Arc::new(AtomicBool::new(false));
            let login = token.open(true).login(CKU_USER, USER_PIN);
            assert!(USUAL.contains(&Rv::from(login).0), "{login:?}");
            let threads = load(&token, &over, ENDING);
            let waiting = {
                let token = token.clone();
                thread::spawn(move || token.module.wait_for_slot_event(0))
            };
            assert_eq!(token.module.finalize(), Ok(()));
            over.store(true, Ordering::Relaxed);
            threads.into_iter().for_each(|thread| thread.join().expect("a thread"));
            assert_eq!(waiting.join().expect("a thread"), Rv(CKR_CRYPTOKI_NOT_INITIALIZED));
            token.module.initialize().expect("C_Initialize");
        }
        token.module.finalize().expect("C_Finalize");
        whole(home);
    });
}

/// dlclose without C_Finalize, by a thread of a host that goes on: other threads end after it, and the process too.
#[test]
fn dlclose_and_then_the_end() {
    isolated(|home| {
        if home.role().is_none() {
            prepared(home).module.finalize().expect("C_Finalize");
            for _ in 0..3 {
                let other = Other::start(home, "unloads");
                let status = other.end();
                assert_eq!(status.code(), Some(5), "{status}");
            }
            return whole(home);
        }
        watchdog();
        let token = Arc::new(home.shared_token());
        token.user();
        let over = Arc::new(AtomicBool::new(false));
        let threads = load(&token, &over, USUAL);
        over.store(true, Ordering::Relaxed);
        let outlive = thread::spawn(move || threads.into_iter().for_each(|thread| thread.join().expect("a thread")));
        drop(token);
        outlive.join().expect("threads that end after dlclose");
        std::process::exit(5);
    });
}

/// Valgrind sees what a crash does not yet show: memory that is gone, read at the end.
#[test]
#[ignore = "takes minutes, and valgrind"]
fn the_ends_under_valgrind() {
    if std::process::Command::new("valgrind").arg("--version").output().is_err() {
        return skip("the ends of a process under valgrind", "valgrind is not installed");
    }
    for test in ["ends::dlclose_and_then_the_end", "ends::exit_while_threads_are_inside"] {
        let mut valgrind = std::process::Command::new("valgrind");
        valgrind.args([
            "-q",
            "--trace-children=yes",
            "--trace-children-skip=*/sh,*/ls,*/grep",
            "--leak-check=no",
            "--error-exitcode=99",
        ]);
        valgrind.arg(std::env::current_exe().expect("this test")).args([test, "--exact", "--test-threads=1"]);
        let output = valgrind.env("HSM_TESTS_PATIENCE", "1500").output().expect("valgrind");
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success() && said.contains("1 passed"), "{test}: {}\n{said}", output.status);
    }
}
