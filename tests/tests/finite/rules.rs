//! The footnotes of the tables in 6.2.2 to 6.2.5 and 6.4.2 to 6.4.7, and numbers that are no group or no key of it.

use crate::{TYPES, private_of, public_of};
use hsm_tests::*;

const CLASSES: [(&str, CK_OBJECT_CLASS); 3] =
    [("public", CKO_PUBLIC_KEY), ("private", CKO_PRIVATE_KEY), ("parameters", CKO_DOMAIN_PARAMETERS)];

fn complete(class: CK_OBJECT_CLASS, key_type: CK_KEY_TYPE) -> Template {
    let template = Template::key(class, key_type).with(&domain(key_type));
    match class {
        CKO_PUBLIC_KEY => template.bytes(CKA_VALUE, &hex(OF_A[1])),
        CKO_PRIVATE_KEY => template.bytes(CKA_VALUE, &hex(OF_A[0])),
        _ => template,
    }
}

/// Footnotes 1 and 2: what C_CreateObject must and must not be told.
#[test]
fn when_created() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("footnotes 1 and 2");
        for ((name, key_type), (class_name, class)) in TYPES.iter().flat_map(|t| CLASSES.iter().map(move |c| (t, c))) {
            let template = complete(*class, *key_type);
            tally.row(format!("{name} {class_name}"), session.create(&template), &[CKR_OK]);
            let has_value = *class != CKO_DOMAIN_PARAMETERS;
            for kind in [CKA_KEY_TYPE, CKA_PRIME, CKA_BASE].into_iter().chain(has_value.then_some(CKA_VALUE)) {
                let made = session.create(&template.clone().without(kind));
                tally.row(format!("{name} {class_name} without {kind:#x}"), made, &[CKR_TEMPLATE_INCOMPLETE]);
            }
            let expected = if *key_type == CKK_DH { CKR_OK } else { CKR_TEMPLATE_INCOMPLETE };
            let made = session.create(&template.clone().without(CKA_SUBPRIME));
            tally.row(format!("{name} {class_name} without subprime"), made, &[expected]);
            for kind in [CKA_PRIME_BITS, CKA_SUBPRIME_BITS, CKA_VALUE_BITS, CKA_MODULUS_BITS] {
                let made = session.create(&template.clone().ulong(kind, 1024));
                tally.row(format!("{name} {class_name} with {kind:#x}"), made, &[CKR_TEMPLATE_INCONSISTENT]);
            }
            let made = session.create(&template.bool(CKA_LOCAL, true));
            tally.row(format!("{name} {class_name} with CKA_LOCAL"), made, &[CKR_ATTRIBUTE_READ_ONLY]);
        }
        let other = session.create(&Template::key(CKO_DOMAIN_PARAMETERS, CKK_EC));
        tally.row("parameters of a curve", other, &[CKR_TEMPLATE_INCONSISTENT]);
        let secret = session.create(&Template::key(CKO_SECRET_KEY, CKK_DH).bytes(CKA_VALUE, &[1]));
        tally.row("a secret DH key", secret, &[CKR_TEMPLATE_INCONSISTENT]);
    });
}

/// Footnotes 3 and 4: what C_GenerateKeyPair must and must not be told.
#[test]
fn when_generated() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("footnotes 3 and 4");
        for (name, key_type) in TYPES {
            let (mechanism, group) = (pair_generation(key_type), domain(key_type));
            let generate = |public: Template, private: Template| session.generate_pair(&mechanism, &public, &private);
            tally.row(name, generate(group.clone(), Template::new()), &[CKR_OK]);
            for kind in [CKA_PRIME, CKA_BASE].into_iter().chain((key_type != CKK_DH).then_some(CKA_SUBPRIME)) {
                let made = generate(group.clone().without(kind), Template::new());
                tally.row(format!("{name} without {kind:#x}"), made, &[CKR_TEMPLATE_INCOMPLETE]);
                let made = generate(group.clone(), Template::new().bytes(kind, &hex(PRIME)));
                tally.row(format!("{name}: private with {kind:#x}"), made, &[CKR_TEMPLATE_INCONSISTENT]);
            }
            let (public, private) = (group.clone().bytes(CKA_VALUE, &[2]), Template::new().bytes(CKA_VALUE, &[2]));
            tally.row(format!("{name}: public with a value"), generate(public, Template::new()), &[CKR_TEMPLATE_INCONSISTENT]);
            tally.row(format!("{name}: private with a value"), generate(group.clone(), private), &[CKR_TEMPLATE_INCONSISTENT]);
            let bits = generate(group.clone(), Template::new().ulong(CKA_VALUE_BITS, 200));
            let expected = if key_type == CKK_DH { CKR_OK } else { CKR_TEMPLATE_INCONSISTENT };
            tally.row(format!("{name}: CKA_VALUE_BITS"), bits, &[expected]);
            let bad = generate(group.clone().bytes(CKA_BASE, &[1]), Template::new());
            tally.row(format!("{name}: a base of 1"), bad, &[CKR_DOMAIN_PARAMS_INVALID]);
            let bad = generate(group.clone().bytes(CKA_PRIME, &composite()), Template::new());
            tally.row(format!("{name}: a composite"), bad, &[CKR_DOMAIN_PARAMS_INVALID]);
        }
    });
}

