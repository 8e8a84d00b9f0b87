//! 6.43: joining, XORing and cutting keys; the examples are the standard's.

use crate::{long, value, with_data};
use hsm_tests::*;

#[test]
fn the_standards_examples() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (base, other) = (session.base_of(&hex("01234567")), session.base_of(&hex("89abcdef")));
        let cut = session.base_of(&hex("329f84a9"));
        let data = hex("89abcdef");
        let and_key = Mechanism::structure(CKM_CONCATENATE_BASE_AND_KEY, Layout::new().word(other));
        let extract = |bit: usize| Mechanism::words(CKM_EXTRACT_KEY_FROM_KEY, &[bit]);
        let mut tally = Tally::new("6.43 examples");
        for (name, mechanism, base, template, expected) in [
            ("BASE_AND_KEY", and_key.clone(), base, Template::shown(), Ok(hex("0123456789abcdef"))),
            (
                "BASE_AND_DATA",
                with_data(CKM_CONCATENATE_BASE_AND_DATA, &data),
                base,
                Template::shown(),
                Ok(hex("0123456789abcdef")),
            ),
            (
                "DATA_AND_BASE",
                with_data(CKM_CONCATENATE_DATA_AND_BASE, &data),
                base,
                Template::shown(),
                Ok(hex("89abcdef01234567")),
            ),
            ("XOR", with_data(CKM_XOR_BASE_AND_DATA, &data), base, Template::shown(), Ok(hex("88888888"))),
            ("XOR, the shorter counts", with_data(CKM_XOR_BASE_AND_DATA, &data[..3]), base, Template::shown(), Ok(hex("888888"))),
            ("EXTRACT, bit 21", extract(21), cut, long(2), Ok(hex("9526"))),
            ("EXTRACT, bit 0", extract(0), cut, long(4), Ok(hex("329f84a9"))),
            ("EXTRACT, the last bit", extract(31), cut, long(4), Ok(hex("994fc254"))),
            ("EXTRACT, beyond", extract(32), cut, long(2), refused(CKR_MECHANISM_PARAM_INVALID)),
            ("EXTRACT, no length", extract(0), cut, Template::shown(), refused(CKR_TEMPLATE_INCOMPLETE)),
            ("EXTRACT, too long", extract(0), cut, long(5), refused(CKR_KEY_SIZE_RANGE)),
            ("BASE_AND_KEY, its beginning", and_key.clone(), base, long(5), Ok(hex("0123456789"))),
            ("BASE_AND_KEY, too long", and_key, base, long(9), refused(CKR_KEY_SIZE_RANGE)),
            ("XOR, too long", with_data(CKM_XOR_BASE_AND_DATA, &data), base, long(5), refused(CKR_KEY_SIZE_RANGE)),
        ] {
            tally.equal(name, value(session, session.derive(&mechanism, base, &template)), expected);
        }
    });
}

#[test]
fn types_and_lengths() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let base = session.base_of(&[7; 16]);
        let mechanism = with_data(CKM_CONCATENATE_BASE_AND_DATA, &[9; 16]);
        let of = |key_type| long(32).ulong(CKA_KEY_TYPE, key_type);
        let mut tally = Tally::new("6.43 key types");
        for (name, template, key_type, rv) in [
            ("nothing said", Template::shown(), CKK_GENERIC_SECRET, CKR_OK),
            ("a generic secret", of(CKK_GENERIC_SECRET), CKK_GENERIC_SECRET, CKR_OK),
            ("an AES key", of(CKK_AES), CKK_AES, CKR_OK),
            ("an AES key of 17 bytes", of(CKK_AES).ulong(CKA_VALUE_LEN, 17), 0, CKR_KEY_SIZE_RANGE),
            ("a secret of all there could be", long(usize::MAX), 0, CKR_KEY_SIZE_RANGE),
            ("an RSA key", of(CKK_RSA), 0, CKR_TEMPLATE_INCONSISTENT),
            ("a public key", of(CKK_RSA).ulong(CKA_CLASS, CKO_PUBLIC_KEY), 0, CKR_TEMPLATE_INCONSISTENT),
            ("with a value", Template::shown().bytes(CKA_VALUE, &[1; 32]), 0, CKR_TEMPLATE_INCONSISTENT),
        ] {
            let derived = session.derive(&mechanism, base, &template);
            tally.row(name, derived, &[rv]);
            if let Ok(key) = derived {
                tally.equal(name, session.number(key, CKA_KEY_TYPE), Ok(key_type));
                tally.equal(name, session.flag(key, CKA_LOCAL), Ok(false));
                tally.equal(name, session.number(key, CKA_KEY_GEN_MECHANISM), Ok(CK_UNAVAILABLE_INFORMATION));
            }
        }
        let public = session.rsa(1024).public;
        tally.row("from a public key", session.derive(&mechanism, public, &Template::shown()), &[CKR_KEY_FUNCTION_NOT_PERMITTED]);
        let data = session.create(&Template::of(CKO_DATA).bytes(CKA_VALUE, b"data")).expect("data");
        tally.row("from data", session.derive(&mechanism, data, &Template::shown()), &[CKR_KEY_HANDLE_INVALID]);
        tally.row("from nothing", session.derive(&mechanism, Object(0), &Template::shown()), &[CKR_KEY_HANDLE_INVALID]);
    });
}
