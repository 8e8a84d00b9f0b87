//! The founding promise: the master key never leaves the slot, and M of N custodians bring it back.

use crate::*;

#[test]
fn three_of_five_restore_the_key_on_another_token() {
    isolated(|home| {
        let (token, print) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (shares, manifest) = deal(&recovery, so);
        so.close().expect("C_CloseSession");

        // Another token, as after the loss of the first: nothing but shares and the printed manifest.
        let other = token.another("another");
        let session = token.module.open(other, CKF_SERIAL_SESSION | CKF_RW_SESSION).expect("C_OpenSession");
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        let request = json!({ "kind": "restore", "manifest": manifest, "user_pin": USER_PIN });
        let begun = recovery.must(session, Call::Begin, &request);
        assert_eq!(begun["ceremony"]["shares"]["needed"], 3);
        hand_in(&recovery, session, &[shares[4].clone(), shares[0].clone()]);
        let early = recovery.refused(session, Call::Finish, &json!({}));
        assert_eq!(early.0, Rv(CKR_ACTION_PROHIBITED), "{}", early.1);
        hand_in(&recovery, session, &shares[2..3]);
        assert_eq!(state(&recovery.must(session, Call::Finish, &json!({}))), "done");

        session.logout().expect("C_Logout");
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        let key = found_key(session).expect("the master key is back");
        assert_eq!(fingerprint(session, key), print);
        assert_eq!(session.attribute(key, CKA_LABEL), Ok(b"main".to_vec()));
        for (kind, value) in [
            (CKA_SENSITIVE, true),
            (CKA_EXTRACTABLE, false),
            (CKA_PRIVATE, true),
            (CKA_WRAP, true),
            (CKA_UNWRAP, true),
            // This token did not see it made and does not claim so.
            (CKA_LOCAL, false),
            (CKA_NEVER_EXTRACTABLE, false),
        ] {
            assert_eq!(session.flag(key, kind), Ok(value), "{kind:#x}");
        }
    });
}

/// The same token vouches for what it saw: the key returns as if it had never been away.
#[test]
fn a_destroyed_key_returns_with_its_history() {
    isolated(|home| {
        let (token, print) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (shares, _) = deal(&recovery, so);
        so.logout().expect("C_Logout");
        so.login(CKU_USER, USER_PIN).expect("C_Login");
        so.destroy(found_key(so).expect("the key")).expect("C_DestroyObject");
        so.logout().expect("C_Logout");
        so.login(CKU_SO, SO_PIN).expect("C_Login");
        recovery.must(so, Call::Begin, &json!({ "kind": "restore", "key": ID_HEX, "user_pin": USER_PIN }));
        hand_in(&recovery, so, &shares[1..4]);
        recovery.must(so, Call::Finish, &json!({}));
        so.logout().expect("C_Logout");
        so.login(CKU_USER, USER_PIN).expect("C_Login");
        let key = found_key(so).expect("the master key is back");
        assert_eq!(fingerprint(so, key), print);
        for kind in [CKA_LOCAL, CKA_NEVER_EXTRACTABLE, CKA_ALWAYS_SENSITIVE] {
            assert_eq!(so.flag(key, kind), Ok(true), "{kind:#x}");
        }
    });
}

#[test]
fn a_refresh_retires_the_old_shares() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (old, _) = deal(&recovery, so);
        begin(&recovery, so, "refresh");
        hand_in(&recovery, so, &old[..2]);
        let dealt = recovery.must(so, Call::Contribute, &json!({ "share": old[2] }));
        assert_eq!((state(&dealt), &dealt["ceremony"]["confirming"]), ("collecting", &json!(true)));
        let new = shares(&dealt);
        hand_in(&recovery, so, &new);
        recovery.must(so, Call::Finish, &json!({}));

        begin(&recovery, so, "verify");
        let retired = recovery.must(so, Call::Contribute, &json!({ "custodian": "alice", "share": old[0] }));
        assert_eq!(retired["verdict"]["reason"], "retired-epoch");
        assert_eq!(retired["verdict"]["custodian"], "alice");
        hand_in(&recovery, so, &new[1..4]);
        recovery.must(so, Call::Finish, &json!({}));
    });
}

/// A rehearsal touches nothing, and its shares are good for nothing else.
#[test]
fn a_rehearsal_leaves_nothing_behind() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let begun = recovery.must(so, Call::Begin, &json!({ "kind": "rehearse", "policy": policy() }));
        let practice = shares(&begun);
        assert!(practice.iter().all(|share| share.starts_with("hsmrehearsal1")), "not marked");
        hand_in(&recovery, so, &practice);
        recovery.must(so, Call::Finish, &json!({}));
        assert_eq!(recovery.must(so, Call::Status, &json!({}))["sets"], json!([]));

        let (real, _) = deal(&recovery, so);
        begin(&recovery, so, "verify");
        let refused = recovery.must(so, Call::Contribute, &json!({ "share": practice[0] }));
        assert_eq!(refused["verdict"]["reason"], "rehearsal");
        hand_in(&recovery, so, &real[..3]);
    });
}
