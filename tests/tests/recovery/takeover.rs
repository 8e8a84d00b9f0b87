//! The SO and the user together, without the approvers: they have both PINs, and must not get past whom the policy names.

use crate::approvals::*;
use crate::*;
use ed25519_dalek::{Signer, SigningKey};

fn as_user<T>(session: Session<'_>, act: impl FnOnce() -> T) -> T {
    session.logout().expect("C_Logout");
    session.login(CKU_USER, USER_PIN).expect("C_Login");
    let done = act();
    session.logout().expect("C_Logout");
    session.login(CKU_SO, SO_PIN).expect("C_Login");
    done
}

/// A manifest with some lines exchanged, signed anew by somebody.
pub fn forged(manifest: &str, changes: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for line in manifest.lines().filter(|line| !line.starts_with("signed-by") && !line.starts_with("signature")) {
        let (name, _) = line.split_once(": ").unwrap_or((line, ""));
        match changes.iter().find(|(changed, _)| *changed == name) {
            Some((_, "")) => {}
            Some((_, value)) => text.push_str(&format!("{name}: {value}\n")),
            None => text.push_str(&format!("{line}\n")),
        }
    }
    let mallory = SigningKey::from_bytes(&[66; 32]);
    text.push_str(&format!("signed-by: {}\n", digits(mallory.verifying_key().as_bytes())));
    let signature = mallory.sign(text.as_bytes());
    text + &format!("signature: {}\n", digits(&signature.to_bytes()))
}

fn restore(manifest: &str) -> Value {
    json!({ "kind": "restore", "manifest": manifest, "user_pin": USER_PIN })
}

/// A restore asked nobody. The user gave the key another CKA_ID, so that it seemed to be lost, and a manifest of their own signing, of the
/// next epoch and without approvers, took the place of the one in force: from then on nobody had to approve anything.
#[test]
fn a_forged_manifest_does_not_put_the_approvers_off() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        deal_approved(&recovery, so);
        let standing = recovery.must(so, Call::Status, &json!({}))["sets"][0]["manifest"].as_str().expect("a set").to_owned();
        as_user(so, || {
            let key = found_key(so).expect("the key");
            so.set(key, &Template::new().bytes(CKA_ID, &[9])).expect("another CKA_ID");
        });
        let next = forged(&standing, &[("epoch", "2"), ("approvals", "0"), ("approver", "")]);
        let begun = recovery.must(so, Call::Begin, &restore(&next));
        assert_eq!(state(&begun), "approving");
        recovery.must(so, Call::Cancel, &json!({}));
        // Another dealing of the epoch in force is not what is in force either.
        let other = forged(&standing, &[("nonce", "0000000000000000"), ("approvals", "0"), ("approver", "")]);
        assert_eq!(state(&recovery.must(so, Call::Begin, &restore(&other))), "approving");
        recovery.must(so, Call::Cancel, &json!({}));
        // What is in force comes back without asking anybody.
        assert_eq!(state(&recovery.must(so, Call::Begin, &restore(&standing))), "collecting");
    });
}

/// Nor by a set of another key: the approvers of the newest set are asked for the next deal, so one that was restored from another token
/// would have brought its own.
#[test]
fn a_set_from_elsewhere_does_not_bring_its_own_approvers() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        deal_approved(&recovery, so);
        let standing = recovery.must(so, Call::Status, &json!({}))["sets"][0]["manifest"].as_str().expect("a set").to_owned();
        let key = digits(SigningKey::from_bytes(&[66; 32]).verifying_key().as_bytes());
        let theirs = forged(&standing, &[("set", "0102030405060708"), ("key", "09"), ("approvals", "1"), ("approver", "")]);
        let theirs = theirs.replace("approvals: 1\n", &format!("approvals: 1\napprover: {key} mallory\n"));
        let theirs = forged(&theirs, &[]);
        let begun = recovery.must(so, Call::Begin, &restore(&theirs));
        assert_eq!((state(&begun), &begun["ceremony"]["approvals"]["needed"]), ("approving", &json!(2)));
        assert_eq!(begun["ceremony"]["approvals"]["missing"], json!(["approver 1", "approver 2", "approver 3"]));
    });
}

