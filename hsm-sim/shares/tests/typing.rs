//! What custodians do when they type: a share is read whatever its groups and case, and no typing error gets by.

mod house;

use hsm_shares::{
    refusal::Refusal,
    secret::Secret,
    shamir::{Part, Quorum},
    share::{Dealing, SetId, Share, grouped},
};
use proptest::prelude::*;

const HUMAN: usize = "hsmshare1".len();

/// The same share in every run: bech32m sees all of up to three wrong characters, but longer or shorter texts only almost always.
fn share() -> Share {
    let dealing = Dealing {
        rehearsal: false,
        set: SetId(*b"token1st"),
        epoch: 1,
        quorum: Quorum::new(3, 5).unwrap(),
        check: *b"chck",
        manifest: *b"manifest",
    };
    Share { dealing, part: Part { index: 2, bytes: Secret::copy(&std::array::from_fn::<u8, 32, _>(|at| at as u8 * 7)) } }
}

fn text() -> String {
    String::from_utf8(share().to_text().unwrap().expose().to_vec()).unwrap()
}

fn refusal(text: &str) -> &'static str {
    Share::parse(text).map(|_| ()).map_err(|refusal| refusal.code()).err().unwrap_or("accepted")
}

fn reads_the_same(text: &str) -> bool {
    Share::parse(text).is_ok_and(|read| read.dealing == share().dealing && *read.payload() == *share().payload())
}

#[test]
fn case_groups_hyphens_and_blanks_do_not_count() {
    let text = text();
    let grouped = grouped(&text);
    let mixed: String = text.chars().enumerate().map(|(at, c)| if at % 3 == 0 { c.to_ascii_uppercase() } else { c }).collect();
    let written = [
        text.clone(),
        text.to_uppercase(),
        mixed,
        grouped.to_string(),
        grouped.to_uppercase(),
        grouped.replace(' ', "-"),
        grouped.replace(' ', " - "),
        grouped.replace(' ', "\n"),
        grouped.replace(' ', "\r\n\t"),
        grouped.replace(' ', "\u{a0}"),
        format!("  {text}\n"),
        text.replace("hsmshare1", "hsm-share 1 "),
    ];
    for text in written {
        assert!(reads_the_same(&text), "{text:?}");
    }
}

#[test]
fn every_wrong_character_is_a_typing_error() {
    let text = text();
    for at in 0..text.len() {
        let right = char::from(text.as_bytes()[at]);
        for wrong in ('!'..='~').filter(|wrong| *wrong != '-' && wrong.to_ascii_lowercase() != right).chain(['é', '\0', '٣']) {
            let mistyped = format!("{}{wrong}{}", &text[..at], &text[at + 1..]);
            let expected = if at < HUMAN { "not-a-share" } else { "mistyped" };
            assert_eq!(refusal(&mistyped), expected, "{wrong:?} at {at} in {mistyped}");
        }
    }
}

#[test]
fn a_character_too_few_or_too_many_or_exchanged_is_a_typing_error() {
    let text = text();
    for at in HUMAN..text.len() {
        let (before, after) = text.split_at(at);
        let pair: String = after.chars().take(2).collect();
        let exchanged: String = before.chars().chain(pair.chars().rev()).chain(after.chars().skip(2)).collect();
        let mut altered = vec![format!("{before}{}", &after[1..]), format!("{before}{}{after}", &after[..1]), exchanged];
        altered.extend("qpzry9x8gf2tvdw0s3jn54khce6mua7l".chars().map(|more| format!("{before}{more}{after}")));
        for altered in altered.iter().filter(|altered| **altered != text) {
            assert_eq!(refusal(altered), "mistyped", "{altered}");
        }
    }
}

#[test]
fn what_was_cut_off_is_a_typing_error_or_no_share() {
    let text = text();
    for len in 0..text.len() {
        assert_eq!(refusal(&text[..len]), if len < HUMAN { "not-a-share" } else { "mistyped" }, "the first {len} characters");
    }
}

