//! 5.6.8 to 5.6.10: C_Login, C_LoginUser, C_Logout.

use hsm_tests::*;

#[test]
fn refusals() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(true);
        let mut tally = Tally::new("5.6.8 C_Login");
        tally.row("logout of nobody", session.logout(), &[CKR_USER_NOT_LOGGED_IN]);
        tally.row("wrong user PIN", session.login(CKU_USER, "wrong-pin"), &[CKR_PIN_INCORRECT]);
        tally.row("wrong SO PIN", session.login(CKU_SO, "wrong-pin"), &[CKR_PIN_INCORRECT]);
        tally.row("SO's PIN for the user", session.login(CKU_USER, SO_PIN), &[CKR_PIN_INCORRECT]);
        let short = [CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE];
        tally.row("empty PIN", session.login(CKU_USER, ""), &[CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE, CKR_ARGUMENTS_BAD]);
        tally.row("short PIN", session.login(CKU_USER, "abc"), &short);
        tally.row("long PIN", session.login(CKU_USER, &"x".repeat(300)), &short);
        tally.row("PIN and more", session.login(CKU_USER, &format!("{USER_PIN}\0")), &[CKR_PIN_INCORRECT]);
        tally.row("user type 9", session.login(9, USER_PIN), &[CKR_USER_TYPE_INVALID]);
        let context = session.login(CKU_CONTEXT_SPECIFIC, USER_PIN);
        let nobody = [CKR_OPERATION_NOT_INITIALIZED, CKR_USER_NOT_LOGGED_IN];
        tally.row("context-specific, nothing active", context, &nobody);
        tally.row("user", session.login(CKU_USER, USER_PIN), &[CKR_OK]);
        tally.row("user again", session.login(CKU_USER, USER_PIN), &[CKR_USER_ALREADY_LOGGED_IN]);
        tally.row("SO too", session.login(CKU_SO, SO_PIN), &[CKR_USER_ANOTHER_ALREADY_LOGGED_IN]);
        let context = session.login(CKU_CONTEXT_SPECIFIC, USER_PIN);
        tally.row("context-specific, still nothing", context, &[CKR_OPERATION_NOT_INITIALIZED]);
        tally.row("logout", session.logout(), &[CKR_OK]);
        tally.row("logout again", session.logout(), &[CKR_USER_NOT_LOGGED_IN]);
        tally.row("SO", session.login(CKU_SO, SO_PIN), &[CKR_OK]);
        tally.row("SO again", session.login(CKU_SO, SO_PIN), &[CKR_USER_ALREADY_LOGGED_IN]);
        tally.row("user too", session.login(CKU_USER, USER_PIN), &[CKR_USER_ANOTHER_ALREADY_LOGGED_IN]);
    });
}

/// 5.6.9: with an empty user name it is C_Login; a token without named users knows none.
#[test]
fn login_user() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(true);
        let unnamed = session.login_user(CKU_USER, USER_PIN, "");
        if unnamed == refused(CKR_FUNCTION_NOT_SUPPORTED) {
            return eprintln!("C_LoginUser is not supported here");
        }
        assert_eq!(unnamed, Ok(()));
        assert_eq!(session.state(), CKS_RW_USER_FUNCTIONS);
        session.logout().expect("C_Logout");
        let named = Rv::from(session.login_user(CKU_USER, USER_PIN, "alice"));
        assert!(
            [Rv(CKR_USER_TYPE_INVALID), Rv(CKR_ARGUMENTS_BAD), Rv(CKR_PIN_INCORRECT), Rv(CKR_FUNCTION_NOT_SUPPORTED)]
                .contains(&named),
            "{named:?}"
        );
        assert_eq!(session.state(), CKS_RW_PUBLIC_SESSION);
    });
}

/// 5.6.3: closing the last session logs the application out.
#[test]
fn closing_the_last_session_logs_out() {
    isolated(|home| {
        let token = home.token();
        let (a, b) = (token.user(), token.open(false));
        a.close().expect("C_CloseSession");
        assert_eq!(b.state(), CKS_RO_USER_FUNCTIONS, "one is left");
        b.close().expect("C_CloseSession");
        assert_eq!(token.open(false).state(), CKS_RO_PUBLIC_SESSION);
        token.module.close_all(token.slot).expect("C_CloseAllSessions");
        token.user();
        token.module.close_all(token.slot).expect("C_CloseAllSessions");
        assert_eq!(token.open(true).state(), CKS_RW_PUBLIC_SESSION);
    });
}

/// A token's login is its own.
#[test]
fn login_is_per_token() {
    isolated(|home| {
        let token = home.token();
        let other = token.another("second");
        token.user();
        let flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
        let elsewhere = token.module.open(other, flags).expect("C_OpenSession");
        assert_eq!(elsewhere.state(), CKS_RW_PUBLIC_SESSION);
        assert_eq!(elsewhere.login(CKU_SO, SO_PIN), Ok(()));
        assert_eq!(elsewhere.state(), CKS_RW_SO_FUNCTIONS);
    });
}
