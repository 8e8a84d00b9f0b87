//! Shares that are true and yet wrong here: each is refused for what it is, with the name of whose it is, and the ceremony goes on.

mod house;

use house::{NOW, SECRET, Set, TOKEN, code, give, name, notary, open, opening, payload, policy};
use hsm_shares::{
    Error,
    ceremony::{Ceremony, Opening, Task, Work},
    wire::Dealt,
};

/// Two shares are enough for each refusal to have something to keep.
fn set() -> Set {
    Set::of(&SECRET, 2, 3)
}

/// What is refused, and the rest of the ceremony, which must succeed.
fn refused(set: &Set, mut ceremony: Ceremony, named: Option<&str>, text: &str) -> (String, Option<String>) {
    let verdict = give(&mut ceremony, named, text);
    assert!(give(&mut ceremony, None, set.share(3)).accepted);
    assert!(give(&mut ceremony, None, set.share(2)).accepted);
    assert!(matches!(ceremony.work(NOW), Ok(Work::Restore(_, secret)) if secret.expose() == SECRET));
    (code(&verdict).to_owned(), verdict.custodian)
}

/// A refresh carried on until its shares are dealt.
fn refreshed(set: &Set) -> (Ceremony, Set) {
    let task = Task::Refresh { standing: set.manifest.clone(), token: TOKEN.into(), policy: policy(2, 3) };
    let (mut ceremony, _) = open(task);
    let dealt = |(_, dealt): (_, Option<Dealt>)| dealt;
    assert!(dealt(ceremony.contribute(None, set.share(1), &notary(), NOW).unwrap()).is_none());
    let dealt = dealt(ceremony.contribute(None, set.share(2), &notary(), NOW).unwrap()).unwrap();
    (ceremony, Set::dealt(&dealt))
}

#[test]
fn a_share_of_another_set_of_this_token() {
    let set = set();
    assert_eq!(refused(&set, set.restoring(), None, Set::of(&SECRET, 2, 3).share(1)), ("wrong-set".into(), None));
}

#[test]
fn a_share_of_another_token() {
    let (set, foreign) = (set(), Set::of_token("00000000cafecafe", &SECRET, 2, 3));
    assert_eq!(refused(&set, set.restoring(), None, foreign.share(1)), ("other-token".into(), None));
    // A token that took a set over from another one knows it as its own.
    let task = Task::Restore(set.manifest.clone());
    let knowing = Opening { others: vec![foreign.manifest.core.set], ..opening(task) };
    let (ceremony, _) = Ceremony::open(knowing, &notary(), NOW).unwrap();
    assert_eq!(refused(&set, ceremony, None, foreign.share(1)), ("wrong-set".into(), None));
}

#[test]
fn a_share_retired_by_a_refresh_and_one_that_is_not_in_force_yet() {
    let set = set();
    let (_, new) = refreshed(&set);
    assert_eq!(new.manifest.core.epoch, 2);
    assert_eq!(refused(&new, new.restoring(), None, set.share(1)), ("retired-epoch".into(), None));
    assert_eq!(refused(&new, new.restoring(), Some("alice"), set.share(1)), ("retired-epoch".into(), Some("alice".into())));
    // The story: with an old print of the manifest, the share in force was said to have never come into force.
    let verdict = give(&mut set.restoring(), None, new.share(1));
    assert_eq!((code(&verdict), verdict.custodian.as_deref()), ("other-dealing", None));
    assert!(verdict.text.unwrap().contains("or a newer one"));
}

#[test]
fn old_shares_are_not_taken_for_the_new_ones_while_a_refresh_is_confirmed() {
    let set = set();
    let (mut ceremony, new) = refreshed(&set);
    assert_eq!(code(&give(&mut ceremony, None, set.share(1))), "retired-epoch");
    for index in 1..=3 {
        assert!(ceremony.work(NOW).is_err(), "in force before everybody entered the new share");
        assert!(give(&mut ceremony, None, new.share(index)).accepted);
    }
    assert!(matches!(ceremony.work(NOW), Ok(Work::Activate(manifest)) if *manifest == new.manifest));
}