/// Of what is generated, both keys tell the group; footnote 7 hides the value.
#[test]
fn what_keys_tell() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let mut tally = Tally::new("attributes of generated keys");
        for (name, key_type) in TYPES {
            let pair = session.pair_of_group(key_type);
            for (kind, expected) in [(CKA_PRIME, PRIME), (CKA_BASE, BASE)] {
                for key in [pair.public, pair.private] {
                    tally.equal(format!("{name}: {kind:#x}"), session.attribute(key, kind), Ok(hex(expected)));
                }
            }
            tally.row(format!("{name}: value"), session.attribute(pair.private, CKA_VALUE), &[CKR_ATTRIBUTE_SENSITIVE]);
            tally.equal(format!("{name}: local"), session.flag(pair.private, CKA_LOCAL), Ok(true));
            let (signs, derives) = (session.flag(pair.private, CKA_SIGN), session.flag(pair.private, CKA_DERIVE));
            tally.equal(format!("{name}: usage"), (signs, derives), (Ok(key_type == CKK_DSA), Ok(key_type != CKK_DSA)));
        }
        let mechanism = |key_type| session.number(session.pair_of_group(key_type).public, CKA_KEY_GEN_MECHANISM);
        tally.equal("X9.42: how it was made", mechanism(CKK_X9_42_DH), Ok(CKM_X9_42_DH_KEY_PAIR_GEN));
    });
}

#[test]
fn what_is_no_key() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let p = hex(PRIME);
        let even = [&p[..127], &[p[127] - 1]].concat();
        let [small, large, huge] = [vec![7], vec![0xff; 1025], vec![0xff; 100_000]];
        let mut tally = Tally::new("numbers that are none of a group");
        for ((name, key_type), (class_name, class)) in TYPES.iter().flat_map(|t| CLASSES.iter().map(move |c| (t, c))) {
            let mut bad = |what: &str, kind, value: &[u8]| {
                let made = session.create(&complete(*class, *key_type).bytes(kind, value));
                tally.row(format!("{name} {class_name}: {what}"), made, &[CKR_ATTRIBUTE_VALUE_INVALID]);
            };
            for (what, value) in [("empty", &[][..]), ("zero", &[0]), ("even", &even), ("small", &small), ("large", &large)] {
                bad(&format!("{what} prime"), CKA_PRIME, value);
            }
            bad("composite prime", CKA_PRIME, &composite());
            bad("huge prime", CKA_PRIME, &huge);
            for (what, value) in [("empty", &[][..]), ("zero", &[0]), ("one", &[1]), ("p - 1", &even), ("p", &p), ("huge", &huge)]
            {
                bad(&format!("{what} as base"), CKA_BASE, value);
                if *class == CKO_PUBLIC_KEY {
                    bad(&format!("{what} as value"), CKA_VALUE, value);
                }
            }
            if *class == CKO_PRIVATE_KEY {
                for (what, value) in [("empty", &[][..]), ("zero", &[0]), ("p - 1", &even), ("p", &p), ("huge", &huge)] {
                    bad(&format!("{what} as value"), CKA_VALUE, value);
                }
            }
            if *key_type != CKK_DH {
                bad("a base outside the subgroup", CKA_BASE, &[2]);
                for (what, value) in
                    [("empty", &[][..]), ("zero", &[0]), ("small", &small), ("another", &hex(OF_A[0])), ("huge", &huge)]
                {
                    bad(&format!("{what} subprime"), CKA_SUBPRIME, value);
                }
            }
        }
        for key_type in [CKK_DSA, CKK_X9_42_DH] {
            tally.row("a value outside the subgroup", public_of(session, key_type, "02"), &[CKR_ATTRIBUTE_VALUE_INVALID]);
            tally.row("the order as private value", private_of(session, key_type, SUBPRIME), &[CKR_ATTRIBUTE_VALUE_INVALID]);
        }
    });
}

/// Without `legacy = true` keys can be kept and moved, but do nothing.
#[test]
fn without_leave() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("without legacy");
        for (name, key_type) in TYPES {
            let generated = session.generate_pair(&pair_generation(key_type), &domain(key_type), &Template::new());
            tally.row(format!("{name}: generated"), generated, &[CKR_MECHANISM_INVALID]);
        }
        let dsa = private_of(session, CKK_DSA, OF_A[0]).expect("a key");
        tally.row("signed", session.sign(&Mechanism::bare(CKM_DSA_SHA256), dsa, b"message"), &[CKR_MECHANISM_INVALID]);
        let dh = private_of(session, CKK_DH, OF_A[0]).expect("a key");
        let derived = session.derive(&Mechanism::bytes(CKM_DH_PKCS_DERIVE, &hex(OF_B[1])), dh, &Template::new());
        tally.row("derived", derived, &[CKR_MECHANISM_INVALID]);
        for kind in [CKM_DSA_PARAMETER_GEN, CKM_DH_PKCS_PARAMETER_GEN, CKM_X9_42_DH_PARAMETER_GEN] {
            let made = session.generate(&Mechanism::bare(kind), &Template::new().ulong(CKA_PRIME_BITS, 1024));
            tally.row(format!("{kind:#x}"), made, &[CKR_MECHANISM_INVALID]);
        }
    });
}

/// As long as the prime, odd, and three times another number.
fn composite() -> Vec<u8> {
    let mut number = hex(PRIME);
    let sum: u32 = number.iter().map(|byte| u32::from(*byte)).sum();
    // 256 is 1 modulo 3, so that the sum of the bytes tells; steps of 2 keep it odd.
    let steps = (0..3).find(|steps| (sum + 2 * steps).is_multiple_of(3)).expect("one of three");
    let last = number.len() - 1;
    number[last] += 2 * steps as u8;
    number
}
