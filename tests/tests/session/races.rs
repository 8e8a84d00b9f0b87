//! A long call in one thread, and the end of its session or login in another: what it makes must not outlive them.

use hsm_tests::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Generates private session keys in one thread until `end` has run in this one.
fn generate_while(token: &Token, session: Session<'_>, end: impl FnOnce()) {
    let (started, over) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let (started, over) = (&started, &over);
        scope.spawn(move || {
            let public = Template::new().ulong(CKA_MODULUS_BITS, 2048).bool(CKA_TOKEN, false);
            let private = Template::new().bool(CKA_TOKEN, false).bool(CKA_PRIVATE, true);
            let rsa = Mechanism::bare(CKM_RSA_PKCS_KEY_PAIR_GEN);
            while !over.load(Ordering::Relaxed) {
                started.store(true, Ordering::Relaxed);
                let made = session.generate_pair(&rsa, &public, &private);
                let refusals =
                    [CKR_USER_NOT_LOGGED_IN, CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_OPERATION_CANCEL_FAILED];
                assert!(made.is_ok() || made.is_err_and(|rv| refusals.contains(&rv.0)), "{made:?}");
            }
        });
        while !started.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        end();
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(token.open(true).find(&Template::of(CKO_PRIVATE_KEY)), Ok(vec![]), "a private key was left");
}

#[test]
fn logout_during_generation() {
    isolated(|home| {
        let token = home.token();
        for _ in 0..5 {
            let session = token.user();
            generate_while(&token, session, || session.logout().expect("C_Logout"));
            token.module.close_all(token.slot).expect("C_CloseAllSessions");
        }
    });
}

#[test]
fn close_during_generation() {
    isolated(|home| {
        let token = home.token();
        let keeper = token.user();
        for _ in 0..5 {
            let session = token.open(true);
            generate_while(&token, session, || session.close().expect("C_CloseSession"));
        }
        assert_eq!(keeper.find(&Template::of(CKO_PUBLIC_KEY)), Ok(vec![]), "a public key was left");
    });
}
