//! 5.7.5: C_GetAttributeValue: each attribute has its own answer, and the call the worst of them.

use crate::aes_template;
use hsm_tests::*;

const MANY: &[CK_ATTRIBUTE_TYPE] = &[CKA_LABEL, CKA_VALUE, CKA_MODULUS, CKA_ID, 0x7fff_1234, CKA_ENCRYPT];

/// "If case 1, 2 or 5 applies to any, the call returns that; the others are processed": lengths of all that have one.
#[test]
fn others_are_filled_in() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let template = aes_template().bool(CKA_SENSITIVE, true).bool(CKA_ENCRYPT, true);
        let template = template.bytes(CKA_LABEL, b"label").bytes(CKA_ID, b"id");
        let key = session.create(&template).expect("a key");
        let no = CK_UNAVAILABLE_INFORMATION;
        for slots in
            [MANY.iter().map(|a| Slot::Length(*a)).collect::<Vec<_>>(), MANY.iter().map(|a| Slot::Room(*a, 64)).collect()]
        {
            let got = session.attributes(key, &slots);
            assert!([Rv(CKR_ATTRIBUTE_SENSITIVE), Rv(CKR_ATTRIBUTE_TYPE_INVALID)].contains(&got.rv), "{:?}", got.rv);
            assert_eq!(got.lengths, [5, no, no, 2, no, 1], "{slots:?}");
        }
        let slots: Vec<Slot> = MANY.iter().map(|a| Slot::Room(*a, 64)).collect();
        let got = session.attributes(key, &slots);
        assert_eq!(
            (got.values[0].as_slice(), got.values[3].as_slice(), got.values[5].as_slice()),
            (&b"label"[..], &b"id"[..], &[1][..])
        );
    });
}

#[test]
fn each_reason_has_its_code() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.create(&aes_template().bytes(CKA_LABEL, b"label")).expect("a key");
        let mut tally = Tally::new("5.7.5 C_GetAttributeValue");
        let mut row = |name: &str, slots: &[Slot], rv, lengths: &[CK_ULONG]| {
            let got = session.attributes(key, slots);
            tally.row(name, got.rv, &[rv]);
            tally.equal(name, got.lengths.as_slice(), lengths);
        };
        let no = CK_UNAVAILABLE_INFORMATION;
        row("nothing", &[], CKR_OK, &[]);
        row("a length", &[Slot::Length(CKA_LABEL)], CKR_OK, &[5]);
        row("exact room", &[Slot::Room(CKA_LABEL, 5)], CKR_OK, &[5]);
        row("more room", &[Slot::Room(CKA_LABEL, 50)], CKR_OK, &[5]);
        row("less room", &[Slot::Room(CKA_LABEL, 4)], CKR_BUFFER_TOO_SMALL, &[no]);
        row("no room", &[Slot::Room(CKA_LABEL, 0)], CKR_BUFFER_TOO_SMALL, &[no]);
        row("not of this class", &[Slot::Length(CKA_MODULUS)], CKR_ATTRIBUTE_TYPE_INVALID, &[no]);
        row("of no class", &[Slot::Length(0x7fff_1234)], CKR_ATTRIBUTE_TYPE_INVALID, &[no]);
        row("the same twice", &[Slot::Room(CKA_LABEL, 5), Slot::Room(CKA_LABEL, 5)], CKR_OK, &[5, 5]);
        row("short and good", &[Slot::Room(CKA_LABEL, 2), Slot::Room(CKA_CLASS, 8)], CKR_BUFFER_TOO_SMALL, &[no, 8]);
        row("an empty one", &[Slot::Room(CKA_ID, 10)], CKR_OK, &[0]);
    });
}

/// Defaults of the tables in 4.4, 4.8 and 4.11 for a key made of a value.
#[test]
fn defaults_of_a_secret_key() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let bare = Template::key(CKO_SECRET_KEY, CKK_AES).bytes(CKA_VALUE, &[1; 16]);
        let key = session.create(&bare).expect("a key");
        let mut tally = Tally::new("default values");
        for (name, attribute, want) in [
            ("TOKEN", CKA_TOKEN, false),
            ("MODIFIABLE", CKA_MODIFIABLE, true),
            ("COPYABLE", CKA_COPYABLE, true),
            ("DESTROYABLE", CKA_DESTROYABLE, true),
            ("DERIVE", CKA_DERIVE, false),
            ("LOCAL", CKA_LOCAL, false),
            ("WRAP_WITH_TRUSTED", CKA_WRAP_WITH_TRUSTED, false),
            ("TRUSTED", CKA_TRUSTED, false),
            ("ALWAYS_SENSITIVE", CKA_ALWAYS_SENSITIVE, false),
            ("NEVER_EXTRACTABLE", CKA_NEVER_EXTRACTABLE, false),
        ] {
            tally.equal(name, session.flag(key, attribute), Ok(want));
        }
        for (name, attribute) in
            [("LABEL", CKA_LABEL), ("ID", CKA_ID), ("START_DATE", CKA_START_DATE), ("END_DATE", CKA_END_DATE)]
        {
            tally.equal(name, session.attribute(key, attribute), Ok(vec![]));
        }
        tally.equal("CLASS", session.number(key, CKA_CLASS), Ok(CKO_SECRET_KEY));
        tally.equal("KEY_TYPE", session.number(key, CKA_KEY_TYPE), Ok(CKK_AES));
        tally.equal("VALUE_LEN", session.number(key, CKA_VALUE_LEN), Ok(16));
        let made_by = session.number(key, CKA_KEY_GEN_MECHANISM);
        tally.equal("KEY_GEN_MECHANISM", made_by, Ok(CK_UNAVAILABLE_INFORMATION));
        let unique = session.attribute(key, CKA_UNIQUE_ID);
        tally.check("UNIQUE_ID", unique.as_ref().is_ok_and(|id| !id.is_empty()), format_args!("{unique:?}"));
        let other = session.create(&bare).expect("a key");
        tally.check("UNIQUE_ID", session.attribute(other, CKA_UNIQUE_ID) != unique, "not unique");
        tally.check("size", session.size(key).is_ok_and(|n| n > 0), "C_GetObjectSize");
    });
}
