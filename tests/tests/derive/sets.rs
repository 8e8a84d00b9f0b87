//! 6.42: several keys by SP 800-108, all or none.

use crate::{long, value};
use hsm_tests::*;

/// [i] || Label || 0x00 || Context || [L], the sample of 6.42.11.
fn counter(further: Layout, count: usize) -> Mechanism {
    let format = Layout::new().word(false).word(16usize);
    let length = Layout::new().word(CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS).word(false).word(16usize);
    let input = Layout::new()
        .word(CK_SP800_108_ITERATION_VARIABLE)
        .pointer(format)
        .word(16usize)
        .word(CK_SP800_108_BYTE_ARRAY)
        .bytes(b"label\0context")
        .word(CK_SP800_108_DKM_LENGTH)
        .pointer(length)
        .word(24usize);
    let layout = Layout::new().word(CKM_SHA256_HMAC).word(3usize).pointer(input).word(count).pointer(further);
    Mechanism::structure(CKM_SP800_108_COUNTER_KDF, layout)
}

/// What one key of so many bits in all is made of: an HMAC of the i-th input.
fn segment(session: Session<'_>, key: &[u8], i: u16, bits: u16) -> Vec<u8> {
    let input = [&i.to_be_bytes()[..], b"label\0context", &bits.to_be_bytes()].concat();
    session.sign(&Mechanism::bare(CKM_SHA256_HMAC), session.secret_of(key), &input).expect("an HMAC")
}

/// The example of 6.42.8: 48 bytes and 16 are three segments; the second key begins with the third.
#[test]
fn keys_share_no_segment() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let base = session.base_of(b"base key");
        let mut handle = [0 as CK_OBJECT_HANDLE];
        let aes = long(16).ulong(CKA_KEY_TYPE, CKK_AES).bytes(CKA_CLASS, &CKO_SECRET_KEY.to_ne_bytes());
        let mechanism = counter(Layout::new().template(&aes).word(&mut handle), 1);
        let first = value(session, session.derive(&mechanism, base, &long(48)));
        let parts: Vec<_> = (1..=3).map(|i| segment(session, b"base key", i, 512)).collect();
        assert_eq!(first, Ok([&parts[0][..], &parts[1][..16]].concat()));
        let second = Object(handle[0]);
        assert_eq!(session.attribute(second, CKA_VALUE), Ok(parts[2][..16].to_vec()));
        assert_eq!(session.number(second, CKA_KEY_TYPE), Ok(CKK_AES));
    });
}

#[test]
fn all_or_none() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let base = session.base_of(b"base key");
        let mut tally = Tally::new("6.42.8 none of the keys shall be derived");
        for (name, bad, rv) in [
            ("17 bytes of AES", long(17).ulong(CKA_KEY_TYPE, CKK_AES), CKR_KEY_SIZE_RANGE),
            ("no length", Template::shown(), CKR_TEMPLATE_INCOMPLETE),
            ("no such attribute", long(16).ulong(0x7777, 1), CKR_ATTRIBUTE_TYPE_INVALID),
            ("too long", long(1 << 40), CKR_KEY_SIZE_RANGE),
        ] {
            let (mut good, mut guilty) = ([77 as CK_OBJECT_HANDLE], [77 as CK_OBJECT_HANDLE]);
            let further = Layout::new().template(&long(16)).word(&mut good).template(&bad).word(&mut guilty);
            let before = session.find(&Template::new()).expect("a search");
            tally.row(name, session.derive(&counter(further, 2), base, &long(16)), &[rv]);
            tally.equal(format!("{name}: objects"), session.find(&Template::new()), Ok(before));
            tally.equal(format!("{name}: handles"), (good[0], guilty[0]), (77, CK_INVALID_HANDLE));
        }
    });
}

/// 6.42.9: what is left open is as in the base key, and one key's past is enough.
#[test]
fn what_is_inherited() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let none = || counter(Layout::new(), 0);
        let length = Template::new().ulong(CKA_VALUE_LEN, 16);
        let open = session.base_of(b"open");
        let template = length.clone().bool(CKA_SENSITIVE, true).bool(CKA_EXTRACTABLE, false).bool(CKA_DERIVE, true);
        let closed = session.generate(&Mechanism::bare(CKM_GENERIC_SECRET_KEY_GEN), &template).expect("a base key");
        let told =
            |key| [CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE].map(|a| session.flag(key, a));
        let mut tally = Tally::new("6.42.9");
        for (name, base, template, past) in [
            ("open", open, length.clone(), [false, true, false, false]),
            ("open, to be closed", open, length.clone().bool(CKA_SENSITIVE, true), [true, true, false, false]),
            ("closed", closed, length.clone(), [true, false, true, true]),
            ("closed, to be open", closed, long(16), [false, true, false, false]),
        ] {
            let key = session.derive(&none(), base, &template).expect("a key");
            tally.equal(name, told(key), past.map(Ok));
        }
    });
}
