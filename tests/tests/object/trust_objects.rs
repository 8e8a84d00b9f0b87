//! 4.7 trust objects, and attribute certificates (4.6.5).

use hsm_tests::*;

fn trust() -> Template {
    Template::of(CKO_TRUST).bytes(CKA_ISSUER, b"0\x00").bytes(CKA_SERIAL_NUMBER, &[2, 1, 1])
}

fn hashed() -> Template {
    trust().bytes(CKA_HASH_OF_CERTIFICATE, &[7; 32]).ulong(CKA_NAME_HASH_ALGORITHM, CKM_SHA256)
}

#[test]
fn trust_objects_name_whom_they_trust() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("4.7 trust objects");
        let [unknown, anchor, not] = [CKT_TRUST_UNKNOWN, CKT_TRUST_ANCHOR, CKT_NOT_TRUSTED].map(CK_ULONG::from);
        for (name, template, code) in [
            ("footnote 1: no issuer", hashed().without(CKA_ISSUER), CKR_TEMPLATE_INCOMPLETE),
            ("footnote 1: no serial number", hashed().without(CKA_SERIAL_NUMBER), CKR_TEMPLATE_INCOMPLETE),
            ("footnote 2: an anchor without a hash", trust().ulong(CKA_TRUST_SERVER_AUTH, anchor), CKR_TEMPLATE_INCOMPLETE),
            ("footnote 2: not trusted without a hash", trust().ulong(CKA_TRUST_SERVER_AUTH, not), CKR_OK),
            ("footnote 2: unknown without a hash", trust().ulong(CKA_TRUST_OCSP_SIGNING, unknown), CKR_OK),
            ("no such trust", hashed().ulong(CKA_TRUST_SERVER_AUTH, 5), CKR_ATTRIBUTE_VALUE_INVALID),
            ("a key's attribute", hashed().bool(CKA_SIGN, true), CKR_TEMPLATE_INCONSISTENT),
        ] {
            tally.row(name, session.create(&template), &[code]);
        }
        let made = session.create(&hashed().ulong(CKA_TRUST_SERVER_AUTH, anchor)).expect("a trust object");
        tally.equal("private by default", session.flag(made, CKA_PRIVATE), Ok(false));
        tally.equal("modifiable by default", session.flag(made, CKA_MODIFIABLE), Ok(true));
        tally.equal("told", session.number(made, CKA_TRUST_SERVER_AUTH), Ok(anchor));
        let untold = session.number(made, CKA_TRUST_CLIENT_AUTH);
        tally.row("footnote 3: what was not given is not there", untold, &[CKR_ATTRIBUTE_TYPE_INVALID]);
        let found = session.find(&Template::of(CKO_TRUST).bytes(CKA_HASH_OF_CERTIFICATE, &[7; 32]));
        tally.equal("found by hash", found, Ok(vec![made]));
        let distrust = Template::new().ulong(CKA_TRUST_SERVER_AUTH, not);
        tally.row("changed", session.set(made, &distrust), &[CKR_OK]);
        tally.equal("told anew", session.number(made, CKA_TRUST_SERVER_AUTH), Ok(not));
        let unnamed = session.create(&trust()).expect("a trust object that says nothing");
        let promoted = session.set(unnamed, &Template::new().ulong(CKA_TRUST_EMAIL_PROTECTION, anchor));
        tally.row("footnote 2 holds for changes too", promoted, &[CKR_TEMPLATE_INCOMPLETE]);
    });
}

#[test]
fn attribute_certificates() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let template = Template::of(CKO_CERTIFICATE)
            .ulong(CKA_CERTIFICATE_TYPE, CKC_X_509_ATTR_CERT)
            .bytes(CKA_OWNER, b"0\x00")
            .bytes(CKA_VALUE, b"0\x03\x02\x01\x00");
        let mut tally = Tally::new("4.6.5 attribute certificates");
        for (name, template, code) in [
            ("no owner", template.clone().without(CKA_OWNER), CKR_TEMPLATE_INCOMPLETE),
            ("no value", template.clone().without(CKA_VALUE), CKR_TEMPLATE_INCOMPLETE),
            ("the subject of another kind", template.clone().bytes(CKA_SUBJECT, b"0\x00"), CKR_TEMPLATE_INCONSISTENT),
        ] {
            tally.row(name, session.create(&template), &[code]);
        }
        let made = session.create(&template).expect("an attribute certificate");
        tally.equal("issuer, empty by default", session.attribute(made, CKA_AC_ISSUER), Ok(vec![]));
        tally.equal("types, empty by default", session.attribute(made, CKA_ATTR_TYPES), Ok(vec![]));
        tally.row("set the issuer", session.set(made, &Template::new().bytes(CKA_AC_ISSUER, b"0\x00")), &[CKR_OK]);
        tally.row("set the owner", session.set(made, &Template::new().bytes(CKA_OWNER, b"0\x01")), &[CKR_ATTRIBUTE_READ_ONLY]);
    });
}
