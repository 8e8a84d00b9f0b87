//! 4.5 data objects, 4.6 certificates, 4.9 and 4.10 keys made of their parts.

use hsm_tests::*;

#[test]
fn data_objects() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let template = Template::of(CKO_DATA)
            .bytes(CKA_LABEL, b"label")
            .bytes(CKA_APPLICATION, b"application")
            .bytes(CKA_OBJECT_ID, &[6, 3, 42, 3, 4])
            .bytes(CKA_VALUE, b"value");
        let data = session.create(&template).expect("data");
        let mut tally = Tally::new("4.5 data objects");
        for (attribute, value) in [
            (CKA_LABEL, b"label".as_slice()),
            (CKA_APPLICATION, b"application"),
            (CKA_OBJECT_ID, &[6, 3, 42, 3, 4]),
            (CKA_VALUE, b"value"),
        ] {
            tally.equal(format!("{attribute:#x}"), session.attribute(data, attribute), Ok(value.to_vec()));
            let changed = session.set(data, &Template::new().bytes(attribute, b"new"));
            tally.row(format!("set {attribute:#x}"), changed, &[CKR_OK]);
        }
        tally.equal("new value", session.attribute(data, CKA_VALUE), Ok(b"new".to_vec()));
    });
}

#[test]
fn certificates() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let template = Template::of(CKO_CERTIFICATE)
            .ulong(CKA_CERTIFICATE_TYPE, CKC_X_509)
            .bytes(CKA_SUBJECT, b"0\x00")
            .bytes(CKA_ISSUER, b"0\x00")
            .bytes(CKA_SERIAL_NUMBER, &[2, 1, 1])
            .bytes(CKA_ID, b"id")
            .bytes(CKA_VALUE, b"0\x03\x02\x01\x00");
        let incomplete = [CKR_TEMPLATE_INCOMPLETE];
        let mut tally = Tally::new("4.6 certificates");
        let no_type = template.clone().without(CKA_CERTIFICATE_TYPE);
        tally.row("no type", session.create(&no_type), &incomplete);
        tally.row("no subject", session.create(&template.clone().without(CKA_SUBJECT)), &incomplete);
        tally.row("no value", session.create(&template.clone().without(CKA_VALUE)), &incomplete);
        let odd = template.clone().ulong(CKA_CERTIFICATE_TYPE, 0x777);
        tally.row("no such type", session.create(&odd), &[CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT]);
        let certificate = session.create(&template).expect("a certificate");
        tally.equal("value", session.attribute(certificate, CKA_VALUE), Ok(b"0\x03\x02\x01\x00".to_vec()));
        tally.equal("type", session.number(certificate, CKA_CERTIFICATE_TYPE), Ok(CKC_X_509));
        tally.equal("trusted", session.flag(certificate, CKA_TRUSTED), Ok(false));
        let category = session.number(certificate, CKA_CERTIFICATE_CATEGORY);
        tally.equal("category", category, Ok(CK_CERTIFICATE_CATEGORY_UNSPECIFIED));
        tally.row(
            "set the value",
            session.set(certificate, &Template::new().bytes(CKA_VALUE, b"0\x00")),
            &[CKR_ATTRIBUTE_READ_ONLY],
        );
        tally.row("set the id", session.set(certificate, &Template::new().bytes(CKA_ID, b"new")), &[CKR_OK]);
        let found = session.find(&Template::of(CKO_CERTIFICATE).bytes(CKA_ISSUER, b"0\x00"));
        tally.equal("find by issuer", found, Ok(vec![certificate]));
    });
}

/// Generated keys give their public parts; keys made of those parts verify what the private ones sign.
#[test]
fn public_keys_from_their_parts() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("4.9 public keys");
        let parts: [(&str, Pair, CK_KEY_TYPE, &[CK_ATTRIBUTE_TYPE], CK_MECHANISM_TYPE); 4] = [
            ("RSA", session.rsa(2048), CKK_RSA, &[CKA_MODULUS, CKA_PUBLIC_EXPONENT], CKM_SHA256_RSA_PKCS),
            ("P-256", session.ec(oid::P256), CKK_EC, &[CKA_EC_PARAMS, CKA_EC_POINT], CKM_ECDSA_SHA256),
            ("P-521", session.ec(oid::P521), CKK_EC, &[CKA_EC_PARAMS, CKA_EC_POINT], CKM_ECDSA_SHA512),
            ("Ed25519", session.ed25519(), CKK_EC_EDWARDS, &[CKA_EC_PARAMS, CKA_EC_POINT], CKM_EDDSA),
        ];
        for (name, pair, key_type, attributes, mechanism) in parts {
            let bare = Template::key(CKO_PUBLIC_KEY, key_type).bool(CKA_VERIFY, true);
            let template = attributes.iter().fold(bare, |t, a| {
                let value = session.attribute(pair.public, *a).expect("a public part");
                t.bytes(*a, &value)
            });
            let public = session.create(&template).expect("a public key of parts");
            let mechanism = Mechanism::bare(mechanism);
            let signature = session.sign(&mechanism, pair.private, b"message").expect("C_Sign");
            tally.row(name, session.verify(&mechanism, public, b"message", &signature), &[CKR_OK]);
            let bad = session.verify(&mechanism, public, b"massage", &signature);
            tally.row(format!("{name}: another message"), bad, &[CKR_SIGNATURE_INVALID]);
        }
    });
}

/// 6.3.3 and DESIGN 4.11: a point as OCTET STRING, raw or as BIT STRING; a curve as OID or PrintableString.
#[test]
fn forms_of_points_and_curves() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.3 forms of EC keys");
        let printable = |name: &[u8]| [&[0x13, name.len() as u8], name].concat();
        for (name, pair, key_type, curves, mechanism) in [
            ("P-256", session.ec(oid::P256), CKK_EC, vec![oid::P256.to_vec()], CKM_ECDSA),
            ("Ed25519", session.ed25519(), CKK_EC_EDWARDS, vec![oid::ED25519.to_vec(), printable(b"edwards25519")], CKM_EDDSA),
        ] {
            let octets = session.attribute(pair.public, CKA_EC_POINT).expect("CKA_EC_POINT");
            tally.equal(format!("{name}: an OCTET STRING"), (octets[0], usize::from(octets[1])), (4, octets.len() - 2));
            let raw = &octets[2..];
            let bits = [&[3, raw.len() as u8 + 1, 0], raw].concat();
            let mechanism = Mechanism::bare(mechanism);
            let signature = session.sign(&mechanism, pair.private, &[7; 32]).expect("C_Sign");
            for curve in &curves {
                for (form, point) in [("OCTET STRING", octets.as_slice()), ("raw", raw), ("BIT STRING", &bits)] {
                    let template = Template::key(CKO_PUBLIC_KEY, key_type).bool(CKA_VERIFY, true);
                    let template = template.bytes(CKA_EC_PARAMS, curve).bytes(CKA_EC_POINT, point);
                    let public = session.create(&template);
                    tally.row(format!("{name} {form}: create"), public, &[CKR_OK]);
                    let Ok(public) = public else { continue };
                    let verified = session.verify(&mechanism, public, &[7; 32], &signature);
                    tally.row(format!("{name} {form}: verify"), verified, &[CKR_OK]);
                    tally.equal(format!("{name} {form}: told"), session.attribute(public, CKA_EC_POINT), Ok(octets.clone()));
                }
            }
        }
    });
}
