//! 5.14 and 5.16, and 5.15.7: many messages under one key, and a signature known before its data.

use crate::*;

#[test]
fn each_message_gets_the_signature_c_sign_gives() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (secret, rsa) = (session.secret_of(&[1; 32]), session.rsa(2048));
        let pss = Mechanism::pss(CKM_SHA256_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, 32);
        let mac = Mechanism::bare(CKM_SHA256_HMAC);
        for (mechanism, sign, verify) in [(&mac, secret, secret), (&pss, rsa.private, rsa.public)] {
            session.signed_message_init(false, Some(mechanism), sign).expect("C_MessageSignInit");
            session.signed_message_init(true, Some(mechanism), verify).expect("C_MessageVerifyInit");
            for data in [DATA, b"another", b""] {
                let (rv, len, _) = session.sign_message(data, None);
                assert_eq!(rv, Rv(CKR_OK));
                assert_eq!(session.sign_message(data, Some(len - 1)).0, Rv(CKR_BUFFER_TOO_SMALL));
                let (rv, _, signature) = session.sign_message(data, Some(len));
                assert_eq!(rv, Rv(CKR_OK));
                session.verify_message(data, &signature).expect("C_VerifyMessage");
                session.verify(mechanism, verify, data, &signature).expect("C_Verify");
                assert_eq!(session.verify_message(b"forged", &signature), refused(CKR_SIGNATURE_INVALID));
            }
            session.signed_message_init(false, None, sign).expect("ended");
            session.signed_message_init(true, None, verify).expect("ended");
        }
    });
}

#[test]
fn parts_make_one_message() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let key = session.secret_of(&[1; 32]);
        let mac = Mechanism::bare(CKM_SHA256_HMAC);
        let expected = session.sign(&mac, key, b"one two").expect("C_Sign");
        session.signed_message_init(false, Some(&mac), key).expect("C_MessageSignInit");
        session.sign_message_begin().expect("C_SignMessageBegin");
        session.sign_message_part(b"one ").expect("C_SignMessageNext");
        assert_eq!(session.sign_message_last(b"two", Some(31)).0, Rv(CKR_BUFFER_TOO_SMALL));
        let (rv, _, signature) = session.sign_message_last(b"two", Some(32));
        assert_eq!((rv, &signature), (Rv(CKR_OK), &expected), "a short buffer must not feed the part twice");
        session.signed_message_init(true, Some(&mac), key).expect("C_MessageVerifyInit");
        session.verify_message_parts(&[b"one ", b"two"], &expected).expect("verified");
        let wrong = session.verify_message_parts(&[b"one", b"two"], &expected);
        assert_eq!(wrong, refused(CKR_SIGNATURE_INVALID));
    });
}

/// A parameter with pointers in it cannot stay in force when the call that brought it is over.
#[test]
fn a_parameter_that_points_elsewhere_is_refused() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = session.ed25519();
        let with = Mechanism::eddsa(false, b"context");
        assert_eq!(session.signed_message_init(false, Some(&with), pair.private), refused(CKR_MECHANISM_PARAM_INVALID));
        session.signed_message_init(false, Some(&Mechanism::bare(CKM_EDDSA)), pair.private).expect("without");
    });
}

#[test]
fn a_signature_known_first() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = session.ec(oid::P256);
        let mechanism = Mechanism::bare(CKM_ECDSA_SHA256);
        let signature = session.sign(&mechanism, pair.private, b"one two").expect("C_Sign");
        let init = || session.verify_signature_init(&mechanism, pair.public, &signature);
        init().expect("C_VerifySignatureInit");
        session.verify_signature(b"one two", false).expect("C_VerifySignature");
        init().expect("C_VerifySignatureInit");
        session.verify_signature(b"one ", true).expect("C_VerifySignatureUpdate");
        session.verify_signature(b"two", true).expect("C_VerifySignatureUpdate");
        session.verify_signature_final().expect("C_VerifySignatureFinal");
        init().expect("C_VerifySignatureInit");
        assert_eq!(session.verify_signature(b"one three", false), refused(CKR_SIGNATURE_INVALID));
        session.verify_signature_init(&mechanism, pair.public, &signature[..63]).expect("looked at with the data");
        assert_eq!(session.verify_signature(b"one two", false), refused(CKR_SIGNATURE_LEN_RANGE));
    });
}
