//! 6.62: HKDF, its two steps, its salts, its keys and its data.

use crate::{hkdf, long, value};
use hsm_tests::*;

const PRK: &str = "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5";
const OKM: &str = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";

/// RFC 5869, A.1.
fn salt() -> Vec<u8> {
    hex("000102030405060708090a0b0c")
}

fn info() -> Vec<u8> {
    hex("f0f1f2f3f4f5f6f7f8f9")
}

/// CK_HKDF_PARAMS with a key as salt.
fn salted_by(key: Object) -> Mechanism {
    let layout = Layout::new().word(0x101usize).word(CKM_SHA256).word(CKF_HKDF_SALT_KEY);
    Mechanism::structure(CKM_HKDF_DERIVE, layout.bytes(b"").word(key).bytes(&info()))
}

#[test]
fn steps_together_and_apart() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (base, prk) = (session.base_of(&[0x0b; 22]), session.base_of(&hex(PRK)));
        let data = session.create(&Template::of(CKO_DATA).bytes(CKA_VALUE, &[0x0b; 22])).expect("data");
        let salt_key = session.base_of(&salt());
        let of = |extract, expand| hkdf(CKM_HKDF_DERIVE, extract, expand, &salt(), &info());
        let mut tally = Tally::new("6.62.3 HKDF derive, RFC 5869 A.1");
        for (name, mechanism, base, template, expected) in [
            ("both", of(true, true), base, long(42), Ok(hex(OKM))),
            ("extract", of(true, false), base, Template::shown(), Ok(hex(PRK))),
            ("extract, the hash's length", of(true, false), base, long(32), Ok(hex(PRK))),
            ("extract, another length", of(true, false), base, long(31), refused(CKR_KEY_SIZE_RANGE)),
            ("expand", of(false, true), prk, long(42), Ok(hex(OKM))),
            ("expand, no length", of(false, true), prk, Template::shown(), refused(CKR_TEMPLATE_INCOMPLETE)),
            ("expand, as long as can be", of(false, true), prk, long(255 * 32 + 1), refused(CKR_KEY_SIZE_RANGE)),
            ("neither", of(false, false), base, long(42), refused(CKR_MECHANISM_PARAM_INVALID)),
            ("from data", of(true, true), data, long(42), Ok(hex(OKM))),
            ("salted by a key", salted_by(salt_key), base, long(42), Ok(hex(OKM))),
            ("salted by nothing", salted_by(Object(0)), base, long(42), refused(CKR_KEY_HANDLE_INVALID)),
            (
                "from an AES key",
                of(true, true),
                session.create(&aes()).expect("AES"),
                long(42),
                refused(CKR_KEY_TYPE_INCONSISTENT),
            ),
        ] {
            tally.equal(name, value(session, session.derive(&mechanism, base, &template)), expected);
        }
    });
}

fn aes() -> Template {
    Template::key(CKO_SECRET_KEY, CKK_AES).bytes(CKA_VALUE, &[1; 16]).bool(CKA_DERIVE, true)
}

#[test]
fn data_come_of_it_too() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let base = session.base_of(&[0x0b; 22]);
        let mechanism = hkdf(CKM_HKDF_DATA, true, true, &salt(), &info());
        let length = Template::new().ulong(CKA_VALUE_LEN, 42);
        let data = session.derive(&mechanism, base, &length.clone().bytes(CKA_LABEL, b"iv")).expect("data");
        assert_eq!(session.attribute(data, CKA_VALUE), Ok(hex(OKM)));
        assert_eq!(session.number(data, CKA_CLASS), Ok(CKO_DATA));
        assert_eq!(session.attribute(data, CKA_LABEL), Ok(b"iv".to_vec()));
        let mut tally = Tally::new("6.62.4 HKDF data");
        tally.row("said to be data", session.derive(&mechanism, base, &length.clone().ulong(CKA_CLASS, CKO_DATA)), &[CKR_OK]);
        let secret = length.clone().ulong(CKA_CLASS, CKO_SECRET_KEY).ulong(CKA_KEY_TYPE, CKK_AES);
        tally.row("said to be a key", session.derive(&mechanism, base, &secret), &[CKR_TEMPLATE_INCONSISTENT]);
        tally.row("no length", session.derive(&mechanism, base, &Template::new()), &[CKR_TEMPLATE_INCOMPLETE]);
        let valued = length.bytes(CKA_VALUE, b"mine");
        tally.row("a value", session.derive(&mechanism, base, &valued), &[CKR_TEMPLATE_INCONSISTENT]);
    });
}

#[test]
fn keys_for_it() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let generate = Mechanism::bare(CKM_HKDF_KEY_GEN);
        let key = session.generate(&generate, &long(32)).expect("an HKDF key");
        assert_eq!(session.number(key, CKA_KEY_TYPE), Ok(CKK_HKDF));
        assert_eq!(session.number(key, CKA_KEY_GEN_MECHANISM), Ok(CKM_HKDF_KEY_GEN));
        assert_eq!(session.flag(key, CKA_LOCAL), Ok(true));
        let mechanism = hkdf(CKM_HKDF_DERIVE, true, true, &salt(), &info());
        let same = session.base_of(&session.attribute(key, CKA_VALUE).expect("its value"));
        let (one, two) = (session.derive(&mechanism, key, &long(42)), session.derive(&mechanism, same, &long(42)));
        assert_eq!(value(session, one), value(session, two));
        let next = session.derive(&mechanism, key, &long(32).ulong(CKA_KEY_TYPE, CKK_HKDF)).expect("another HKDF key");
        assert!(session.derive(&mechanism, next, &long(16)).is_ok());
        let got = session.generate(&generate, &Template::shown());
        assert_eq!(got.err(), Some(Rv(CKR_TEMPLATE_INCOMPLETE)));
    });
}
