//! 6.66.2 to 6.66.4: the attributes of ML-KEM keys.

use crate::{imported, pair, readable};
use hsm_tests::*;

const SETS: [(CK_ULONG, usize, usize); 3] =
    [(CKP_ML_KEM_512, 800, 1632), (CKP_ML_KEM_768, 1184, 2400), (CKP_ML_KEM_1024, 1568, 3168)];

#[test]
fn generated_keys_keep_their_seed() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("6.66.4 CKM_ML_KEM_KEY_PAIR_GEN");
        for (set, public, private) in SETS {
            let pair = pair(session, CKM_ML_KEM_KEY_PAIR_GEN, set);
            let len = |key, attribute| session.attribute(key, attribute).map(|value| value.len());
            tally.equal("public value", len(pair.public, CKA_VALUE), Ok(public));
            tally.equal("private value", len(pair.private, CKA_VALUE), Ok(private));
            tally.equal("seed", len(pair.private, CKA_SEED), Ok(64));
            for key in [pair.public, pair.private] {
                tally.equal("parameter set", session.number(key, CKA_PARAMETER_SET), Ok(set));
                tally.equal("key type", session.number(key, CKA_KEY_TYPE), Ok(CKK_ML_KEM));
                tally.equal("made by", session.number(key, CKA_KEY_GEN_MECHANISM), Ok(CKM_ML_KEM_KEY_PAIR_GEN));
                tally.equal("local", session.flag(key, CKA_LOCAL), Ok(true));
            }
            for (key, attribute, want) in [
                (pair.public, CKA_ENCAPSULATE, true),
                (pair.private, CKA_DECAPSULATE, true),
                (pair.public, CKA_VERIFY, false),
                (pair.private, CKA_SIGN, false),
                (pair.private, CKA_DERIVE, false),
            ] {
                tally.equal(format!("{attribute:#x}"), session.flag(key, attribute), Ok(want));
            }
            tally.row("a public seed", session.attribute(pair.public, CKA_SEED), &[CKR_ATTRIBUTE_TYPE_INVALID]);
        }
    });
}

/// Footnote 7: seed and value are material.
#[test]
fn sensitive_keys_hide_seed_and_value() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let public = Template::new().ulong(CKA_PARAMETER_SET, CKP_ML_KEM_512);
        let made = session.generate_pair(&Mechanism::bare(CKM_ML_KEM_KEY_PAIR_GEN), &public, &Template::new());
        let (public, private) = made.expect("a pair");
        for attribute in [CKA_SEED, CKA_VALUE] {
            assert_eq!(session.attribute(private, attribute), refused(CKR_ATTRIBUTE_SENSITIVE));
        }
        assert!(session.attribute(public, CKA_VALUE).is_ok());
        assert_eq!(session.number(private, CKA_PARAMETER_SET), Ok(CKP_ML_KEM_512));
    });
}

/// "At least one of CKA_SEED and CKA_VALUE must be specified on C_CreateObject."
#[test]
fn import() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let made = pair(session, CKM_ML_KEM_KEY_PAIR_GEN, CKP_ML_KEM_768);
        let seed = session.attribute(made.private, CKA_SEED).expect("a seed");
        let value = session.attribute(made.private, CKA_VALUE).expect("a value");
        let create = |material: &[_]| session.create(&imported(CKK_ML_KEM, CKP_ML_KEM_768, material));
        let mut tally = Tally::new("6.66.3 C_CreateObject");
        for (name, material, seeded) in [
            ("a seed", &[(CKA_SEED, &seed[..])][..], true),
            ("a value", &[(CKA_VALUE, &value[..])], false),
            ("both", &[(CKA_SEED, &seed[..]), (CKA_VALUE, &value[..])], true),
        ] {
            let key = create(material).expect(name);
            tally.equal(name, session.attribute(key, CKA_VALUE).as_ref(), Ok(&value));
            tally.equal(name, session.attribute(key, CKA_SEED).ok().as_ref(), seeded.then_some(&seed));
            tally.equal(name, session.flag(key, CKA_LOCAL), Ok(false));
        }
        let other = [seed[0] ^ 1].into_iter().chain(seed[1..].iter().copied()).collect::<Vec<_>>();
        let mut torn = value.clone();
        torn[2400 - 64] ^= 1;
        let bad = &[CKR_ATTRIBUTE_VALUE_INVALID];
        tally.row("neither", create(&[]), &[CKR_TEMPLATE_INCOMPLETE]);
        tally.row("both, of two keys", create(&[(CKA_SEED, &other), (CKA_VALUE, &value)]), bad);
        tally.row("a short seed", create(&[(CKA_SEED, &seed[1..])]), bad);
        tally.row("a short value", create(&[(CKA_VALUE, &value[1..])]), bad);
        tally.row("a value whose hash is wrong", create(&[(CKA_VALUE, &torn)]), bad);
        let set = |set| session.create(&imported(CKK_ML_KEM, set, &[(CKA_VALUE, &value)]));
        tally.row("another parameter set", set(CKP_ML_KEM_512), bad);
        tally.row("no parameter set of ML-KEM", set(4), &[CKR_PARAMETER_SET_NOT_SUPPORTED]);
        let bare = imported(CKK_ML_KEM, 2, &[(CKA_VALUE, &value)]).without(CKA_PARAMETER_SET);
        tally.row("none", session.create(&bare), &[CKR_TEMPLATE_INCOMPLETE]);
    });
}

