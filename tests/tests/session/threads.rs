//! 2.6: many threads. Two threads on one session are the caller's fault, but no reason to crash (DESIGN 4.11).

use hsm_tests::*;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

#[test]
fn a_session_per_thread() {
    isolated(|home| {
        let token = home.token();
        let key = token.user().aes(32);
        thread::scope(|scope| {
            for number in 0..8_u8 {
                let token = &token;
                scope.spawn(move || {
                    let session = token.open(true);
                    for round in 0..200_u8 {
                        let gcm = Mechanism::gcm(&[number; 12], &[round], 128);
                        let data = vec![round; usize::from(round)];
                        let cipher = session.encrypt(&gcm, key, &data).expect("C_Encrypt");
                        assert_eq!(session.decrypt(&gcm, key, &cipher), Ok(data));
                    }
                });
            }
        });
        assert_eq!(token.info().ulSessionCount, 9);
    });
}

/// Any answer is allowed but wrong output and a crash.
#[test]
fn one_session_in_many_threads() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.aes(32);
        let sha256 = Mechanism::bare(CKM_SHA256);
        let expected = session.digest(&sha256, &[1; 1000]).expect("C_Digest");
        let right = AtomicUsize::new(0);
        thread::scope(|scope| {
            for number in 0..6 {
                let (sha256, expected, right) = (&sha256, &expected, &right);
                scope.spawn(move || {
                    for _ in 0..300 {
                        match number % 3 {
                            0 => {
                                let whole = session.begin(Begin::Digest, sha256, key).is_ok();
                                let got = session.step(Step::Digest, &[1; 1000], Some(32));
                                let digest = whole && got.0 == Rv(CKR_OK) && got.2 == *expected;
                                right.fetch_add(digest.into(), Ordering::Relaxed);
                            }
                            1 => drop(session.find(&Template::new())),
                            _ => drop(session.create(&Template::of(CKO_DATA)).and_then(|o| session.destroy(o))),
                        }
                    }
                });
            }
        });
        assert!(right.into_inner() > 0, "no digest came through");
        session.cancel(CKF_DIGEST | CKF_FIND_OBJECTS).expect("C_SessionCancel");
        assert_eq!(session.digest(&sha256, &[1; 1000]), Ok(expected), "the session is usable");
    });
}

/// DESIGN 4.11: C_Finalize during calls of other threads.
#[test]
fn finalize_during_calls() {
    isolated(|home| {
        let token = home.token();
        for _ in 0..20 {
            finalize_under_load(&token);
            token.module.initialize().expect("C_Initialize after it");
        }
        assert_eq!(token.user().state(), CKS_RW_USER_FUNCTIONS);
    });
}

fn finalize_under_load(token: &Token) {
    let session = token.user();
    let key = session.aes(32);
    let (over, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for number in 0..4 {
            let (over, calls) = (&over, &calls);
            scope.spawn(move || {
                let own = token.try_open(true).unwrap_or(session);
                let gcm = Mechanism::gcm(&[1; 12], b"", 128);
                while !over.load(Ordering::Relaxed) {
                    match number {
                        0 => drop(own.encrypt(&gcm, key, &[0; 4096])),
                        1 => drop(own.find(&Template::new())),
                        2 => drop(own.random(64)),
                        _ => drop(token.try_open(false).and_then(|s| s.close())),
                    }
                    calls.fetch_add(1, Ordering::Relaxed);
                }
                assert_eq!(Rv::from(own.info()), Rv(CKR_CRYPTOKI_NOT_INITIALIZED));
            });
        }
        while calls.load(Ordering::Relaxed) < 200 {
            thread::yield_now();
        }
        let got = token.module.finalize();
        over.store(true, Ordering::Relaxed);
        assert_eq!(got, Ok(()));
    });
}

/// 5.4.1: of two threads that initialise at once, one does.
#[test]
fn one_initialize_wins() {
    isolated(|home| {
        let module = home.module();
        for _ in 0..50 {
            let answers: Vec<Answer> = thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| module.initialize())).collect();
                threads.into_iter().map(|t| t.join().expect("a thread")).collect()
            });
            let won = answers.iter().filter(|a| a.is_ok()).count();
            let lost = answers.iter().filter(|a| **a == refused(CKR_CRYPTOKI_ALREADY_INITIALIZED)).count();
            assert_eq!((won, lost), (1, 3), "{answers:?}");
            module.finalize().expect("C_Finalize");
        }
    });
}
