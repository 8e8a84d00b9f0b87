//! As many shares as the threshold restore the secret, whichever they are; fewer never do.

mod house;

use house::{SECRET, Set, give};
use hsm_shares::{
    ceremony::Work,
    secret::Secret,
    shamir::{Part, Quorum},
};
use proptest::prelude::*;

/// Every quorum of at most seven custodians.
fn quorums() -> impl Iterator<Item = (usize, usize)> {
    (2..=7).flat_map(|total| (2..=total).map(move |threshold| (threshold, total)))
}

/// The subset a mask says, every other time in descending order.
fn subset<T>(all: &[T], mask: u32) -> Vec<&T> {
    let mut some: Vec<&T> = all.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, one)| one).collect();
    if mask % 2 == 1 {
        some.reverse();
    }
    some
}

#[test]
fn every_subset_combines_if_and_only_if_it_is_a_quorum() {
    for (threshold, total) in quorums() {
        let quorum = Quorum::new(threshold, total).unwrap();
        let parts = quorum.split(&Secret::copy(&SECRET)).unwrap();
        for mask in 0..1 << total {
            let some = subset(&parts, mask);
            let combined = quorum.combine(&some);
            assert_eq!(combined.is_ok(), some.len() >= threshold, "{threshold} of {total}, shares {mask:b}");
            assert!(combined.is_err() || combined.is_ok_and(|secret| secret.expose() == SECRET), "{mask:b}");
        }
    }
}

#[test]
fn one_share_too_few_does_not_help_whoever_believes_in_a_lower_threshold() {
    for (threshold, total) in quorums().filter(|(threshold, _)| *threshold > 2) {
        let parts = Quorum::new(threshold, total).unwrap().split(&Secret::copy(&SECRET)).unwrap();
        let lower = Quorum::new(threshold - 1, total).unwrap();
        for mask in (0..1u32 << total).filter(|mask| mask.count_ones() as usize == threshold - 1) {
            assert!(lower.combine(&subset(&parts, mask)).unwrap().expose() != SECRET, "{threshold} of {total}: {mask:b}");
        }
    }
}

#[test]
fn every_subset_restores_in_a_ceremony_if_and_only_if_it_is_a_quorum() {
    for (threshold, total) in quorums() {
        let set = Set::of(&SECRET, threshold, total);
        for mask in 0..1 << total {
            let some = subset(&set.shares, mask);
            let mut ceremony = set.restoring();
            for text in some.iter().take(threshold) {
                assert!(give(&mut ceremony, None, text).accepted);
            }
            match ceremony.work(house::NOW) {
                Ok(Work::Restore(_, secret)) => assert!(some.len() >= threshold && secret.expose() == SECRET),
                Ok(_) => panic!("a restore restores"),
                Err(why) => assert_eq!(why.to_string(), format!("{} of {threshold} shares are there", some.len())),
            }
        }
    }
}

#[test]
fn the_largest_quorum_restores_in_a_ceremony() {
    let set = Set::of(&[0x5a; 64], 255, 255);
    let mut ceremony = set.restoring();
    for (at, text) in set.shares.iter().enumerate() {
        assert!(ceremony.work(house::NOW).is_err());
        assert_eq!(give(&mut ceremony, None, text).custodian, Some(house::name(at + 1)));
    }
    assert!(matches!(ceremony.work(house::NOW), Ok(Work::Restore(_, secret)) if secret.expose() == [0x5a; 64]));
}

/// A quorum, and its indices in any order.
fn shuffled() -> impl Strategy<Value = (usize, Vec<usize>)> {
    let order = |total: usize| (2..=total, Just((0..total).collect::<Vec<_>>()).prop_shuffle());
    prop_oneof![3 => 2usize..=255, 1 => Just(255)].prop_flat_map(order)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn any_shares_of_any_quorum_combine(secret in prop::collection::vec(any::<u8>(), 16..=64), (threshold, order) in shuffled()) {
        let quorum = Quorum::new(threshold, order.len()).unwrap();
        let parts = quorum.split(&Secret::copy(&secret)).unwrap();
        let some: Vec<&Part> = order.iter().map(|at| &parts[*at]).collect();
        prop_assert!(quorum.combine(&some[..threshold]).unwrap().expose() == secret);
        prop_assert!(quorum.combine(&some).unwrap().expose() == secret);
        prop_assert!(quorum.combine(&some[..threshold - 1]).is_err());
    }
}
