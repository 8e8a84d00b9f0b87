//! Usage guide 2.4: the states of a session. Login and logout move every session of the token at once.

use hsm_tests::*;

#[test]
fn state_machine() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("CKS_ of each session");
        let (ro, rw) = (token.open(false), token.open(true));
        let mut expect = |when: &str, want_ro, want_rw| {
            tally.equal(format!("{when}: read-only"), ro.state(), want_ro);
            tally.equal(format!("{when}: read-write"), rw.state(), want_rw);
        };
        expect("nobody", CKS_RO_PUBLIC_SESSION, CKS_RW_PUBLIC_SESSION);
        ro.login(CKU_USER, USER_PIN).expect("C_Login");
        expect("user", CKS_RO_USER_FUNCTIONS, CKS_RW_USER_FUNCTIONS);
        rw.logout().expect("C_Logout");
        expect("after logout", CKS_RO_PUBLIC_SESSION, CKS_RW_PUBLIC_SESSION);
        rw.login(CKU_USER, USER_PIN).expect("C_Login");
        expect("user again", CKS_RO_USER_FUNCTIONS, CKS_RW_USER_FUNCTIONS);
        assert_eq!(token.open(false).state(), CKS_RO_USER_FUNCTIONS, "a new session");
    });
}

#[test]
fn the_security_officer_has_read_write_sessions_only() {
    isolated(|home| {
        let token = home.token();
        let ro = token.open(false);
        let rw = token.open(true);
        assert_eq!(rw.login(CKU_SO, SO_PIN), refused(CKR_SESSION_READ_ONLY_EXISTS));
        assert_eq!(ro.login(CKU_SO, SO_PIN), refused(CKR_SESSION_READ_ONLY_EXISTS));
        ro.close().expect("C_CloseSession");
        assert_eq!(rw.login(CKU_SO, SO_PIN), Ok(()));
        assert_eq!(rw.state(), CKS_RW_SO_FUNCTIONS);
        assert_eq!(Rv::from(token.try_open(false)), Rv(CKR_SESSION_READ_WRITE_SO_EXISTS));
        assert_eq!(token.open(true).state(), CKS_RW_SO_FUNCTIONS);
    });
}

/// What each state may do with each kind of object (usage guide 2.4, tables of access).
#[test]
fn access_by_state() {
    isolated(|home| {
        let token = home.token();
        let object = |on_token, private| {
            let data = Template::of(CKO_DATA).bool(CKA_TOKEN, on_token);
            data.bool(CKA_PRIVATE, private)
        };
        let (ok, ro, no) = (CKR_OK, CKR_SESSION_READ_ONLY, CKR_USER_NOT_LOGGED_IN);
        let mut tally = Tally::new("creation by state");
        // The guide gives a public session public token objects too. hsm-sim asks for a login, since what it seals for
        // everyone to read must still be authenticated by a key, or whoever edits the file could plant objects.
        // Session public, session private, token public, token private.
        for (name, user, write, allowed) in [
            ("RO public", None, false, [&[ok][..], &[no], &[ro], &[ro, no]]),
            ("RW public", None, true, [&[ok], &[no], &[ok, no], &[no]]),
            ("RO user", Some((CKU_USER, USER_PIN)), false, [&[ok], &[ok], &[ro], &[ro]]),
            ("RW user", Some((CKU_USER, USER_PIN)), true, [&[ok], &[ok], &[ok], &[ok]]),
            ("RW SO", Some((CKU_SO, SO_PIN)), true, [&[ok], &[no], &[ok], &[no]]),
        ] {
            let session = token.open(write);
            if let Some((user, pin)) = user {
                session.login(user, pin).expect("C_Login");
            }
            for ((on_token, private), allowed) in
                [(false, false), (false, true), (true, false), (true, true)].into_iter().zip(allowed)
            {
                let got = session.create(&object(on_token, private));
                tally.row(format!("{name}: token {on_token}, private {private}"), got, allowed);
            }
            token.module.close_all(token.slot).expect("C_CloseAllSessions");
        }
    });
}
