//! 5.5.4: whoever waits for a slot event is woken by C_Finalize.

use crate::*;
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn finalize_wakes_the_one_who_waits() {
    isolated(|home| {
        let token = home.token();
        let module = &token.module;
        std::thread::scope(|scope| {
            let (begun, told) = mpsc::channel();
            let waiting = scope.spawn(move || {
                begun.send(()).expect("somebody listens");
                module.wait_for_slot_event(0)
            });
            told.recv().expect("it begins");
            // Long enough for it to be inside; were it not, it would be answered all the same.
            std::thread::sleep(Duration::from_millis(100));
            assert!(!waiting.is_finished(), "it did not wait");
            module.finalize().expect("C_Finalize");
            assert_eq!(waiting.join().expect("it ends"), Rv(CKR_CRYPTOKI_NOT_INITIALIZED));
        });
        assert_eq!(module.wait_for_slot_event(0), Rv(CKR_CRYPTOKI_NOT_INITIALIZED));
    });
}
