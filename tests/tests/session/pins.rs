//! 5.5.8 and 5.5.9: C_InitPIN and C_SetPIN. PINs have 4 to 255 bytes of UTF-8 (DESIGN 4.11).

use hsm_tests::*;

const NEW: &str = "a new one";

/// 5.5.9: C_SetPIN "can only be called in the R/W Public, R/W SO or R/W User state" and changes whose that is.
#[test]
fn set_pin_by_state() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("5.5.9 C_SetPIN");
        let session = token.open(false);
        tally.row("read-only", session.set_pin(USER_PIN, NEW), &[CKR_SESSION_READ_ONLY]);
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        tally.row("read-only user", session.set_pin(USER_PIN, NEW), &[CKR_SESSION_READ_ONLY]);
        session.close().expect("C_CloseSession");

        let session = token.open(true);
        tally.row("public, wrong PIN", session.set_pin("wrong-pin", NEW), &[CKR_PIN_INCORRECT]);
        tally.row("public", session.set_pin(USER_PIN, NEW), &[CKR_OK]);
        tally.row("old user PIN", session.login(CKU_USER, USER_PIN), &[CKR_PIN_INCORRECT]);
        tally.row("new user PIN", session.login(CKU_USER, NEW), &[CKR_OK]);
        tally.row("user, wrong PIN", session.set_pin(USER_PIN, "another"), &[CKR_PIN_INCORRECT]);
        tally.row("user", session.set_pin(NEW, USER_PIN), &[CKR_OK]);
        tally.equal("still logged in", session.state(), CKS_RW_USER_FUNCTIONS);
        session.logout().expect("C_Logout");
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        tally.row("SO, wrong PIN", session.set_pin(USER_PIN, NEW), &[CKR_PIN_INCORRECT]);
        tally.row("SO", session.set_pin(SO_PIN, NEW), &[CKR_OK]);
        session.logout().expect("C_Logout");
        tally.row("old SO PIN", session.login(CKU_SO, SO_PIN), &[CKR_PIN_INCORRECT]);
        tally.row("new SO PIN", session.login(CKU_SO, NEW), &[CKR_OK]);
        session.logout().expect("C_Logout");
        tally.row("user PIN as it was", session.login(CKU_USER, USER_PIN), &[CKR_OK]);
    });
}

#[test]
fn lengths() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("CKR_PIN_LEN_RANGE");
        let mut now = USER_PIN.to_owned();
        for (length, allowed) in [
            (1, CKR_PIN_LEN_RANGE),
            (3, CKR_PIN_LEN_RANGE),
            (4, CKR_OK),
            (255, CKR_OK),
            (256, CKR_PIN_LEN_RANGE),
            (10_000, CKR_PIN_LEN_RANGE),
        ] {
            let new = "p".repeat(length);
            tally.row(format!("{length} bytes"), session.set_pin(&now, &new), &[allowed]);
            if allowed == CKR_OK {
                now = new;
            }
        }
        session.logout().expect("C_Logout");
        tally.row("the last one", session.login(CKU_USER, &now), &[CKR_OK]);
        tally.row("UTF-8", session.set_pin(&now, "Schlüssel ☂"), &[CKR_OK]);
        session.logout().expect("C_Logout");
        tally.row("UTF-8 login", session.login(CKU_USER, "Schlüssel ☂"), &[CKR_OK]);
    });
}

/// 5.5.8: "C_InitPIN can only be called in the R/W SO Functions state."
#[test]
fn init_pin_is_the_security_officers() {
    isolated(|home| {
        let token = home.token();
        let mut tally = Tally::new("5.5.8 C_InitPIN");
        let session = token.open(true);
        tally.row("public", session.init_pin(NEW), &[CKR_USER_NOT_LOGGED_IN]);
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        tally.row("user", session.init_pin(NEW), &[CKR_USER_NOT_LOGGED_IN]);
        session.logout().expect("C_Logout");
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        tally.row("SO, short PIN", session.init_pin("abc"), &[CKR_PIN_LEN_RANGE]);
        tally.row("SO, long PIN", session.init_pin(&"x".repeat(256)), &[CKR_PIN_LEN_RANGE]);
        session.logout().expect("C_Logout");
        tally.row("user PIN as it was", session.login(CKU_USER, USER_PIN), &[CKR_OK]);
    });
}

/// A PIN change takes the user's keys with it.
#[test]
fn keys_outlive_a_pin_change() {
    isolated(|home| {
        let mut token = home.token();
        let session = token.user();
        let template = Template::new().ulong(CKA_VALUE_LEN, 32).bool(CKA_TOKEN, true).bytes(CKA_LABEL, b"kept");
        let usable = template.bool(CKA_ENCRYPT, true).bool(CKA_DECRYPT, true).bool(CKA_PRIVATE, true);
        let key = session.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &usable).expect("a token key");
        let cbc = Mechanism::bytes(CKM_AES_CBC, &[0; 16]);
        let cipher = session.encrypt(&cbc, key, &[1; 16]).expect("C_Encrypt");
        session.set_pin(USER_PIN, NEW).expect("C_SetPIN");
        token.restart();
        let session = token.open(true);
        session.login(CKU_USER, NEW).expect("C_Login");
        let found = session.find(&Template::new().bytes(CKA_LABEL, b"kept")).expect("C_FindObjects");
        assert_eq!(session.decrypt(&cbc, found[0], &cipher), Ok(vec![1; 16]));
    });
}

/// A wrong PIN makes the next try wait, and one that is right ends that: `pin_delay_ms`. A lower bound is no matter of a machine's speed.
#[test]
fn a_try_after_a_wrong_one_waits() {
    isolated(|home| {
        let file = std::fs::read_to_string(home.configuration()).expect("the configuration");
        home.write("module.conf", file.replace("pin_delay_ms = 0", "pin_delay_ms = 300").as_bytes());
        let token = home.token();
        let session = token.open(true);
        for failures in 0..3 {
            let begun = std::time::Instant::now();
            assert_eq!(session.login(CKU_USER, "wrong-pin"), refused(CKR_PIN_INCORRECT));
            let least = if failures == 0 { 0 } else { 300 << (failures - 1) };
            assert!(begun.elapsed().as_millis() >= least, "after {failures} wrong ones");
        }
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        assert_eq!(token.info().flags & CKF_USER_PIN_COUNT_LOW, 0);
    });
}

/// Tries of one moment once all waited for the failures before it, and not for one another's.
#[test]
fn tries_at_one_moment_wait_for_one_another() {
    isolated(|home| {
        let file = std::fs::read_to_string(home.configuration()).expect("the configuration");
        home.write("module.conf", file.replace("pin_delay_ms = 0", "pin_delay_ms = 200").as_bytes());
        let token = home.token();
        let begun = std::time::Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| assert_eq!(token.open(true).login(CKU_USER, "wrong-pin"), refused(CKR_PIN_INCORRECT)));
            }
        });
        assert!(begun.elapsed().as_millis() >= 200 + 400, "{:?}", begun.elapsed());
    });
}

/// A PIN that cannot be set is refused before the old one is tried; once the try cleared the failure counter, and no log told of it.
#[test]
fn a_new_pin_that_cannot_be_is_no_try_of_the_old_one() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(true);
        assert_eq!(session.login(CKU_USER, "wrong-pin"), refused(CKR_PIN_INCORRECT));
        for old in [USER_PIN, "wrong-pin"] {
            assert_eq!(session.set_pin(old, "abc"), refused(CKR_PIN_LEN_RANGE));
            assert_ne!(token.info().flags & CKF_USER_PIN_COUNT_LOW, 0);
        }
    });
}
