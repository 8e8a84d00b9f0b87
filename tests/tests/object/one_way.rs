//! 4.10 and 4.11, footnotes 11 and 12: CKA_SENSITIVE only ever becomes true, CKA_EXTRACTABLE only ever false; and
//! footnote 7: what is sensitive or not extractable is not told.

use crate::aes_template;
use hsm_tests::*;

const REFUSED: &[CK_RV] = &[CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID];
/// Setting what already is: the standard does not say.
const NO_CHANGE: &[CK_RV] = &[CKR_OK, CKR_ATTRIBUTE_READ_ONLY];

#[test]
fn secret_keys() {
    isolated(|home| one_way(home, |session| session.create(&aes_template()).expect("a key")));
}

#[test]
fn private_keys() {
    isolated(|home| {
        one_way(home, |session| {
            let private = Template::new().bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true);
            let public = Template::new().bytes(CKA_EC_PARAMS, oid::P256);
            let made = session.generate_pair(&Mechanism::bare(CKM_EC_KEY_PAIR_GEN), &public, &private);
            made.expect("a key pair").1
        })
    });
}

fn one_way(home: &Home, make: impl Fn(Session<'_>) -> Object) {
    let token = home.token();
    let session = token.user();
    let mut tally = Tally::new("footnotes 11 and 12");
    for (name, attribute, safe) in [("SENSITIVE", CKA_SENSITIVE, true), ("EXTRACTABLE", CKA_EXTRACTABLE, false)] {
        let key = make(session);
        let set = |value| session.set(key, &Template::new().bool(attribute, value));
        tally.row(format!("{name}: read the value before"), session.attribute(key, CKA_VALUE), &[CKR_OK]);
        tally.row(format!("{name} as it was"), set(!safe), NO_CHANGE);
        tally.row(format!("{name} to {safe}"), set(safe), &[CKR_OK]);
        tally.row(format!("{name} back"), set(!safe), REFUSED);
        tally.equal(format!("{name} stays"), session.flag(key, attribute), Ok(safe));
        tally.row(format!("{name} to {safe} again"), set(safe), NO_CHANGE);
        let value = session.attribute(key, CKA_VALUE);
        tally.row(format!("{name}: read the value after"), value, &[CKR_ATTRIBUTE_SENSITIVE]);
        let changes = Template::new().bool(attribute, !safe);
        tally.row(format!("{name} back in a copy"), session.copy(key, &changes), REFUSED);
        let copy = session.copy(key, &Template::new()).expect("C_CopyObject");
        tally.equal(format!("{name} in a copy"), session.flag(copy, attribute), Ok(safe));
    }
}

/// Footnote 7 on every attribute that it marks, of every kind of key.
#[test]
fn what_is_secret_is_not_told() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (rsa, ec, ed) = (session.rsa(2048), session.ec(oid::P384), session.ed25519());
        let aes = session.create(&aes_template().bool(CKA_SENSITIVE, true)).expect("a sensitive key");
        let hidden = [CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT];
        let mut tally = Tally::new("footnote 7");
        let rsa_rows = hidden.map(|attribute| (rsa.private, attribute));
        let others = [(ec.private, CKA_VALUE), (ed.private, CKA_VALUE), (aes, CKA_VALUE)];
        for (key, attribute) in rsa_rows.into_iter().chain(others) {
            session.set(key, &Template::new().bool(CKA_SENSITIVE, true)).expect("sensitive");
            for slot in [Slot::Length(attribute), Slot::Room(attribute, 4096)] {
                let got = session.attributes(key, &[slot]);
                tally.row(format!("{slot:?}"), got.rv, &[CKR_ATTRIBUTE_SENSITIVE]);
                tally.equal(format!("{slot:?}"), got.lengths[0], CK_UNAVAILABLE_INFORMATION);
            }
        }
        for attribute in [CKA_MODULUS, CKA_PUBLIC_EXPONENT] {
            tally.row("the public half", session.attribute(rsa.private, attribute), &[CKR_OK]);
        }
        tally.row("its length", session.number(aes, CKA_VALUE_LEN), &[CKR_OK]);
    });
}

/// A search must not be an oracle for what reading refuses.
#[test]
fn a_search_does_not_tell_it_either() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let hidden = aes_template().bool(CKA_SENSITIVE, true).bytes(CKA_LABEL, b"hidden");
        session.create(&hidden).expect("a sensitive key");
        let by_value = Template::new().bytes(CKA_VALUE, &[0x42; 32]);
        assert_eq!(session.find(&by_value).unwrap_or_default(), vec![]);
    });
}
