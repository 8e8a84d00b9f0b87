//! 5.13.5, 5.15.5, 6.1.6, 6.1.9: signatures from which the data is recovered.

use hsm_tests::*;

fn pair(session: Session<'_>, sign: bool, verify: bool) -> Pair {
    let public = Template::new().ulong(CKA_MODULUS_BITS, 1024).bool(CKA_VERIFY_RECOVER, verify);
    let private = Template::new().bool(CKA_SIGN_RECOVER, sign);
    let made = session.generate_pair(&Mechanism::bare(CKM_RSA_PKCS_KEY_PAIR_GEN), &public, &private);
    let (public, private) = made.expect("an RSA pair");
    Pair { public, private }
}

#[test]
fn data_come_back() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let pair = pair(session, true, true);
        let whole: Vec<u8> = [0].into_iter().chain(1..128).collect();
        let mut tally = Tally::new("5.13.5 and 5.15.5");
        for (name, kind, data) in [("PKCS", CKM_RSA_PKCS, b"data".to_vec()), ("X_509", CKM_RSA_X_509, whole)] {
            let mechanism = Mechanism::bare(kind);
            session.begin(Begin::SignRecover, &mechanism, pair.private).expect("C_SignRecoverInit");
            let (rv, length, _) = session.step(Step::SignRecover, &data, None);
            tally.equal(format!("{name}: length"), (rv, length), (Rv(CKR_OK), 128));
            let (rv, length, _) = session.step(Step::SignRecover, &data, Some(127));
            tally.equal(format!("{name}: too small"), (rv, length), (Rv(CKR_BUFFER_TOO_SMALL), 128));
            let (rv, _, signature) = session.step(Step::SignRecover, &data, Some(128));
            tally.row(format!("{name}: sign"), rv, &[CKR_OK]);
            session.begin(Begin::VerifyRecover, &mechanism, pair.public).expect("C_VerifyRecoverInit");
            let (rv, _, recovered) = session.step(Step::VerifyRecover, &signature, Some(200));
            tally.equal(format!("{name}: recover"), (rv, recovered), (Rv(CKR_OK), data));
            let (rv, _, _) = session.step(Step::VerifyRecover, &signature, Some(200));
            tally.row(format!("{name}: it is over"), rv, &[CKR_OPERATION_NOT_INITIALIZED]);
        }
        let mechanism = Mechanism::bare(CKM_RSA_PKCS);
        for (name, signature, rv) in
            [("a wrong one", vec![1; 128], CKR_SIGNATURE_INVALID), ("a short one", vec![1; 127], CKR_SIGNATURE_LEN_RANGE)]
        {
            session.begin(Begin::VerifyRecover, &mechanism, pair.public).expect("C_VerifyRecoverInit");
            tally.row(name, session.step(Step::VerifyRecover, &signature, Some(200)).0, &[rv]);
        }
        session.begin(Begin::SignRecover, &mechanism, pair.private).expect("C_SignRecoverInit");
        tally.row("too much data", session.step(Step::SignRecover, &[1; 118], Some(128)).0, &[CKR_DATA_LEN_RANGE]);
    });
}

#[test]
fn keys_must_allow_it() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let (may, may_not) = (pair(session, true, true), pair(session, false, false));
        let mut tally = Tally::new("CKA_SIGN_RECOVER and CKA_VERIFY_RECOVER");
        let pkcs = Mechanism::bare(CKM_RSA_PKCS);
        for (name, begin, mechanism, key, rv) in [
            ("sign", Begin::SignRecover, &pkcs, may_not.private, CKR_KEY_FUNCTION_NOT_PERMITTED),
            ("verify", Begin::VerifyRecover, &pkcs, may_not.public, CKR_KEY_FUNCTION_NOT_PERMITTED),
            ("sign by the public key", Begin::SignRecover, &pkcs, may.public, CKR_KEY_TYPE_INCONSISTENT),
            ("verify by the private key", Begin::VerifyRecover, &pkcs, may.private, CKR_KEY_TYPE_INCONSISTENT),
            ("not for this", Begin::SignRecover, &Mechanism::bare(CKM_SHA256_RSA_PKCS), may.private, CKR_MECHANISM_INVALID),
        ] {
            tally.row(name, session.begin(begin, mechanism, key), &[rv]);
        }
    });
}
