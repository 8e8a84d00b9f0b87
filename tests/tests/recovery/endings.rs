//! Ends that come in the wrong moment: nobody is told that a ceremony goes on, or was done, when it is not so.

use crate::*;

/// Status told of a ceremony whose time was over as if it went on.
#[test]
fn an_expired_ceremony_is_not_told_as_open() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let mut request = deal_request();
        request["timeout"] = json!(1);
        let shares = shares(&recovery.must(so, Call::Begin, &request));
        std::thread::sleep(std::time::Duration::from_millis(2100));
        assert_eq!(state(&recovery.must(so, Call::Status, &json!({}))), "idle");
        assert_eq!(recovery.refused(so, Call::Contribute, &json!({ "share": shares[0] })).0, Rv(CKR_FUNCTION_CANCELED));
    });
}

/// Made anew, in this process or another, a token was said to have an edited file until the next Begin.
#[test]
fn a_token_made_anew_has_no_ceremony() {
    isolated(|home| {
        if home.role().is_some() {
            let token = home.shared_token();
            return token.module.init_token(token.slot, SO_PIN, LABEL).expect("C_InitToken");
        }
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        recovery.must(so, Call::Begin, &deal_request());
        so.close().expect("C_CloseSession");
        token.module.init_token(token.slot, SO_PIN, LABEL).expect("C_InitToken");
        let so = token.so();
        assert_eq!(state(&recovery.must(so, Call::Status, &json!({}))), "idle");
        assert_eq!(recovery.refused(so, Call::Finish, &json!({})).0, Rv(CKR_OPERATION_NOT_INITIALIZED));

        let begun = recovery.must(so, Call::Begin, &json!({ "kind": "rehearse", "policy": policy() }));
        assert!(home.spawn("anew", |_| {}).wait().expect("its end").success());
        let late = recovery.refused(so, Call::Contribute, &json!({ "share": shares(&begun)[0] }));
        assert_eq!(late.0, Rv(CKR_FUNCTION_CANCELED), "{}", late.1);
        assert_eq!(
            recovery.refused(so, Call::Approve, &json!({ "approver": "a", "signature": "00" })).0,
            Rv(CKR_OPERATION_NOT_INITIALIZED)
        );
    });
}

/// The minutes said "done" before it was: a Finish that could not be written, and was then cancelled, had both in them.
#[test]
fn minutes_do_not_say_done_of_what_was_not() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        hand_in(&recovery, so, &shares(&recovery.must(so, Call::Begin, &deal_request())));
        // Like a full disk: no file takes a byte.
        files_end_at(0);
        assert_eq!(recovery.refused(so, Call::Finish, &json!({})).0, Rv(CKR_DEVICE_ERROR));
        files_end_at(libc::RLIM_INFINITY);
        assert_eq!(state(&recovery.must(so, Call::Status, &json!({}))), "ready", "it can be finished again");
        assert_eq!(recovery.must(so, Call::Status, &json!({}))["sets"], json!([]), "nothing is in force");
        let cancelled = recovery.must(so, Call::Cancel, &json!({}));
        let minutes = cancelled["transcript"].as_str().expect("minutes");
        assert!(minutes.contains("cancelled\n") && !minutes.contains(" done\n"), "{minutes}");
    });
}

/// Whoever calls what, from however many threads: no call hangs, and one ceremony at a time is open.
#[test]
fn everybody_calls_everything_at_once() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let so = token.so();
        let rehearsal = json!({ "kind": "rehearse", "policy": { "threshold": 2, "custodians": custodians(&["a", "b"]) } });
        std::thread::scope(|scope| {
            for number in 0..6 {
                let (token, rehearsal) = (&token, &rehearsal);
                scope.spawn(move || {
                    let recovery = Recovery::of(&token.module);
                    let session = token.open(true);
                    for round in 0..12 {
                        let (rv, reply) = match (number + round) % 6 {
                            0 | 1 => {
                                let (rv, reply) = recovery.ask(session, Call::Begin, rehearsal);
                                let shares = if rv == Rv(CKR_OK) { shares(&reply) } else { vec![] };
                                for share in &shares {
                                    recovery.ask(session, Call::Contribute, &json!({ "share": share }));
                                }
                                (rv, reply)
                            }
                            2 => recovery.ask(session, Call::Finish, &json!({})),
                            3 => recovery.ask(session, Call::Cancel, &json!({})),
                            4 => recovery.ask(session, Call::Status, &json!({ "log": true })),
                            _ => recovery.ask(session, Call::Contribute, &json!({ "share": "x" })),
                        };
                        // Between the question for a length and the call somebody else may have made the reply longer.
                        let known = [
                            CKR_OK,
                            CKR_BUFFER_TOO_SMALL,
                            CKR_OPERATION_ACTIVE,
                            CKR_OPERATION_NOT_INITIALIZED,
                            CKR_ACTION_PROHIBITED,
                            CKR_FUNCTION_CANCELED,
                        ];
                        assert!(known.iter().any(|known| rv == Rv(*known)), "{rv:?}: {reply}");
                    }
                });
            }
        });
        let recovery = Recovery::of(&token.module);
        recovery.ask(so, Call::Cancel, &json!({}));
        deal(&recovery, so);
    });
}

/// Lets no file of this process be written beyond `bytes`.
fn files_end_at(bytes: libc::rlim_t) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: ignoring a signal and reading a live structure.
    let done = unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit)
    };
    assert_eq!(done, 0, "setrlimit");
}
