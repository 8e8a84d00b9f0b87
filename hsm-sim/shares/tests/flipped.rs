//! Somebody who knows the format flips a bit of a share and gives it a checksum that holds: the refusal says what is wrong, and with
//! whose share.

mod house;

use std::{collections::BTreeSet, ops::Range};

use house::{SECRET, Set, code, give, name, payload};
use hsm_shares::ceremony::Work;

/// A field of the share, the refusals its bits lead to, and whether the share tells whose it is although nobody said so.
struct Field(&'static str, Range<usize>, &'static [&'static str], Told);

#[derive(PartialEq)]
enum Told {
    Always,
    Sometimes,
    Never,
}

const FIELDS: [Field; 10] = [
    Field("version", 0..1, &["unknown-version"], Told::Never),
    Field("the token's part of the set id", 1..5, &["other-token"], Told::Never),
    Field("the other part of the set id", 5..9, &["wrong-set"], Told::Never),
    Field("epoch", 9..11, &["other-dealing", "retired-epoch"], Told::Never),
    // A share that claims an index it does not have is taken for that custodian's, and refused as altered.
    Field("index", 11..12, &["tampered", "wrong-index"], Told::Sometimes),
    // Some policies are impossible and some do not have this index; of such a share nothing is believed.
    Field("threshold", 12..13, &["wrong-policy"], Told::Sometimes),
    Field("total", 13..14, &["wrong-index", "wrong-policy"], Told::Sometimes),
    Field("key check value", 14..18, &["wrong-key"], Told::Always),
    Field("manifest check", 18..26, &["other-dealing"], Told::Always),
    Field("point", 26..58, &["tampered"], Told::Always),
];

#[test]
fn every_flipped_bit_is_refused_for_what_it_is() {
    let set = Set::of(&SECRET, 3, 5);
    let mut ceremony = set.restoring();
    for Field(what, range, expected, told) in FIELDS {
        let mut found = BTreeSet::new();
        for (index, bit) in (1..=5).flat_map(|index| (range.start * 8..range.end * 8).map(move |bit| (index, bit))) {
            let forged = payload::forged(set.share(index), |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
            let verdict = give(&mut ceremony, None, &forged);
            assert!(!verdict.accepted && verdict.text.is_some(), "{what}, bit {bit} of share {index}: {verdict:?}");
            found.insert(code(&verdict).to_owned());
            let claimed = usize::from(payload::decode(&forged)[11]);
            match verdict.custodian {
                Some(custodian) => assert!(told != Told::Never && custodian == name(claimed), "{what}: {custodian}"),
                None => assert!(told != Told::Always, "{what}, bit {bit} of share {index}: whose?"),
            }
            let named = give(&mut ceremony, Some(&name(index)), &forged);
            assert_eq!(named.custodian, Some(name(index)), "{what}: who handed it in is known");
        }
        assert_eq!(found, expected.iter().map(ToString::to_string).collect(), "{what}");
    }
    for index in [5, 1, 3] {
        assert!(give(&mut ceremony, None, set.share(index)).accepted, "what was refused before must not matter");
    }
    assert!(matches!(ceremony.work(house::NOW), Ok(Work::Restore(_, secret)) if secret.expose() == SECRET));
}

#[test]
fn the_fields_of_the_table_are_the_whole_share() {
    let len = payload::decode(Set::of(&SECRET, 3, 5).share(1)).len();
    let ends = FIELDS.iter().scan(0, |end, Field(_, range, ..)| {
        assert_eq!(*end, range.start);
        *end = range.end;
        Some(*end)
    });
    assert_eq!(ends.last(), Some(len));
}

#[test]
fn the_human_part_cannot_be_exchanged() {
    let real = Set::of(&SECRET, 2, 3);
    let forged = payload::encode("hsmrehearsal", &payload::decode(real.share(1)));
    assert_eq!(code(&give(&mut real.restoring(), None, &forged)), "rehearsal");
    let (practice, mut rehearsal) = Set::rehearsed(2, 3);
    let forged = payload::encode("hsmshare", &payload::decode(practice.share(1)));
    assert_eq!(code(&give(&mut rehearsal, None, &forged)), "not-rehearsal");
}
