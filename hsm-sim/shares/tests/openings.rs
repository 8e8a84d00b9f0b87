//! What is refused when a ceremony is begun, rather than after everybody has entered a share.

mod house;

use house::{NOW, SECRET, Set, TOKEN, notary, open, opening, policy};
use hsm_shares::{
    Error,
    ceremony::{Ceremony, Opening, Task},
    manifest::Manifest,
    share::Share,
};

fn set() -> Set {
    Set::of(&SECRET, 2, 3)
}

/// The story: the manifest of a rehearsal was taken for a real one, and its throw-away secret restored as if it were the key.
#[test]
fn a_rehearsal_restores_proves_and_destroys_nothing() {
    let (practice, _) = Set::rehearsed(2, 3);
    let manifest = practice.manifest;
    let refresh = Task::Refresh { standing: manifest.clone(), token: TOKEN.into(), policy: policy(2, 3) };
    let tasks = [
        Task::Restore(manifest.clone()),
        Task::Verify(manifest.clone()),
        Task::ResetPin(manifest.clone()),
        Task::Destroy(manifest),
        refresh,
    ];
    for task in tasks {
        assert!(matches!(Ceremony::open(opening(task), &notary(), NOW), Err(Error::Malformed(why)) if why.contains("rehearsal")));
    }
}

/// The story: the last refresh there can be was noticed only when a quorum had entered its shares.
#[test]
fn a_set_that_cannot_be_refreshed_again_says_so_at_once() {
    let set = set();
    let mut core = set.manifest.core.clone();
    core.epoch = u16::MAX;
    let shares: Vec<_> = set.shares.iter().map(|text| Share::parse(text).unwrap()).collect();
    let standing = Manifest::sign(&core, &shares, &notary()).unwrap();
    let refresh = Task::Refresh { standing, token: TOKEN.into(), policy: policy(2, 3) };
    assert!(matches!(Ceremony::open(opening(refresh), &notary(), NOW), Err(Error::Malformed(why)) if why.contains("65,535")));
}

/// The story: the statement that people sign has a line for the token, and a serial number with a line end in it wrote others.
#[test]
fn a_token_cannot_write_lines_into_the_statement() {
    let set = set();
    let task = Task::Verify(set.manifest.clone());
    let opening = Opening { token: "1\nkind: verify".into(), ..opening(task) };
    assert!(matches!(Ceremony::open(opening, &notary(), NOW), Err(Error::Malformed(_))));
}

#[test]
fn a_time_out_has_bounds() {
    for (timeout, expected) in [(0, false), (1, true), (604_800, true), (604_801, false), (u64::MAX, false)] {
        let opening = Opening { timeout: Some(timeout), ..opening(Task::Verify(set().manifest)) };
        assert_eq!(Ceremony::open(opening, &notary(), NOW).is_ok(), expected, "{timeout}");
    }
    let (ceremony, _) = open(Task::Verify(set().manifest));
    assert_eq!(ceremony.expires(), NOW.plus(3600));
}
