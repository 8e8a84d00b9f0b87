//! 6.3.8, 6.3.9 and 6.3.13: keys on Curve25519, their forms, defaults and travels.

use hsm_tests::*;

const POINT: &str = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
const SCALAR: &str = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";

/// The curve by each of its names, the point in each of its forms: what is kept is one.
#[test]
fn forms() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.3.8 Montgomery public keys");
        let older = hex("060a2b060104019755010501");
        let names = [b"curve25519".as_slice(), b"X25519", b"x25519"].map(|name| der(0x13, &[name]));
        let bare = hex(POINT);
        for params in [oid::X25519.to_vec(), older].into_iter().chain(names) {
            for point in [bare.clone(), der(4, &[&bare]), der(3, &[&[0], &bare])] {
                let template = Template::key(CKO_PUBLIC_KEY, CKK_EC_MONTGOMERY);
                let key = session.create(&template.bytes(CKA_EC_PARAMS, &params).bytes(CKA_EC_POINT, &point)).expect("a key");
                tally.equal(format!("{params:x?}"), session.attribute(key, CKA_EC_PARAMS), Ok(oid::X25519.to_vec()));
                tally.equal(format!("{point:x?}"), session.attribute(key, CKA_EC_POINT), Ok(der(4, &[&bare])));
            }
        }
        let make = |params: &[u8], point: &[u8]| {
            let template = Template::key(CKO_PUBLIC_KEY, CKK_EC_MONTGOMERY).bytes(CKA_EC_PARAMS, params);
            session.create(&template.bytes(CKA_EC_POINT, point))
        };
        let curve = [CKR_CURVE_NOT_SUPPORTED];
        tally.row("X448", make(&[6, 3, 0x2b, 0x65, 0x6f], &[9; 56]), &curve);
        tally.row("Ed25519", make(oid::ED25519, &bare), &curve);
        tally.row("P-256", make(oid::P256, &bare), &curve);
        tally.row("no curve", make(&[0xff; 5], &bare), &[CKR_DOMAIN_PARAMS_INVALID]);
        tally.row("a short point", make(oid::X25519, &bare[1..]), &[CKR_ATTRIBUTE_VALUE_INVALID]);
        let pair = |mechanism, params| {
            let public = Template::new().bytes(CKA_EC_PARAMS, params);
            session.generate_pair(&Mechanism::bare(mechanism), &public, &Template::new())
        };
        tally.row("generate by EC", pair(CKM_EC_KEY_PAIR_GEN, oid::X25519), &curve);
        tally.row("generate by Edwards", pair(CKM_EC_EDWARDS_KEY_PAIR_GEN, oid::X25519), &curve);
        tally.row("generate Ed25519", pair(CKM_EC_MONTGOMERY_KEY_PAIR_GEN, oid::ED25519), &curve);
    });
}

/// Such a key derives and does nothing else, unless its template says otherwise.
#[test]
fn defaults() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let public = Template::new().bytes(CKA_EC_PARAMS, oid::X25519);
        let pair = session.generate_pair(&Mechanism::bare(CKM_EC_MONTGOMERY_KEY_PAIR_GEN), &public, &Template::new());
        let (public, private) = pair.expect("a pair");
        let mut tally = Tally::new("6.3.13");
        for (name, key, attribute, value) in [
            ("derives", private, CKA_DERIVE, true),
            ("signs", private, CKA_SIGN, false),
            ("verifies", public, CKA_VERIFY, false),
            ("sensitive", private, CKA_SENSITIVE, true),
            ("local", private, CKA_LOCAL, true),
            ("never extractable", private, CKA_NEVER_EXTRACTABLE, true),
        ] {
            tally.equal(name, session.flag(key, attribute), Ok(value));
        }
        tally.equal("type", session.number(private, CKA_KEY_TYPE), Ok(CKK_EC_MONTGOMERY));
        tally.equal("mechanism", session.number(private, CKA_KEY_GEN_MECHANISM), Ok(CKM_EC_MONTGOMERY_KEY_PAIR_GEN));
        tally.row("value", session.attribute(private, CKA_VALUE), &[CKR_ATTRIBUTE_SENSITIVE]);
    });
}

/// PKCS #8 by RFC 8410: the very bytes, and back.
#[test]
fn travel_as_pkcs8() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.ec_private(CKK_EC_MONTGOMERY, oid::X25519, &hex(SCALAR));
        let with = session.aes(32);
        let kwp = Mechanism::bare(CKM_AES_KEY_WRAP_KWP);
        let wrapped = session.wrap(&kwp, with, key).expect("C_WrapKey");
        let open = Template::new().bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true);
        let bytes = session.unwrap(&kwp, with, &wrapped, &Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).with(&open));
        let expected = [hex("302e020100300506032b656e04220420"), hex(SCALAR)].concat();
        assert_eq!(bytes.and_then(|key| session.attribute(key, CKA_VALUE)), Ok(expected));
        let back = session.unwrap(&kwp, with, &wrapped, &Template::key(CKO_PRIVATE_KEY, CKK_EC_MONTGOMERY).with(&open));
        assert_eq!(back.and_then(|key| session.attribute(key, CKA_VALUE)), Ok(hex(SCALAR)));
        let edwards = session.unwrap(&kwp, with, &wrapped, &Template::key(CKO_PRIVATE_KEY, CKK_EC_EDWARDS));
        assert_eq!(Rv::from(edwards), Rv(CKR_TEMPLATE_INCONSISTENT));
    });
}
