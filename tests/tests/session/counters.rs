//! 3.2 CK_TOKEN_INFO flags: how many tries are left. DESIGN 4.4: locked after ten wrong PINs.

use hsm_tests::*;

struct Who {
    user: CK_USER_TYPE,
    pin: &'static str,
    low: CK_FLAGS,
    last: CK_FLAGS,
    locked: CK_FLAGS,
}

const USER: Who =
    Who { user: CKU_USER, pin: USER_PIN, low: CKF_USER_PIN_COUNT_LOW, last: CKF_USER_PIN_FINAL_TRY, locked: CKF_USER_PIN_LOCKED };

const SO: Who =
    Who { user: CKU_SO, pin: SO_PIN, low: CKF_SO_PIN_COUNT_LOW, last: CKF_SO_PIN_FINAL_TRY, locked: CKF_SO_PIN_LOCKED };

#[test]
fn ten_wrong_user_pins_lock() {
    isolated(|home| ten_wrong_pins_lock(home, &USER));
}

#[test]
fn ten_wrong_so_pins_lock() {
    isolated(|home| ten_wrong_pins_lock(home, &SO));
}

fn ten_wrong_pins_lock(home: &Home, who: &Who) {
    let mut token = home.token();
    let mut tally = Tally::new("PIN flags");
    for wrong in 1..=10 {
        let session = token.open(true);
        let got = session.login(who.user, "wrong-pin");
        let last = if wrong == 10 { [CKR_PIN_INCORRECT, CKR_PIN_LOCKED] } else { [CKR_PIN_INCORRECT; 2] };
        tally.row(format!("wrong PIN {wrong}"), got, &last);
        let flags = token.info().flags;
        let at = |what: &str| format!("{what} after {wrong}");
        tally.check(at("COUNT_LOW"), flags & who.low != 0, "a PIN was wrong since the last login");
        tally.equal(at("FINAL_TRY"), flags & who.last != 0, wrong == 9);
        tally.equal(at("LOCKED"), flags & who.locked != 0, wrong == 10);
        session.close().expect("C_CloseSession");
        if wrong == 5 {
            token.restart();
        }
    }
    tally.row("right PIN", token.open(true).login(who.user, who.pin), &[CKR_PIN_LOCKED]);
    tally.row("wrong PIN", token.open(true).login(who.user, "wrong-pin"), &[CKR_PIN_LOCKED]);
    token.restart();
    tally.row("right PIN after restart", token.open(true).login(who.user, who.pin), &[CKR_PIN_LOCKED]);
    let other = if who.user == CKU_SO { &USER } else { &SO };
    tally.row("the other role", token.open(true).login(other.user, other.pin), &[CKR_OK]);
}

/// A right PIN puts the counter back.
#[test]
fn a_right_pin_resets_the_counter() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(true);
        for _ in 0..3 {
            for _ in 0..4 {
                assert_eq!(session.login(CKU_USER, "wrong-pin"), refused(CKR_PIN_INCORRECT));
            }
            assert_eq!(session.login(CKU_USER, USER_PIN), Ok(()));
            assert_eq!(token.info().flags & USER.low, 0);
            session.logout().expect("C_Logout");
        }
    });
}

/// C_SetPIN with a wrong old PIN is a try too, or a thief would guess there.
#[test]
fn set_pin_counts() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(true);
        for _ in 1..10 {
            assert_eq!(session.set_pin("wrong-pin", "new-pin"), refused(CKR_PIN_INCORRECT));
        }
        assert_ne!(token.info().flags & USER.last, 0);
        let tenth = Rv::from(session.set_pin("wrong-pin", "new-pin"));
        assert!([Rv(CKR_PIN_INCORRECT), Rv(CKR_PIN_LOCKED)].contains(&tenth));
        assert_eq!(session.set_pin(USER_PIN, "new-pin"), refused(CKR_PIN_LOCKED));
    });
}