/// A key was told by its CKA_ID alone, which its user can change: with the CKA_ID of a key without approvers it was destroyed.
#[test]
fn a_key_is_not_destroyed_in_the_name_of_another() {
    isolated(|home| {
        let (token, print) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let other = Template::new().bool(CKA_TOKEN, true).ulong(CKA_VALUE_LEN, 32).bytes(CKA_ID, &[9]);
        as_user(so, || so.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &other).expect("another key"));
        let mut request = deal_request();
        request["key"] = json!("09");
        let shares = shares(&recovery.must(so, Call::Begin, &request));
        hand_in(&recovery, so, &shares);
        recovery.must(so, Call::Finish, &json!({}));
        deal_approved(&recovery, so);
        let destroy = json!({ "kind": "destroy", "key": "09", "user_pin": USER_PIN });
        as_user(so, || {
            let old = so.find(&Template::of(CKO_SECRET_KEY).bytes(CKA_ID, &[9])).expect("C_FindObjects");
            so.destroy(old[0]).expect("the key without approvers");
            so.set(found_key(so).expect("the key"), &Template::new().bytes(CKA_ID, &[9])).expect("its CKA_ID");
        });
        assert_eq!(recovery.refused(so, Call::Begin, &destroy).0, Rv(CKR_KEY_HANDLE_INVALID));
        as_user(so, || {
            let key = so.find(&Template::of(CKO_SECRET_KEY).bytes(CKA_ID, &[9])).expect("C_FindObjects")[0];
            assert_eq!(fingerprint(so, key), print, "it is still there");
        });
    });
}

/// The same key under another CKA_ID, renamed or copied, would be dealt with the approval of those of the newest set, who may be others.
#[test]
fn the_same_key_under_another_name_is_not_dealt_past_its_approvers() {
    isolated(|home| {
        let (token, _) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        deal_approved(&recovery, so);
        as_user(so, || {
            let key = found_key(so).expect("the key");
            so.copy(key, &Template::new().bytes(CKA_ID, &[9])).expect("C_CopyObject");
        });
        let mut request = deal_request();
        request["key"] = json!("09");
        let (rv, why) = recovery.refused(so, Call::Begin, &request);
        assert_eq!(rv, Rv(CKR_ACTION_PROHIBITED), "{why}");
        assert!(why.contains(ID_HEX), "{why}");
    });
}

/// Approvers that a refresh names for the first time guard the key from C_DestroyObject. One of two keys of the CKA_ID was guarded,
/// and it was the twin.
#[test]
fn the_key_is_guarded_and_not_its_twin() {
    isolated(|home| {
        let (token, print) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let (shares_now, _) = deal(&recovery, so);
        let twin = Template::new().bool(CKA_TOKEN, true).ulong(CKA_VALUE_LEN, 32).bytes(CKA_ID, &ID).bool(CKA_ENCRYPT, true);
        as_user(so, || so.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &twin).expect("a twin"));
        let request = json!({ "kind": "refresh", "key": ID_HEX, "user_pin": USER_PIN, "policy": approved_policy() });
        approved(&recovery, so, &request);
        for share in &shares_now[..2] {
            hand_in(&recovery, so, std::slice::from_ref(share));
        }
        let dealt = recovery.must(so, Call::Contribute, &json!({ "share": shares_now[2] }));
        hand_in(&recovery, so, &shares(&dealt));
        recovery.must(so, Call::Finish, &json!({}));
        as_user(so, || {
            for key in so.find(&Template::of(CKO_SECRET_KEY).bytes(CKA_ID, &ID)).expect("C_FindObjects") {
                let real = fingerprint(so, key) == print;
                assert_eq!(so.flag(key, CKA_DESTROYABLE), Ok(!real), "the key: {real}");
            }
        });
    });
}
