//! Fewer shares than the threshold tell nothing: whatever the secret's bytes may be, polynomials lead from them to those very shares,
//! one for each, so that none is likelier than another.

mod house;

use house::field;
use hsm_shares::{
    secret::Secret,
    shamir::{Part, Quorum},
};

const LEN: usize = 16;

#[test]
fn every_byte_of_the_secret_stays_possible() {
    for (threshold, total) in [(2, 2), (2, 3), (3, 5), (4, 5), (5, 7)] {
        let quorum = Quorum::new(threshold, total).unwrap();
        let parts = quorum.split(&Secret::copy(&house::SECRET[..LEN])).unwrap();
        for mask in (0..1u32 << total).filter(|mask| mask.count_ones() as usize == threshold - 1) {
            let (known, unknown): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(|part| mask >> (part.index - 1) & 1 == 1);
            let completions = (0..=255).map(|candidate| complete(quorum, &known, unknown[0].index, candidate));
            let all: std::collections::BTreeSet<_> = completions.collect();
            assert_eq!(all.len(), 256, "two secrets with the same shares, {threshold} of {total}, known {mask:b}");
        }
    }
}

/// The share that is missing if every byte of the secret is `candidate`; our own guard combines it to just that.
fn complete(quorum: Quorum, known: &[&Part], missing: u8, candidate: u8) -> Vec<u8> {
    let xs: Vec<u8> = std::iter::once(0).chain(known.iter().map(|part| part.index)).collect();
    let weights = field::weights(&xs, missing);
    let byte = |at: usize| {
        let ys: Vec<u8> = std::iter::once(candidate).chain(known.iter().map(|part| part.bytes.expose()[at])).collect();
        field::sum(&weights, &ys)
    };
    let bytes: Vec<u8> = (0..LEN).map(byte).collect();
    let made = Part { index: missing, bytes: Secret::copy(&bytes) };
    let all: Vec<&Part> = known.iter().copied().chain([&made]).collect();
    assert!(quorum.combine(&all).unwrap().expose() == [candidate; LEN], "no polynomial for {candidate}");
    bytes
}

#[test]
fn the_schoolbook_arithmetic_of_the_tests_is_a_field() {
    for a in 1..=255 {
        assert_eq!(field::times(a, field::inverse(a)), 1);
    }
    // The powers of 2 run through all but 0: only a primitive polynomial has that.
    let powers: std::collections::BTreeSet<u8> =
        std::iter::successors(Some(1), |power| Some(field::times(*power, 2))).take(255).collect();
    assert_eq!(powers.len(), 255);
    assert_eq!(field::times(0x80, 2), 0x1d);
    assert_eq!(
        field::coefficients(&[
            (1, field::value(&[9, 8, 7], 1)),
            (5, field::value(&[9, 8, 7], 5)),
            (6, field::value(&[9, 8, 7], 6))
        ]),
        [9, 8, 7]
    );
}
