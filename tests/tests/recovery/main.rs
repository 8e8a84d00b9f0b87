//! Recovery ceremonies through the vendor interface: DESIGN 4.6, hsm-sim/RECOVERY.md.

mod approvals;
mod audit;
mod endings;
mod limits;
mod objects;
mod pin;
mod processes;
mod protocol;
mod refusals;
mod rules;
mod story;
mod takeover;
mod tampering;

use hsm_tests::*;

/// CKA_ID of the master key.
const ID: [u8; 4] = [0xde, 0xad, 0xbe, 0xef];
const ID_HEX: &str = "deadbeef";

/// A master key, made in the token.
fn master_key(session: Session<'_>) -> Object {
    let template = Template::new()
        .bool(CKA_TOKEN, true)
        .bool(CKA_PRIVATE, true)
        .bool(CKA_SENSITIVE, true)
        .bool(CKA_EXTRACTABLE, false)
        .bool(CKA_WRAP, true)
        .bool(CKA_UNWRAP, true)
        .ulong(CKA_VALUE_LEN, 32)
        .bytes(CKA_ID, &ID)
        .bytes(CKA_LABEL, b"main");
    session.generate(&Mechanism::bare(CKM_AES_KEY_GEN), &template).expect("a master key")
}

/// The master key that is there.
fn found_key(session: Session<'_>) -> Option<Object> {
    session.find(&Template::of(CKO_SECRET_KEY).bytes(CKA_ID, &ID)).expect("C_FindObjects").pop()
}

/// What the master key makes of a block: whoever has the same key makes the same.
fn fingerprint(session: Session<'_>, key: Object) -> Vec<u8> {
    session.encrypt(&Mechanism::bare(CKM_AES_ECB), key, &[7; 16]).expect("C_Encrypt")
}

/// A token with a master key; nobody is logged in afterwards. Also what the key makes of a block.
fn with_master_key(home: &Home) -> (Token, Vec<u8>) {
    let token = home.token();
    let session = token.user();
    let print = fingerprint(session, master_key(session));
    session.close().expect("C_CloseSession");
    (token, print)
}

const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];

fn custodians(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "name": name })).collect()
}

/// Three of five.
fn policy() -> Value {
    json!({ "threshold": 3, "total": 5, "custodians": custodians(&NAMES) })
}

fn deal_request() -> Value {
    json!({ "kind": "deal", "key": ID_HEX, "policy": policy(), "user_pin": USER_PIN })
}

/// The shares of a reply, in the order of the custodians.
fn shares(reply: &Value) -> Vec<String> {
    let dealt = reply["dealt"]["shares"].as_array().expect("shares");
    dealt.iter().map(|handed| handed["share"].as_str().expect("a share").to_owned()).collect()
}

/// Hands shares in; every one is accepted.
fn hand_in(recovery: &Recovery<'_>, session: Session<'_>, shares: &[String]) {
    for share in shares {
        let reply = recovery.must(session, Call::Contribute, &json!({ "share": share }));
        assert_eq!(reply["verdict"]["accepted"], true, "{}", reply["verdict"]);
    }
}

/// Deals the master key; the shares, and the manifest now in force.
fn deal(recovery: &Recovery<'_>, so: Session<'_>) -> (Vec<String>, String) {
    let begun = recovery.must(so, Call::Begin, &deal_request());
    let shares = shares(&begun);
    hand_in(recovery, so, &shares);
    let done = recovery.must(so, Call::Finish, &json!({}));
    (shares, done["manifest"].as_str().expect("a manifest").to_owned())
}

/// Begins a ceremony about the master key.
fn begin(recovery: &Recovery<'_>, so: Session<'_>, kind: &str) -> Value {
    recovery.must(so, Call::Begin, &json!({ "kind": kind, "key": ID_HEX }))
}

fn state(reply: &Value) -> &str {
    reply["state"].as_str().expect("a state")
}
