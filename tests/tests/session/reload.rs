//! Issue 2: "the module can be dlopen'ed and dlclosed 100 times with threads running" (DESIGN 4.2, trap 2: what a
//! library leaves in a thread runs when the thread ends, and must still be there).

use hsm_tests::*;
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;

#[test]
fn a_hundred_times_with_threads_that_outlive_the_library() {
    isolated(|home| {
        drop(home.token());
        for round in 0..100 {
            let module = Arc::new(home.module());
            // A process that did not finalise before dlclose finds a library that stayed, or a new one.
            let initialised = Rv::from(module.initialize());
            assert!([Rv(CKR_OK), Rv(CKR_CRYPTOKI_ALREADY_INITIALIZED)].contains(&initialised));
            let (done, wait) = channel();
            let closed = Arc::new(Barrier::new(5));
            let threads: Vec<_> = (0..4).map(|_| use_in_thread(&module, done.clone(), &closed)).collect();
            drop(done);
            assert_eq!(wait.iter().count(), 4, "round {round}");
            module.finalize().expect("C_Finalize");
            drop(Arc::into_inner(module).expect("the only owner: dlclose"));
            closed.wait();
            threads.into_iter().for_each(|t| t.join().expect("a thread that ends after dlclose"));
        }
        assert_eq!(home.shared_token().user().state(), CKS_RW_USER_FUNCTIONS);
    });
}

fn use_in_thread(module: &Arc<Module>, done: std::sync::mpsc::Sender<()>, closed: &Arc<Barrier>) -> thread::JoinHandle<()> {
    let (module, closed) = (module.clone(), closed.clone());
    thread::spawn(move || {
        touch(&module);
        drop(module);
        done.send(()).expect("the test waits");
        drop(done);
        closed.wait();
    })
}

/// Uses randomness, a digest and a signature, which leave state in the thread.
fn touch(module: &Module) {
    let slot = module.slots(true).expect("C_GetSlotList")[0];
    let session = module.open(slot, CKF_SERIAL_SESSION).expect("C_OpenSession");
    session.random(32).expect("C_GenerateRandom");
    session.digest(&Mechanism::bare(CKM_SHA256), b"abc").expect("C_Digest");
    session.close().expect("C_CloseSession");
}

/// Loading twice is one library: the second user sees that it is initialised.
#[test]
fn two_users_of_one_library() {
    isolated(|home| {
        let (first, second) = (home.module(), home.module());
        first.initialize().expect("C_Initialize");
        assert_eq!(second.initialize(), refused(CKR_CRYPTOKI_ALREADY_INITIALIZED));
        drop(first);
        assert!(second.info().is_ok());
        assert_eq!(second.finalize(), Ok(()));
    });
}

/// dlclose without C_Finalize, with a session open and a thread alive.
#[test]
fn unloading_without_finalize() {
    isolated(|home| {
        let token = home.token();
        token.user();
        drop(token);
        thread::spawn(|| {}).join().expect("a thread");
        let module = home.module();
        let again = Rv::from(module.initialize());
        assert!([Rv(CKR_OK), Rv(CKR_CRYPTOKI_ALREADY_INITIALIZED)].contains(&again), "{again:?}");
    });
}
