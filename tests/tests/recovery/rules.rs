//! Who may do what, and what is refused from the start.

use crate::*;

/// The SO alone must not reach the user's key: otherwise the SO could deal it to nobody but the SO.
#[test]
fn the_so_needs_the_users_consent_to_deal() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let without = json!({ "kind": "deal", "key": ID_HEX, "policy": policy() });
        assert_eq!(recovery.refused(so, Call::Begin, &without).0, Rv(CKR_DATA_INVALID));
        let mut wrong = deal_request();
        wrong["user_pin"] = json!("wrong-pin");
        let (rv, why) = recovery.refused(so, Call::Begin, &wrong);
        assert_eq!(rv, Rv(CKR_PIN_INCORRECT), "{why}");
        // It counts like any other try.
        assert_ne!(token.info().flags & CKF_USER_PIN_COUNT_LOW, 0);
        recovery.must(so, Call::Begin, &deal_request());
    });
}

#[test]
fn the_so_conducts() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let session = token.open(true);
        for role in [None, Some((CKU_USER, USER_PIN))] {
            if let Some((user, pin)) = role {
                session.login(user, pin).expect("C_Login");
            }
            for call in [Call::Begin, Call::Cancel] {
                let request = if call == Call::Begin { deal_request() } else { json!({}) };
                assert_eq!(recovery.refused(session, call, &request).0, Rv(CKR_USER_NOT_LOGGED_IN), "{call:?} as {role:?}");
            }
        }
        session.logout().expect("C_Logout");
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        let shares = shares(&recovery.must(session, Call::Begin, &deal_request()));
        session.logout().expect("C_Logout");
        // Custodians need no role; the end is the SO's again.
        hand_in(&recovery, session, &shares);
        assert_eq!(recovery.refused(session, Call::Finish, &json!({})).0, Rv(CKR_USER_NOT_LOGGED_IN));
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        recovery.must(session, Call::Finish, &json!({}));
    });
}

#[test]
fn requests_that_make_no_sense() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let with = |change: &dyn Fn(&mut Value)| {
            let mut request = deal_request();
            change(&mut request);
            request
        };
        let quorum = |threshold: usize, total: usize| {
            let names: Vec<_> = (0..total).map(|n| json!({ "name": format!("c{n}") })).collect();
            json!({ "threshold": threshold, "custodians": names })
        };
        let rows: Vec<(&str, Value, CK_RV)> = vec![
            ("no JSON", json!("deal"), CKR_DATA_INVALID),
            ("unknown kind", with(&|r| r["kind"] = json!("steal")), CKR_DATA_INVALID),
            ("unknown member", with(&|r| r["colour"] = json!("red")), CKR_DATA_INVALID),
            ("threshold 0", with(&|r| r["policy"] = quorum(0, 3)), CKR_DATA_INVALID),
            ("threshold 1", with(&|r| r["policy"] = quorum(1, 3)), CKR_DATA_INVALID),
            ("threshold above total", with(&|r| r["policy"] = quorum(4, 3)), CKR_DATA_INVALID),
            ("256 custodians", with(&|r| r["policy"] = quorum(3, 256)), CKR_DATA_INVALID),
            ("total that is another", with(&|r| r["policy"]["total"] = json!(4)), CKR_DATA_INVALID),
            ("a name twice", with(&|r| r["policy"]["custodians"][1]["name"] = json!("alice")), CKR_DATA_INVALID),
            ("a name with a line end", with(&|r| r["policy"]["custodians"][1]["name"] = json!("a\nb")), CKR_DATA_INVALID),
            ("a recipient that is none", with(&|r| r["policy"]["custodians"][1]["recipient"] = json!("age1x")), CKR_DATA_INVALID),
            ("time-out 0", with(&|r| r["timeout"] = json!(0)), CKR_DATA_INVALID),
            ("time-out of a month", with(&|r| r["timeout"] = json!(31 * 86400)), CKR_DATA_INVALID),
            ("a day that is none", with(&|r| r["policy"]["expires"] = json!("2026-02-30")), CKR_DATA_INVALID),
            ("no such key", with(&|r| r["key"] = json!("00")), CKR_KEY_HANDLE_INVALID),
            ("a key id that is no hexadecimal", with(&|r| r["key"] = json!("DEADBEEF")), CKR_DATA_INVALID),
            ("verify without a set", json!({ "kind": "verify", "key": ID_HEX }), CKR_KEY_HANDLE_INVALID),
            (
                "restore a key that is there",
                json!({ "kind": "restore", "key": ID_HEX, "user_pin": USER_PIN }),
                CKR_KEY_HANDLE_INVALID,
            ),
            ("a manifest that is none", json!({ "kind": "restore", "manifest": "x", "user_pin": USER_PIN }), CKR_DATA_INVALID),
        ];
        for (what, request, rv) in rows {
            let got = recovery.refused(so, Call::Begin, &request);
            assert_eq!(got.0, Rv(rv), "{what}: {}", got.1);
            assert!(!got.1.is_empty(), "{what} is refused without a reason");
        }
        assert_eq!(state(&recovery.must(so, Call::Status, &json!({}))), "idle");
    });
}

