//! 5.19: random numbers.

use hsm_tests::*;
use std::collections::BTreeSet;

#[test]
fn no_two_are_alike() {
    isolated(|home| {
        let token = home.token();
        let session = token.open(false);
        let drawn: BTreeSet<_> = (0..1000).map(|_| session.random(16).expect("C_GenerateRandom")).collect();
        assert_eq!(drawn.len(), 1000);
        let many = session.random(1 << 20).expect("a megabyte");
        let ones: u32 = many.iter().map(|b| b.count_ones()).sum();
        // Four million coin tosses: seven standard deviations are 10,000.
        assert!(ones.abs_diff(4 << 20) < 10_000, "{ones} of {} bits", 8 << 20);
        assert_eq!(session.random(0), Ok(vec![]));
    });
}

/// A session of its own, a new process, a new token: never the same stream.
#[test]
fn every_start_differs() {
    isolated(|home| {
        let mut token = home.token();
        let first = token.open(false).random(32);
        token.restart();
        assert_ne!(token.open(false).random(32), first);
    });
}
