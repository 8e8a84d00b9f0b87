//! Who may take part: every rule of a policy, as it is written in JSON.

mod house;

use hsm_shares::policy::Policy;
use serde_json::{Value, json};

const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
/// Public keys of the tests of RFC 8032, section 7.1.
const KEYS: [&str; 2] = [
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
];

fn custodians(total: usize) -> Value {
    (1..=total).map(|index| json!({ "name": house::name(index) })).collect()
}

fn approvers(keys: &[&str]) -> Value {
    keys.iter().enumerate().map(|(at, key)| json!({ "name": format!("approver {at}"), "key": key })).collect()
}

fn read(policy: Value) -> Result<Policy, String> {
    serde_json::from_value(policy).map_err(|why| why.to_string())
}

/// What is refused, and a word of the refusal.
#[track_caller]
fn refused(policy: Value, word: &str) {
    let why = read(policy).expect_err(word);
    assert!(why.contains(word), "{why}");
}

#[test]
fn a_policy_reads_as_it_was_written() {
    let full = json!({
        "threshold": 2,
        "total": 3,
        "custodians": [{ "name": "alice" }, { "name": "bob", "recipient": RECIPIENT }, { "name": "carol" }],
        "approvals": 1,
        "approvers": approvers(&KEYS),
        "expires": "2028-02-29",
    });
    let policy = read(full.clone()).unwrap();
    assert_eq!(serde_json::to_value(&policy).unwrap(), full);
    assert_eq!((policy.quorum().threshold(), policy.quorum().total()), (2, 3));
    assert_eq!([0, 1, 3, 4].map(|index| policy.name(index)), [None, Some("alice"), Some("carol"), None]);
    let short = json!({ "threshold": 2, "custodians": custodians(2) });
    assert_eq!(serde_json::to_value(read(short).unwrap()).unwrap()["total"], 2);
}

#[test]
fn thresholds_and_totals() {
    for (threshold, total) in [(0, 3), (1, 3), (4, 3), (256, 256), (2, 256), (2, 1), (2, 0), (0, 0)] {
        refused(json!({ "threshold": threshold, "custodians": custodians(total) }), "2 <= threshold <= total <= 255");
    }
    for (threshold, total) in [(2, 2), (3, 3), (2, 255), (255, 255)] {
        assert!(read(json!({ "threshold": threshold, "custodians": custodians(total) })).is_ok());
    }
    refused(json!({ "threshold": 2, "total": 4, "custodians": custodians(3) }), "total is 4");
    for threshold in [json!(-1), json!(2.5), json!("2"), json!(null), json!(u64::MAX)] {
        assert!(read(json!({ "threshold": threshold, "custodians": custodians(3) })).is_err());
    }
}

#[test]
fn names() {
    let named = |name: &str| json!({ "threshold": 2, "custodians": [{ "name": name }, { "name": "bob" }] });
    for good in ["a", "名前", "o'Brien; 3rd", "- x", "custodian: y", "\u{1f511}", &"x".repeat(64)] {
        assert!(read(named(good)).is_ok(), "{good}");
    }
    for bad in ["", " ", " a", "a ", "a\u{a0}", "a\nb", "a\rb", "a\0", "a\u{85}b", "\u{7f}", &"x".repeat(65), &"名".repeat(22)] {
        refused(named(bad), "cannot be a name");
    }
    refused(named("bob"), "two times");
}

/// The story: a statement is read by people before they approve it, and a name with a line separator in it showed them lines that are not
/// there; with a direction override it showed them another name.
#[test]
fn names_that_look_like_more_than_a_name_are_refused() {
    for c in ['\u{2028}', '\u{2029}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
        let name = format!("alice{c}approvals: 0");
        refused(json!({ "threshold": 2, "custodians": [{ "name": name }, { "name": "bob" }] }), "cannot be a name");
    }
}

#[test]
fn recipients() {
    let to =
        |recipient: &str| json!({ "threshold": 2, "custodians": [{ "name": "a", "recipient": recipient }, { "name": "b" }] });
    assert!(read(to(RECIPIENT)).is_ok());
    for bad in ["", "-", "age1", &RECIPIENT.replace('q', "p"), &format!("{RECIPIENT} "), "ssh-ed25519 AAAA", "age1yubikey1qqqq"] {
        refused(to(bad), "no age recipient");
    }
}

#[test]
fn approvers_and_their_keys() {
    let by = |needed: u32, keys: &[&str]| json!({ "threshold": 2, "custodians": custodians(2), "approvals": needed, "approvers": approvers(keys) });
    assert!(read(by(1, &KEYS)).is_ok() && read(by(2, &KEYS)).is_ok() && read(by(0, &[])).is_ok());
    refused(by(3, &KEYS), "3 approvals of 2 approvers");
    refused(by(0, &KEYS), "0 approvals of 2 approvers");
    refused(by(1, &[]), "1 approvals of 0 approvers");
    assert!(read(by(256, &KEYS)).is_err());
    refused(by(1, &[KEYS[0], KEYS[0]]), "two times");
    let long = format!("{}00", KEYS[0]);
    for bad in ["", "00", &KEYS[0][..62], &KEYS[0].to_uppercase(), &long, &KEYS[0].replace('d', "g")] {
        assert!(read(by(1, &[bad])).is_err(), "{bad}");
    }
}

/// The story: any 32 bytes passed for a key. One that is no point of the curve, or of small order, signs nothing that is accepted: a set
/// dealt under it could never be refreshed, and nobody would know before.
#[test]
fn keys_that_can_approve_nothing_are_refused() {
    let neutral = format!("01{}", "00".repeat(31));
    let no_point = format!("02{}", "00".repeat(31));
    for bad in [neutral, no_point, "00".repeat(32)] {
        let policy = json!({ "threshold": 2, "custodians": custodians(2), "approvals": 1, "approvers": approvers(&[&bad]) });
        refused(policy, "no Ed25519 public key");
    }
}

#[test]
fn days_and_unknown_members() {
    let until = |day: &str| json!({ "threshold": 2, "custodians": custodians(2), "expires": day });
    assert!(read(until("2027-11-26")).is_ok());
    for bad in ["", "2027-02-29", "2027-2-1", "20271126", "2027-11-26T00:00:00Z", "tomorrow", "2027-11-26\nthreshold: 1"] {
        refused(until(bad), "no day");
    }
    refused(json!({ "threshold": 2, "custodians": custodians(2), "treshold": 2 }), "treshold");
    refused(json!({ "threshold": 2, "custodians": [{ "name": "a", "email": "b" }, { "name": "c" }] }), "email");
    refused(json!({ "custodians": custodians(2) }), "threshold");
}
