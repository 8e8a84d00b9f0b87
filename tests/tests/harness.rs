//! The harness itself: a crash of the module must be one failed test with a reason, and a table must not pass empty.

use hsm_tests::*;
use std::panic::catch_unwind;

/// A child that dies of a signal is told by it.
#[test]
#[should_panic(expected = "crashed: signal 6")]
fn a_crash_is_told() {
    isolated(|_| std::process::abort());
}

/// What the child said comes with the failure. (In the child itself the payload is no String, and this fails there too.)
#[test]
fn a_failure_is_told() {
    let told = catch_unwind(|| isolated(|_| panic!("the reason"))).expect_err("a failure");
    let told = told.downcast::<String>().expect("the parent's message");
    assert!(told.contains("failed: exit status") && told.contains("the reason"), "{told}");
}

/// The child is found by the path of a closure: one that is not written in a test must not pass unseen.
#[test]
#[should_panic(expected = "no test is called")]
fn a_test_that_is_not_found_fails() {
    elsewhere();
}

fn elsewhere() {
    isolated(|home| assert!(home.path().is_dir()));
}

#[test]
#[should_panic(expected = "no row was tried")]
fn an_empty_table_fails() {
    drop(Tally::new("nothing"));
}

#[test]
#[should_panic(expected = "2 of 3 rows fail")]
fn all_failed_rows_are_told() {
    let mut tally = Tally::new("three");
    tally.row("good", CKR_OK, &[CKR_OK]);
    tally.row("bad", CKR_GENERAL_ERROR, &[CKR_OK, CKR_ARGUMENTS_BAD]);
    tally.equal("worse", 1, 2);
}

/// Homes are separate, and gone afterwards.
#[test]
fn homes_are_separate() {
    isolated(|home| {
        assert!(home.token_dir().is_dir());
        assert!(home.configuration().is_file());
        assert_eq!(home.role(), None);
    });
}

#[test]
fn der_lengths() {
    for (length, head) in [(0, vec![4, 0]), (127, vec![4, 127]), (128, vec![4, 0x81, 128]), (300, vec![4, 0x82, 1, 44])] {
        let value = der(4, &[&vec![7; length]]);
        assert_eq!(value[..head.len()], head);
        assert_eq!(content(&value), vec![7; length]);
    }
    let signature = [vec![0, 0, 1], vec![0xff, 0, 2]].concat();
    assert_eq!(signature_from_der(&signature_to_der(&signature), 3), signature);
}

/// The shapes of the table are those of the header: pointers where the header has pointers.
#[test]
fn the_table_of_functions_is_whole() {
    assert_eq!(Entry::all().count(), V3_2_COUNT);
    for (list, count) in [(Since::V2_40, V2_40_COUNT), (Since::V3_0, V3_0_COUNT), (Since::V3_2, V3_2_COUNT)] {
        assert_eq!(Entry::all().filter(|e| e.since() <= list).count(), count);
    }
    assert_eq!(size_of::<CK_FUNCTION_LIST>() / size_of::<usize>() - 1, V2_40_COUNT);
    assert_eq!(size_of::<CK_FUNCTION_LIST_3_0>() / size_of::<usize>() - 1, V3_0_COUNT);
    assert_eq!(size_of::<CK_FUNCTION_LIST_3_2>() / size_of::<usize>() - 1, V3_2_COUNT);
}
