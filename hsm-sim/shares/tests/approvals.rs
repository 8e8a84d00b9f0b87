//! Approvals: nothing is dealt and no share looked at before enough of the named approvers signed this very ceremony.

mod house;

use ed25519_dalek::{Signer, SigningKey};
use house::{NOW, SECRET, Set, dealing, give, notary, opening, policy};
use hsm_shares::{
    Error,
    approval::message,
    ceremony::{Ceremony, Opening, Task, Work},
    policy::{Approval, Approver, Policy},
    text::hex,
    wire::Dealt,
};

const IVY: u8 = 1;
const JUDY: u8 = 2;
const KEN: u8 = 3;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// Two of Ivy, Judy and Ken.
fn two_of_three() -> Approval {
    let approver = |(name, seed): (&str, u8)| Approver { name: name.into(), key: hex(key(seed).verifying_key().as_bytes()) };
    Approval { needed: 2, approvers: [("ivy", IVY), ("judy", JUDY), ("ken", KEN)].map(approver).to_vec() }
}

fn begun(task: Task) -> Ceremony {
    let opening = Opening { approval: two_of_three(), ..opening(task) };
    let (ceremony, dealt) = Ceremony::open(opening, &notary(), NOW).unwrap();
    assert!(dealt.is_none(), "dealt before it was approved");
    assert_eq!(ceremony.state(), "approving");
    ceremony
}

fn signature(seed: u8, ceremony: &Ceremony) -> String {
    hex(&key(seed).sign(message(ceremony.id()).as_bytes()).to_bytes())
}

fn approve(ceremony: &mut Ceremony, name: &str, signature: &str) -> Result<Option<Dealt>, Error> {
    ceremony.approve(name, signature, &notary(), NOW)
}

#[test]
fn shares_are_dealt_with_the_last_approval() {
    let mut ceremony = begun(dealing(&SECRET, house::TOKEN, policy(2, 3)));
    let (ivy, ken) = (signature(IVY, &ceremony), signature(KEN, &ceremony));
    assert!(approve(&mut ceremony, "ivy", &ivy).unwrap().is_none());
    assert_eq!(ceremony.report().approvals.missing, ["judy", "ken"]);
    assert!(ceremony.work(NOW).is_err());
    let dealt = approve(&mut ceremony, "ken", &ken).unwrap().expect("the shares come now");
    assert_eq!(dealt.shares.len(), 3);
    assert_eq!(ceremony.report().approvals.given, ["ivy", "ken"]);
    let judy = signature(JUDY, &ceremony);
    assert!(matches!(approve(&mut ceremony, "judy", &judy), Err(Error::Stage(_))), "none is awaited any more");
}

#[test]
fn no_share_is_looked_at_before() {
    let set = Set::of(&SECRET, 2, 3);
    let mut ceremony = begun(Task::Restore(set.manifest.clone()));
    for text in [set.share(1), "garbage"] {
        assert!(matches!(ceremony.contribute(None, text, &notary(), NOW), Err(Error::Stage(why)) if why.contains("approvals")));
    }
    for (name, seed) in [("ivy", IVY), ("judy", JUDY)] {
        assert!(matches!(ceremony.work(NOW), Err(Error::Stage(_))));
        let signature = signature(seed, &ceremony);
        approve(&mut ceremony, name, &signature).unwrap();
    }
    assert!(ceremony.report().shares.given.is_empty(), "the share shown too early was kept");
    assert!(give(&mut ceremony, None, set.share(1)).accepted && give(&mut ceremony, None, set.share(2)).accepted);
    assert!(ceremony.work(NOW).is_ok());
}

#[test]
fn a_key_is_destroyed_by_approvals_alone() {
    let mut ceremony = begun(Task::Destroy(Set::of(&SECRET, 2, 3).manifest));
    for (name, seed) in [("judy", JUDY), ("ken", KEN)] {
        assert!(ceremony.work(NOW).is_err());
        let signature = signature(seed, &ceremony);
        approve(&mut ceremony, name, &signature).unwrap();
    }
    assert!(matches!(ceremony.work(NOW), Ok(Work::Destroy(_))));
}

