//! CKA_SENSITIVE, CKA_EXTRACTABLE and their history: 6.43.4 to 6.43.8 for what is bound, 6.21.2 and 6.62.3 for what is free.

use crate::with_data;
use hsm_tests::*;

/// SENSITIVE, EXTRACTABLE.
type Pair = (bool, bool);

const ALL: [Pair; 4] = [(false, true), (false, false), (true, true), (true, false)];

/// A key generated so has the same past.
fn base(session: Session<'_>, (sensitive, extractable): Pair) -> Object {
    let template = said((sensitive, extractable)).ulong(CKA_VALUE_LEN, 16).bool(CKA_DERIVE, true);
    session.generate(&Mechanism::bare(CKM_GENERIC_SECRET_KEY_GEN), &template).expect("a base key")
}

fn said((sensitive, extractable): Pair) -> Template {
    Template::new().bool(CKA_SENSITIVE, sensitive).bool(CKA_EXTRACTABLE, extractable)
}

/// SENSITIVE, EXTRACTABLE, ALWAYS_SENSITIVE, NEVER_EXTRACTABLE.
fn told(session: Session<'_>, key: Object) -> [Answer<bool>; 4] {
    [CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE].map(|kind| session.flag(key, kind))
}

#[test]
fn what_is_bound() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.43 sensitivity and extractability");
        for (of, and) in ALL.iter().flat_map(|of| ALL.map(|and| (*of, and))) {
            let (first, second) = (base(session, of), base(session, and));
            let mechanism = Mechanism::structure(CKM_CONCATENATE_BASE_AND_KEY, Layout::new().word(second));
            let (sensitive, extractable) = (of.0 || and.0, of.1 && and.1);
            let inherited = session.derive(&mechanism, first, &Template::new()).expect("a key that inherits");
            let past = [sensitive, extractable, of.0 && and.0, !of.1 && !and.1].map(Ok);
            tally.equal(format!("{of:?} and {and:?}"), told(session, inherited), past);
            for want in ALL {
                let got = session.derive(&mechanism, first, &said(want));
                let leaks = (sensitive && !want.0) || (!extractable && want.1);
                let rv = if leaks { CKR_TEMPLATE_INCONSISTENT } else { CKR_OK };
                tally.row(format!("{of:?} and {and:?} to {want:?}"), got, &[rv]);
            }
        }
    });
}

#[test]
fn what_is_free() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.21.2 sensitivity and extractability");
        let mechanism = Mechanism::bare(CKM_SHA256_KEY_DERIVATION);
        for (of, want) in ALL.iter().flat_map(|of| ALL.map(|want| (*of, want))) {
            let key = session.derive(&mechanism, base(session, of), &said(want)).expect("a key as it was asked for");
            let past = [want.0, want.1, of.0 && want.0, !of.1 && !want.1].map(Ok);
            tally.equal(format!("{of:?} to {want:?}"), told(session, key), past);
        }
    });
}

/// What a base key's CKA_DERIVE_TEMPLATE prescribes is not overruled by what would be inherited.
#[test]
fn what_is_prescribed() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let template = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET)
            .with(&Template::shown())
            .bool(CKA_DERIVE, true)
            .bytes(CKA_VALUE, &[1; 16])
            .nested(CKA_DERIVE_TEMPLATE, said((true, false)));
        let base = session.create(&template).expect("a base key");
        let key = session.derive(&with_data(CKM_XOR_BASE_AND_DATA, &[3; 16]), base, &Template::new()).expect("a key");
        assert_eq!(told(session, key), [true, false, false, false].map(Ok));
    });
}