/// The story: a refresh that was cancelled and begun again within a second had the same manifest but for the shares' hashes, so that a
/// custodian who kept the first share was told it had been altered.
#[test]
fn a_share_of_a_dealing_that_was_cancelled() {
    let set = set();
    let (mut cancelled, never) = refreshed(&set);
    cancelled.close();
    let (_, new) = refreshed(&set);
    assert_eq!(never.manifest.core.epoch, new.manifest.core.epoch);
    assert_eq!(refused(&new, new.restoring(), None, never.share(1)), ("other-dealing".into(), Some("alice".into())));
}

#[test]
fn shares_of_rehearsals_and_real_ones() {
    let set = set();
    let (practice, mut rehearsal) = Set::rehearsed(2, 3);
    assert_eq!(refused(&set, set.restoring(), None, practice.share(1)), ("rehearsal".into(), None));
    assert_eq!(code(&give(&mut rehearsal, None, set.share(1))), "not-rehearsal");
    for text in &practice.shares {
        assert!(rehearsal.work(NOW).is_err());
        assert!(give(&mut rehearsal, None, text).accepted);
    }
    assert!(matches!(rehearsal.work(NOW), Ok(Work::Rehearsed)));
}

#[test]
fn a_share_that_was_handed_in_already() {
    let set = set();
    let mut ceremony = set.restoring();
    assert!(give(&mut ceremony, None, set.share(1)).accepted);
    for (named, custodian) in [(None, "alice"), (Some("alice"), "alice"), (Some("bob"), "bob")] {
        let verdict = give(&mut ceremony, named, &set.share(1).to_uppercase());
        assert_eq!((code(&verdict), verdict.custodian.as_deref()), ("duplicate", Some(custodian)));
        assert!(verdict.text.unwrap().contains("alice"), "whose it is");
    }
    assert_eq!(ceremony.report().shares.given, ["alice"]);
    assert_eq!(ceremony.report().shares.missing, ["bob", "carol"]);
}

#[test]
fn the_share_of_another_custodian_and_a_custodian_nobody_knows() {
    let set = set();
    let other = refused(&set, set.restoring(), Some("bob"), set.share(1));
    assert_eq!(other, ("other-custodian".into(), Some("bob".into())));
    let mut ceremony = set.restoring();
    for nobody in ["mallory", "", "Alice", "alice "] {
        let refused = ceremony.contribute(Some(nobody), set.share(1), &notary(), NOW);
        assert!(matches!(refused, Err(Error::Malformed(why)) if why.contains(nobody)));
    }
    assert!(give(&mut ceremony, Some("alice"), set.share(1)).accepted);
}

#[test]
fn too_few() {
    let set = set();
    let mut ceremony = set.restoring();
    for (given, expected) in [(0, "0 of 2 shares are there"), (1, "1 of 2 shares are there")] {
        assert_eq!(ceremony.work(NOW).err(), Some(Error::Stage(expected.into())));
        assert_eq!(ceremony.report().shares.given.len(), given);
        assert!(give(&mut ceremony, None, set.share(given + 1)).accepted);
    }
    assert!(ceremony.work(NOW).is_ok());
}

#[test]
fn shares_of_other_lengths_and_indices() {
    let set = set();
    type Alter = fn(&mut Vec<u8>);
    let altered: [(&str, Alter); 7] = [
        ("wrong-index", |bytes| bytes[11] = 0),
        ("wrong-index", |bytes| bytes[11] = 4),
        ("wrong-index", |bytes| bytes[11] = 255),
        ("wrong-length", |bytes| bytes.truncate(57)),
        ("wrong-length", |bytes| bytes.push(0)),
        ("wrong-length", |bytes| bytes.truncate(26)),
        ("wrong-length", |bytes| bytes.truncate(3)),
    ];
    for (expected, alter) in altered {
        assert_eq!(refused(&set, set.restoring(), None, &payload::forged(set.share(1), alter)).0, expected);
    }
}

#[test]
fn an_altered_share_names_its_custodian() {
    let set = set();
    for index in 1..=3 {
        let forged = payload::forged(set.share(index), |bytes| bytes[40] ^= 1);
        let mut ceremony = set.restoring();
        let verdict = give(&mut ceremony, None, &forged);
        assert_eq!((code(&verdict), verdict.custodian.clone()), ("tampered", Some(name(index))));
    }
}