/// FIPS 203, 7.2: an encapsulation key is checked when it comes in.
#[test]
fn public_keys_are_checked() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let made = pair(session, CKM_ML_KEM_KEY_PAIR_GEN, CKP_ML_KEM_512);
        let value = session.attribute(made.public, CKA_VALUE).expect("a value");
        let create = |value: &[u8]| {
            let template = Template::key(CKO_PUBLIC_KEY, CKK_ML_KEM).ulong(CKA_PARAMETER_SET, CKP_ML_KEM_512);
            session.create(&template.bytes(CKA_VALUE, value))
        };
        let unreduced = [&[0xff, 0xff, 0xff], &value[3..]].concat();
        let bad = &[CKR_ATTRIBUTE_VALUE_INVALID];
        let mut tally = Tally::new("FIPS 203, 7.2");
        tally.row("a key", create(&value), &[CKR_OK]);
        tally.row("a coefficient above q", create(&unreduced), bad);
        tally.row("a short key", create(&value[1..]), bad);
        tally.row("nothing", create(&[]), bad);
    });
}

#[test]
fn generation_templates() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let set = Template::new().ulong(CKA_PARAMETER_SET, CKP_ML_KEM_512);
        let generate = |public: &Template, private: &Template| {
            session.generate_pair(&Mechanism::bare(CKM_ML_KEM_KEY_PAIR_GEN), public, private)
        };
        let no = &[CKR_TEMPLATE_INCONSISTENT];
        let mut tally = Tally::new("6.66.4 templates");
        tally.row("no parameter set", generate(&Template::new(), &Template::new()), &[CKR_TEMPLATE_INCOMPLETE]);
        let unknown = Template::new().ulong(CKA_PARAMETER_SET, 77);
        tally.row("an unknown one", generate(&unknown, &Template::new()), &[CKR_PARAMETER_SET_NOT_SUPPORTED]);
        tally.row("in the private template", generate(&set, &set), no);
        tally.row("a seed", generate(&set, &Template::new().bytes(CKA_SEED, &[1; 64])), no);
        tally.row("a value", generate(&set, &Template::new().bytes(CKA_VALUE, &[1; 1632])), no);
        tally.row("a public value", generate(&set.clone().bytes(CKA_VALUE, &[1; 800]), &Template::new()), no);
        tally.row("as it should be", generate(&set, &Template::new()), &[CKR_OK]);
    });
}

/// 6.7 and RFC 9935: a private key wrapped and unwrapped is the same key, and keeps its seed if it has one.
#[test]
fn wrapping() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let with = session.aes(32);
        let kwp = Mechanism::bare(CKM_AES_KEY_WRAP_KWP);
        let template = Template::key(CKO_PRIVATE_KEY, CKK_ML_KEM).with(&readable());
        for (set, ..) in SETS {
            let made = pair(session, CKM_ML_KEM_KEY_PAIR_GEN, set);
            let value = session.attribute(made.private, CKA_VALUE).expect("a value");
            let bare = session.create(&imported(CKK_ML_KEM, set, &[(CKA_VALUE, &value)])).expect("a key without a seed");
            for (key, seeded) in [(made.private, true), (bare, false)] {
                let wrapped = session.wrap(&kwp, with, key).expect("C_WrapKey");
                let back = session.unwrap(&kwp, with, &wrapped, &template).expect("C_UnwrapKey");
                assert_eq!(session.attribute(back, CKA_VALUE).as_ref(), Ok(&value));
                assert_eq!(session.attribute(back, CKA_SEED).is_ok(), seeded);
                assert_eq!(session.number(back, CKA_PARAMETER_SET), Ok(set));
            }
            let wrong = Template::key(CKO_PRIVATE_KEY, CKK_RSA);
            let wrapped = session.wrap(&kwp, with, bare).expect("C_WrapKey");
            assert_eq!(session.unwrap(&kwp, with, &wrapped, &wrong), refused(CKR_TEMPLATE_INCONSISTENT));
        }
    });
}
