//! 5.7.7 to 5.7.9: searching.

use crate::aes_template;
use hsm_tests::*;
use std::collections::BTreeSet;

#[test]
fn templates_select() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let add = |template: Template| session.create(&template).expect("an object");
        let a = add(aes_template().bytes(CKA_LABEL, b"a").bytes(CKA_ID, &[1]));
        let b = add(aes_template().bytes(CKA_LABEL, b"b").bytes(CKA_ID, &[1]).bool(CKA_TOKEN, true));
        let c = add(Template::of(CKO_DATA).bytes(CKA_LABEL, b"a").bytes(CKA_VALUE, b"value"));
        let d = add(Template::of(CKO_DATA).bytes(CKA_APPLICATION, b"app"));
        let t = Template::new;
        let mut tally = Tally::new("5.7.7 C_FindObjectsInit");
        let cases: Vec<(&str, Template, Vec<Object>)> = vec![
            ("everything", t(), vec![a, b, c, d]),
            ("by class", Template::of(CKO_SECRET_KEY), vec![a, b]),
            ("by label", t().bytes(CKA_LABEL, b"a"), vec![a, c]),
            ("by id", t().bytes(CKA_ID, &[1]), vec![a, b]),
            ("by class and label", Template::of(CKO_DATA).bytes(CKA_LABEL, b"a"), vec![c]),
            ("by TOKEN", t().bool(CKA_TOKEN, true), vec![b]),
            ("by not TOKEN", t().bool(CKA_TOKEN, false), vec![a, c, d]),
            ("by key type", t().ulong(CKA_KEY_TYPE, CKK_AES), vec![a, b]),
            ("by data's value", t().bytes(CKA_VALUE, b"value"), vec![c]),
            ("by application", t().bytes(CKA_APPLICATION, b"app"), vec![d]),
            ("by an empty label", t().bytes(CKA_LABEL, b""), vec![d]),
            ("by another label", t().bytes(CKA_LABEL, b"A"), vec![]),
            ("by a class of none", Template::of(CKO_CERTIFICATE), vec![]),
            ("by a vendor's class", Template::of(CKO_VENDOR_DEFINED | 0x4e53_4350), vec![]),
            ("by an unknown attribute", t().bytes(CKA_VENDOR_DEFINED | 7, b"x"), vec![]),
            ("by an attribute of other classes", Template::of(CKO_DATA).bytes(CKA_MODULUS, &[1]), vec![]),
            ("by a class of wrong size", t().bytes(CKA_CLASS, &[4]), vec![]),
        ];
        for (name, template, want) in cases {
            let got = session.find(&template).map(BTreeSet::from_iter);
            tally.equal(name, got, Ok(BTreeSet::from_iter(want)));
        }
    });
}

/// Batches, the end, a batch of nothing, and objects that go while the search runs.
#[test]
fn the_cursor() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let all: Vec<Object> = (0..7).map(|_| session.create(&Template::of(CKO_DATA)).expect("data")).collect();
        session.find_init(&Template::new()).expect("C_FindObjectsInit");
        assert_eq!(session.find_next(0).map(|b| b.len()), Ok(0));
        assert_eq!(session.find_next(3).map(|b| b.len()), Ok(3));
        assert_eq!(session.find_next(3).map(|b| b.len()), Ok(3));
        assert_eq!(session.find_next(3).map(|b| b.len()), Ok(1));
        assert_eq!(session.find_next(3).map(|b| b.len()), Ok(0));
        assert_eq!(session.find_final(), Ok(()));
        session.find_init(&Template::new()).expect("C_FindObjectsInit");
        let first = session.find_next(2).expect("C_FindObjects");
        let gone = *all.iter().find(|o| !first.contains(o)).expect("one not yet found");
        session.destroy(gone).expect("C_DestroyObject");
        assert!(session.find_next(100).is_ok());
        assert_eq!(session.find_final(), Ok(()));
        assert_eq!(session.find(&Template::new()).map(|f| f.len()), Ok(6));
    });
}

/// Many objects, all found, each once; and changes of label are seen by later searches.
#[test]
fn among_many() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        for i in 0..500_u32 {
            let on_token = Template::of(CKO_DATA).bool(CKA_TOKEN, i % 5 == 0);
            session.create(&on_token.bytes(CKA_LABEL, &i.to_be_bytes())).expect("data");
        }
        let all = session.find(&Template::new()).expect("C_FindObjects");
        assert_eq!((all.len(), BTreeSet::from_iter(&all).len()), (500, 500));
        for i in [0_u32, 1, 250, 499] {
            let by_label = Template::new().bytes(CKA_LABEL, &i.to_be_bytes());
            let found = session.find(&by_label).expect("C_FindObjects");
            assert_eq!(found.len(), 1);
            session.set(found[0], &Template::new().bytes(CKA_LABEL, b"renamed")).expect("C_SetAttributeValue");
            assert_eq!(session.find(&by_label), Ok(vec![]));
        }
        let renamed = session.find(&Template::new().bytes(CKA_LABEL, b"renamed"));
        assert_eq!(renamed.map(|f| f.len()), Ok(4));
    });
}
