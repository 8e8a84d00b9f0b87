//! The guard before the arithmetic, which would interpolate whatever it is given.

use hsm_shares::{
    secret::Secret,
    shamir::{Part, Quorum},
};

#[test]
fn the_guard_refuses_what_the_arithmetic_believes() {
    let quorum = Quorum::new(2, 3).unwrap();
    let part = |index, bytes: &[u8]| Part { index, bytes: Secret::copy(bytes) };
    let refused: [(&str, [Part; 2]); 6] = [
        ("index 0", [part(0, &[1; 16]), part(1, &[2; 16])]),
        ("index 4", [part(1, &[1; 16]), part(4, &[2; 16])]),
        ("twice", [part(2, &[1; 16]), part(2, &[2; 16])]),
        ("another length", [part(1, &[1; 16]), part(2, &[2; 17])]),
        ("another length", [part(1, &[1; 15]), part(2, &[2; 15])]),
        ("another length", [part(1, &[1; 65]), part(2, &[2; 65])]),
    ];
    for (expected, parts) in &refused {
        let why = quorum.combine(&[&parts[0], &parts[1]]).err().unwrap().to_string();
        assert!(why.contains(expected), "{why}");
    }
    assert!(quorum.combine(&[]).is_err());
    for len in [0, 15, 65] {
        assert!(quorum.split(&Secret::copy(&vec![1; len])).is_err(), "{len}");
    }
}

#[test]
fn two_to_255_is_all_there_is() {
    for (threshold, total) in [(0, 0), (0, 3), (1, 1), (1, 3), (4, 3), (2, 256), (256, 256), (2, usize::MAX), (usize::MAX, 3)] {
        let why = Quorum::new(threshold, total).unwrap_err().to_string();
        assert!(why.contains("2 <= threshold <= total <= 255"), "{threshold} of {total}: {why}");
    }
    for (threshold, total) in [(2, 2), (2, 3), (3, 3), (2, 255), (255, 255)] {
        assert!(Quorum::new(threshold, total).is_ok(), "{threshold} of {total}");
    }
}
