//! 6.7: private keys as PKCS #8.

use crate::{TYPES, private_of};
use hsm_tests::*;

/// OID, parameters and key as another program would write them (RFC 3279, 2.3.2 and 2.3.3; PKCS #3, 9).
pub fn pkcs_8(key_type: CK_KEY_TYPE, value: &[u8], more: &[u8]) -> Vec<u8> {
    let [p, q, g] = [PRIME, SUBPRIME, BASE].map(|number| integer(&hex(number)));
    let (oid, parameters) = match key_type {
        CKK_DSA => ("06072a8648ce380401", vec![&p, &q, &g]),
        CKK_DH => ("06092a864886f70d010301", vec![&p, &g]),
        _ => ("06072a8648ce3e0201", vec![&p, &g, &q]),
    };
    let parameters: Vec<&[u8]> = parameters.into_iter().map(Vec::as_slice).chain([more]).collect();
    let algorithm = der(0x30, &[&hex(oid), &der(0x30, &parameters)]);
    der(0x30, &[&[2, 1, 0], &algorithm, &der(4, &[&integer(value)])])
}

fn unwrap_template(key_type: CK_KEY_TYPE) -> Template {
    Template::key(CKO_PRIVATE_KEY, key_type).with(&Template::shown())
}

#[test]
fn round_trips() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (aes, pad) = (session.aes(32), Mechanism::bytes(CKM_AES_CBC_PAD, &[0; 16]));
        let mut tally = Tally::new("6.7 wrapping private keys");
        for (name, key_type) in TYPES {
            let key = private_of(session, key_type, OF_A[0]).expect("a key");
            let wrapped = session.wrap(&pad, aes, key).expect("C_WrapKey");
            let plain = session.decrypt(&pad, aes, &wrapped).expect("C_Decrypt");
            tally.equal(format!("{name}: the form"), plain, pkcs_8(key_type, &hex(OF_A[0]), &[]));
            let back = session.unwrap(&pad, aes, &wrapped, &unwrap_template(key_type)).expect("C_UnwrapKey");
            for kind in [CKA_PRIME, CKA_BASE, CKA_VALUE] {
                tally.equal(format!("{name}: {kind:#x}"), session.attribute(back, kind), session.attribute(key, kind));
            }
            for other in TYPES.into_iter().filter(|other| other.1 != key_type) {
                let wrong = session.unwrap(&pad, aes, &wrapped, &unwrap_template(other.1));
                tally.row(format!("{name} as {}", other.0), wrong, &[CKR_TEMPLATE_INCONSISTENT]);
            }
        }
    });
}

#[test]
fn what_others_wrap() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (aes, pad) = (session.aes(32), Mechanism::bytes(CKM_AES_CBC_PAD, &[0; 16]));
        let unwrap = |key_type, plain: &[u8]| {
            let wrapped = session.encrypt(&pad, aes, plain).expect("C_Encrypt");
            session.unwrap(&pad, aes, &wrapped, &unwrap_template(key_type))
        };
        let value = hex(OF_A[0]);
        let mut tally = Tally::new("6.7 unwrapping private keys");
        tally.row("a length besides", unwrap(CKK_DH, &pkcs_8(CKK_DH, &value, &[2, 2, 4, 0])), &[CKR_OK]);
        tally.row("a cofactor besides", unwrap(CKK_X9_42_DH, &pkcs_8(CKK_X9_42_DH, &value, &[2, 1, 6])), &[CKR_OK]);
        for (bits, rv) in [(160, CKR_OK), (161, CKR_TEMPLATE_INCONSISTENT)] {
            let wrapped = session.encrypt(&pad, aes, &pkcs_8(CKK_DH, &value, &[])).expect("C_Encrypt");
            let told = session.unwrap(&pad, aes, &wrapped, &unwrap_template(CKK_DH).ulong(CKA_VALUE_BITS, bits));
            tally.row(format!("{bits} bits, says the template"), told, &[rv]);
        }
        for (name, key_type) in TYPES {
            let mut cut = pkcs_8(key_type, &value, &[]);
            cut.truncate(cut.len() - 5);
            let no_parameters = der(0x30, &[&[2, 1, 0], &der(0x30, &[&hex("06072a8648ce380401")]), &der(4, &[&integer(&value)])]);
            for (what, plain) in [
                ("cut", cut),
                ("a value of 0", pkcs_8(key_type, &[0], &[])),
                ("a value beyond the group", pkcs_8(key_type, &[0xff; 128], &[])),
            ] {
                tally.row(format!("{name}: {what}"), unwrap(key_type, &plain), &[CKR_WRAPPED_KEY_INVALID]);
            }
            if key_type == CKK_DSA {
                tally.row("no parameters", unwrap(key_type, &no_parameters), &[CKR_WRAPPED_KEY_INVALID]);
            }
            let given = unwrap_template(key_type).with(&domain(key_type));
            let wrapped = session.encrypt(&pad, aes, &pkcs_8(key_type, &value, &[])).expect("C_Encrypt");
            let given = session.unwrap(&pad, aes, &wrapped, &given);
            tally.row(format!("{name}: the group in the template"), given, &[CKR_TEMPLATE_INCONSISTENT]);
        }
    });
}
