//! Requests, manifests and reasons that are too large, or say too much.

use crate::approvals::digits;
use crate::takeover::forged;
use crate::*;
use ed25519_dalek::{Signer, SigningKey};

fn user_makes(token: &Token, template: &Template) {
    let session = token.user();
    session.generate(&Mechanism::bare(CKM_AES_KEY_GEN), template).expect("a key");
    session.close().expect("C_CloseSession");
}

/// A manifest said a key had so many bytes that there was no memory for it, and the host ended.
#[test]
fn a_manifest_of_an_endless_key_is_refused() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (_, manifest) = deal(&recovery, so);
        for len in ["0", "15", "65", "9000000000000000", "18446744073709551615"] {
            let manifest = forged(&manifest, &[("set", "0102030405060708"), ("key", "09"), ("key-bytes", len)]);
            let request = json!({ "kind": "restore", "manifest": manifest, "user_pin": USER_PIN });
            assert_eq!(recovery.refused(so, Call::Begin, &request).0, Rv(CKR_DATA_INVALID), "{len} bytes");
        }
    });
}

/// The label of a key is in its manifest, and the reply that hands shares out had no room for one of many thousand bytes: the shares
/// were dealt, and lost.
#[test]
fn a_key_that_takes_more_to_describe_than_a_reply_holds_is_refused() {
    isolated(|home| {
        let token = home.token();
        let named = |id: u8| Template::new().bool(CKA_TOKEN, true).ulong(CKA_VALUE_LEN, 32).bytes(CKA_ID, &[id]);
        user_makes(&token, &named(1).bytes(CKA_LABEL, &[b'x'; 1500]));
        user_makes(&token, &named(2).bytes(CKA_LABEL, &vec![b'x'; 200_000]));
        user_makes(&token, &Template::new().bool(CKA_TOKEN, true).ulong(CKA_VALUE_LEN, 32).bytes(CKA_ID, &[3; 20_000]));
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let two = json!({ "threshold": 2, "custodians": custodians(&["a", "b"]) });
        let request = |key: &str| json!({ "kind": "deal", "key": key, "policy": two, "user_pin": USER_PIN });
        for key in ["02", &"03".repeat(20_000)] {
            let (rv, why) = recovery.refused(so, Call::Begin, &request(key));
            assert_eq!(rv, Rv(CKR_DATA_INVALID), "{why}");
            assert_eq!(state(&recovery.must(so, Call::Status, &json!({}))), "idle");
        }
        assert_eq!(shares(&recovery.must(so, Call::Begin, &request("01"))).len(), 2);
    });
}

/// The reason why a call fails quotes what was given, and a quotation could be longer than the reply. A share that was given where a name
/// belongs was quoted whole, and so stood in the log.
#[test]
fn a_reason_is_short_and_quotes_no_share() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (shares, _) = deal(&recovery, so);
        begin(&recovery, so, "verify");
        let (rv, why) = recovery.refused(so, Call::Contribute, &json!({ "share": "alice", "custodian": shares[0] }));
        assert_eq!(rv, Rv(CKR_DATA_INVALID));
        assert!(!why.contains(&shares[0][..20]) && !why.is_empty(), "{why}");
        let endless = json!({ "share": "x", "custodian": "\u{1}".repeat(400_000) });
        let (rv, why) = recovery.refused(so, Call::Contribute, &endless);
        assert_eq!(rv, Rv(CKR_DATA_INVALID));
        assert!((1..2000).contains(&why.len()), "{} bytes", why.len());
        let misplaced = json!({ "share": "x", "custodian": { "share": shares[0] } });
        let (rv, why) = recovery.refused(so, Call::Contribute, &misplaced);
        assert_eq!(rv, Rv(CKR_DATA_INVALID));
        assert!(!why.contains(&shares[0][..20]), "{why}");
        let misplaced = json!({ "kind": "deal", "policy": shares[0] });
        let (rv, why) = recovery.refused(so, Call::Begin, &misplaced);
        assert_eq!(rv, Rv(CKR_DATA_INVALID));
        assert!(!why.contains(&shares[0][..20]), "{why}");
    });
}

/// Begin of a refresh made room for the people of the new policy, and the reply names those of the old one, too: it did not fit, and the
/// ceremony was open all the same.
#[test]
fn a_refresh_to_fewer_people_has_room_for_those_before() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let long = |n: usize| format!("{}{n:02}", "\"".repeat(62));
        let names: Vec<_> = (0..60).map(long).collect();
        let key = |n: usize| digits(SigningKey::from_bytes(&[n as u8 + 1; 32]).verifying_key().as_bytes());
        let approvers: Vec<_> = (0..90).map(|n| json!({ "name": long(n), "key": key(n) })).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut request = deal_request();
        request["policy"] = json!({ "threshold": 2, "custodians": custodians(&names), "approvals": 1, "approvers": approvers });
        let begun = recovery.must(so, Call::Begin, &request);
        let id = begun["ceremony"]["id"].as_str().expect("an id");
        let signature = SigningKey::from_bytes(&[1; 32]).sign(format!("hsm-sim recovery approval 1 {id}").as_bytes());
        let approval = json!({ "approver": long(0), "signature": digits(&signature.to_bytes()) });
        hand_in(&recovery, so, &shares(&recovery.must(so, Call::Approve, &approval)));
        recovery.must(so, Call::Finish, &json!({}));
        let two = json!({ "threshold": 2, "custodians": custodians(&["a", "b"]) });
        let refresh = json!({ "kind": "refresh", "key": ID_HEX, "policy": two });
        assert_eq!(state(&recovery.must(so, Call::Begin, &refresh)), "approving");
    });
}