#[test]
fn what_does_not_count() {
    let set = Set::of(&SECRET, 2, 3);
    let mut ceremony = begun(Task::Verify(set.manifest.clone()));
    let other = begun(Task::Verify(set.manifest.clone()));
    assert_ne!(ceremony.id(), other.id(), "the same task twice is two ceremonies");
    let mut flipped = signature(IVY, &ceremony);
    flipped.replace_range(0..1, if flipped.starts_with('0') { "1" } else { "0" });
    let wrong = [
        ("the signer is another", "ivy", signature(JUDY, &ceremony)),
        ("of another ceremony", "ivy", signature(IVY, &other)),
        ("altered", "ivy", flipped),
        ("zeros", "ivy", "00".repeat(64)),
        ("too short", "ivy", signature(IVY, &ceremony)[..126].to_owned()),
        ("too long", "ivy", signature(IVY, &ceremony) + "00"),
        ("capitals", "ivy", signature(IVY, &ceremony).to_uppercase()),
        ("empty", "ivy", String::new()),
        ("over the bare id", "ivy", hex(&key(IVY).sign(ceremony.id()).to_bytes())),
        ("with a line end", "ivy", hex(&key(IVY).sign(format!("{}\n", message(ceremony.id())).as_bytes()).to_bytes())),
        ("by nobody we know", "mallory", signature(66, &ceremony)),
        ("by Ivy in capitals", "IVY", signature(IVY, &ceremony)),
    ];
    for (what, name, signature) in wrong {
        assert!(approve(&mut ceremony, name, &signature).is_err(), "{what}");
        assert!(ceremony.report().approvals.given.is_empty(), "{what}");
    }
}

#[test]
fn nobody_approves_twice() {
    let mut ceremony = begun(Task::Verify(Set::of(&SECRET, 2, 3).manifest));
    let ivy = signature(IVY, &ceremony);
    approve(&mut ceremony, "ivy", &ivy).unwrap();
    assert!(matches!(approve(&mut ceremony, "ivy", &ivy), Err(Error::Malformed(why)) if why.contains("already")));
    assert!(approve(&mut ceremony, "judy", &ivy).is_err(), "nor in another name");
    assert_eq!((ceremony.state(), ceremony.report().approvals.given), ("approving", vec!["ivy".into()]));
}

#[test]
fn none_counts_after_the_time_is_over() {
    let mut ceremony = begun(Task::Verify(Set::of(&SECRET, 2, 3).manifest));
    let ivy = signature(IVY, &ceremony);
    let late = ceremony.approve("ivy", &ivy, &notary(), ceremony.expires());
    assert!(matches!(late, Err(Error::Expired)));
}

/// The story: the statement named the approvers to come, but not how many of them it would take, nor the day the shares expire; a set that
/// any one of them could destroy looked the same as one that takes all of them.
#[test]
fn the_statement_says_all_that_is_approved() {
    let one_then = Approval { needed: 1, ..two_of_three() };
    let policy = Policy::new(2, house::custodians(3), one_then, Some("2028-02-29".into())).unwrap();
    let ceremony = begun(dealing(&SECRET, house::TOKEN, policy));
    let statement = ceremony.report().statement;
    let name = |line: &str| line.split(": ").next().unwrap().to_owned();
    let names: Vec<String> = statement.lines().map(name).collect();
    let expected = "hsm-sim recovery statement 1|kind|nonce|token|until|set|epoch|key|threshold|custodian|custodian|custodian|expires|\
                    approvals-then|approver-then|approver-then|approver-then|approvals|approver|approver|approver";
    assert_eq!(names.join("|"), expected);
    let said = ["kind: deal", "token: 00000000deadbeef", "epoch: 1", "threshold: 2", "custodian: - carol", "expires: 2028-02-29"];
    for line in said.into_iter().chain(["approvals-then: 1", "approvals: 2"]) {
        assert!(statement.lines().any(|found| found == line), "{line} in {statement}");
    }
    assert_eq!(ceremony.report().id, hex(&hsm_shares::transcript::id(&statement)));
}
