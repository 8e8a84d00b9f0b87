//! 6.67.2 to 6.67.4, 6.68.2 to 6.68.4: the attributes of ML-DSA and SLH-DSA keys.

use crate::{imported, pair, readable};
use hsm_tests::*;

/// Key type, generation mechanism, parameter set, lengths of the public and the private value.
type Row = (CK_KEY_TYPE, CK_MECHANISM_TYPE, CK_ULONG, usize, usize);

const ROWS: [Row; 6] = [
    (CKK_ML_DSA, CKM_ML_DSA_KEY_PAIR_GEN, CKP_ML_DSA_44, 1312, 2560),
    (CKK_ML_DSA, CKM_ML_DSA_KEY_PAIR_GEN, CKP_ML_DSA_65, 1952, 4032),
    (CKK_ML_DSA, CKM_ML_DSA_KEY_PAIR_GEN, CKP_ML_DSA_87, 2592, 4896),
    (CKK_SLH_DSA, CKM_SLH_DSA_KEY_PAIR_GEN, CKP_SLH_DSA_SHA2_128F, 32, 64),
    (CKK_SLH_DSA, CKM_SLH_DSA_KEY_PAIR_GEN, CKP_SLH_DSA_SHAKE_192F, 48, 96),
    (CKK_SLH_DSA, CKM_SLH_DSA_KEY_PAIR_GEN, CKP_SLH_DSA_SHA2_256F, 64, 128),
];

#[test]
fn generated_keys() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.67.4, 6.68.4 key pair generation");
        for (key_type, mechanism, set, public, private) in ROWS {
            let made = pair(session, mechanism, set);
            let len = |key, attribute| session.attribute(key, attribute).map(|value| value.len());
            tally.equal("public value", len(made.public, CKA_VALUE), Ok(public));
            tally.equal("private value", len(made.private, CKA_VALUE), Ok(private));
            let seed = if key_type == CKK_ML_DSA { Ok(32) } else { refused(CKR_ATTRIBUTE_TYPE_INVALID) };
            tally.equal("seed", len(made.private, CKA_SEED), seed);
            for key in [made.public, made.private] {
                tally.equal("parameter set", session.number(key, CKA_PARAMETER_SET), Ok(set));
                tally.equal("key type", session.number(key, CKA_KEY_TYPE), Ok(key_type));
            }
            for (key, attribute, want) in [
                (made.public, CKA_VERIFY, true),
                (made.private, CKA_SIGN, true),
                (made.public, CKA_ENCAPSULATE, false),
                (made.private, CKA_DECAPSULATE, false),
            ] {
                tally.equal(format!("{attribute:#x}"), session.flag(key, attribute), Ok(want));
            }
            let generate =
                |public: &Template, private: &Template| session.generate_pair(&Mechanism::bare(mechanism), public, private);
            tally.row("no set", generate(&Template::new(), &Template::new()), &[CKR_TEMPLATE_INCOMPLETE]);
            let unknown = Template::new().ulong(CKA_PARAMETER_SET, 13);
            tally.row("no such set", generate(&unknown, &Template::new()), &[CKR_PARAMETER_SET_NOT_SUPPORTED]);
        }
    });
}

/// "At least one of CKA_SEED and CKA_VALUE must be specified on C_CreateObject."
#[test]
fn import() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let made = pair(session, CKM_ML_DSA_KEY_PAIR_GEN, CKP_ML_DSA_65);
        let seed = session.attribute(made.private, CKA_SEED).expect("a seed");
        let value = session.attribute(made.private, CKA_VALUE).expect("a value");
        let create = |material: &[_]| session.create(&imported(CKK_ML_DSA, CKP_ML_DSA_65, material));
        let mut tally = Tally::new("6.67.3 C_CreateObject");
        for (name, material, seeded) in [
            ("a seed", &[(CKA_SEED, &seed[..])][..], true),
            ("a value", &[(CKA_VALUE, &value[..])], false),
            ("both", &[(CKA_SEED, &seed[..]), (CKA_VALUE, &value[..])], true),
        ] {
            let key = create(material).expect(name);
            tally.equal(name, session.attribute(key, CKA_VALUE).as_ref(), Ok(&value));
            tally.equal(name, session.attribute(key, CKA_SEED).ok().as_ref(), seeded.then_some(&seed));
            let signature = session.sign(&Mechanism::bare(CKM_ML_DSA), key, b"message").expect("C_Sign");
            let got = session.verify(&Mechanism::bare(CKM_ML_DSA), made.public, b"message", &signature);
            tally.row(name, got, &[CKR_OK]);
        }
        let mut torn = value.clone();
        torn[70] ^= 1;
        let bad = &[CKR_ATTRIBUTE_VALUE_INVALID];
        tally.row("neither", create(&[]), &[CKR_TEMPLATE_INCOMPLETE]);
        tally.row("both, of two keys", create(&[(CKA_SEED, &[9; 32]), (CKA_VALUE, &value)]), bad);
        tally.row("a short seed", create(&[(CKA_SEED, &seed[1..])]), bad);
        tally.row("a short value", create(&[(CKA_VALUE, &value[1..])]), bad);
        tally.row("a value that contradicts itself", create(&[(CKA_VALUE, &torn)]), bad);
        let slh = |value: &[u8]| session.create(&imported(CKK_SLH_DSA, CKP_SLH_DSA_SHA2_128F, &[(CKA_VALUE, value)]));
        tally.row("SLH-DSA", slh(&[1; 64]), &[CKR_OK]);
        tally.row("SLH-DSA, short", slh(&[1; 63]), bad);
        let seeded = imported(CKK_SLH_DSA, CKP_SLH_DSA_SHA2_128F, &[(CKA_SEED, &[1; 48])]);
        tally.row("SLH-DSA with a seed", session.create(&seeded), &[CKR_TEMPLATE_INCONSISTENT]);
    });
}

/// RFC 9881 and RFC 9909: a private key wrapped and unwrapped is the same key.
#[test]
fn wrapping() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let with = session.aes(32);
        let kwp = Mechanism::bare(CKM_AES_KEY_WRAP_KWP);
        for (key_type, mechanism, set, ..) in ROWS {
            let made = pair(session, mechanism, set);
            let wrapped = session.wrap(&kwp, with, made.private).expect("C_WrapKey");
            let template = Template::key(CKO_PRIVATE_KEY, key_type).with(&readable());
            let back = session.unwrap(&kwp, with, &wrapped, &template).expect("C_UnwrapKey");
            for attribute in [CKA_VALUE, CKA_SEED, CKA_PARAMETER_SET] {
                assert_eq!(session.attribute(back, attribute), session.attribute(made.private, attribute), "{attribute:#x}");
            }
        }
    });
}
