//! 6.43.9: CKM_PUB_KEY_FROM_PRIV_KEY, for every type of private key.

use hsm_tests::*;

fn from_private() -> Mechanism {
    Mechanism::bare(CKM_PUB_KEY_FROM_PRIV_KEY)
}

#[test]
fn it_is_the_pairs_own_public_key() {
    isolated(|home| {
        let token = home.legacy_token();
        let session = token.user();
        let pair = |mechanism, public: Template| {
            let made = session.generate_pair(&Mechanism::bare(mechanism), &public, &Template::new());
            made.map(|(public, private)| Pair { public, private }).expect("C_GenerateKeyPair")
        };
        let set = |number: CK_ULONG| Template::new().ulong(CKA_PARAMETER_SET, number);
        let point: &[CK_ATTRIBUTE_TYPE] = &[CKA_EC_PARAMS, CKA_EC_POINT];
        let value: &[CK_ATTRIBUTE_TYPE] = &[CKA_PARAMETER_SET, CKA_VALUE];
        let mut tally = Tally::new("6.43.9 public key from private key");
        for (name, pair, parts) in [
            ("RSA", session.rsa(2048), &[CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_MODULUS_BITS][..]),
            ("P-384", session.ec(oid::P384), point),
            ("Ed25519", session.ed25519(), point),
            ("X25519", pair(CKM_EC_MONTGOMERY_KEY_PAIR_GEN, Template::new().bytes(CKA_EC_PARAMS, oid::X25519)), point),
            ("ML-KEM-768", pair(CKM_ML_KEM_KEY_PAIR_GEN, set(CKP_ML_KEM_768)), value),
            ("ML-DSA-44", pair(CKM_ML_DSA_KEY_PAIR_GEN, set(CKP_ML_DSA_44)), value),
            ("SLH-DSA-128f", pair(CKM_SLH_DSA_KEY_PAIR_GEN, set(CKP_SLH_DSA_SHA2_128F)), value),
        ] {
            let derived = session.derive(&from_private(), pair.private, &Template::new());
            tally.row(name, derived, &[CKR_OK]);
            let Ok(derived) = derived else { continue };
            for kind in parts.iter().chain(&[CKA_PUBLIC_KEY_INFO, CKA_CLASS, CKA_KEY_TYPE, CKA_KEY_GEN_MECHANISM]) {
                let [own, found] = [pair.public, derived].map(|key| session.attribute(key, *kind));
                tally.equal(format!("{name}: attribute {kind:#x}"), found, own);
            }
            tally.equal(format!("{name}: not local"), session.flag(derived, CKA_LOCAL), Ok(false));
            tally.equal(format!("{name}: not private"), session.flag(derived, CKA_PRIVATE), Ok(false));
            tally.equal(format!("{name}: a session object"), session.flag(derived, CKA_TOKEN), Ok(false));
        }
    });
}

#[test]
fn uses_and_names_are_taken_over_unless_the_template_says_otherwise() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let private = Template::new().bytes(CKA_ID, b"id").bool(CKA_SIGN, true).bool(CKA_DECRYPT, false).bool(CKA_UNWRAP, false);
        let public = Template::new().ulong(CKA_MODULUS_BITS, 2048);
        let pair = session.generate_pair(&Mechanism::bare(CKM_RSA_PKCS_KEY_PAIR_GEN), &public, &private);
        let (_, private) = pair.expect("an RSA pair");
        let mut tally = Tally::new("6.43.9 defaults");
        let plain = session.derive(&from_private(), private, &Template::new()).expect("C_DeriveKey");
        tally.equal("CKA_ID", session.attribute(plain, CKA_ID), Ok(b"id".to_vec()));
        for (kind, expected) in [(CKA_VERIFY, true), (CKA_ENCRYPT, false), (CKA_WRAP, false), (CKA_DERIVE, false)] {
            tally.equal(format!("{kind:#x}"), session.flag(plain, kind), Ok(expected));
        }
        let template = Template::new().bytes(CKA_ID, b"other").bool(CKA_ENCRYPT, true).bool(CKA_TOKEN, true);
        let told = session.derive(&from_private(), private, &template).expect("C_DeriveKey");
        tally.equal("CKA_ID, told", session.attribute(told, CKA_ID), Ok(b"other".to_vec()));
        tally.equal("CKA_ENCRYPT, told", session.flag(told, CKA_ENCRYPT), Ok(true));
        let of_secret = session.derive(&from_private(), session.aes(32), &Template::new());
        tally.row("of a secret key", of_secret, &[CKR_KEY_TYPE_INCONSISTENT]);
        let wrong = Template::new().ulong(CKA_KEY_TYPE, CKK_EC);
        tally.row("another type", session.derive(&from_private(), private, &wrong), &[CKR_TEMPLATE_INCONSISTENT]);
        let given = Template::new().bytes(CKA_MODULUS, &[1; 256]);
        tally.row("its parts given", session.derive(&from_private(), private, &given), &[CKR_TEMPLATE_INCONSISTENT]);
        let odd = Mechanism::bytes(CKM_PUB_KEY_FROM_PRIV_KEY, b"x");
        tally.row("a parameter", session.derive(&odd, private, &Template::new()), &[CKR_MECHANISM_PARAM_INVALID]);
    });
}
