//! Bad shares are refused when they are entered, by name and reason; good ones are kept.

use crate::*;

fn refusal(recovery: &Recovery<'_>, session: Session<'_>, custodian: &str, share: &str) -> String {
    let reply = recovery.must(session, Call::Contribute, &json!({ "custodian": custodian, "share": share }));
    let verdict = &reply["verdict"];
    assert_eq!((&verdict["accepted"], &verdict["custodian"]), (&json!(false), &json!(custodian)), "{verdict}");
    verdict["reason"].as_str().expect("a reason").to_owned()
}

#[test]
fn each_bad_share_by_its_reason() {
    isolated(|home| {
        let (token, print) = with_master_key(home);
        let recovery = Recovery::of(&token.module);
        let so = token.so();
        let foreign = foreign_share(&token, &recovery);
        let (old, _) = deal(&recovery, so);
        let never = never_in_force(&recovery, so, &old);
        let (mine, manifest) = deal(&recovery, so);

        recovery.must(so, Call::Begin, &json!({ "kind": "verify", "key": ID_HEX }));
        hand_in(&recovery, so, &mine[..1]);
        let mut typo = mine[1].clone().into_bytes();
        let last = typo.len() - 1;
        typo[last] = if typo[last] == b'q' { b'p' } else { b'q' };
        let typo = String::from_utf8(typo).expect("ASCII");
        for (custodian, share, reason) in [
            ("bob", typo.as_str(), "mistyped"),
            ("bob", "nonsense", "not-a-share"),
            ("bob", foreign.as_str(), "other-token"),
            ("bob", old[1].as_str(), "wrong-set"),
            ("bob", never.as_str(), "wrong-set"),
            ("alice", mine[0].as_str(), "duplicate"),
            ("bob", mine[2].as_str(), "other-custodian"),
        ] {
            assert_eq!(refusal(&recovery, so, custodian, share), reason, "{custodian} {share}");
        }
        // What was accepted before is still there, and two more make the quorum.
        let status = recovery.must(so, Call::Status, &json!({}));
        assert_eq!(status["ceremony"]["shares"]["given"], json!(["alice"]));
        hand_in(&recovery, so, &mine[1..3]);
        let done = recovery.must(so, Call::Finish, &json!({}));
        assert_eq!(done["manifest"], manifest);
        so.logout().expect("C_Logout");
        so.login(CKU_USER, USER_PIN).expect("C_Login");
        assert_eq!(fingerprint(so, found_key(so).expect("the key")), print);
    });
}

/// A share of another token's set.
fn foreign_share(token: &Token, recovery: &Recovery<'_>) -> String {
    let other = token.another("another");
    let session = token.module.open(other, CKF_SERIAL_SESSION | CKF_RW_SESSION).expect("C_OpenSession");
    session.login(CKU_USER, USER_PIN).expect("C_Login");
    master_key(session);
    session.logout().expect("C_Logout");
    session.login(CKU_SO, SO_PIN).expect("C_Login");
    deal(recovery, session).0[1].clone()
}

/// A share of a refresh that was cancelled before it came into force.
fn never_in_force(recovery: &Recovery<'_>, so: Session<'_>, now: &[String]) -> String {
    begin(recovery, so, "refresh");
    hand_in(recovery, so, &now[..2]);
    let dealt = recovery.must(so, Call::Contribute, &json!({ "share": now[2] }));
    let void = shares(&dealt)[1].clone();
    assert_eq!(state(&recovery.must(so, Call::Cancel, &json!({}))), "cancelled");
    begin(recovery, so, "verify");
    assert_eq!(refusal(recovery, so, "bob", &void), "other-dealing");
    recovery.must(so, Call::Cancel, &json!({}));
    void
}
