//! 4.1.1: creating objects: templates that are incomplete, inconsistent or invalid.

use crate::aes_template;
use hsm_tests::*;

/// "If more than one of the situations applies, the error code can be any of the error codes."
const INCOMPLETE: &[CK_RV] = &[CKR_TEMPLATE_INCOMPLETE];
const INCONSISTENT: &[CK_RV] = &[CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID, CKR_ATTRIBUTE_TYPE_INVALID];
const INVALID: &[CK_RV] = &[CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT];
const KEY_SIZE: &[CK_RV] = &[CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT, CKR_KEY_SIZE_RANGE];

#[test]
fn templates() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let aes = aes_template;
        let (data, ec) = (Template::of(CKO_DATA), Template::key(CKO_PUBLIC_KEY, CKK_EC));
        let rsa = Template::key(CKO_PUBLIC_KEY, CKK_RSA);
        let mut tally = Tally::new("4.1.1 C_CreateObject");
        let cases: Vec<(&str, Template, &[CK_RV])> = vec![
            ("nothing", Template::new(), INCOMPLETE),
            ("no class", Template::new().bytes(CKA_LABEL, b"x"), INCOMPLETE),
            ("a key without a type", aes().without(CKA_KEY_TYPE), INCOMPLETE),
            ("a key without a value", aes().without(CKA_VALUE), INCOMPLETE),
            ("an RSA key without a modulus", rsa.clone().bytes(CKA_PUBLIC_EXPONENT, &[1, 0, 1]), INCOMPLETE),
            ("an EC key without a point", ec.clone().bytes(CKA_EC_PARAMS, oid::P256), INCOMPLETE),
            ("an EC key without a curve", ec.clone().bytes(CKA_EC_POINT, &[4; 67]), INCOMPLETE),
            ("a class that is none", Template::of(0x1234), INVALID),
            (
                "a key type that is none",
                aes().ulong(CKA_KEY_TYPE, 0x1234),
                &[CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT, CKR_TEMPLATE_INCOMPLETE],
            ),
            ("a class of the wrong size", Template::new().bytes(CKA_CLASS, &[0]), INVALID),
            ("a key type of the wrong size", aes().bytes(CKA_KEY_TYPE, &[31, 0, 0]), INVALID),
            ("a CK_BBOOL of no bytes", aes().bytes(CKA_ENCRYPT, &[]), INVALID),
            ("a CK_BBOOL of two bytes", aes().bytes(CKA_ENCRYPT, &[1, 0]), INVALID),
            ("a CK_BBOOL of a CK_ULONG", aes().ulong(CKA_ENCRYPT, 1), INVALID),
            ("an attribute of no class", aes().bytes(0x7fff_1234, b"x"), &[CKR_ATTRIBUTE_TYPE_INVALID]),
            ("a key's attribute on data", data.clone().bool(CKA_ENCRYPT, true), INCONSISTENT),
            ("a modulus on an AES key", aes().bytes(CKA_MODULUS, &[1; 256]), INCONSISTENT),
            (
                "two values of one attribute",
                aes().bytes(CKA_LABEL, b"one").again(CKA_LABEL, b"two"),
                &[CKR_TEMPLATE_INCONSISTENT],
            ),
            (
                "the same value twice",
                aes().bytes(CKA_LABEL, b"one").again(CKA_LABEL, b"one"),
                &[CKR_OK, CKR_TEMPLATE_INCONSISTENT],
            ),
            ("AES of 1 byte", aes().bytes(CKA_VALUE, &[1]), KEY_SIZE),
            ("AES of 17 bytes", aes().bytes(CKA_VALUE, &[1; 17]), KEY_SIZE),
            (
                "AES of no bytes",
                aes().bytes(CKA_VALUE, &[]),
                &[CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT, CKR_KEY_SIZE_RANGE, CKR_TEMPLATE_INCOMPLETE],
            ),
            ("AES of 24 bytes", aes().bytes(CKA_VALUE, &[1; 24]), &[CKR_OK]),
            ("data of a class alone", data.clone(), &[CKR_OK]),
            ("an empty label", data.clone().bytes(CKA_LABEL, b""), &[CKR_OK]),
            ("a big value", data.bytes(CKA_VALUE, &[7; 100_000]), &[CKR_OK]),
        ];
        for (name, template, allowed) in cases {
            tally.row(name, session.create(&template), allowed);
        }
        tally.row("nothing was left behind", session.find(&Template::new().bytes(CKA_LABEL, b"two")), &[CKR_OK]);
    });
}

/// 6.3.3 and DESIGN 4.11: curves that are not, points off the curve: refused when the key is made.
#[test]
fn malformed_curves_and_points() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let refusals = [
            CKR_ATTRIBUTE_VALUE_INVALID,
            CKR_TEMPLATE_INCONSISTENT,
            CKR_CURVE_NOT_SUPPORTED,
            CKR_DOMAIN_PARAMS_INVALID,
            CKR_PUBLIC_KEY_INVALID,
        ];
        let off_the_curve: Vec<u8> = [0x04, 65, 4].into_iter().chain([9; 64]).collect();
        let mut tally = Tally::new("6.3.3 EC public keys");
        for (name, curve, point) in [
            ("an empty curve", &[][..], &off_the_curve[..]),
            ("a truncated OID", &oid::P256[..5], &off_the_curve),
            ("a length beyond the end", &[0x06, 0x7f, 0x2a], &off_the_curve),
            ("an unknown OID", &[0x06, 0x03, 0x2a, 0x03, 0x04], &off_the_curve),
            ("rubbish", &[0xff; 30], &off_the_curve),
            ("a point off the curve", oid::P256, &off_the_curve),
            ("an empty point", oid::P256, &[]),
            ("the point at infinity", oid::P256, &[0x04, 0x01, 0x00]),
            ("a truncated point", oid::P256, &off_the_curve[..20]),
            ("a point that claims more", oid::P256, &[0x04, 0x82, 0xff, 0xff, 0x04]),
        ] {
            let key = Template::key(CKO_PUBLIC_KEY, CKK_EC).bytes(CKA_EC_PARAMS, curve);
            tally.row(name, session.create(&key.bytes(CKA_EC_POINT, point)), &refusals);
        }
        for curve in [&oid::P256[..5], &[], &[0x06, 0x03, 0x2a, 0x03, 0x04], &[0xff; 30]] {
            let public = Template::new().bytes(CKA_EC_PARAMS, curve).bool(CKA_VERIFY, true);
            let made = session.generate_pair(&Mechanism::bare(CKM_EC_KEY_PAIR_GEN), &public, &Template::new());
            tally.row(format!("generate on {curve:x?}"), made, &refusals);
        }
    });
}