#[test]
fn other_texts_are_no_shares() {
    let age = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    for other in ["", " ", "1", "hsmshare", "secret", age, "hsmshares1qqqqqq", &text()[1..], &"x".repeat(100_000)] {
        assert_eq!(refusal(other), "not-a-share", "{other}");
    }
    assert_eq!(refusal(&format!("hsmshare1{}", "q".repeat(100_000))), "mistyped");
}

#[test]
fn the_older_checksum_is_a_typing_error() {
    let hrp = bech32::Hrp::parse("hsmshare").unwrap();
    assert_eq!(refusal(&bech32::encode::<bech32::Bech32>(hrp, &share().payload()).unwrap()), "mistyped");
}

/// The story: a "1" typed for an "l" moved the place at which bech32 parts the text, and a "b" or an "o" is none of its characters; all
/// of them were refused as "this is no share", which sends a custodian looking for another sheet.
#[test]
fn characters_that_bech32_does_not_have_are_typing_errors() {
    for wrong in ['1', 'b', 'i', 'o'] {
        let text = text();
        assert_eq!(refusal(&format!("{}{wrong}{}", &text[..40], &text[41..])), "mistyped");
    }
    // And a checksum that holds for another human-readable part makes no share.
    assert_eq!(refusal(&house::payload::encode("hsmshare1hsmshare", &share().payload())), "mistyped");
}

/// The story: bits left over after the last byte were dropped unseen, so that a share had many texts.
#[test]
fn bits_left_over_are_zero() {
    let payload = share().payload();
    let mut digits: Vec<bech32::Fe32> = bech32::primitives::iter::ByteIterExt::bytes_to_fes(payload.iter().copied()).collect();
    let encode = |digits: &[bech32::Fe32]| {
        use bech32::primitives::iter::Fe32IterExt;
        let hrp = bech32::Hrp::parse("hsmshare").unwrap();
        digits.iter().copied().with_checksum::<bech32::Bech32m>(&hrp).chars().collect::<String>()
    };
    assert_eq!(encode(&digits), text());
    let last = digits.len() - 1;
    digits[last] = bech32::Fe32::try_from(digits[last].to_u8() | 1).unwrap();
    assert_eq!(refusal(&encode(&digits)), "wrong-length");
    digits[last] = bech32::Fe32::try_from(digits[last].to_u8() & !1).unwrap();
    digits.push(bech32::Fe32::Q);
    assert_eq!(refusal(&encode(&digits)), "wrong-length");
}

#[test]
fn all_lengths_of_secrets_have_a_text_and_others_have_none() {
    for len in [0, 1, 15, 16, 17, 31, 63, 64, 65, 200] {
        let share = Share { part: Part { index: 2, bytes: Secret::copy(&vec![9; len]) }, ..share() };
        let read = Share::parse(std::str::from_utf8(share.to_text().unwrap().expose()).unwrap());
        if (16..=64).contains(&len) {
            assert_eq!(*read.unwrap_or_else(|why| panic!("{len}: {why}")).payload(), *share.payload());
        } else {
            assert_eq!(read.err(), Some(Refusal::WrongLength), "{len}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn two_or_three_wrong_characters_are_a_typing_error(
        wrong in prop::collection::btree_map(HUMAN..108usize, 1u8..32, 2..=3)
    ) {
        let characters = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        let mut text = text().into_bytes();
        for (at, step) in wrong {
            let right = characters.iter().position(|c| *c == text[at]).unwrap();
            text[at] = characters[right ^ usize::from(step)];
        }
        prop_assert_eq!(refusal(std::str::from_utf8(&text).unwrap()), "mistyped");
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,200}", tail in "(hsmshare|HSMREHEARSAL)1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{0,120}") {
        prop_assert_ne!(refusal(&text), "accepted");
        prop_assert_ne!(refusal(&tail), "accepted");
    }
}
