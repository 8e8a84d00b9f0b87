//! A policy may name approvers: dealing, refreshing and destroying then wait for their signatures over the ceremony's id.

use crate::*;
use ed25519_dalek::{Signer, SigningKey};

pub fn approver(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

pub fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn approved_policy() -> Value {
    let mut policy = policy();
    let named = |n: u8| json!({ "name": format!("approver {n}"), "key": digits(approver(n).verifying_key().as_bytes()) });
    policy["approvers"] = json!([named(1), named(2), named(3)]);
    policy["approvals"] = json!(2);
    policy
}

pub fn approval(reply: &Value, number: u8) -> Value {
    let id = reply["ceremony"]["id"].as_str().expect("an id");
    let signature = approver(number).sign(format!("hsm-sim recovery approval 1 {id}").as_bytes());
    json!({ "approver": format!("approver {number}"), "signature": digits(&signature.to_bytes()) })
}

/// Begins, with nothing handed out before two approvals are there; the reply that deals.
pub fn approved(recovery: &Recovery<'_>, so: Session<'_>, request: &Value) -> Value {
    let begun = recovery.must(so, Call::Begin, request);
    assert_eq!((state(&begun), &begun["dealt"]), ("approving", &Value::Null));
    let first = recovery.must(so, Call::Approve, &approval(&begun, 1));
    assert_eq!(state(&first), "approving");
    recovery.must(so, Call::Approve, &approval(&begun, 3))
}

pub fn deal_approved(recovery: &Recovery<'_>, so: Session<'_>) -> Vec<String> {
    let mut request = deal_request();
    request["policy"] = approved_policy();
    let shares = shares(&approved(recovery, so, &request));
    hand_in(recovery, so, &shares);
    recovery.must(so, Call::Finish, &json!({}));
    shares
}

#[test]
fn nothing_is_dealt_before_enough_have_approved() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let mut request = deal_request();
        request["policy"] = approved_policy();
        let begun = recovery.must(so, Call::Begin, &request);
        assert_eq!(recovery.refused(so, Call::Contribute, &json!({ "share": "x" })).0, Rv(CKR_ACTION_PROHIBITED));
        assert_eq!(recovery.refused(so, Call::Finish, &json!({})).0, Rv(CKR_ACTION_PROHIBITED));
        let mut forged = approval(&begun, 2);
        forged["approver"] = json!("approver 1");
        assert_eq!(recovery.refused(so, Call::Approve, &forged).0, Rv(CKR_SIGNATURE_INVALID));
        let stranger = json!({ "approver": "nobody", "signature": "00" });
        assert_eq!(recovery.refused(so, Call::Approve, &stranger).0, Rv(CKR_DATA_INVALID));
        recovery.must(so, Call::Approve, &approval(&begun, 2));
        assert_eq!(recovery.refused(so, Call::Approve, &approval(&begun, 2)).0, Rv(CKR_DATA_INVALID), "the same one twice");
        let dealt = recovery.must(so, Call::Approve, &approval(&begun, 1));
        assert_eq!(shares(&dealt).len(), 5);
        recovery.must(so, Call::Cancel, &json!({}));
        // An approval is for one ceremony, not for the next of the same kind.
        recovery.must(so, Call::Begin, &request);
        assert_eq!(recovery.refused(so, Call::Approve, &approval(&begun, 1)).0, Rv(CKR_SIGNATURE_INVALID));
    });
}

/// Whoever could deal anew without approval would not need to ask for it when refreshing.
#[test]
fn approvers_stay_in_charge_of_what_follows() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let shares_now = deal_approved(&recovery, so);
        assert_eq!(state(&recovery.must(so, Call::Begin, &deal_request())), "approving", "the same key, without approvers");
        recovery.must(so, Call::Cancel, &json!({}));

        so.logout().expect("C_Logout");
        so.login(CKU_USER, USER_PIN).expect("C_Login");
        let next = Template::new().bool(CKA_TOKEN, true).ulong(CKA_VALUE_LEN, 32).bytes(CKA_ID, &[9]);
        so.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &next).expect("the next master key");
        so.logout().expect("C_Logout");
        so.login(CKU_SO, SO_PIN).expect("C_Login");
        let mut rotation = deal_request();
        rotation["key"] = json!("09");
        assert_eq!(state(&recovery.must(so, Call::Begin, &rotation)), "approving", "the next key, without approvers");
        recovery.must(so, Call::Cancel, &json!({}));

        let collecting = approved(&recovery, so, &json!({ "kind": "refresh", "key": ID_HEX }));
        assert_eq!(state(&collecting), "collecting");
        hand_in(&recovery, so, &shares_now[..3]);
        recovery.must(so, Call::Cancel, &json!({}));
        // Proving that shares work, and bringing a lost key back, wait for nobody.
        assert_eq!(state(&begin(&recovery, so, "verify")), "collecting");
    });
}

#[test]
fn destruction_waits_for_approval_too() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        deal_approved(&recovery, so);
        so.logout().expect("C_Logout");
        so.login(CKU_USER, USER_PIN).expect("C_Login");
        let key = found_key(so).expect("the key");
        assert_eq!(so.flag(key, CKA_DESTROYABLE), Ok(false));
        assert_eq!(so.destroy(key), refused(CKR_ACTION_PROHIBITED));
        // Nor can the SO get rid of it by making the token anew.
        so.close().expect("C_CloseSession");
        assert_eq!(token.module.init_token(token.slot, SO_PIN, LABEL), refused(CKR_ACTION_PROHIBITED));
        let so = token.open(true);
        so.login(CKU_SO, SO_PIN).expect("C_Login");
        let told = Audit::of(&token.module).all(so);
        assert!(told.iter().any(|line| line["event"] == "initialisation-refused" && line["by"] == "so"), "{told:?}");
        let request = json!({ "kind": "destroy", "key": ID_HEX, "user_pin": USER_PIN });
        assert_eq!(state(&approved(&recovery, so, &request)), "ready");
        recovery.must(so, Call::Finish, &json!({}));
        assert_eq!(recovery.must(so, Call::Status, &json!({}))["sets"], json!([]));
        so.logout().expect("C_Logout");
        so.login(CKU_USER, USER_PIN).expect("C_Login");
        assert!(found_key(so).is_none());
    });
}
