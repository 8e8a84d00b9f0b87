//! A forgotten user PIN: a quorum may set a new one with keys kept, the SO alone may not (DESIGN 4.4).

use crate::*;

#[test]
fn a_quorum_sets_a_new_user_pin_and_keeps_the_keys() {
    isolated(|home| {
        let (token, print) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (shares, _) = deal(&recovery, so);
        assert_eq!(so.init_pin("another-pin"), refused(CKR_FUNCTION_FAILED), "the SO alone");
        so.logout().expect("C_Logout");
        for _ in 0..10 {
            so.login(CKU_USER, "wrong-pin").expect_err("a wrong PIN");
        }
        assert_eq!(so.login(CKU_USER, USER_PIN), refused(CKR_PIN_LOCKED));
        so.login(CKU_SO, SO_PIN).expect("C_Login");

        begin(&recovery, so, "reset-pin");
        hand_in(&recovery, so, &shares[..2]);
        let new = json!({ "new_user_pin": "another-pin" });
        assert_eq!(recovery.refused(so, Call::Finish, &new).0, Rv(CKR_ACTION_PROHIBITED), "two of three");
        hand_in(&recovery, so, &shares[3..4]);
        assert_eq!(recovery.refused(so, Call::Finish, &json!({})).0, Rv(CKR_DATA_INVALID), "no new PIN");
        let short = json!({ "new_user_pin": "abc" });
        assert_eq!(recovery.refused(so, Call::Finish, &short).0, Rv(CKR_PIN_LEN_RANGE));
        recovery.must(so, Call::Finish, &new);

        so.logout().expect("C_Logout");
        so.login(CKU_USER, USER_PIN).expect_err("the old PIN");
        so.login(CKU_USER, "another-pin").expect("the new PIN");
        assert_eq!(fingerprint(so, found_key(so).expect("the key")), print);
    });
}

/// What a quorum opens is the key the user had when the shares were dealt. Were it set again after the user got another key, everything
/// made since would be unreadable.
#[test]
fn a_key_the_user_no_longer_has_is_not_set_again() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (shares, _) = deal(&recovery, so);
        so.logout().expect("C_Logout");
        so.login(CKU_USER, USER_PIN).expect("C_Login");
        so.destroy(found_key(so).expect("the key")).expect("C_DestroyObject");
        so.logout().expect("C_Logout");
        so.login(CKU_SO, SO_PIN).expect("C_Login");
        so.init_pin("another-pin").expect("C_InitPIN: the user has no private objects");
        begin(&recovery, so, "reset-pin");
        hand_in(&recovery, so, &shares[..3]);
        let (rv, why) = recovery.refused(so, Call::Finish, &json!({ "new_user_pin": "third-pin" }));
        assert_eq!(rv, Rv(CKR_FUNCTION_FAILED), "{why}");
        so.logout().expect("C_Logout");
        so.login(CKU_USER, "another-pin").expect("the PIN is as it was");
    });
}
