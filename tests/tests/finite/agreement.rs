//! 6.4.10, 6.4.14: what two parties agree on.

use crate::private_of;
use hsm_tests::*;

fn pkcs_3(public: &[u8]) -> Mechanism {
    Mechanism::bytes(CKM_DH_PKCS_DERIVE, public)
}

/// CK_X9_42_DH1_DERIVE_PARAMS, which is laid out as CK_ECDH1_DERIVE_PARAMS is.
fn x9_42(kdf: CK_X9_42_DH_KDF_TYPE, info: &[u8], public: &[u8]) -> Mechanism {
    Mechanism::ecdh(CKM_X9_42_DH_DERIVE, kdf, info, public)
}

/// The value of a generic secret that is derived.
fn secret(session: Session<'_>, mechanism: &Mechanism, key: Object, len: Option<CK_ULONG>) -> Answer<Vec<u8>> {
    let template = Template::key(CKO_SECRET_KEY, CKK_GENERIC_SECRET).bool(CKA_SENSITIVE, false).bool(CKA_EXTRACTABLE, true);
    let template = len.iter().fold(template, |t, len| t.ulong(CKA_VALUE_LEN, *len));
    session.attribute(session.derive(mechanism, key, &template)?, CKA_VALUE)
}

/// RFC 5114, A.1. "The truncation removes bytes from the leading end of the secret value."
#[test]
fn vectors() {
    on_each(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("6.4.10 PKCS #3 key derivation");
        for (ours, theirs) in [(OF_A[0], OF_B[1]), (OF_B[0], OF_A[1])] {
            let key = private_of(session, CKK_DH, ours).expect("a key");
            let agreed = |len| secret(session, &pkcs_3(&hex(theirs)), key, Some(len));
            tally.equal("all of it", agreed(128), Ok(hex(AGREED)));
            tally.equal("its end", agreed(16), Ok(hex(&AGREED[224..])));
        }
    });
}

#[test]
fn of_pkcs_3() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("6.4.10 PKCS #3 key derivation");
        let key = private_of(session, CKK_DH, OF_A[0]).expect("a key");
        let theirs = pkcs_3(&hex(OF_B[1]));
        tally.equal("no length", secret(session, &theirs, key, None), Ok(hex(AGREED)));
        tally.row("longer than the secret", secret(session, &theirs, key, Some(129)), &[CKR_KEY_SIZE_RANGE]);
        let template = |key_type| Template::key(CKO_SECRET_KEY, key_type).with(&Template::shown());
        let des3 = session.derive(&theirs, key, &template(CKK_DES3)).and_then(|key| session.attribute(key, CKA_VALUE));
        tally.check("DES3 has a length of its own", des3.as_ref().is_ok_and(|value| value.len() == 24), format!("{des3:?}"));
        let aes = template(CKK_AES).ulong(CKA_VALUE_LEN, 32);
        let aes = session.derive(&theirs, key, &aes).and_then(|key| session.attribute(key, CKA_VALUE));
        tally.equal("AES", aes, Ok(hex(&AGREED[192..])));
        let short = secret(session, &pkcs_3(&[2]), private_of(session, CKK_DH, "03").expect("a key"), None);
        tally.equal("leading zeros are kept", short, Ok([vec![0; 127], vec![8]].concat()));
        let wrong = private_of(session, CKK_X9_42_DH, OF_A[0]).expect("a key");
        tally.row("a key of X9.42", secret(session, &theirs, wrong, None), &[CKR_KEY_TYPE_INCONSISTENT]);
        let ec = session.ec_private(CKK_EC, oid::P256, &[7; 32]);
        tally.row("a key of an elliptic curve", secret(session, &theirs, ec, None), &[CKR_KEY_TYPE_INCONSISTENT]);
    });
}