/// 5.18.1 and 5.18.2: what the generating functions demand and refuse.
#[test]
fn generation_templates() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let aes = Mechanism::bare(CKM_AES_KEY_GEN);
        let size = Template::new().ulong(CKA_VALUE_LEN, 32);
        let refusals =
            [CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID, CKR_ATTRIBUTE_READ_ONLY, CKR_ATTRIBUTE_TYPE_INVALID];
        let sizes = [CKR_KEY_SIZE_RANGE, CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT];
        let mut tally = Tally::new("5.18.1 C_GenerateKey");
        tally.row("no length", session.generate(&aes, &Template::new()), INCOMPLETE);
        for length in [0, 15, 33, 1 << 40] {
            let template = Template::new().ulong(CKA_VALUE_LEN, length);
            tally.row(format!("{length} bytes"), session.generate(&aes, &template), &sizes);
        }
        let with = |t: Template| session.generate(&aes, &size.clone().with(&t));
        tally.row("a value", with(Template::new().bytes(CKA_VALUE, &[1; 32])), &refusals);
        tally.row("another class", with(Template::of(CKO_PUBLIC_KEY)), &refusals);
        tally.row("another type", with(Template::new().ulong(CKA_KEY_TYPE, CKK_RSA)), &refusals);
        tally.row("its own class and type", with(Template::key(CKO_SECRET_KEY, CKK_AES)), &[CKR_OK]);
        tally.row("a pair's mechanism", session.generate(&Mechanism::bare(CKM_EC_KEY_PAIR_GEN), &size), &[CKR_MECHANISM_INVALID]);
        tally.row("a digest", session.generate(&Mechanism::bare(CKM_SHA256), &size), &[CKR_MECHANISM_INVALID]);
        let rsa = Mechanism::bare(CKM_RSA_PKCS_KEY_PAIR_GEN);
        let pair = |t: &Template| session.generate_pair(&rsa, t, &Template::new());
        tally.row("RSA without bits", pair(&Template::new()), INCOMPLETE);
        for bits in [0, 512, 1023, 100_000] {
            let bits = Template::new().ulong(CKA_MODULUS_BITS, bits).bytes(CKA_PUBLIC_EXPONENT, &[1, 0, 1]);
            tally.row("RSA of odd size", pair(&bits), &sizes);
        }
        let even = Template::new().ulong(CKA_MODULUS_BITS, 2048).bytes(CKA_PUBLIC_EXPONENT, &[4]);
        tally.row("an even exponent", pair(&even), &[CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT]);
        for exponent in [&[3][..], &[17], &[1, 0, 1], &[0xff; 32]] {
            let template = Template::new().ulong(CKA_MODULUS_BITS, 1024).bytes(CKA_PUBLIC_EXPONENT, exponent);
            let made = pair(&template);
            let kept = made.and_then(|(public, _)| session.attribute(public, CKA_PUBLIC_EXPONENT));
            tally.equal(format!("the exponent {exponent:x?}"), kept, Ok(exponent.to_vec()));
            let pkcs1 = Mechanism::bare(CKM_SHA256_RSA_PKCS);
            let verified = made
                .and_then(|(public, private)| session.verify(&pkcs1, public, b"data", &session.sign(&pkcs1, private, b"data")?));
            tally.row(format!("signatures with {exponent:x?}"), verified, &[CKR_OK]);
        }
        for exponent in [&[1][..], &[1; 33]] {
            let template = Template::new().ulong(CKA_MODULUS_BITS, 1024).bytes(CKA_PUBLIC_EXPONENT, exponent);
            tally.row(
                format!("the exponent {exponent:x?}"),
                pair(&template),
                &[CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT],
            );
        }
        let plain = Template::new().ulong(CKA_MODULUS_BITS, 2048);
        tally.row("the usual exponent", pair(&plain), &[CKR_OK]);
    });
}

/// Lengths were once cut to 32 bits on their way to the file: a label of 4 GiB and a little made attributes of its own.
#[test]
fn values_too_large() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let refusals = [CKR_ATTRIBUTE_VALUE_INVALID, CKR_DEVICE_MEMORY, CKR_HOST_MEMORY].map(Rv);
        for length in [(16 << 20) + 1, (1 << 32) + 16_usize] {
            for attribute in [CKA_LABEL, CKA_VALUE] {
                // Zeroed pages that nobody reads take no memory.
                let data = Template::of(CKO_DATA).bool(CKA_TOKEN, true).owned(attribute, vec![0; length]);
                let got = Rv::from(session.create(&data));
                assert!(refusals.contains(&got), "{attribute:#x} of {length} bytes: {got:?}");
            }
        }
        assert_eq!(session.find(&Template::new()), Ok(vec![]));
    });
}
