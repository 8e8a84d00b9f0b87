//! The story: `sharks` 0.5 drew its coefficients from 1..=255 (RUSTSEC-2024-0398). A polynomial whose leading coefficient is never 0
//! never leads fewer shares than the threshold back to the secret, so whoever sees many splits of one secret rules out all other bytes,
//! one after the other. Every refresh is such a split. These tests look for that bias in our splits, and for proof that they would see
//! it, in those of a dealer who has it.
//!
//! Bounds: no test here fails by chance more often than once in 10^9 runs. Chi-square with 255 degrees of freedom exceeds 460 with a
//! probability below 10^-12 (Wilson-Hilferty: 7.2 standard deviations), and it is looked at fewer than 20 times. A Poisson number of
//! mean 600 leaves 380..=860 with a probability below 10^-19 (Chernoff).

mod house;

use house::field;
use hsm_shares::{secret::Secret, shamir::Quorum};

/// Every byte of the secret is this one, so that each split gives as many samples as the secret has bytes.
const BYTE: u8 = 0xa7;
const LEN: usize = 64;
const SPLITS: usize = 2400;
const BOUND: f64 = 460.0;

/// Deals a secret; the share of index x is at x - 1.
type Dealer = fn(threshold: usize) -> Vec<Vec<u8>>;

fn ours(threshold: usize) -> Vec<Vec<u8>> {
    let parts = Quorum::new(threshold, threshold).unwrap().split(&Secret::copy(&[BYTE; LEN])).unwrap();
    parts.iter().map(|part| part.bytes.expose().to_vec()).collect()
}

/// The dealer of the story.
fn biased(threshold: usize) -> Vec<Vec<u8>> {
    let polynomial = || std::iter::once(BYTE).chain((1..threshold).map(|_| nonzero())).collect::<Vec<u8>>();
    let polynomials: Vec<_> = (0..LEN).map(|_| polynomial()).collect();
    let share = |x| polynomials.iter().map(|polynomial| field::value(polynomial, x)).collect();
    (1..=u8::try_from(threshold).unwrap()).map(share).collect()
}

fn nonzero() -> u8 {
    let mut byte = [0];
    while byte == [0] {
        getrandom::fill(&mut byte).unwrap();
    }
    byte[0]
}

/// How often each byte comes out when the first shares, one fewer than needed, are combined as if they were enough.
fn guesses(dealer: Dealer, threshold: usize) -> [u32; 256] {
    let xs: Vec<u8> = (1..u8::try_from(threshold).unwrap()).collect();
    let weights = field::weights(&xs, 0);
    let mut counts = [0; 256];
    for _ in 0..SPLITS {
        let shares = dealer(threshold);
        for at in 0..LEN {
            let values: Vec<u8> = shares[..threshold - 1].iter().map(|share| share[at]).collect();
            counts[usize::from(field::sum(&weights, &values))] += 1;
        }
    }
    counts
}

fn chi_square(counts: &[u32; 256]) -> f64 {
    let expected = f64::from(counts.iter().sum::<u32>()) / 256.0;
    counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
}

#[test]
fn one_share_too_few_leads_to_every_byte_equally_often() {
    for threshold in [2, 3, 5] {
        let found = chi_square(&guesses(ours, threshold));
        assert!(found < BOUND, "threshold {threshold}: chi-square {found}");
    }
}

#[test]
fn the_bias_of_sharks_would_be_seen() {
    for threshold in [2, 3, 5] {
        let counts = guesses(biased, threshold);
        let found = chi_square(&counts);
        assert!(found > BOUND, "threshold {threshold}: chi-square {found}");
        assert_eq!(counts[usize::from(BYTE)], 0, "this is how the secret is given away");
    }
}

/// How many coefficients of each degree are 0; 600 of them if they are drawn evenly.
fn zeros(dealer: Dealer) -> [u32; 2] {
    let mut zeros = [0; 2];
    for shares in (0..SPLITS).map(|_| dealer(3)) {
        for at in 0..LEN {
            let points: Vec<(u8, u8)> = (1..).zip(&shares).map(|(x, share)| (x, share[at])).collect();
            let found = field::coefficients(&points);
            assert_eq!(found[0], BYTE);
            zeros.iter_mut().zip(&found[1..]).for_each(|(zeros, coefficient)| *zeros += u32::from(*coefficient == 0));
        }
    }
    zeros
}

#[test]
fn one_coefficient_in_256_is_zero() {
    let found = zeros(ours);
    assert!(found.iter().all(|zeros| (380..=860).contains(zeros)), "{found:?}");
}

#[test]
fn a_dealer_without_zeros_would_be_seen() {
    assert_eq!(zeros(biased), [0; 2]);
}

#[test]
fn a_single_share_shows_every_byte_equally_often() {
    for index in 0..3 {
        let mut counts = [0; 256];
        (0..SPLITS).flat_map(|_| ours(3).swap_remove(index)).for_each(|byte| counts[usize::from(byte)] += 1);
        let found = chi_square(&counts);
        assert!(found < BOUND, "share {}: chi-square {found}", index + 1);
    }
}
