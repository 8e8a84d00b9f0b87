//! 4.4 CKA_TOKEN: what is on the token is there after C_Finalize and C_Initialize, as it was; the rest is not.

use crate::aes_template;
use hsm_tests::*;

#[test]
fn token_objects_stay_session_objects_go() {
    isolated(|home| {
        let mut token = home.token();
        let session = token.user();
        for on_token in [true, false] {
            for private in [true, false] {
                let data = Template::of(CKO_DATA).bool(CKA_TOKEN, on_token).bool(CKA_PRIVATE, private);
                session.create(&data.bytes(CKA_VALUE, &[on_token.into(), private.into()])).expect("data");
            }
        }
        token.restart();
        let session = token.open(true);
        let found = session.find(&Template::new()).expect("C_FindObjects");
        let values: Vec<_> = found.iter().map(|o| session.attribute(*o, CKA_VALUE)).collect();
        assert_eq!(values, [Ok(vec![1, 0])], "the public one, before login");
        session.login(CKU_USER, USER_PIN).expect("C_Login");
        assert_eq!(session.find(&Template::new()).map(|f| f.len()), Ok(2));
        assert_eq!(session.find(&Template::new().bytes(CKA_VALUE, &[1, 1])).map(|f| f.len()), Ok(1));
    });
}

/// Every kind of key works as before, and its attributes are the same.
#[test]
fn keys_work_after_a_restart() {
    isolated(|home| {
        let mut token = home.token();
        let session = token.user();
        let kept = Template::new().bool(CKA_TOKEN, true);
        let (sign, verify) = (kept.clone().bool(CKA_SIGN, true), kept.clone().bool(CKA_VERIFY, true));
        let cases = [
            (CKM_RSA_PKCS_KEY_PAIR_GEN, verify.clone().ulong(CKA_MODULUS_BITS, 2048), CKM_SHA256_RSA_PKCS),
            (CKM_EC_KEY_PAIR_GEN, verify.clone().bytes(CKA_EC_PARAMS, oid::P256), CKM_ECDSA_SHA256),
            (CKM_EC_KEY_PAIR_GEN, verify.clone().bytes(CKA_EC_PARAMS, oid::P521), CKM_ECDSA_SHA512),
            (CKM_EC_EDWARDS_KEY_PAIR_GEN, verify.bytes(CKA_EC_PARAMS, oid::ED25519), CKM_EDDSA),
        ];
        for (number, (generate, public, _)) in cases.iter().enumerate() {
            let id = [number as u8];
            let (public, private) = (public.clone().bytes(CKA_ID, &id), sign.clone().bytes(CKA_ID, &id));
            session.generate_pair(&Mechanism::bare(*generate), &public, &private).expect("a pair");
        }
        let aes = aes_template().with(&kept).bool(CKA_ENCRYPT, true).bytes(CKA_LABEL, b"aes");
        let key = session.create(&aes).expect("a key");
        let expected = session.encrypt(&crate::cbc(), key, &[1; 32]);
        let unique = session.attribute(key, CKA_UNIQUE_ID);
        token.restart();
        let session = token.user();
        let one = |template: Template| session.find(&template).expect("C_FindObjects")[0];
        for (number, (_, _, mechanism)) in cases.iter().enumerate() {
            let mechanism = Mechanism::bare(*mechanism);
            let id = [number as u8];
            let (public, private) =
                (one(Template::of(CKO_PUBLIC_KEY).bytes(CKA_ID, &id)), one(Template::of(CKO_PRIVATE_KEY).bytes(CKA_ID, &id)));
            let signature = session.sign(&mechanism, private, b"message").expect("C_Sign");
            assert_eq!(session.verify(&mechanism, public, b"message", &signature), Ok(()));
        }
        let key = one(Template::new().bytes(CKA_LABEL, b"aes"));
        assert_eq!(session.encrypt(&crate::cbc(), key, &[1; 32]), expected);
        assert_eq!(session.attribute(key, CKA_UNIQUE_ID), unique);
        assert_eq!(session.flag(key, CKA_ENCRYPT), Ok(true));
    });
}

/// Changes and destructions last too.
#[test]
fn changes_last() {
    isolated(|home| {
        let mut token = home.token();
        let session = token.user();
        let data = Template::of(CKO_DATA).bool(CKA_TOKEN, true);
        let [changed, gone] =
            [b"changed".as_slice(), b"gone"].map(|l| session.create(&data.clone().bytes(CKA_LABEL, l)).expect("data"));
        session
            .set(changed, &Template::new().bytes(CKA_LABEL, b"new").bytes(CKA_VALUE, &[3; 5000]))
            .expect("C_SetAttributeValue");
        session.destroy(gone).expect("C_DestroyObject");
        token.restart();
        let session = token.user();
        let found = session.find(&Template::new()).expect("C_FindObjects");
        assert_eq!(found.len(), 1);
        assert_eq!(session.attribute(found[0], CKA_LABEL), Ok(b"new".to_vec()));
        assert_eq!(session.attribute(found[0], CKA_VALUE), Ok(vec![3; 5000]));
    });
}

/// A public session key generated with a private token key took the token key's handle with it: the private key came back as a session
/// object and was gone with the session.
#[test]
fn a_pair_of_a_session_and_a_token_object() {
    isolated(|home| {
        let mut token = home.token();
        for public_stays in [false, true] {
            let session = token.user();
            let label = [public_stays.into()];
            let public = Template::new().bool(CKA_TOKEN, public_stays).bytes(CKA_LABEL, &label);
            let private = Template::new().bool(CKA_TOKEN, !public_stays).bytes(CKA_LABEL, &label);
            let public = public.bytes(CKA_EC_PARAMS, oid::P256);
            let pair = session.generate_pair(&Mechanism::bare(CKM_EC_KEY_PAIR_GEN), &public, &private).expect("a pair");
            assert_eq!(session.attribute(pair.0, CKA_TOKEN), Ok(vec![public_stays.into()]));
            assert_eq!(session.attribute(pair.1, CKA_TOKEN), Ok(vec![(!public_stays).into()]));
            token.restart();
            let session = token.user();
            let kept = |class| session.find(&Template::of(class).bytes(CKA_LABEL, &label)).map(|found| found.len());
            assert_eq!(kept(CKO_PUBLIC_KEY), Ok(public_stays.into()));
            assert_eq!(kept(CKO_PRIVATE_KEY), Ok((!public_stays).into()));
            session.logout().expect("C_Logout");
        }
    });
}