/// Only a master key is split: one that could leave the token anyway needs no ceremony, and would lie about its past afterwards.
#[test]
fn only_keys_that_cannot_leave_are_split() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = Template::key(CKO_SECRET_KEY, CKK_AES).bool(CKA_TOKEN, true).bytes(CKA_VALUE, &[1; 32]);
        session.create(&key.clone().bool(CKA_EXTRACTABLE, true).bytes(CKA_ID, &[1])).expect("a key");
        session.create(&key.clone().bool(CKA_SENSITIVE, false).bytes(CKA_ID, &[2])).expect("a key");
        session.create(&key.clone().bytes(CKA_ID, &[3])).expect("a key");
        session.create(&key.bytes(CKA_ID, &[3])).expect("its twin");
        let secret = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).bool(CKA_TOKEN, true).bytes(CKA_VALUE, &[1; 32]);
        session.create(&secret.bytes(CKA_ID, &[4])).expect("a secret");
        session.logout().expect("C_Logout");
        session.login(CKU_SO, SO_PIN).expect("C_Login");
        let recovery = Recovery::of(&token.module);
        for (id, rv) in [
            ("01", CKR_KEY_FUNCTION_NOT_PERMITTED),
            ("02", CKR_KEY_FUNCTION_NOT_PERMITTED),
            ("03", CKR_KEY_HANDLE_INVALID),
            ("04", CKR_KEY_TYPE_INCONSISTENT),
        ] {
            let mut request = deal_request();
            request["key"] = json!(id);
            assert_eq!(recovery.refused(session, Call::Begin, &request).0, Rv(rv), "key {id}");
        }
    });
}

#[test]
fn a_restore_into_a_token_that_has_the_key_is_refused() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        deal(&recovery, so);
        let request = json!({ "kind": "restore", "key": ID_HEX, "user_pin": USER_PIN });
        assert_eq!(recovery.refused(so, Call::Begin, &request).0, Rv(CKR_ACTION_PROHIBITED));
    });
}

/// An older manifest names approvers and custodians that may no longer be those in charge.
#[test]
fn a_retired_manifest_restores_nothing_where_a_newer_is_known() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (_, retired) = deal(&recovery, so);
        deal(&recovery, so);
        so.logout().expect("C_Logout");
        so.login(CKU_USER, USER_PIN).expect("C_Login");
        so.destroy(found_key(so).expect("the key")).expect("C_DestroyObject");
        so.logout().expect("C_Logout");
        so.login(CKU_SO, SO_PIN).expect("C_Login");
        let request = json!({ "kind": "restore", "manifest": retired, "user_pin": USER_PIN });
        let (rv, why) = recovery.refused(so, Call::Begin, &request);
        assert_eq!(rv, Rv(CKR_DATA_INVALID));
        assert!(why.contains("retired"), "{why}");
    });
}

#[test]
fn a_ceremony_ends_when_its_time_is_over() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let mut request = deal_request();
        request["timeout"] = json!(1);
        let shares = shares(&recovery.must(so, Call::Begin, &request));
        std::thread::sleep(std::time::Duration::from_millis(2100));
        let late = recovery.refused(so, Call::Contribute, &json!({ "share": shares[0] }));
        assert_eq!(late.0, Rv(CKR_FUNCTION_CANCELED), "{}", late.1);
        assert_eq!(state(&recovery.must(so, Call::Status, &json!({}))), "idle");
        deal(&recovery, so);
    });
}

/// A ceremony holds the keys it was given; a token made anew meanwhile must get none of them.
#[test]
fn a_token_made_anew_ends_its_ceremony() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let shares = shares(&recovery.must(so, Call::Begin, &deal_request()));
        so.close().expect("C_CloseSession");
        token.module.init_token(token.slot, SO_PIN, LABEL).expect("C_InitToken");
        let so = token.so();
        let late = recovery.refused(so, Call::Contribute, &json!({ "share": shares[0] }));
        assert_ne!(late.0, Rv(CKR_OK));
        let begun = recovery.must(so, Call::Begin, &json!({ "kind": "rehearse", "policy": policy() }));
        assert_eq!(state(&begun), "collecting");
    });
}
