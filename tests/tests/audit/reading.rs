//! Who reads the log, and how.

use crate::key;
use hsm_tests::users::USE;
use hsm_tests::*;

#[test]
fn so_and_standard_user_read_it_and_nobody_else() {
    isolated(|home| {
        let token = home.token();
        let audit = Audit::of(&token.module);
        let session = token.open(true);
        let nobody = refused(CKR_USER_NOT_LOGGED_IN);
        assert_eq!(audit.read(session, 0, 10).map(drop), nobody);
        assert_eq!(audit.verify(session).map(drop), nobody);
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        Users::of(&token.module).add(session, "alice", "alice's PIN", USE).expect("Users_Add");
        let by_user = audit.all(session);
        session.logout().expect("C_Logout");
        session.login_user(CKU_USER, "alice's PIN", "alice").expect("C_LoginUser");
        assert_eq!(audit.read(session, 0, 10).map(drop), nobody);
        session.logout().expect("C_Logout");
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        assert_eq!(audit.all(session)[..by_user.len()], by_user[..]);
    });
}

#[test]
fn in_parts() {
    isolated(|home| {
        let token = home.token();
        let audit = Audit::of(&token.module);
        let session = token.user();
        (0..5).for_each(|_| _ = session.create(&key("k")).expect("a key"));
        let all = audit.all(session);
        let mut parts = vec![];
        while let Some(part) = Some(audit.read(session, parts.len() as u64, 2).expect("a part")).filter(|part| !part.is_empty()) {
            assert!(part.len() <= 2);
            parts.extend(part);
        }
        assert_eq!(parts, all);
        assert_eq!(audit.read(session, 1000, 2), Ok(vec![]), "beyond the end");
        let numbers: Vec<_> = all.iter().map(|line| line["number"].as_u64().expect("a number")).collect();
        assert_eq!(numbers, (1..=all.len() as u64).collect::<Vec<_>>());
        let (last, hash, vouched) = audit.verify(session).expect("an unbroken log");
        assert_eq!((last, vouched, hash.len()), (all.len() as u64, all.len() as u64, 64));
    });
}

/// What happens before a login is vouched for by the next line of somebody who logged in.
#[test]
fn a_wrong_pin_is_vouched_for_by_the_next_login() {
    isolated(|home| {
        let token = home.token();
        let audit = Audit::of(&token.module);
        let session = token.user();
        let other = token.module.open(token.slot, CKF_SERIAL_SESSION | CKF_RW_SESSION).expect("C_OpenSession");
        let (before, _, _) = audit.verify(session).expect("an unbroken log");
        session.set_pin("wrong PIN", "any PIN").expect_err("a wrong PIN");
        let (last, _, vouched) = audit.verify(other).expect("an unbroken log");
        assert_eq!((last, vouched), (before + 1, before));
        session.set_pin(USER_PIN, "another PIN").expect("C_SetPIN");
        let (last, _, vouched) = audit.verify(other).expect("an unbroken log");
        assert_eq!((last, vouched), (before + 2, before + 2));
    });
}

#[test]
fn requests_that_are_none() {
    isolated(|home| {
        let token = home.token();
        token.user();
        let audit = Audit::of(&token.module);
        let stray = token.module.open(token.slot, CKF_SERIAL_SESSION).expect("C_OpenSession");
        stray.close().expect("C_CloseSession");
        assert_eq!(audit.verify(stray).map(drop), refused(CKR_SESSION_HANDLE_INVALID));
        token.module.finalize().expect("C_Finalize");
        assert_eq!(audit.verify(stray).map(drop), refused(CKR_CRYPTOKI_NOT_INITIALIZED));
    });
}