/// RFC 2631, 2.1.2 (by hashlib, on what RFC 5114 agrees on), with the OtherInfo of its example, 2.1.6.
#[test]
fn of_x9_42() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("6.4.14 X9.42 key derivation");
        let (key, theirs, info) = (private_of(session, CKK_X9_42_DH, OF_A[0]).expect("a key"), hex(OF_B[1]), hex(OTHER_INFO));
        for (name, kdf, info, expected) in [
            ("CKD_SHA1_KDF_ASN1", CKD_SHA1_KDF_ASN1, &info[..], BY_ASN1),
            ("CKD_SHA1_KDF_CONCATENATE", CKD_SHA1_KDF_CONCATENATE, b"info", CONCATENATED),
            ("CKD_SHA1_KDF_CONCATENATE without info", CKD_SHA1_KDF_CONCATENATE, b"", CONCATENATED_BARE),
        ] {
            let mechanism = x9_42(kdf, info, &theirs);
            tally.equal(name, secret(session, &mechanism, key, Some(33)), Ok(hex(expected)));
            tally.equal(format!("{name}: cut"), secret(session, &mechanism, key, Some(5)), Ok(hex(&expected[..10])));
            tally.row(format!("{name}: no length"), secret(session, &mechanism, key, None), &[CKR_TEMPLATE_INCOMPLETE]);
            tally.row(format!("{name}: 1 TiB"), secret(session, &mechanism, key, Some(1 << 40)), &[CKR_KEY_SIZE_RANGE]);
        }
        let null = x9_42(CKD_NULL, b"", &theirs);
        tally.equal("CKD_NULL", secret(session, &null, key, None), Ok(hex(AGREED)));
        tally.equal("CKD_NULL: its end", secret(session, &null, key, Some(16)), Ok(hex(&AGREED[224..])));
        let long = [&[0x30, 0x82, 1, 0][..], &[0; 255]].concat();
        for (name, mechanism) in [
            ("CKD_NULL with info", x9_42(CKD_NULL, b"info", &theirs)),
            ("no such function", x9_42(CKD_SHA256_KDF, b"", &theirs)),
            ("no OtherInfo", x9_42(CKD_SHA1_KDF_ASN1, b"", &theirs)),
            ("no DER", x9_42(CKD_SHA1_KDF_ASN1, b"info", &theirs)),
            ("half an OtherInfo", x9_42(CKD_SHA1_KDF_ASN1, &info[..20], &theirs)),
            ("more than an OtherInfo", x9_42(CKD_SHA1_KDF_ASN1, &[&info[..], &[0]].concat(), &theirs)),
            ("a length beyond the end", x9_42(CKD_SHA1_KDF_ASN1, &long, &theirs)),
            (
                "a long counter",
                x9_42(CKD_SHA1_KDF_ASN1, &der(0x30, &[&der(0x30, &[&[6, 1, 42], &[4, 5, 0, 0, 0, 0, 1]])]), &theirs),
            ),
            ("nothing", Mechanism::bare(CKM_X9_42_DH_DERIVE)),
            ("a short structure", Mechanism::words(CKM_X9_42_DH_DERIVE, &[CKD_NULL as usize, 0, 0])),
            ("a NULL public value", Mechanism::words(CKM_X9_42_DH_DERIVE, &[CKD_NULL as usize, 0, 0, 128, 0])),
            ("NULL info", Mechanism::words(CKM_X9_42_DH_DERIVE, &[CKD_SHA1_KDF_CONCATENATE as usize, 9, 0, 0, 0])),
        ] {
            tally.row(name, secret(session, &mechanism, key, Some(16)), &[CKR_MECHANISM_PARAM_INVALID]);
        }
        let wrong = private_of(session, CKK_DH, OF_A[0]).expect("a key");
        tally.row("a key of PKCS #3", secret(session, &null, wrong, None), &[CKR_KEY_TYPE_INCONSISTENT]);
    });
}

#[test]
fn values_that_nobody_honest_sends() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let [dh, dhx] = [CKK_DH, CKK_X9_42_DH].map(|key_type| private_of(session, key_type, OF_A[0]).expect("a key"));
        let p = hex(PRIME);
        let near = |step: i8| [&p[..127], &[p[127].wrapping_add_signed(step)]].concat();
        let mut tally = Tally::new("SP 800-56A, 5.6.2.3.1");
        for (name, value) in [
            ("nothing", vec![]),
            ("0", vec![0]),
            ("0, long", vec![0; 128]),
            ("1", vec![1]),
            ("1, long", [vec![0; 127], vec![1]].concat()),
            ("p - 1", near(-1)),
            ("p", p.clone()),
            ("p + 1", near(1)),
            ("longer than p", vec![0xff; 129]),
            ("much longer", vec![0xff; 100_000]),
        ] {
            tally.row(format!("PKCS #3: {name}"), secret(session, &pkcs_3(&value), dh, None), &[CKR_PUBLIC_KEY_INVALID]);
            let got = secret(session, &x9_42(CKD_NULL, b"", &value), dhx, None);
            tally.row(format!("X9.42: {name}"), got, &[CKR_PUBLIC_KEY_INVALID]);
        }
        tally.row("outside the subgroup", secret(session, &x9_42(CKD_NULL, b"", &[2]), dhx, None), &[CKR_PUBLIC_KEY_INVALID]);
    });
}

/// Both sides get the same, whichever key is whose; in groups of each kind.
#[test]
fn both_sides_get_the_same() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        for key_type in [CKK_DH, CKK_X9_42_DH] {
            let (ours, theirs) = (session.pair_of_group(key_type), session.pair_of_group(key_type));
            let agreed = |private, public| {
                let value = session.attribute(public, CKA_VALUE).expect("CKA_VALUE");
                let mechanism = if key_type == CKK_DH { pkcs_3(&value) } else { x9_42(CKD_SHA1_KDF_CONCATENATE, b"", &value) };
                secret(session, &mechanism, private, Some(100)).expect("a secret")
            };
            assert_eq!(agreed(ours.private, theirs.public), agreed(theirs.private, ours.public));
        }
    });
}

const OTHER_INFO: &str = "301d3013060b2a864886f70d0109100306040400000001a2060404000000c0";
const BY_ASN1: &str = "855712955e49e494cfe5798c5dbd95ff226caa9556ab62b30be0102c33f5125e31";
const CONCATENATED: &str = "6fc8e69719bc9805d962d90ca7b83948ce048dd049078d6a9057a30659fdac6d40";
const CONCATENATED_BARE: &str = "6c091a392b695537b1382b88addf5bfc7f783db506de3c0db61b46f5c6b36171a5";
