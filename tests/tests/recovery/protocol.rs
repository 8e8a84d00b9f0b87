//! The calls as C calls: lengths, NULL, wrong order.

use crate::*;

#[test]
fn asking_for_the_length_changes_nothing() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let request = deal_request().to_string();
        let (rv, needed, _) = recovery.raw(so, Call::Begin, request.as_bytes(), None);
        assert_eq!(rv, Rv(CKR_OK));
        assert_eq!(state(&recovery.must(so, Call::Status, &json!({}))), "idle");
        let (rv, told, buffer) = recovery.raw(so, Call::Begin, request.as_bytes(), Some(needed - 1));
        assert_eq!((rv, told), (Rv(CKR_BUFFER_TOO_SMALL), needed));
        assert!(buffer.iter().all(|byte| *byte == 0xa5), "something was written");
        assert_eq!(state(&recovery.must(so, Call::Status, &json!({}))), "idle");
        let (rv, len, _) = recovery.raw(so, Call::Begin, request.as_bytes(), Some(needed));
        assert_eq!(rv, Rv(CKR_OK));
        assert!(len <= needed);
        assert_eq!(state(&recovery.must(so, Call::Status, &json!({}))), "collecting");
    });
}

/// The bound must hold where it is tightest: as many as there can be, each with an encrypted share.
#[test]
fn the_largest_ceremony_fits_its_bound() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        // A recipient of age's documentation; nobody here has its key.
        let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
        let name = |n: usize| format!("{}{n:04}", "\"".repeat(60));
        let all: Vec<_> = (0..255).map(|n| json!({ "name": name(n), "recipient": recipient })).collect();
        let mut request = deal_request();
        request["policy"] = json!({ "threshold": 128, "custodians": all });
        let begun = recovery.must(so, Call::Begin, &request);
        assert_eq!(shares(&begun).len(), 255);
        assert!(shares(&begun).iter().all(|share| share.starts_with("-----BEGIN AGE ENCRYPTED FILE-----")));
        recovery.must(so, Call::Cancel, &json!({}));

        let plain: Vec<_> = (0..255).map(|n| json!({ "name": name(n) })).collect();
        request["policy"]["custodians"] = json!(plain);
        hand_in(&recovery, so, &shares(&recovery.must(so, Call::Begin, &request)));
        recovery.must(so, Call::Finish, &json!({}));
        assert_eq!(state(&begin(&recovery, so, "verify")), "collecting");
    });
}

#[test]
fn null_where_a_pointer_should_be() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        for call in Call::ALL {
            assert_eq!(recovery.with_null(so, call, true), refused(CKR_ARGUMENTS_BAD), "{call:?}: request");
            assert_eq!(recovery.with_null(so, call, false), refused(CKR_ARGUMENTS_BAD), "{call:?}: length");
        }
    });
}

#[test]
fn calls_in_a_wrong_order() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let share = json!({ "share": "x" });
        let approval = json!({ "approver": "x", "signature": "x" });
        for (call, request) in
            [(Call::Contribute, &share), (Call::Approve, &approval), (Call::Finish, &json!({})), (Call::Cancel, &json!({}))]
        {
            assert_eq!(recovery.refused(so, call, request).0, Rv(CKR_OPERATION_NOT_INITIALIZED), "{call:?}");
        }
        recovery.must(so, Call::Begin, &deal_request());
        assert_eq!(recovery.refused(so, Call::Begin, &deal_request()).0, Rv(CKR_OPERATION_ACTIVE));
        assert_eq!(recovery.refused(so, Call::Approve, &approval).0, Rv(CKR_ACTION_PROHIBITED));
        let nobody = json!({ "share": "x", "custodian": "nobody" });
        assert_eq!(recovery.refused(so, Call::Contribute, &nobody).0, Rv(CKR_DATA_INVALID));
        let closed = so;
        so.close().expect("C_CloseSession");
        for call in Call::ALL {
            assert_eq!(recovery.refused(closed, call, &json!({})).0, Rv(CKR_SESSION_HANDLE_INVALID), "{call:?}");
        }
        token.module.finalize().expect("C_Finalize");
        for call in Call::ALL {
            assert_eq!(recovery.refused(closed, call, &json!({})).0, Rv(CKR_CRYPTOKI_NOT_INITIALIZED), "{call:?}");
        }
    });
}
