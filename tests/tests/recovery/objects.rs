//! A token tells its state as a read-only object that standard tools can list.

use crate::*;

fn sets(session: Session<'_>) -> Vec<Object> {
    session.find(&Template::of(CKO_DATA).bytes(CKA_APPLICATION, b"hsm-sim recovery")).expect("C_FindObjects")
}

#[test]
fn the_state_is_an_object_anybody_can_read() {
    isolated(|home| {
        let (mut token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        assert!(sets(so).is_empty());
        let (_, manifest) = deal(&recovery, so);
        token.restart();
        // Before any login.
        let session = token.open(false);
        let found = sets(session);
        assert_eq!(found.len(), 1);
        let value = session.attribute(found[0], CKA_VALUE).expect("CKA_VALUE");
        let set: Value = serde_json_from(&value);
        assert_eq!((&set["threshold"], &set["total"], &set["epoch"]), (&json!(3), &json!(5), &json!(1)));
        assert_eq!((&set["key"], &set["manifest"]), (&json!(ID_HEX), &json!(manifest)));
        assert!(set["verified"].as_str().is_some_and(|time| time.ends_with('Z')), "{set}");
        let label = session.attribute(found[0], CKA_LABEL).expect("CKA_LABEL");
        assert!(String::from_utf8(label).expect("text").contains("3 of 5"));
    });
}

/// Before a login Status tells the same, and that nobody vouches for it.
#[test]
fn status_before_a_login_is_not_vouched_for() {
    isolated(|home| {
        let (mut token, _) = with_master_key(home);
        let so = token.so();
        let told = Recovery::of(&token.module).must(so, Call::Status, &json!({}));
        assert_eq!((&told["genuine"], &told["sets"]), (&json!(true), &json!([])));
        deal(&Recovery::of(&token.module), so);
        let vouched = Recovery::of(&token.module).must(so, Call::Status, &json!({}));
        token.restart();
        let recovery = Recovery::of(&token.module);
        let told = recovery.must(token.open(false), Call::Status, &json!({ "log": true }));
        assert_eq!((&told["genuine"], &told["signer"], &told["log"]), (&json!(false), &Value::Null, &Value::Null));
        assert_eq!((state(&told), &told["sets"]), ("idle", &vouched["sets"]));
    });
}

/// Whoever could write or plant such an object could tell custodians a wrong set, or do away with its approvers.
#[test]
fn nobody_writes_it_by_hand() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        deal(&recovery, so);
        let kind: CK_ATTRIBUTE_TYPE = 0x8000_0000 | 0x4853_0001;
        for (user, pin) in [(CKU_SO, SO_PIN), (CKU_USER, USER_PIN)] {
            so.logout().expect("C_Logout");
            so.login(user, pin).expect("C_Login");
            let object = sets(so)[0];
            let label = Template::new().bytes(CKA_LABEL, b"mine");
            assert_eq!(so.set(object, &label), refused(CKR_ACTION_PROHIBITED));
            assert_eq!(so.destroy(object), refused(CKR_ACTION_PROHIBITED));
            assert_eq!(so.copy(object, &label), refused(CKR_ACTION_PROHIBITED));
            let planted = Template::of(CKO_DATA).bool(CKA_TOKEN, true).bool(kind, true);
            assert_eq!(so.create(&planted), refused(CKR_ATTRIBUTE_READ_ONLY));
            // One that merely looks like it is a data object like any other, and no set.
            let alike = Template::of(CKO_DATA).bool(CKA_TOKEN, true).bytes(CKA_APPLICATION, b"hsm-sim recovery");
            so.create(&alike.bytes(CKA_VALUE, b"{}")).expect("data");
        }
        assert_eq!(recovery.must(so, Call::Status, &json!({}))["sets"].as_array().map(Vec::len), Some(1));
    });
}

/// Verifying is what proves that the shares still work, so it is what moves the date.
#[test]
fn verifying_is_noted_in_the_state() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (shares, _) = deal(&recovery, so);
        let verified = || recovery.must(so, Call::Status, &json!({}))["sets"][0]["verified"].clone();
        let before = verified();
        std::thread::sleep(std::time::Duration::from_millis(1100));
        begin(&recovery, so, "verify");
        hand_in(&recovery, so, &shares);
        assert_eq!(verified(), before, "before it is finished");
        recovery.must(so, Call::Finish, &json!({}));
        assert_ne!(verified(), before);
    });
}

fn serde_json_from(bytes: &[u8]) -> Value {
    String::from_utf8(bytes.to_vec()).expect("UTF-8").parse().expect("JSON")
}
