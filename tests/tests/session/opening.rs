//! 5.6.1 to 5.6.4: opening, closing and counting sessions.

use hsm_tests::*;

/// "For legacy reasons, the CKF_SERIAL_SESSION bit MUST always be set."
#[test]
fn sessions_are_serial() {
    isolated(|home| {
        let token = home.token();
        for flags in [0, CKF_RW_SESSION] {
            let got = Rv::from(token.module.open(token.slot, flags));
            assert_eq!(got, Rv(CKR_SESSION_PARALLEL_NOT_SUPPORTED));
        }
    });
}

/// v3.2: asynchronous sessions are asked for by a flag, and this module has none.
#[test]
fn sessions_are_not_asynchronous() {
    isolated(|home| {
        let token = home.token();
        let got = Rv::from(token.module.open(token.slot, CKF_SERIAL_SESSION | CKF_ASYNC_SESSION));
        assert_eq!(got, Rv(CKR_SESSION_ASYNC_NOT_SUPPORTED));
    });
}

#[test]
fn info_names_slot_and_flags() {
    isolated(|home| {
        let token = home.token();
        for (write, flags) in [(false, CKF_SERIAL_SESSION), (true, CKF_SERIAL_SESSION | CKF_RW_SESSION)] {
            let info = token.open(write).info().expect("C_GetSessionInfo");
            assert_eq!((info.slotID, info.flags, info.ulDeviceError), (token.slot, flags, 0));
        }
    });
}

#[test]
fn sessions_are_counted() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("CK_TOKEN_INFO counts");
        let mut expect = |when: &str, all: CK_ULONG, write: CK_ULONG| {
            let info = token.info();
            tally.equal(when, (info.ulSessionCount, info.ulRwSessionCount), (all, write));
        };
        expect("none", 0, 0);
        let (a, b, c) = (token.open(true), token.open(false), token.open(true));
        expect("three", 3, 2);
        a.close().expect("C_CloseSession");
        expect("read-write one closed", 2, 1);
        b.close().expect("C_CloseSession");
        expect("read-only one closed", 1, 1);
        c.close().expect("C_CloseSession");
        expect("all closed", 0, 0);
    });
}

#[test]
fn close_all_is_for_one_slot() {
    isolated(|home| {
        let token = home.token();
        let other = token.another("second");
        let flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
        let elsewhere = token.module.open(other, flags).expect("C_OpenSession");
        let sessions = [token.open(true), token.open(false)];
        token.module.close_all(token.slot).expect("C_CloseAllSessions");
        for session in sessions {
            assert_eq!(session.close(), refused(CKR_SESSION_HANDLE_INVALID));
        }
        assert_eq!(elsewhere.state(), CKS_RW_PUBLIC_SESSION);
        assert_eq!(token.module.close_all(token.slot), Ok(()), "with none open");
    });
}

#[test]
fn a_closed_session_is_closed() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(true);
        session.close().expect("C_CloseSession");
        assert_eq!(session.close(), refused(CKR_SESSION_HANDLE_INVALID));
        let fresh = token.open(true);
        assert_ne!(fresh.handle, session.handle, "a stale handle must not reach a new session");
        assert_eq!(Rv::from(session.info()), Rv(CKR_SESSION_HANDLE_INVALID));
    });
}

/// A consumer with a session per thread opens many.
#[test]
fn many_sessions() {
    isolated(|home| {
        let token = home.token();
        let mut handles: Vec<_> = (0..1000).map(|i| token.open(i % 2 == 0).handle).collect();
        handles.sort_unstable();
        handles.dedup();
        assert_eq!(handles.len(), 1000);
        assert!(!handles.contains(&CK_INVALID_HANDLE));
        assert_eq!(token.info().ulSessionCount, 1000);
    });
}
